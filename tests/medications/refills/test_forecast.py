"""R-RX-11: the forecast against a slow simulation, day by day and tablet by tablet, and by hand."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st

from medications.refills.calc import Authorised, Filled, Forecast, Lost, days_left, forecast, opens_on

START = date(2026, 3, 2)


NOTHING: Mapping[int, int] = {}


def d(number: int) -> date:
    return START + timedelta(days=number)


def until_empty(stock_on: dict[int, int], pauses: set[int], lost_on: Mapping[int, int] = NOTHING) -> int:
    """Take one day's worth each day that is no pause; the first day on which nothing is left for good."""
    last = max(stock_on, default=0)
    stock, today = 0, min(0, min(stock_on, default=0))
    while True:
        stock = max(0, stock - lost_on.get(today, 0)) + stock_on.get(today, 0)
        if today >= 0:
            if stock == 0 and today >= last:
                return today
            if stock and today not in pauses:
                stock -= 1
        today += 1


pauses_of = st.lists(st.tuples(st.integers(0, 120), st.integers(0, 20)), max_size=3)
losses_of = st.dictionaries(st.integers(0, 120), st.integers(1, 40) | st.none(), max_size=3)
fills_of = st.lists(st.tuples(st.integers(-10, 120), st.integers(1, 40)), min_size=1, max_size=6)


@given(fills_of, pauses_of, losses_of)
def test_supply_end_is_the_day_on_which_the_box_is_empty(
    fills: list[tuple[int, int]], raw: list[tuple[int, int]], lost: dict[int, int | None]
) -> None:
    """Fills early and late, several on days in a row, before the first day; holds and losses in mid-supply."""
    holds, free = [], 0
    for begin, length in sorted(raw):  # holds of one prescription never overlap
        begin = max(begin, free)
        holds.append((begin, begin + length))
        free = begin + length
    stock: dict[int, int] = {}
    for on, days in fills:
        stock[on] = stock.get(on, 0) + days
    paused = {day for begin, end in holds for day in range(begin, end)}
    found = forecast(
        [Filled(d(on), days) for on, days in fills], [], from_day=START, today=d(0),
        holds=[(d(begin), d(end)) for begin, end in holds], losses=[Lost(d(on), days) for on, days in lost.items()],
    )  # fmt: skip
    empty = d(until_empty(stock, paused, {on: days or 10_000 for on, days in lost.items()}))
    assert found == Forecast(empty, empty, 0, True)


@given(
    st.lists(st.tuples(st.integers(0, 12), st.integers(1, 30)), min_size=1, max_size=3),
    st.integers(0, 5), st.integers(1, 30), st.integers(0, 150) | st.none(),
)  # fmt: skip
def test_authorised_end_is_when_the_last_fill_that_may_be_had_is_used_up(
    gaps: list[tuple[int, int]], refills: int, days: int, expires: int | None
) -> None:
    """Known fills count against the authorisation; each that is left is had when the one before is empty."""
    fills, on = [], 0
    for gap, length in gaps:
        fills.append((on, length))
        on += gap + 1
    today = fills[-1][0]
    assume(expires is None or expires >= today)
    one = Authorised(START, days, refills, len(fills), d(expires) if expires is not None else None)
    found = forecast([Filled(d(on), length) for on, length in fills], [one], from_day=START, today=d(today))
    stock: dict[int, int] = {}
    for on, length in fills:
        stock[on] = stock.get(on, 0) + length
    end = until_empty(stock, set())
    assert found.supply_end == d(end)
    had, empty = 0, end
    while had < refills + 1 - len(fills) and (expires is None or max(empty, today) <= expires):
        empty, had = empty + days, had + 1
    assert (found.remaining, found.authorised_end) == (had, d(empty))
    assert found.confirmed


