"""How far an objective is, and when the plan is reviewed (R-TP-06)."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patients.plan import calc
from patients.plan.calc import Progress

SIGNED = date(2026, 9, 1)


@pytest.mark.parametrize(
    ("start", "now", "aim", "below", "found"),
    [
        (19, 7, 5, True, Progress(12 / 14, met=False, back=False)),
        (19, 5, 5, True, Progress(1.0, met=False, back=False)),
        (19, 4, 5, True, Progress(1.0, met=True, back=False)),
        (19, 22, 5, True, Progress(0.0, met=False, back=True)),
        (10, 6, 0, False, Progress(0.4, met=False, back=False)),
        (10, 0, 0, False, Progress(1.0, met=True, back=False)),
        (1, 5, 5, False, Progress(1.0, met=True, back=False)),
        (0, 2, 3, False, Progress(2 / 3, met=False, back=False)),
        (2, 1, 5, False, Progress(0.0, met=False, back=True)),
        (4, 3, 5, True, Progress(1.0, met=True, back=False)),  # stay below 5
        (4, 6, 5, True, Progress(0.0, met=False, back=True)),
        (5, 5, 5, False, Progress(1.0, met=True, back=False)),  # keep at 5
        (5, 4, 5, False, Progress(0.0, met=False, back=True)),
        (None, 4, 5, True, Progress(1.0, met=True, back=False)),
        (None, 7, 5, True, Progress(None, met=False, back=False)),
        (19, None, 5, True, Progress(None, met=False, back=False)),
        (19, 7, None, False, Progress(None, met=False, back=False)),
        (Decimal("100.00"), Decimal("37.50"), Decimal("0"), False, Progress(0.625, met=False, back=False)),
    ],
)
def test_start_now_aim(start: int | None, now: int | None, aim: int | None, below: bool, found: Progress) -> None:
    assert calc.progress(start, now, aim, below=below) == found


@given(st.integers(-50, 50), st.integers(-50, 50), st.integers(-50, 50), st.booleans())
def test_the_fraction_lies_between_0_and_1_and_met_is_the_whole_way(
    start: int, now: int, aim: int, below: bool
) -> None:
    found = calc.progress(start, now, aim, below=below)
    assert found.fraction is not None
    assert 0 <= found.fraction <= 1
    assert not found.met or found.fraction == 1


def test_r_tp_06_review_after_so_many_days() -> None:
    assert calc.next_review(SIGNED, 90) == date(2026, 11, 30)


def test_r_tp_06_an_event_since_the_signature_brings_it_forward() -> None:
    events = [date(2026, 10, 20), date(2026, 10, 5), SIGNED, SIGNED - timedelta(days=9), date(2027, 1, 1)]
    assert calc.next_review(SIGNED, 90, events) == date(2026, 10, 5)
    assert calc.next_review(SIGNED, 90, [SIGNED, date(2027, 1, 1)]) == date(2026, 11, 30)


def test_r_tp_06_never_on_the_day_of_signing() -> None:
    with pytest.raises(ValueError, match="a day at least"):
        calc.next_review(SIGNED, 0)


def test_days_overdue() -> None:
    due = date(2026, 11, 30)
    assert [calc.days_overdue(due, due + timedelta(days=n)) for n in (-1, 0, 1, 41)] == [0, 0, 1, 41]
