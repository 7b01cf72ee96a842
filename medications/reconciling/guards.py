"""Triggers by which the database keeps what a patient said, and keeps it in the right record."""

import pgtrigger

from medications.prescribing.guards import never_emptied, once, only_changes

_RETRACTION = ("retracted_at", "retracted_by_id", "retracted_reason")


def of_the_same_patient(name: str) -> pgtrigger.Trigger:
    """A line's medicine is the patient's, its order is the medicine's."""
    return pgtrigger.Trigger(
        name=name,
        when=pgtrigger.Before,
        operation=pgtrigger.Insert,
        func="""
            IF NOT EXISTS (
                SELECT FROM medications_reconciling_reconciliation r
                JOIN medications_prescribing_prescription p ON p.patient_id = r.patient_id
                WHERE r.id = NEW.reconciliation_id AND p.id = NEW.prescription_id
            ) OR NEW.order_id IS NOT NULL AND NOT EXISTS (
                SELECT FROM medications_prescribing_doseorder o
                WHERE o.id = NEW.order_id AND o.prescription_id = NEW.prescription_id
            ) THEN
                RAISE EXCEPTION 'a line belongs to a medicine of the same patient';
            END IF;
            RETURN NEW;
        """,
    )


def visit_of_the_same_patient(name: str) -> pgtrigger.Trigger:
    """The visit at which the list was gone through is the patient's."""
    return pgtrigger.Trigger(
        name=name,
        when=pgtrigger.Before,
        operation=pgtrigger.Insert,
        func="""
            IF NEW.visit_id IS NOT NULL AND NOT EXISTS (
                SELECT FROM medications_visits_visit v WHERE v.id = NEW.visit_id AND v.patient_id = NEW.patient_id
            ) THEN
                RAISE EXCEPTION 'the visit belongs to another patient';
            END IF;
            RETURN NEW;
        """,
    )


def reconciliation() -> list[pgtrigger.Trigger]:
    """It may only be marked as entered in error, once."""
    return [
        only_changes("reconciliation_immutable", *_RETRACTION),
        once("reconciliation_retracted_for_good", *_RETRACTION),
        never_emptied(),
        visit_of_the_same_patient("reconciliation_visit_of_patient"),
    ]


def line() -> list[pgtrigger.Trigger]:
    """What was said is never changed."""
    return [
        pgtrigger.Protect(name="reconciled_kept", operation=pgtrigger.Update | pgtrigger.Delete),
        never_emptied(),
        of_the_same_patient("reconciled_of_patient"),
    ]
