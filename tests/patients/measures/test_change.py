"""What one total says of another (R-MB-03, R-MB-04), and how far apart they must lie (R-MB-05)."""

import json
from datetime import date
from typing import Any

import pytest

from patients.measures import calc, instruments

RAW = json.loads(instruments.DATA.read_text(encoding="utf-8"))["change_examples"]


@pytest.mark.parametrize("example", RAW, ids=lambda e: f"{e['instrument']}-{e['baseline']}-{e['now']}")
def test_r_mb_03_and_04_vectors_of_the_data(example: dict[str, Any]) -> None:
    found = calc.change(instruments.get(example["instrument"]), example["baseline"], example["now"])
    assert (found.points, found.reliable, found.response, found.remission, found.recovered) == (
        example["change"],
        example["reliable"],
        example["response"],
        example["remission"],
        example["recovered"],
    )
    assert found.deteriorated is example.get("deterioration", False)


def test_r_mb_04_the_practice_may_configure_another_size() -> None:
    phq9 = instruments.get("phq9")
    assert calc.change(phq9, 14, 9).recovered is False
    assert calc.change(phq9, 14, 9, reliable=5) == calc.Change(
        points=-5, percent=-36, reliable=True, response=False, remission=False, recovered=True, deteriorated=False
    )
    assert calc.change(phq9, 5, 10, reliable=5).deteriorated is True


def test_where_higher_is_better_a_fall_is_a_deterioration() -> None:
    who5 = instruments.get("who5")
    assert calc.change(who5, 60, 48).deteriorated is True
    assert calc.change(who5, 40, 56) == calc.Change(16, 40, True, None, None, True, False)


def test_no_response_from_nothing() -> None:
    assert calc.change(instruments.get("phq9"), 0, 0) == calc.Change(0, None, False, False, True, False, False)


def test_nothing_published_nothing_claimed() -> None:
    assert calc.change(instruments.get("ders16"), 60, 30) == calc.Change(-30, -50, None, None, None, None, None)


@pytest.mark.parametrize(
    ("later", "sentence"),
    [
        (date(2026, 3, 1), "The two PHQ-9 totals are on the same day; compare totals at least 14 days apart."),
        (date(2026, 3, 2), "The two PHQ-9 totals are 1 day apart; compare totals at least 14 days apart."),
        (date(2026, 3, 14), "The two PHQ-9 totals are 13 days apart; compare totals at least 14 days apart."),
        (date(2026, 3, 15), None),
    ],
)
def test_r_mb_05_totals_too_close_to_compare(later: date, sentence: str | None) -> None:
    assert calc.too_close(instruments.get("phq9"), date(2026, 3, 1), later) == sentence


def test_r_mb_05_no_least_gap_for_an_examination() -> None:
    assert calc.too_close(instruments.get("aims"), date(2026, 3, 1), date(2026, 3, 1)) is None
