"""Triggers by which the database keeps what was given, in the right record."""

import pgtrigger

from medications.prescribing.guards import never_emptied, once, only_changes

_RETRACTION = ("retracted_at", "retracted_by_id", "retracted_reason")


def of_the_same_patient(name: str) -> pgtrigger.Trigger:
    """The order is the prescription's, the prescription the patient's."""
    return pgtrigger.Trigger(
        name=name,
        when=pgtrigger.Before,
        operation=pgtrigger.Insert,
        func="""
            IF NOT EXISTS (
                SELECT FROM medications_prescribing_prescription p
                JOIN medications_prescribing_doseorder o ON o.prescription_id = p.id
                WHERE p.id = NEW.prescription_id AND p.patient_id = NEW.patient_id AND o.id = NEW.order_id
            ) THEN
                RAISE EXCEPTION 'an injection belongs to an order of the same patient';
            END IF;
            RETURN NEW;
        """,
    )


def injection() -> list[pgtrigger.Trigger]:
    """It may only be marked as entered in error, once."""
    return [
        only_changes("injection_immutable", *_RETRACTION),
        once("injection_retracted_for_good", *_RETRACTION),
        never_emptied(),
        of_the_same_patient("injection_of_patient"),
    ]
