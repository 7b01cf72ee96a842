"""Going through the list of medicines with the patient: what they say is kept, and no order of ours is changed."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import transaction

from clinic import clock
from clinic.audit import actions as audit
from clinic.audit.enums import Kind
from clinic.refusal import Conflict, Refused, check
from medications.prescribing import actions as prescribing
from medications.prescribing import checks
from medications.prescribing import rules as prescribing_rules
from medications.prescribing.models import Prescription
from medications.reconciling import queries, rules
from medications.reconciling.enums import Answer
from medications.reconciling.models import ReconciledLine, Reconciliation
from medications.reconciling.queries import Listed
from medications.safety.enums import Level
from medications.visits.models import Visit
from patients.inbox import actions as inbox
from patients.inbox.models import Task
from patients.record.calc import clean_line
from patients.record.models import Patient
from patients.timeline import actions as timeline
from patients.timeline.enums import EntryKind

if TYPE_CHECKING:
    from clinic.staff.models import User

KIND = "reconciling.said"
PAGE = "reconciling:told"
SENTENCES = {
    Answer.DIFFERENTLY: "Takes a medicine differently than it is ordered.",
    Answer.STOPPED: "Has stopped a medicine that is ordered.",
}
TOLD = {
    Answer.CONFIRMED: "as ordered", Answer.DIFFERENTLY: "taken differently", Answer.STOPPED: "stopped",
    Answer.UNKNOWN: "not known",
}  # fmt: skip
SOMEBODY = "Somebody went through the list meanwhile. What you entered is kept: look at it, then record it again."
CHANGED = "The list changed meanwhile. What you entered is kept; what changed is marked: answer it, then record it."


@dataclass(frozen=True)
class Said:
    """The answer of one line, with the patient's words; `base` is the state of the medicine that the person saw."""

    base: str
    answer: str
    words: str = ""


@transaction.atomic
def go_through(
    patient: Patient,
    *,
    said: Mapping[UUID, Said],
    after: UUID | None,
    key: UUID | None = None,
    visit: Visit | None = None,
    by: "User",
) -> Reconciliation:
    """Keep what the patient says of every medicine of the list. `said` by prescription, one for each.

    `after` is the last time that the page knew of: another since, or a list that changed, raises Conflict. `key`: sent
    twice, kept once. What is not taken as ordered goes to the prescriber; what comes from elsewhere and was stopped
    ends.
    """
    patient = Patient.objects.select_for_update(no_key=True).get(pk=patient.pk)
    check(prescribing_rules.report, by, patient.pk)
    if key is not None and (known := Reconciliation.objects.filter(pk=key).first()):
        return _sent_before(known, patient, by)
    if visit is not None:
        check(rules.visit, visit, patient, by)
    rows = queries.listed(patient.pk, clock.today(patient.zone))
    _as_seen(patient, rows, said, after)
    answers = {one.row.pk: _read(one, said[one.row.pk]) for one in rows}
    row = Reconciliation(patient=patient, visit=visit, recorded_at=clock.now(), recorded_by=by)
    if key is not None:
        row.pk = key
    row.save(force_insert=True)
    lines = [_line(row, one, answers[one.row.pk]) for one in rows]
    ReconciledLine.objects.bulk_create(lines)
    for one, line in zip(rows, lines, strict=True):
        _follow(one, line, clock.today(patient.zone), by)
    audit.record(Kind.CREATED, by=by, on=row, what="reconciling.go_through", detail={"lines": len(lines)})
    timeline.note(
        patient.pk, EntryKind.RECORD, on=row, occurred_at=row.recorded_at, label=_label(lines), by=by, url_name=PAGE
    )
    return row


@transaction.atomic
def retract(row: Reconciliation, *, reason: str, by: "User") -> Reconciliation:
    """Mark it as entered in error: it leaves rows, inbox and timeline. What it ended from elsewhere stays ended."""
    Patient.objects.select_for_update(no_key=True).get(pk=row.patient_id)
    check(prescribing_rules.report, by, row.patient_id)
    row = Reconciliation.objects.select_for_update().get(pk=row.pk)
    check(rules.retract, row)
    words = clean_line(reason or "", most=300, field="reason")
    if not words:
        raise Refused("Write what was wrong.", field="reason")
    row.retracted_at, row.retracted_by, row.retracted_reason = clock.now(), by, words
    row.save(update_fields=["retracted_at", "retracted_by", "retracted_reason"])
    timeline.retract(row)
    _finish(row.patient_id, "entered in error", by)
    audit.record(Kind.RETRACTED, by=by, on=row, what="reconciling.retract", why=words)
    return row


