"""Allergies and conditions, and marking what the record lists as entered in error."""

from datetime import date
from typing import TYPE_CHECKING

from django.db import transaction

from clinic import clock
from clinic.audit import actions as audit
from clinic.audit.enums import Kind
from clinic.ports import load
from clinic.refusal import Refused, check, refuse
from patients.record import codes, rules
from patients.record.actions.reach import locked
from patients.record.calc import clean_line
from patients.record.enums import AllergyAnswer, AllergyKind
from patients.record.models import Allergy, Condition, Patient, Retractable

if TYPE_CHECKING:
    from clinic.staff.models import User


@transaction.atomic
def record_allergy(
    patient: Patient, *, kind: str, name: str, reaction: str = "", severe: bool = False, by: "User"
) -> Allergy:
    """List an allergy or intolerance; allergies count as asked."""
    patient = locked(patient)
    name = clean_line(name, most=120, field="name")
    reaction = clean_line(reaction, most=200, field="reaction")
    if kind not in AllergyKind.values:
        raise Refused("Choose a medicine, a group of medicines or another substance.", field="kind")
    refuse(rules.allergy(patient, kind, name), field="name")
    row = Allergy.objects.create(
        patient=patient, kind=kind, name=name, reaction=reaction, severe=severe, recorded_at=clock.now(), recorded_by=by
    )
    _asked(patient, AllergyAnswer.SOME, by)
    audit.record(Kind.CREATED, by=by, on=row, what="record.record_allergy", detail={"severe": severe})
    tell(row, f"Allergy: {name}{f', {reaction}' if reaction else ''}", by)
    return row


@transaction.atomic
def no_known_allergies(patient: Patient, *, by: "User") -> Patient:
    """Allergies were asked, none is known: not the same as never asked."""
    patient = locked(patient)
    check(rules.no_known_allergies, patient)
    _asked(patient, AllergyAnswer.NONE_KNOWN, by)
    audit.record(Kind.CHANGED, by=by, on=patient, what="record.no_known_allergies")
    return patient


def _asked(patient: Patient, answer: AllergyAnswer, by: "User | None") -> None:
    patient.allergies = answer
    asked = answer != AllergyAnswer.NEVER_ASKED
    patient.allergies_asked_at, patient.allergies_asked_by = (clock.now(), by) if asked else (None, None)
    patient.save(update_fields=["allergies", "allergies_asked_at", "allergies_asked_by"])


@transaction.atomic
def add_condition(patient: Patient, *, code: str, since: date | None = None, by: "User") -> Condition:
    """List a condition by its code; the title is the list's own."""
    patient = locked(patient)
    if sentence := rules.condition(patient, code[:20], since, clock.today(patient.zone)):
        raise Refused(sentence, field="since" if "day" in sentence else "code")
    found = codes.get(code[:20])
    assert found is not None
    row = Condition.objects.create(
        patient=patient, code=found.code, title=found.title[:300], since=since, recorded_at=clock.now(), recorded_by=by
    )
    audit.record(Kind.CREATED, by=by, on=row, what="record.add_condition")
    tell(row, f"Condition: {found.title}", by)
    return row


@transaction.atomic
def resolve_condition(condition: Condition, *, on: date, by: "User") -> Condition:
    """A condition ended on a day; it stays in the record."""
    row = Condition.objects.select_for_update(of=("self",)).select_related("patient").get(pk=condition.pk)
    refuse(rules.resolve_condition(row, on, clock.today(row.patient.zone)), field="on")
    row.resolved_on = on
    row.save(update_fields=["resolved_on"])
    audit.record(Kind.CHANGED, by=by, on=row, what="record.resolve_condition")
    tell(row, f"Condition ended: {row.title}", by)
    return row


@transaction.atomic
def retract(row: Retractable, *, reason: str, by: "User") -> Retractable:
    """Mark an allergy, a condition or a fact as entered in error: struck through, and out of story and checks."""
    row = type(row)._default_manager.select_for_update().get(pk=row.pk)
    reason = clean_line(reason, most=300, field="reason")
    check(rules.retract, row, reason)
    last = rules.last_allergy(row)
    row.retracted_at, row.retracted_by, row.retracted_reason = clock.now(), by, reason
    row.save(update_fields=["retracted_at", "retracted_by", "retracted_reason"])
    if last:
        _asked(locked(row.patient), AllergyAnswer.NEVER_ASKED, by)  # type: ignore[attr-defined]
    audit.record(Kind.RETRACTED, by=by, on=row, what="record.retract", why=reason)
    for story in load("RECORD_STORY"):
        story.retract(row)
    return row


def tell(row: Retractable | Patient, label: str, by: "User | None") -> None:
    """One line in the patient's story."""
    for story in load("RECORD_STORY"):
        story.tell(row, label=label, occurred_at=clock.now(), by=by)
