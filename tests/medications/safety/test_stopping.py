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


# --- long-acting injections: they taper themselves ----------------------------------------


def depot(drug: str) -> list[tuple[str, str, str]]:
    """Level, code and sentence of what is said on stopping an injection after a year."""
    found = engine.check_stop(
        drug, days_taken=365, daily_mg=Decimal("14.286"), lowest_mg=Decimal(1), knowledge=current(), injected=True
    )
    return [(str(one.level), one.code, one.sentence) for one in found]


def test_an_injection_asks_for_no_step_down_r_rx_13() -> None:
    [(level, code, sentence)] = depot("aripiprazole")
    assert (level, code) == ("note", "stop.depot")
    assert sentence.startswith("The next one is not given; there is nothing to step down. What was given leaves the")


def test_where_the_treatment_itself_must_not_break_off_it_asks_what_follows() -> None:
    [(level, code, sentence)] = depot("buprenorphine")
    assert (level, code) == ("ask", "stop.abrupt")
    assert sentence.endswith("Say what follows it, or why it ends.")


def test_after_naltrexone_opioids_act_more_strongly() -> None:
    assert [code for _, code, _ in depot("naltrexone")] == ["stop.depot", "stop.tolerance"]
