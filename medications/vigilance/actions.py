"""The nightly check of every order in force, and a prescriber's answer to what it found."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
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
from medications.vigilance import queries, reading, rules, scopes
from medications.vigilance.essence import Checks
from medications.vigilance.marks import marks
from medications.vigilance.models import LateFinding
from medications.vigilance.queries import Due, Late
from medications.vigilance.reading import Answers, Case
from medications.vigilance.scopes import Columns
from patients.inbox import actions as inbox
from patients.record.calc import clean_line
from patients.record.models import Patient

if TYPE_CHECKING:
    from clinic.staff.models import User

BATCH = 6_000  # patients
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
    night = Night.of(checks, {one.drug for some in due.values() for one in some}, day, now, by)

    def work(patients: Sequence[str]) -> dict[str, int]:
        return dict(zip(COUNTED, _batch([one for key in patients for one in due[key]], night), strict=True))

    counts = work_through(list(due), work, batch=BATCH, alone=by is not None)
    return {name: counts[name] for name in COUNTED}


@dataclass(frozen=True)
class Night:
    """One run: the day and the moment, what the checks know, and what was answered in it so far."""

    today: date
    now: datetime
    by: "User | None"
    answers: Answers
    columns: Columns  # what can weigh for the drugs of the run

    @classmethod
    def of(cls, checks: Checks, drugs: Iterable[str], today: date, now: datetime, by: "User | None") -> "Night":
        """For orders of these drugs. Two queries."""
        codes, allergies = queries.on_record()
        return cls(today, now, by, Answers(checks), scopes.columns(checks, drugs, codes=codes, allergies=allergies))


@transaction.atomic
def _batch(due: Sequence[Due], night: Night) -> tuple[int, int, int]:
    """Check these orders, but those that somebody has checked meanwhile: how many, what was found, what is gone."""
    patients = {one.patient for one in due}
    # Locked in one order before anything is read: what another worker does meanwhile is not done again.
    queries.lock(patients)
    known = night.answers.checks.known
    cases = {one.order: one for one in reading.cases(due, night.today, night.now, known.longest_washout, night.columns)}
    found, before = _unsafe(cases.values(), night), queries.still_open(cases)
    new, gone = _kept(before, found, known.version, night.now)
    queries.keep([one for one in due if one.order in cases], night.now)
    # Whoever has no finding, had none and was asked nothing needs no task and loses none.
    waiting = queries.asked(KIND, patients)
    _tasks(waiting, waiting | {one.patient for one in before} | {patient for patient, _ in found}, night)
    if new:
        audit.record_many(Kind.CREATED, new, by=night.by, what="vigilance.found")
    return len(cases), len(new), gone


def _unsafe(cases: Iterable[Case], night: Night) -> dict[tuple[str, str], list[Finding]]:
    """By patient and order: what would stop or ask today and was not answered at a signature."""
    found = {}
    for one in cases:
        drug, said = night.answers.to(one.text)
        if said:
            found[one.patient, one.order, drug] = said
    # Most was answered at the signature of the order itself; of the rest, perhaps at another one of the patient.
    own = queries.answered_at(order for _, order, _ in found) if found else {}
    left = {
        key: some for key, said in found.items()
        if (some := [one for one in said if one.code[:60] not in own.get(key[1], ())])
    }  # fmt: skip
    answered = queries.answered({patient for patient, _, _ in left}, night.today) if left else {}
    return {
        (patient, order): some
        for (patient, order, drug), said in left.items()
        if (some := [one for one in said if not _answered(one, drug, answered.get(patient, set()))])
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


def _tasks(asked: Collection[str], patients: Collection[str], night: Night) -> None:
    """One open task a patient to each prescriber of an order that became unsafe; over when nothing is open."""
    if not patients:
        return
    waits: dict[str, list[LateFinding]] = {}
    opened = (
        queries.open_findings(night.today)
        .filter(patient__in=map(UUID, patients))
        .select_related("order__prescription__prescriber")
    )
    for one in opened:
        waits.setdefault(str(one.patient_id), []).append(one)
    inbox.finish_all(
        [_purpose(key) for key in set(asked) - set(waits)], by=night.by, outcome="nothing stands against it"
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
        inbox.ask_all(KIND, sentence=sentence, asked=some, urgent=urgent, by=night.by)


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
