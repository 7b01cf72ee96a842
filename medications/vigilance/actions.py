"""The nightly check of every order in force, and a prescriber's answer to what it found."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import transaction

from clinic import clock
from clinic.audit import actions as audit
from clinic.audit.enums import Kind
from clinic.refusal import Conflict, Refused, check
from clinic.rows import new_id
from medications.catalogue.calc import in_mg
from medications.prescribing import queries as prescribing
from medications.prescribing import rules as prescribing_rules
from medications.prescribing.models import DoseOrder, Prescription
from medications.safety import engine, knowledge
from medications.safety import queries as safety
from medications.safety.enums import Level
from medications.safety.facts import Facts, Finding, Limits, Proposed, Taken
from medications.safety.knowledge import Knowledge
from medications.shares import work_through
from medications.vigilance import queries, rules
from medications.vigilance.models import LateFinding
from medications.vigilance.queries import Due
from patients.inbox import actions as inbox
from patients.inbox.models import Task
from patients.record.calc import clean_line
from patients.record.models import Patient

if TYPE_CHECKING:
    from clinic.staff.models import User

BATCH = 500  # patients
COUNTED = ("checked", "found", "gone")
KIND = "vigilance.late"
TWO_SIDED = ("pair:", "same:")  # answered at the other medicine's signature as well


def recheck(today: date | None = None, *, by: "User | None" = None) -> dict[str, int]:
    """Check every order in force whose knowledge, tuning or patient's facts changed; a task for what became unsafe.

    In batches of patients, each a transaction: run twice, killed in the middle or run by two workers, it leaves the
    same rows. It changes no order (R-RX-05).
    """
    day, now = today or prescribing.practice_today(), clock.now()
    due: dict[UUID, list[Due]] = {}
    for one in queries.due(day, queries.stamp(knowledge.current(), safety.limits(day)), now):
        due.setdefault(one.patient, []).append(one)

    def work(patients: Sequence[UUID]) -> dict[str, int]:
        some = [one for key in patients for one in due[key]]
        return dict(zip(COUNTED, _batch(some, day, now, by), strict=True))

    counts = work_through(list(due), work, batch=BATCH, alone=by is not None)
    return {name: counts[name] for name in COUNTED}


@transaction.atomic
def _batch(found_due: Sequence[Due], today: date, now: datetime, by: "User | None") -> tuple[int, int, int]:
    """Check these orders, but those that somebody has checked meanwhile: how many, what was found, what is gone."""
    # Locked in one order before anything is read: what another worker does meanwhile is not done again.
    patients = {one.patient for one in found_due}
    list(Patient.objects.select_for_update(no_key=True).filter(pk__in=patients).order_by("pk").values_list("pk"))
    due = queries.not_yet(found_due)
    known, limits = knowledge.current(), safety.limits(today)
    rows = queries.orders([one.order for one in due], today) if due else []
    if not rows:
        return 0, 0, 0
    found = _unsafe(rows, today, known, limits)
    new, gone = _kept(rows, found, known.version, now)
    queries.keep(due, queries.stamp(known, limits), now)
    _tasks(rows, today, by)
    audit.record_many(Kind.CREATED, new, by=by, what="vigilance.found")
    return len(rows), len(new), gone


def _unsafe(rows: Sequence[DoseOrder], today: date, known: Knowledge, limits: Limits) -> dict[UUID, list[Finding]]:
    """By order: what would stop or ask today and was not answered at a signature."""
    patients = {row.patient_id: row.patient for row in rows}
    days = {key: clock.today(patient.zone) for key, patient in patients.items()}
    facts = safety.facts_of(list(patients.values()), days)
    taken = queries.taken_of(patients, today, known.longest_washout)
    answered = queries.answered(patients, today)
    return {
        row.pk: [
            one
            for one in _checked(row, facts[row.patient_id], taken[row.patient_id], known, limits)
            if not _answered(one, row, answered[row.patient_id])
        ]
        for row in rows
    }


def _checked(row: DoseOrder, facts: Facts, live: Sequence[Taken], known: Knowledge, limits: Limits) -> list[Finding]:
    drug = row.product.drug
    proposed = Proposed(
        drug=drug.generic_name, name=drug.generic_name, daily_mg=in_mg(row.daily_amount, row.unit),
        from_day=facts.today, key=str(row.prescription_id), starts=False, depot="long-acting" in row.product.form,
        product_max_mg=row.product.max_mg_per_day,
    )  # fmt: skip
    found = engine.check(facts, live, proposed, known, limits)
    return [one for one in found if one.level in (Level.STOP, Level.ASK) and not one.code.startswith("speed:")]


def _answered(one: Finding, row: DoseOrder, answered: set[tuple[str, str]]) -> bool:
    drug = row.product.drug.generic_name
    if (drug, one.code[:60]) in answered:
        return True
    head, _, other = one.code.partition(":")
    return f"{head}:" in TWO_SIDED and (other, f"{head}:{drug}"[:60]) in answered


def _kept(
    rows: Sequence[DoseOrder], found: dict[UUID, list[Finding]], version: str, now: datetime
) -> tuple[list[LateFinding], int]:
    """New findings as rows; what no longer holds is gone. An answered finding that holds is not asked again."""
    before = {
        (row.order_id, row.code, row.level): row
        for row in LateFinding.objects.filter(order__in=[row.pk for row in rows], gone_at=None)
    }
    holds = {(row.pk, one.code[:60], str(one.level)): one for row in rows for one in found[row.pk]}
    of = {row.pk: row for row in rows}
    new = [
        LateFinding(
            id=new_id(), order=of[key[0]], patient_id=of[key[0]].patient_id, level=key[2], code=key[1],
            rule_id=one.rule_id[:40], title=one.title[:200], sentence=one.sentence, source=list(one.source),
            confidence=one.confidence, watch=one.watch, knowledge_version=version, found_at=now,
        )
        for key, one in holds.items()
        if key not in before
    ]  # fmt: skip
    LateFinding.objects.bulk_create(new, ignore_conflicts=True)
    gone = [row.pk for key, row in before.items() if key not in holds]
    LateFinding.objects.filter(pk__in=gone).update(gone_at=now)
    return new, len(gone)


def _tasks(rows: Sequence[DoseOrder], today: date, by: "User | None") -> None:
    """One open task a patient to each prescriber of an order that became unsafe; over when nothing is open."""
    patients = {row.patient_id for row in rows}
    waits: dict[UUID, list[LateFinding]] = {}
    opened = queries.open_findings(today).filter(patient__in=patients).select_related("order__prescription__prescriber")
    for one in opened:
        waits.setdefault(one.patient_id, []).append(one)
    tasks = Task.objects.filter(kind=KIND, patient__in=patients, done_at=None)
    asked = {key for key in tasks.values_list("patient_id", flat=True) if key is not None}
    for patient_id in asked - set(waits):
        inbox.finish(_purpose(patient_id), by=by, outcome="nothing stands against it")
    for patient_id, late in waits.items():
        if patient_id in asked:
            continue
        people = {row.order.prescription.prescriber for row in late} - {None}
        number = len(late)
        inbox.ask(
            KIND, purpose=_purpose(patient_id), patient_id=patient_id,
            users=[one for one in people if one is not None], urgent=any(one.level == "stop" for one in late),
            sentence=f"{'Something has' if number == 1 else f'{number} things have'} come to stand against a signed "
            "order.", by=by,
        )  # fmt: skip


def _purpose(patient_id: UUID) -> str:
    return f"vigilance-late:{patient_id}"


@transaction.atomic
def answer(finding: LateFinding, *, code: str = "", words: str, by: "User") -> LateFinding:
    """Go on with the order against what was found: a reason, and a code for a stop. The order stays as it is."""
    Patient.objects.select_for_update(no_key=True).get(pk=finding.patient_id)
    row = LateFinding.objects.select_for_update(of=("self",)).select_related("order").get(pk=finding.pk)
    check(prescribing_rules.prescribe, by, row.patient_id)
    if Prescription.objects.filter(pk=row.order.prescription_id, stopped_on__isnull=False).exists():
        raise Conflict("The prescription was stopped meanwhile: nothing is to be answered.")
    words = clean_line(words, most=500, field="words")
    if refusal := rules.answer(row, code, words):
        raise Refused(refusal[0], field=refusal[1])
    row.override_code = code if row.level == "stop" else ""
    row.override_words, row.answered_at, row.answered_by = words, clock.now(), by
    row.save(update_fields=["override_code", "override_words", "answered_at", "answered_by"])
    audit.record(
        Kind.OVERRODE, by=by, on=row, patient_id=row.patient_id, what="vigilance.answer",
        detail={"level": row.level, "code": row.override_code},
    )  # fmt: skip
    if not queries.open_findings(prescribing.practice_today()).filter(patient_id=row.patient_id).exists():
        inbox.finish(_purpose(row.patient_id), by=by, outcome="answered")
    return row
