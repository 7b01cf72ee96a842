"""Medicines from elsewhere, and what a prescription is for."""

from datetime import date
from typing import TYPE_CHECKING

from django.db import transaction

from clinic import clock
from clinic.audit import actions as audit
from clinic.audit.enums import Kind
from clinic.refusal import Refused, check, refuse
from medications.catalogue import queries as catalogue
from medications.catalogue.models import Drug
from medications.prescribing import rules, story
from medications.prescribing.actions.common import locked, locked_patient, plan_asked_no_more, tell, today_of
from medications.prescribing.models import Prescription, PrescriptionTarget
from patients.plan.enums import Arm
from patients.plan.models import Intervention, Problem
from patients.record.calc import clean_line
from patients.record.models import Patient

if TYPE_CHECKING:
    from clinic.staff.models import User


@transaction.atomic
def report(
    patient: Patient,
    *,
    drug: Drug | None = None,
    drug_text: str = "",
    origin: str,
    sig_text: str = "",
    started_on: date,
    by: "User",
) -> Prescription:
    """Record a medicine from outside or as the patient reports it. A name that the catalogue knows becomes its drug.

    A strength behind the name goes before how it is taken.
    """
    patient = locked_patient(patient.pk)
    check(rules.report, by, patient.pk)
    name = clean_line(drug_text or "", most=120, field="drug_text")
    if drug is None and name:
        drug, name, strength = catalogue.told(name)
        sig_text = f"{strength}, {sig_text}" if strength and sig_text else strength or sig_text
    refuse(rules.reported(origin, started_on, today_of(patient), drug=drug, drug_text=name), "drug_text")
    row = Prescription.objects.create(
        patient=patient, drug=drug, drug_text=name, origin=origin, started_on=started_on,
        sig_text=clean_line(sig_text or "", most=200, field="sig_text"), recorded_at=clock.now(), recorded_by=by,
    )  # fmt: skip
    audit.record(Kind.CREATED, by=by, on=row, what="prescribing.report")
    story.reported(row, by=by)
    tell(patient.pk, by=by)
    return row


@transaction.atomic
def link(
    prescription: Prescription, *, problem: Problem, intervention: Intervention | None = None, by: "User"
) -> PrescriptionTarget:
    """Say which problem of the plan a prescription is for, and which intervention of the plan it is (R-TP-08)."""
    prescription, patient = locked(prescription)
    check(rules.prescribe, by, patient.pk)
    if prescription.retracted_at is not None:
        raise Refused("This was entered in error and takes no more changes.")
    for thing in (problem, intervention):
        if thing is not None and thing.patient_id != patient.pk:
            raise Refused("That belongs to another record.", field="problem")
    if intervention is not None:
        if not intervention.rows.filter(arm=Arm.MEDICATION).exists():
            raise Refused("That intervention is not medication. Choose one that is.", field="intervention")
        taken = PrescriptionTarget.objects.filter(intervention=intervention).exclude(prescription=prescription)
        if taken.exists():
            raise Refused(
                "Another prescription is that intervention already. Add one to the plan.", field="intervention"
            )
    row = PrescriptionTarget.objects.filter(prescription=prescription, problem=problem).first()
    if row is None:
        row = PrescriptionTarget(prescription=prescription, problem=problem, created_at=clock.now())
    if intervention is not None:
        PrescriptionTarget.objects.filter(prescription=prescription, intervention=intervention).exclude(
            pk=row.pk
        ).update(intervention=None)
        row.intervention = intervention
    row.save()
    if row.intervention_id is not None:
        plan_asked_no_more(prescription, "linked", by=by)
    audit.record(Kind.CHANGED, by=by, on=row, patient_id=patient.pk, what="prescribing.link")
    return row
