"""Medical facts and readings: a change is a new row, the old one is kept; what was asked again is dated anew."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from django.db import transaction

from clinic import clock
from clinic.audit import actions as audit
from clinic.audit.enums import Kind
from clinic.refusal import Conflict, Refused
from patients.record import queries, rules
from patients.record.actions.clinical import tell
from patients.record.actions.reach import locked
from patients.record.calc import clean_line
from patients.record.enums import READING_UNITS, FactAnswer, FactKey, ReadingKind
from patients.record.models import MedicalFact, Patient, Reading

if TYPE_CHECKING:
    from clinic.staff.models import User

CHANGED = (
    "Somebody answered some of these meanwhile. What you chose is kept: look at what is known now, then keep the "
    "answers again."
)


@transaction.atomic
def record_fact(patient: Patient, *, key: str, answer: str, note: str = "", by: "User") -> MedicalFact:
    """Keep the answer to one medical question, also where it is the same: it was asked today."""
    return _keep(locked(patient), {key: (answer, note)}, by)[0]


@transaction.atomic
def record_facts(
    patient: Patient,
    *,
    answers: Mapping[str, tuple[str, str]],
    confirm: bool = False,
    based_on: str | None = None,
    by: "User",
) -> list[MedicalFact]:
    """Keep the answers, by question: (answer, note), that differ from what is known; one without an answer is left.

    `confirm`: the others were asked too and are the same: they are dated today. `based_on` is `queries.facts_base` of
    when the page was opened; somebody else's answers meanwhile raise Conflict.
    """
    patient = locked(patient)
    if based_on is not None and based_on != queries.facts_base(patient.pk):
        raise Conflict(CHANGED)
    known = {fact.key: (fact.answer.answer, fact.answer.note) for fact in queries.facts(patient.pk) if fact.answer}
    given = {key: pair for key, pair in answers.items() if pair[0]}
    asked = {**known, **given} if confirm else {key: pair for key, pair in given.items() if known.get(key) != pair}
    return _keep(patient, asked, by) if asked else []


def _keep(patient: Patient, answers: Mapping[str, tuple[str, str]], by: "User") -> list[MedicalFact]:
    """One row an answer; the story tells what is not a plain first “no”, and how many were asked."""
    known = {fact.key: fact.answer.answer for fact in queries.facts(patient.pk) if fact.answer}
    rows = []
    for key, (answer, note) in answers.items():
        if key not in FactKey.values or answer not in FactAnswer.values:
            raise Refused("Choose yes, no or not sure.", field=key if key in FactKey.values else "answer")
        words = clean_line(note, most=200, field=f"{key}_note")
        rows.append(
            MedicalFact(patient=patient, key=key, answer=answer, note=words, recorded_at=clock.now(), recorded_by=by)
        )
    MedicalFact.objects.bulk_create(rows)
    detail = {"keys": sorted(row.key for row in rows), "count": len(rows)}
    audit.record(Kind.CREATED, by=by, on=patient, what="record.record_facts", detail=detail)
    for row in rows:
        if known.get(row.key, FactAnswer.NO) != row.answer:
            tell(row, f"Asked: {FactKey(row.key).label}: {FactAnswer(row.answer).label}", by)
    if len(rows) > 1:
        tell(patient, f"Medical facts asked: {len(rows)} answers", by)
    return rows


@transaction.atomic
def ask(
    patient: Patient,
    *,
    answers: Mapping[str, tuple[str, str]],
    readings: Mapping[str, tuple[Decimal, Decimal | None]],
    taken_on: date,
    confirm: bool = False,
    based_on: str | None = None,
    by: "User",
) -> int:
    """Keep a whole checklist, all of it or nothing: answers and readings by kind (value, lower). Returns how many."""
    kept = record_facts(patient, answers=answers, confirm=confirm, based_on=based_on, by=by)
    for kind, (value, lower) in readings.items():
        try:
            record_reading(patient, kind=kind, value=value, lower=lower, taken_on=taken_on, by=by)
        except Refused as refused:
            raise Refused(refused.sentence, field=kind if refused.field == "value" else refused.field) from None
    return len(kept) + len(readings)


@transaction.atomic
def record_reading(
    patient: Patient, *, kind: str, value: Decimal, lower: Decimal | None = None, taken_on: date, by: "User"
) -> Reading:
    """Keep a weight (kg), a blood pressure (mmHg, `value` over `lower`), a pulse, a QTc (ms) or an eGFR."""
    patient = locked(patient)
    if kind not in ReadingKind.values:
        raise Refused("Choose what was measured.", field="kind")
    if refusal := rules.reading(kind, value, lower, taken_on, clock.today(patient.zone), patient.born_on):
        raise Refused(refusal[0], field=refusal[1])
    row = Reading.objects.create(
        patient=patient, kind=kind, value=value, lower=lower, taken_on=taken_on, recorded_at=clock.now(),
        recorded_by=by,
    )  # fmt: skip
    audit.record(Kind.CREATED, by=by, on=row, what="record.record_reading", detail={"kind": kind})
    unit = READING_UNITS[ReadingKind(kind)][0]
    shown = f"{value:f}" if lower is None else f"{value:.0f}/{lower:.0f}"
    shown = shown.rstrip("0").rstrip(".") if "." in shown else shown
    label = ReadingKind(kind).label
    tell(row, f"{label[0].upper()}{label[1:]} {shown}\u00a0{unit}", by)
    return row
