"""What must not be stopped from one day to the next (R-TA-05)."""

from decimal import Decimal

import pytest

from medications.safety import engine
from medications.safety.knowledge import current


def stop(drug: str | None, days: int, daily: str | None = "2", lowest: str | None = "0.25") -> list[tuple[str, str]]:
    """Level and rule of what stands against stopping."""
    found = engine.check_stop(
        drug, days_taken=days, daily_mg=Decimal(daily) if daily else None,
        lowest_mg=Decimal(lowest) if lowest else None, knowledge=current(),
    )  # fmt: skip
    return [(str(one.level), one.rule_id) for one in found]


@pytest.mark.parametrize(
    ("drug", "days", "said"),
    [
        ("clonazepam", 32, [("stop", "R-TA-05")]),
        ("clonazepam", 31, [("ask", "label")]),
        ("lithium", 3, [("ask", "label")]),
        ("sertraline", 32, [("ask", "R-RX-13")]),
        ("sertraline", 31, [("note", "label")]),
        ("quetiapine", 32, [("ask", "R-RX-13")]),
        ("hydroxyzine", 90, []),
        (None, 90, []),
    ],
)
def test_by_drug_and_time(drug: str | None, days: int, said: list[tuple[str, str]]) -> None:
    """R-TA-05, R-RX-13"""
    assert stop(drug, days) == said


def test_at_the_lowest_dose_nothing() -> None:
    """R-TA-01: at the floor, stop from here."""
    assert stop("clonazepam", 400, "0.25") == []
    assert stop("clonazepam", 400, "0.26") == [("stop", "R-TA-05")]
