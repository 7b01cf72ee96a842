"""The nightly check of every order in force, and a prescriber's answer to what it found."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import transaction

from clinic import clock
from clinic.audit import actions as audit
from clinic.audit.enums import Kind
from clinic.refusal import Conflict, Refused, check
from clinic.rows import new_id
from medications.prescribing import queries as prescribing
from medications.prescribing import rules as prescribing_rules
from medications.prescribing.models import Prescription
from medications.safety import knowledge
from medications.safety import queries as safety
from medications.safety.facts import Finding
from medications.shares import work_through
from medications.vigilance import queries, reading, rules
from medications.vigilance.essence import Checks
from medications.vigilance.marks import marks
from medications.vigilance.models import LateFinding
from medications.vigilance.queries import Due, Late
from medications.vigilance.reading import Person
from patients.inbox import actions as inbox
from patients.record.calc import clean_line
from patients.record.models import Patient

if TYPE_CHECKING:
    from clinic.staff.models import User

BATCH = 2_000  # patients
COUNTED = ("checked", "found", "gone")
KIND = "vigilance.late"
TWO_SIDED = ("pair:", "same:")  # answered at the other medicine's signature as well


def recheck(today: date | None = None, *, by: "User | None" = None) -> dict[str, int]:
    """Check every order in force whose drug's rules or patient's facts changed; a task for what became unsafe.

    In batches of patients, each a transaction: run twice, killed in the middle or run by two workers, it leaves the
    same rows. It changes no order (R-RX-05). Cases that come down to the same are answered once a run.
    """
    day, now = today or prescribing.practice_today(), clock.now()
    checks = Checks(knowledge.current(), safety.limits(day))
    due: dict[str, list[Due]] = {}
    for one in queries.due(day, marks(checks.known, checks.limits), now):
        due.setdefault(one.patient, []).append(one)

    def work(patients: Sequence[str]) -> dict[str, int]:
        some = [one for key in patients for one in due[key]]
        return dict(zip(COUNTED, _batch(some, checks, day, now, by), strict=True))

    counts = work_through(list(due), work, batch=BATCH, alone=by is not None)
    return {name: counts[name] for name in COUNTED}


@transaction.atomic
def _batch(
    found_due: Sequence[Due], checks: Checks, today: date, now: datetime, by: "User | None"
) -> tuple[int, int, int]:
    """Check these orders, but those that somebody has checked meanwhile: how many, what was found, what is gone."""
    # Locked in one order before anything is read: what another worker does meanwhile is not done again.
    queries.lock(one.patient for one in found_due)
    due = queries.not_yet(found_due)
    if not due:
        return 0, 0, 0
    patients = {one.patient for one in due}
    people = reading.people(patients, [one.order for one in due], today, checks.known)
    orders = [order for one in people for order, _ in one.orders]  # still in force
    found, before = _unsafe(people, today, checks), queries.still_open(orders)
    new, gone = _kept(before, found, checks.known.version, now)
    queries.keep(due, now)
    # Whoever has no finding, had none and was asked nothing needs no task and loses none.
    asked = queries.asked(KIND, patients)
    _tasks(asked, asked | {one.patient for one in before} | {patient for patient, _ in found}, today, by)
    if new:
        audit.record_many(Kind.CREATED, new, by=by, what="vigilance.found")
    return len(orders), len(new), gone


def _unsafe(people: Sequence[Person], today: date, checks: Checks) -> dict[tuple[str, str], list[Finding]]:
    """By patient and order: what would stop or ask today and was not answered at a signature."""
    found = {
        (one.key, order, proposed.name): said
        for one in people for order, proposed in one.orders
        if (said := checks.found(one.facts, one.live, proposed))
    }  # fmt: skip
    answered = queries.answered({patient for patient, _, _ in found}, today) if found else {}
    return {
        (patient, order): left
        for (patient, order, drug), said in found.items()
        if (left := [one for one in said if not _answered(one, drug, answered.get(patient, set()))])
    }


def _answered(one: Finding, drug: str, answered: set[tuple[str, str]]) -> bool:
    if (drug, one.code[:60]) in answered:
        return True
    head, _, other = one.code.partition(":")
    return f"{head}:" in TWO_SIDED and (other, f"{head}:{drug}"[:60]) in answered


def _kept(
    before: Sequence[Late], found: Mapping[tuple[str, str], Sequence[Finding]], version: str, now: datetime
) -> tuple[list[LateFinding], int]:
    """New findings as rows; what no longer holds is gone. An answered finding that holds is not asked again."""
    known = {(one.order, one.code, one.level): one.key for one in before}
    holds = {
        (order, one.code[:60], str(one.level)): (patient, one)
        for (patient, order), some in found.items() for one in some
    }  # fmt: skip
    new = [
        LateFinding(
            id=new_id(), order_id=UUID(key[0]), patient_id=UUID(patient), level=key[2], code=key[1],
            rule_id=one.rule_id[:40], title=one.title[:200], sentence=one.sentence, source=list(one.source),
            confidence=one.confidence, watch=one.watch, knowledge_version=version, found_at=now,
        )
        for key, (patient, one) in holds.items()
        if key not in known
    ]  # fmt: skip
    if new:
        LateFinding.objects.bulk_create(new, ignore_conflicts=True)
    gone = [pk for key, pk in known.items() if key not in holds]
    if gone:
        LateFinding.objects.filter(pk__in=gone).update(gone_at=now)
    return new, len(gone)


def _tasks(asked: Collection[str], patients: Collection[str], today: date, by: "User | None") -> None:
    """One open task a patient to each prescriber of an order that became unsafe; over when nothing is open."""
    if not patients:
        return
    waits: dict[str, list[LateFinding]] = {}
    opened = (
        queries.open_findings(today)
        .filter(patient__in=map(UUID, patients))
        .select_related("order__prescription__prescriber")
    )
    for one in opened:
        waits.setdefault(str(one.patient_id), []).append(one)
    inbox.finish_all(
        [_purpose(key) for key in set(asked) - set(waits)], by=by, outcome="nothing stands against it"
    )  # fmt: skip
    alike: dict[tuple[int, bool], list[inbox.Asked]] = {}  # by how much stands against it and whether it is urgent
    for key in sorted(set(waits) - set(asked)):
        late = waits[key]
        people = {who.pk: who for row in late if (who := row.order.prescription.prescriber) is not None}
        urgent = any(one.level == "stop" for one in late)
        alike.setdefault((len(late), urgent), []).append(
            inbox.Asked(_purpose(key), UUID(key), None, list(people.values()))
        )
    for (number, urgent), some in alike.items():
        what = "Something has" if number == 1 else f"{number} things have"
        sentence = f"{what} come to stand against a signed order."
        inbox.ask_all(KIND, sentence=sentence, asked=some, urgent=urgent, by=by)


def _purpose(patient_id: UUID | str) -> str:
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
