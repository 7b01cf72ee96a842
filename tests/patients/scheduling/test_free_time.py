"""What is free, on ordinary days and on those when the clocks change; stacked visits."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patients.scheduling import calc
from patients.scheduling.calc import Range, Stacked

PACIFIC = ZoneInfo("America/Los_Angeles")
DAY = datetime(2026, 11, 23, tzinfo=UTC)


def r(first: int, last: int) -> Range:
    """A range in minutes of the day."""
    return Range(DAY + timedelta(minutes=first), DAY + timedelta(minutes=last))


def ranges() -> st.SearchStrategy[list[Range]]:
    pair = st.tuples(st.integers(0, 60), st.integers(0, 60)).map(lambda p: r(*sorted(p)))
    return st.lists(pair, max_size=6)


def minutes(found: list[Range]) -> set[int]:
    return {n for n in range(60) for piece in found if piece.starts_at <= DAY + timedelta(minutes=n) < piece.ends_at}


@pytest.mark.parametrize(
    ("day", "opens", "hours"),
    [
        (date(2026, 11, 23), "2026-11-23 16:00", 11),  # winter: UTC-8
        (date(2026, 7, 1), "2026-07-01 15:00", 11),  # summer: UTC-7
        (date(2026, 3, 8), "2026-03-08 15:00", 11),  # the clocks went forward at two
        (date(2026, 11, 1), "2026-11-01 16:00", 11),  # the clocks went back at two
    ],
)
def test_local_hours_as_moments(day: date, opens: str, hours: int) -> None:
    start = datetime.fromisoformat(opens).replace(tzinfo=UTC)
    assert calc.hours_on(day, time(8), time(19), PACIFIC) == Range(start, start + timedelta(hours=hours))


@pytest.mark.parametrize(("day", "hours"), [(date(2026, 3, 8), 23), (date(2026, 11, 1), 25), (date(2026, 11, 2), 24)])
def test_days_of_23_and_25_hours(day: date, hours: int) -> None:
    bounds = calc.day_bounds(day, PACIFIC)
    assert bounds.minutes == hours * 60
    assert bounds.ends_at == calc.day_bounds(day + timedelta(days=1), PACIFIC).starts_at


def test_hours_over_the_change_last_as_long_as_they_last() -> None:
    assert calc.hours_on(date(2026, 3, 8), time(1), time(4), PACIFIC).minutes == 120
    assert calc.hours_on(date(2026, 11, 1), time(1), time(4), PACIFIC).minutes == 240


def test_free_time() -> None:
    hours, lunch, visits = [r(480, 1020)], [r(720, 780)], [r(480, 525), r(530, 575)]
    assert calc.free(hours, lunch, visits) == [r(525, 530), r(575, 720), r(780, 1020)]


@given(ranges(), ranges())
def test_free_time_minute_by_minute(some: list[Range], others: list[Range]) -> None:
    assert minutes(calc.merge(some)) == minutes(some)
    assert minutes(calc.subtract(some, others)) == minutes(some) - minutes(others)
    assert minutes(calc.intersect(some, others)) == minutes(some) & minutes(others)


@given(ranges(), ranges())
def test_pieces_are_in_order_apart_and_not_empty(some: list[Range], others: list[Range]) -> None:
    for found in (calc.merge(some), calc.subtract(some, others), calc.intersect(some, others)):
        edges = [moment for piece in found for moment in (piece.starts_at, piece.ends_at)]
        assert edges == sorted(set(edges))


def test_back_to_back_is_no_overlap() -> None:
    assert not r(0, 45).overlaps(r(45, 90))
    assert r(0, 46).overlaps(r(45, 90))


def test_slots_begin_at_quarter_hours_and_fit() -> None:
    assert calc.slots([r(487, 570)], 45) == [r(495, 540), r(510, 555), r(525, 570)]
    assert calc.slots([r(480, 524)], 45) == []
    assert calc.slots([r(480, 525)], 45) == [r(480, 525)]
    with pytest.raises(ValueError, match="at least a minute"):
        calc.slots([r(0, 60)], 0)


def test_slots_cross_neighbouring_pieces() -> None:
    assert calc.slots([r(480, 500), r(500, 525)], 45) == [r(480, 525)]


def test_stacked_visits_follow_each_other() -> None:
    therapist, prescriber = [r(480, 600)], [r(540, 660)]
    assert calc.stack(therapist, prescriber, 45, 30, 10) == [
        Stacked(r(495, 540), r(540, 570)),
        Stacked(r(510, 555), r(555, 585)),
        Stacked(r(525, 570), r(570, 600)),
        Stacked(r(540, 585), r(585, 615)),
        Stacked(r(555, 600), r(600, 630)),
    ]


def test_stacked_visits_wait_no_longer_than_asked() -> None:
    assert calc.stack([r(480, 525)], [r(540, 600)], 45, 30, 14) == []
    (found,) = calc.stack([r(480, 525)], [r(540, 600)], 45, 30, 15)
    assert (found, found.gap) == (Stacked(r(480, 525), r(540, 570)), 15)


@given(ranges(), ranges(), st.integers(1, 20), st.integers(1, 20), st.integers(0, 30))
def test_stacked_visits_lie_in_free_time(
    free_a: list[Range], free_b: list[Range], minutes_a: int, minutes_b: int, gap: int
) -> None:
    for found in calc.stack(free_a, free_b, minutes_a, minutes_b, gap):
        assert calc.subtract([found.first], free_a) == calc.subtract([found.second], free_b) == []
        assert (found.first.minutes, found.second.minutes) == (minutes_a, minutes_b)
        assert 0 <= found.gap <= gap


def test_weeks_and_open_days() -> None:
    assert calc.week_of(date(2026, 11, 29)) == tuple(date(2026, 11, 23) + timedelta(days=n) for n in range(7))
    weekdays = range(5)
    assert calc.next_open_day(date(2026, 11, 28), weekdays) == date(2026, 11, 30)
    assert calc.next_open_day(date(2026, 11, 26), weekdays, [date(2026, 11, 26), date(2026, 11, 27)]) == date(
        2026, 11, 30
    )
    assert calc.next_open_day(date(2026, 11, 23), weekdays) == date(2026, 11, 23)
    assert calc.next_open_day(date(2026, 11, 23), []) is None
