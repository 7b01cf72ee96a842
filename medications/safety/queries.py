"""Reading what the checks need of a patient, and the practice's numbers."""

from datetime import date

from clinic.practice import config
from medications.safety.facts import Allergy, Facts, Limits
from patients.record import calc
from patients.record.models import Allergy as AllergyRow
from patients.record.models import Condition, MedicalFact, Patient
from patients.risk.models import RiskFlag


def facts(patient: Patient, today: date) -> Facts:
    """What is known of the patient on the day. Four queries; what was entered in error is left out."""
    answers: dict[str, str] = {}
    for key, answer in (
        MedicalFact.objects.filter(patient=patient, retracted_at=None)
        .order_by("recorded_at", "pk")
        .values_list("key", "answer")
    ):
        answers[key] = answer  # the newest counts
    return Facts(
        today=today,
        age=calc.age(patient.born_on, today),
        sex=patient.sex,
        allergies_asked=patient.allergies,
        allergies=tuple(
            Allergy(row.kind, row.name, row.reaction, row.severe)
            for row in AllergyRow.objects.filter(patient=patient, retracted_at=None)
        ),
        conditions=tuple(
            Condition.objects.filter(patient=patient, retracted_at=None, resolved_on=None).values_list(
                "code", flat=True
            )
        ),
        answers=answers,
        risk_open=RiskFlag.objects.filter(patient=patient, closed_at=None).exists(),
    )


def limits(today: date) -> Limits:
    """The practice's numbers on the day. One query."""
    values = config.values(today)
    return Limits(v_as_iii=bool(values["schedule_v_as_iii"]), risk_days=int(values["risk_supply_days"]))
