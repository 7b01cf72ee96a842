"""Not on track after a start (R-MB-06): week 4, week 8, deterioration."""

from datetime import date, timedelta

from patients.measures import calc, instruments
from patients.measures.calc import Reading, Track

START = date(2026, 1, 5)
PHQ9 = instruments.get("phq9")


def course(*totals: tuple[int, int]) -> list[Reading]:
    """Readings by week after the start."""
    return [Reading(START + timedelta(weeks=week), total) for week, total in totals]


def track(*totals: tuple[int, int], reliable: int | None = None) -> Track:
    return calc.track(PHQ9, course(*totals), START, reliable=reliable)


def test_nothing_can_be_said_without_a_second_total() -> None:
    assert track() == track((0, 17)) == Track(None, None, None, ())


def test_less_than_20_percent_at_week_4() -> None:
    found = track((0, 17), (2, 16), (4, 15))
    assert found == Track(True, None, False, ("PHQ-9 is less than 20 % better at week 4.",))
    assert found.off


def test_exactly_20_percent_is_enough() -> None:
    assert track((0, 20), (4, 16)) == Track(False, None, False, ())


def test_week_4_is_judged_by_the_first_total_in_weeks_4_to_7() -> None:
    assert track((0, 20), (3, 10), (7, 18)).under_20_percent_at_week_4 is True
    assert track((0, 20), (3, 18), (8, 18)).under_20_percent_at_week_4 is None


def test_a_later_improvement_takes_the_reason_back_but_not_the_fact() -> None:
    assert track((0, 17), (4, 15), (6, 12)) == Track(True, None, False, ())


def test_no_response_by_week_8() -> None:
    assert track((0, 17), (4, 12), (8, 11)) == Track(False, True, False, ("PHQ-9 shows no response by week 8.",))
    assert track((0, 17), (4, 12), (8, 8)) == Track(False, False, False, ())


def test_reliable_deterioration() -> None:
    found = track((0, 9), (2, 15))
    assert found == Track(None, None, True, ("PHQ-9 rose from 9 to 15, a reliable change.",))
    assert track((0, 9), (2, 14)).off is False
    assert track((0, 9), (2, 14), reliable=5).off is True


def test_whoever_is_in_remission_is_on_track() -> None:
    assert track((0, 4), (4, 4), (8, 4)) == Track(True, True, False, ())


def test_the_baseline_is_the_last_total_on_or_before_the_start() -> None:
    before = [Reading(START - timedelta(weeks=6), 20), Reading(START - timedelta(weeks=1), 12)]
    readings = [*before, *course((4, 10))]
    assert calc.baseline_for(readings, START) == before[1]
    assert calc.track(PHQ9, readings, START).under_20_percent_at_week_4 is True
    assert calc.baseline_for(course((2, 12), (1, 14)), START) == course((1, 14))[0]
    assert calc.baseline_for([], START) is None