@given(st.integers(0, 200), st.integers(1, 40), st.integers(0, 5))
def test_without_a_known_fill_it_was_filled_when_due(today: int, days: int, refills: int) -> None:
    """R-RX-11: assumed filled on the start date, refills as they came due, and said to be not confirmed."""
    found = forecast([], [Authorised(START, days, refills)], from_day=START, today=d(today))
    had = min(refills + 1, today // days + 1)
    assert found == Forecast(d(days * had), d(days * (refills + 1)), refills + 1 - had, False)


def test_one_fill_of_thirty_days() -> None:
    found = forecast([Filled(d(0), 30)], [Authorised(START, 30, 2, 1)], from_day=START, today=d(0))
    assert found == Forecast(d(30), d(90), 2, True)


def test_a_spent_refill_is_not_counted_again() -> None:
    fills = [Filled(d(0), 30), Filled(d(28), 30)]
    found = forecast(fills, [Authorised(START, 30, 2, 2)], from_day=START, today=d(28))
    assert found == Forecast(d(60), d(90), 1, True)


def test_what_was_lost_ends_the_supply_sooner() -> None:
    fills = [Filled(d(0), 30)]
    asked: dict[str, Any] = {"from_day": START, "today": d(12)}
    assert forecast(fills, [], losses=[Lost(d(10))], **asked).supply_end == d(10)
    assert forecast(fills, [], losses=[Lost(d(10), 5)], **asked).supply_end == d(25)
    assert forecast(fills, [], losses=[Lost(d(40), 5)], **asked).supply_end == d(30)
    assert forecast([*fills, Filled(d(12), 30)], [], losses=[Lost(d(10))], **asked).supply_end == d(42)


def test_a_loss_confirms_no_fill_and_uses_up_no_refill() -> None:
    found = forecast([], [Authorised(START, 30, 2)], from_day=START, today=d(10), losses=[Lost(d(10))])
    assert (found.supply_end, found.remaining, found.confirmed) == (d(40), 1, False)


def test_a_late_fill_begins_on_its_day() -> None:
    found = forecast([Filled(d(0), 30), Filled(d(40), 30)], [], from_day=START, today=d(40))
    assert found.supply_end == d(70)


def test_a_hold_in_mid_supply_pushes_the_end() -> None:
    found = forecast([Filled(d(0), 30)], [], from_day=START, today=d(20), holds=[(d(10), d(17))])
    assert found.supply_end == d(37)


def test_a_hold_that_goes_on_pushes_nothing_yet() -> None:
    found = forecast([Filled(d(0), 30)], [], from_day=START, today=d(20), holds=[(d(10), None)])
    assert found.supply_end == d(30)


def test_what_expires_is_not_counted_past_its_last_day() -> None:
    """R-RX-03: after the last day it may be filled nothing is left, whatever refills were written."""
    one = Authorised(START, 30, 5, 1, expires_on=d(45))
    assert forecast([Filled(d(0), 30)], [one], from_day=START, today=d(1)) == Forecast(d(30), d(60), 1, True)
    assert forecast([Filled(d(0), 30)], [one], from_day=START, today=d(46)).remaining == 0
    on_the_last_day = Authorised(START, 30, 5, 1, expires_on=d(60))
    assert forecast([Filled(d(0), 30)], [on_the_last_day], from_day=START, today=d(1)).authorised_end == d(90)


def test_a_new_authorisation_has_its_first_fill_still_to_come() -> None:
    """Approved ten days before the end: nobody is asked again before the new supply ends."""
    old, new = Authorised(START, 30, 0, 1, ended_on=d(20)), Authorised(d(20), 30, 0)
    assert forecast([Filled(d(0), 30)], [old, new], from_day=START, today=d(20)) == Forecast(d(30), d(60), 1, True)


def test_nothing_known_of_either_authorisation() -> None:
    old, new = Authorised(START, 30, 0, ended_on=d(20)), Authorised(d(20), 30, 0)
    assert forecast([], [old, new], from_day=START, today=d(20)) == Forecast(d(30), d(60), 1, False)
    assert forecast([], [old, new], from_day=START, today=d(31)) == Forecast(d(60), d(60), 0, False)


def test_a_known_fill_long_ago_does_not_open_the_desk_again_after_an_approval() -> None:
    old, new = Authorised(START, 30, 2, 1, ended_on=d(80)), Authorised(d(80), 30, 0)
    found = forecast([Filled(d(0), 30)], [old, new], from_day=START, today=d(80))
    assert found == Forecast(d(110), d(110), 0, False)


def test_an_authorisation_replaced_on_its_own_day_was_never_filled() -> None:
    old, new = Authorised(START, 90, 0, ended_on=START), Authorised(START, 30, 0)
    assert forecast([], [old, new], from_day=START, today=START) == Forecast(d(30), d(30), 0, False)


def test_nothing_authorised_and_nothing_filled_runs_out_at_once() -> None:
    assert forecast([], [], from_day=START, today=d(5)) == Forecast(START, START, 0, False)


def test_a_supply_had_before_the_dose_begins_lasts_from_its_first_day() -> None:
    found = forecast([Filled(d(-7), 30)], [Authorised(d(-7), 30, 0, 1)], from_day=START, today=d(0))
    assert found.supply_end == d(30)


def test_the_desk_is_asked_ten_days_before_the_end_and_seven_for_schedule_ii() -> None:
    leads: dict[str, Any] = {"lead_days": 10, "lead_days_ii": 7}
    assert opens_on(d(30), "", **leads) == d(20)
    assert opens_on(d(30), "IV", **leads) == d(20)
    assert opens_on(d(30), "II", **leads) == d(23)


def test_days_left() -> None:
    assert (days_left(d(3), d(0)), days_left(d(0), d(2))) == (3, -2)