def order_changed(patient_id: UUID, *, by: "User | None") -> None:
    """Port ORDER_CHANGED: what a prescriber has done with a medicine answers what the patient said of it."""
    _finish(patient_id, "answered by an order", by)


def _label(lines: Sequence[ReconciledLine]) -> str:
    """What the timeline says: “Medicines gone through: 6 as ordered, 1 stopped”."""
    counts = {answer: sum(line.answer == answer for line in lines) for answer in Answer}
    parts = [f"{number} {TOLD[answer]}" for answer, number in counts.items() if number]
    return f"Medicines gone through: {', '.join(parts) or 'none is taken'}"


def _as_seen(patient: Patient, rows: Sequence[Listed], said: Mapping[UUID, Said], after: UUID | None) -> None:
    """Raise Conflict where the page knew another list, or not of the last time it was gone through."""
    if {one.row.pk: one.base for one in rows} != {key: one.base for key, one in said.items()}:
        raise Conflict(CHANGED)
    newest = queries.last(patient.pk)
    if (newest.pk if newest else None) != after:
        raise Conflict(SOMEBODY)


def _read(one: Listed, given: Said) -> Said:
    words = clean_line(given.words or "", most=300, field=f"words:{one.key}")
    if refusal := rules.line(given.answer, words):
        raise Refused(refusal[0], field=f"{refusal[1]}:{one.key}")
    return Said(given.base, given.answer, words)


def _line(row: Reconciliation, one: Listed, given: Said) -> ReconciledLine:
    return ReconciledLine(
        reconciliation=row, prescription=one.row, order=one.order,
        on_hold=one.held, stops_on=one.row.stopped_on, answer=given.answer, words=given.words,
    )  # fmt: skip


def _follow(one: Listed, line: ReconciledLine, today: date, by: "User") -> None:
    """A task to the prescriber for what of ours is not taken as ordered; an end for what from elsewhere was stopped."""
    answer = Answer(line.answer)
    if not one.ours:
        if answer == Answer.STOPPED and one.row.stopped_on is None:
            prescribing.stop(one.row, on=max(today, one.row.started_on), reason=line.words, by=by)
        return
    purpose = queries.purpose(one.row.pk)
    if answer == Answer.UNKNOWN:
        return  # what was said before still waits
    inbox.finish(purpose, by=by, outcome="said anew" if answer in SENTENCES else "taken as ordered")
    if answer in SENTENCES:
        inbox.ask(
            KIND, sentence=SENTENCES[answer], purpose=purpose, patient_id=one.row.patient_id,
            users=queries.prescribers(one.row), object_id=line.reconciliation_id,
            urgent=answer == Answer.STOPPED and _dangerous(one.row, today), by=by,
        )  # fmt: skip


def _dangerous(row: Prescription, today: date) -> bool:
    """Whether an end from one day to the next is one that the checks would ask about (R-TA-05)."""
    return any(one.level in (Level.STOP, Level.ASK) for one in checks.stopping(row, today).findings)


def _finish(patient_id: UUID, outcome: str, by: "User | None") -> None:
    """Close the tasks of medicines of which nothing waits any more."""
    tasks = Task.objects.filter(kind=KIND, patient_id=patient_id, done_at=None)
    purposes: Iterable[str] = set(tasks.values_list("purpose", flat=True))
    if purposes:
        waiting = {queries.purpose(key) for key in queries.waiting(patient_id)}
        for purpose in set(purposes) - waiting:
            inbox.finish(purpose, by=by, outcome=outcome)


def _sent_before(known: Reconciliation, patient: Patient, by: "User") -> Reconciliation:
    if known.patient_id != patient.pk or known.recorded_by_id != by.pk:
        raise Refused("This form was sent already. Open it anew.")
    return known
