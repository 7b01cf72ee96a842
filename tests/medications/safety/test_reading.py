"""What the checks read of the record: the newest answer, without errors, without what is resolved."""

from datetime import timedelta
from typing import Any

import pytest

from clinic.practice.models import Setting
from medications.safety import queries
from medications.safety.facts import Allergy, Limits
from patients.record.models import Allergy as AllergyRow
from patients.record.models import Condition, MedicalFact
from patients.risk.models import RiskFlag
from tests.cast import Cast
from tests.medications.prescribing.given import NOW, TODAY


def wrong(cast: Cast) -> dict[str, Any]:
    """An entry in error."""
    return {"retracted_at": NOW, "retracted_by": cast.priya, "retracted_reason": "Wrong chart."}


def fact(cast: Cast, answer: str, days: int, **more: Any) -> None:
    """Liver disease, answered so many days ago."""
    MedicalFact.objects.create(
        patient=cast.ana, key="liver", answer=answer, recorded_at=NOW - timedelta(days=days), **more
    )


def test_the_newest_answer_counts(cast: Cast) -> None:
    fact(cast, "no", 9)
    fact(cast, "yes", 3)
    assert queries.facts(cast.ana, TODAY).answers == {"liver": "yes"}


def test_an_answer_in_error_gives_way_to_the_one_before(cast: Cast) -> None:
    fact(cast, "no", 9)
    fact(cast, "yes", 3, **wrong(cast))
    assert queries.facts(cast.ana, TODAY).answers == {"liver": "no"}


def test_conditions_that_are_active(cast: Cast) -> None:
    given: dict[str, Any] = {"patient": cast.ana, "title": "x", "recorded_at": NOW}
    Condition.objects.create(code="F33.1", **given)
    Condition.objects.create(code="F50.2", resolved_on=TODAY, **given)
    Condition.objects.create(code="G40.9", **given, **wrong(cast))
    assert queries.facts(cast.ana, TODAY).conditions == ("F33.1",)


def test_allergies_without_those_in_error(cast: Cast) -> None:
    given: dict[str, Any] = {"patient": cast.ana, "kind": "ingredient", "recorded_at": NOW}
    AllergyRow.objects.create(name="penicillin", reaction="hives", **given)
    AllergyRow.objects.create(name="lithium", **given, **wrong(cast))
    assert queries.facts(cast.ana, TODAY).allergies == (Allergy("ingredient", "penicillin", "hives"),)


@pytest.mark.parametrize("closed", [True, False])
def test_an_open_risk(cast: Cast, closed: bool) -> None:
    """R-SI-04"""
    end: dict[str, Any] = {"closed_at": NOW, "closed_by": cast.tess, "disposition": "assessed_safe"}
    end = {**end, "closing_words": "x"} if closed else {}
    RiskFlag.objects.create(patient=cast.ana, source="item", sentence="Item 9 was 2.", raised_at=NOW, **end)
    assert queries.facts(cast.ana, TODAY).risk_open is not closed


def test_the_practices_numbers(cast: Cast) -> None:
    """R-RX-04, R-SI-04"""
    assert queries.limits(TODAY) == Limits(v_as_iii=True, risk_days=14)
    Setting.objects.create(key="risk_supply_days", value=7, effective_from=TODAY, set_at=NOW)
    assert queries.limits(TODAY) == Limits(v_as_iii=True, risk_days=7)
