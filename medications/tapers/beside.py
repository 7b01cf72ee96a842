"""What plans and signed steps say against a dose that is to change by steps beside it (port ORDER_FINDINGS)."""

from datetime import date
from uuid import UUID

from django.db.models import F

from medications.prescribing.models import DoseOrder
from medications.safety.enums import Level
from medications.safety.facts import Finding
from medications.tapers.models import TaperPlan

UNDER_WAY = ("active", "paused")


def findings(patient_id: UUID, drug: str, *, starts: bool, in_steps: bool, today: date) -> list[Finding]:
    """R-TA-09: two that change at once. Two queries for a titration pack (`in_steps`), none otherwise."""
    others = _changing(patient_id, drug, today) if in_steps else []
    if not others:
        return []
    names = " and ".join(others)
    return [
        Finding(
            Level.ASK, "taper.two", "R-TA-09", "Two things change at once",
            f"The dose of {names} changes by steps too: nobody will know which of them did what. Wait with these "
            "steps, or say why.",
        )
    ]  # fmt: skip


def _changing(patient_id: UUID, drug: str, today: date) -> list[str]:
    """Other medicines with a plan under way, or with a signed step ahead."""
    plans = TaperPlan.objects.filter(patient_id=patient_id, state__in=UNDER_WAY)
    ahead = DoseOrder.objects.filter(
        patient_id=patient_id, retracted_at=None, from_day__gt=today, prescription__retracted_at=None,
        product__drug__psychiatric=True,
    ).exclude(until_day=F("from_day"))  # fmt: skip
    names = {
        *plans.values_list("prescription__drug__generic_name", flat=True),
        *ahead.values_list("product__drug__generic_name", flat=True),
    }
    return sorted(name for name in names if name and name != drug)
