"""Short ways to say what was answered and when."""

from datetime import datetime
from typing import Any

from clinic import clock
from clinic.staff.models import User
from patients.measures import actions
from patients.measures.models import Score
from patients.record.models import Patient
from tests.cast import at

NOW = at("2026-11-23 10:00")


def phq9(each: int = 1, *, item9: int | None = 0, hard: int | None = None) -> list[int | None]:
    """PHQ-9 with the same answer to items 1 to 8."""
    return [each] * 8 + [item9, hard]


def gad7(each: int = 1) -> list[int | None]:
    """GAD-7 with the same answer to all."""
    return [each] * 7


def scored(
    patient: Patient, answers: list[int | None], *, by: User | None, instrument: str = "phq9",
    at: datetime | None = None, **more: Any,
) -> Score:  # fmt: skip
    """A recorded score."""
    return actions.record(
        patient, instrument=instrument, answers=answers, answered_at=at or clock.now(),
        channel=more.pop("channel", "clinician"), by=by, **more,
    )  # fmt: skip
