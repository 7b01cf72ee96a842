"""Writing a series, telling what the certified system did, looking through the log, and reminding of what is due."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING

from django.db import transaction

from clinic import clock
from clinic.audit import actions as audit
from clinic.audit.enums import Kind
from clinic.practice import config
from clinic.refusal import Refused, check, refuse
from clinic.rows import new_id
from clinic.staff.models import User as Person
from medications.controlled import calc, queries, rules
from medications.controlled.certified import backend
from medications.controlled.models import CertifiedStep, LogReview, Series
from medications.prescribing import checks
from medications.prescribing import queries as prescribing
from medications.prescribing import rules as prescribing_rules
from medications.prescribing.actions.common import keep, locked, stand, today_of, void
from medications.prescribing.actions.supplying import issue
from medications.prescribing.checks import Override, Regimen, Supply
from medications.prescribing.models import Authorisation, Prescription
from medications.safety import dosing
from medications.safety import queries as safety
from patients.inbox import actions as inbox
from patients.record.calc import clean_line

if TYPE_CHECKING:
    from clinic.staff.models import User

NONE: Mapping[str, Override] = {}
STATEMENT = "It creates no undue risk of diversion or abuse, and the state permits it (21 CFR 1306.12(b)(1))."
OF_SUPPLY = ("schedule.", "supply.", "controlled.")
WARN_DAYS = (60, 30)


@transaction.atomic
def write_series(
    prescription: Prescription,
    *,
    supplies: Sequence[Supply],
    attested: bool,
    answers: Mapping[str, Override] = NONE,
    by: "User",
) -> list[Authorisation]:
    """Write a series of Schedule II: all of them today, each after the first with its earliest fill date (R-RX-02).

    What was left of older authorisations is void. `answers` by finding code, as at signing.
    """
    prescription, patient = locked(prescription)
    check(prescribing_rules.prescribe, by, patient.pk)
    check(prescribing_rules.ours, prescription)
    if prescription.held_at is not None:
        raise Refused("This is on hold: nothing is dispensed. Resume it first.")
    refuse(rules.series(prescription, supplies, attested), "attested" if not attested else "count")
    today = today_of(patient)
    order = prescribing.current_order(prescription, today) or prescribing.next_order(prescription, today)
    if order is None:
        raise Refused("There is no dose to dispense. Prescribe one first.")
    regimen = Regimen(order.product, order.lines, order.every_days, order.as_needed, order.max_per_day)
    for one in supplies:
        refuse(prescribing_rules.supply(one, regimen), "days")
    checked = checks.order(patient, regimen, supplies[0], from_day=today, prescription=prescription)
    findings = [one for one in checked.findings if one.code.startswith(OF_SUPPLY)]
    stand(findings, answers)
    keep(order, [one for one in findings if one.code in answers], answers, version=checked.version, by=by)
    void(prescription, "Replaced by a series.", by=by)
    series = Series(
        pk=new_id(), prescription=prescription, patient=patient, written_on=today, count=len(supplies),
        days=sum(one.days for one in supplies), statement=STATEMENT, attested_at=clock.now(), attested_by=by,
    )  # fmt: skip
    series.save(force_insert=True)
    dates = calc.earliest_fills(today, [one.days for one in supplies])
    rows = [
        issue(prescription, order, one, by=by, today=today, series=series.pk, earliest_fill_on=day)
        for one, day in zip(supplies, dates, strict=True)
    ]
    prescription.revision += 1
    prescription.save(update_fields=["revision"])
    audit.record(Kind.SIGNED, by=by, on=series, what="controlled.write_series", detail={"count": len(rows)})
    return rows


@transaction.atomic
def add_refills(authorisation: Authorisation, *, refills: int, by: "User") -> Authorisation:
    """Authorise more refills of the same prescription: they count toward its five in six months (R-RX-03, R-RX-04)."""
    prescription, patient = locked(authorisation.prescription)
    check(prescribing_rules.prescribe, by, patient.pk)
    check(prescribing_rules.ours, prescription)
    row = Authorisation.objects.select_for_update(of=("self",)).select_related("order").get(pk=authorisation.pk)
    today = today_of(patient)
    refuse(rules.more(row, refills, today), "refills")
    for one in dosing.schedule(row.schedule, refills, safety.limits(today), queries.counted(row)):
        raise Refused(one.sentence, field="refills")
    left = row.refills + 1 - prescribing.uses(row)
    void(prescription, "More refills were authorised.", by=by)
    new = issue(
        prescription, row.order, Supply(row.quantity, row.days_supply, max(left, 0) + refills - 1), by=by, today=today,
        extends=row, added=refills,
    )  # fmt: skip
    prescription.revision += 1
    prescription.save(update_fields=["revision"])
    return new


@transaction.atomic
def tell_certified(
    authorisation: Authorisation, *, status: str, number: str = "", words: str = "", by: "User"
) -> CertifiedStep:
    """Keep what the certified system did: its number and status; only who signed tells it (R-RX-05, R-RX-06)."""
    row = Authorisation.objects.select_for_update(of=("self",)).get(pk=authorisation.pk)
    check(prescribing_rules.prescribe, by, row.patient_id)
    number = clean_line(number, most=60, field="number")
    words = clean_line(words, most=200, field="words")
    if refusal := rules.certified(by, row, status, number, words, queries.newest_status(row)):
        raise Refused(refusal[0], field=refusal[1])
    name = backend().name
    if status == "signed" and CertifiedStep.objects.filter(backend=name, number=number, status="signed").exists():
        raise Refused("That number belongs to another prescription. Check it.", field="number")
    step = CertifiedStep.objects.create(
        authorisation=row, patient_id=row.patient_id, status=status, number=number, words=words, backend=name,
        at=clock.now(), by=by,
    )  # fmt: skip
    audit.record(Kind.CHANGED, by=by, on=step, what="controlled.tell_certified", detail={"status": status})
    return step


@transaction.atomic
def review_log(month: date, *, words: str = "", by: "User") -> LogReview:
    """A prescriber has looked through the log of a month that is over (R-RX-07)."""
    Person.objects.select_for_update().get(pk=by.pk)
    words = clean_line(words, most=300, field="words")
    known = LogReview.objects.filter(user=by, month=month).exists()
    check(rules.review, month, prescribing.practice_today(), known)
    row = LogReview.objects.create(user=by, month=month, count=len(queries.log(by, month)), words=words, at=clock.now())
    inbox.finish(_log_purpose(month, by), by=by, outcome="looked through")
    audit.record(Kind.SIGNED, by=by, on=row, what="controlled.review_log", detail={"count": row.count})
    return row


def _log_purpose(month: date, user: "User") -> str:
    return f"controlled-log:{month:%Y-%m}:{user.pk}"


@transaction.atomic
def remind(today: date | None = None, *, by: "User | None" = None) -> dict[str, int]:
    """Open what is due: patients begun by telehealth, programs not looked up, the log of last month.

    Run twice, or by two workers, it leaves the same tasks: each has its purpose.
    """
    day = today or prescribing.practice_today()
    return {"telehealth": _telehealth(day, by), "programs": _programs(day, by), "logs": _logs(day, by)}


def _telehealth(today: date, by: "User | None") -> int:
    """R-RX-09: 60 and 30 days before the law ends, a task to each prescriber that opens the list."""
    until = date.fromisoformat(str(config.value("telehealth_cs_until", today)))
    left = (until - today).days
    due = [days for days in WARN_DAYS if left <= days]
    if not due or left < 0:
        return 0
    counts: dict[Person, set[object]] = {}
    for row in queries.without_exam(today):
        if row.prescriber is not None:
            counts.setdefault(row.prescriber, set()).add(row.patient_id)
    for user, patients in counts.items():
        number = len(patients)
        inbox.ask(
            "controlled.telehealth", purpose=f"controlled-telehealth:{until}:{min(due)}:{user.pk}", users=[user],
            sentence=f"{number} {'patient has' if number == 1 else 'patients have'} a controlled substance and no "
            f"examination in person: the law allows it until {until:%b} {until.day}.",
            due_on=until, urgent=min(due) == WARN_DAYS[-1], by=by,
        )  # fmt: skip
    return len(counts)


def _programs(today: date, by: "User | None") -> int:
    """R-RX-10: one task a patient to the prescriber, until it is looked up."""
    rows = queries.without_look_up(today, int(config.value("pdmp_days", today)))
    found: dict[object, Prescription] = {}
    for row in rows.order_by("started_on", "pk"):
        if row.prescriber is not None:
            found.setdefault(row.patient_id, row)
    for row in found.values():
        assert row.prescriber is not None
        inbox.ask(
            "controlled.pdmp", purpose=f"pdmp:{row.patient_id}", users=[row.prescriber], patient_id=row.patient_id,
            sentence="The prescription monitoring program is to be looked up.", by=by,
        )  # fmt: skip
    return len(found)


def _logs(today: date, by: "User | None") -> int:
    """R-RX-07: the log of last month waits from the first on; it is due on the seventh."""
    month = calc.before(calc.month_of(today))
    issued = Authorisation.objects.filter(issued_on__gte=month, issued_on__lt=calc.after(month)).exclude(schedule="")
    reviewed = LogReview.objects.filter(month=month).values("user")
    users = Person.objects.filter(pk__in=issued.values("issued_by"), is_active=True).exclude(pk__in=reviewed)
    for user in users:
        inbox.ask(
            "controlled.log", purpose=_log_purpose(month, user), users=[user],
            sentence=f"Your log of controlled substances of {month:%B %Y} is ready to look through.",
            due_on=calc.after(month) + timedelta(days=6), by=by,
        )  # fmt: skip
    return len(users)
