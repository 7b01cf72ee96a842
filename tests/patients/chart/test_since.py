"""“Since you last saw them”, line by line: one line a thing, its newest fact, what it means, who and when."""

from typing import Any

import pytest

from clinic import clock
from patients.chart import page, queries
from patients.chart.since import Line
from patients.timeline.enums import EntryKind
from tests.cast import Cast, at
from tests.patients.chart.course import NOW, entry, score, seen

LAST = "2026-11-09 14:00"


@pytest.fixture(autouse=True)
def _now() -> Any:
    with clock.at(at(NOW)):
        yield


def lines(cast: Cast, who: str = "tess") -> list[Line]:
    found = queries.since(getattr(cast, who), cast.ana.pk)
    return page.lines_since(cast.ana, getattr(cast, who), found, queries.baselines(cast.ana.pk, at("2026-06-01 00:00")))


def facts(cast: Cast) -> list[tuple[str, str, str, str]]:
    return [(line.name, line.was, line.now, line.said) for line in lines(cast)]


@pytest.fixture
def ana(cast: Cast) -> Any:
    seen(cast.ana, cast.tess, LAST)
    return cast.ana


def test_nothing_new(cast: Cast, ana: Any) -> None:
    score(ana, "phq9", 12, "2026-11-01 09:00")
    assert lines(cast) == []


def test_a_score_with_what_it_means(cast: Cast, ana: Any) -> None:
    score(ana, "phq9", 19, "2026-06-15 09:00")
    score(ana, "phq9", 9, "2026-11-01 09:00")
    score(ana, "phq9", 7, "2026-11-16 09:00")
    assert facts(cast) == [("PHQ-9", "9", "7", "response: 63 % below 19, not yet under 5")]


@pytest.mark.parametrize(
    ("key", "first", "now", "said"),
    [
        ("phq9", 19, 4, "remission: under 5; 19 at the start"),
        ("phq9", 19, 13, "reliable change from 19"),
        ("phq9", 19, 16, "no reliable change from 19"),
        ("phq9", 10, 17, "a reliable change for the worse since 10 at the start"),
        ("gad7", 15, 11, "reliable change from 15"),
        ("phq9", 12, 12, "moderate"),
        ("who5", 40, 60, "reliable change from 40"),
    ],
)
def test_what_a_score_means(cast: Cast, ana: Any, key: str, first: int, now: int, said: str) -> None:
    score(ana, key, first, "2026-06-15 09:00")
    score(ana, key, now, "2026-11-16 09:00")
    assert [(line.now, line.said.removeprefix("as before; ")) for line in lines(cast)] == [(str(now), said)]


def test_the_practices_own_size_of_change_counts(cast: Cast, ana: Any) -> None:
    from clinic.practice.models import Setting

    Setting.objects.create(
        key="phq9_reliable_change", value=5, effective_from=at(NOW).date(), set_at=at(NOW), set_by=cast.max, reason="US"
    )
    score(ana, "phq9", 19, "2026-06-15 09:00")
    score(ana, "phq9", 14, "2026-11-16 09:00")
    assert [line.said for line in lines(cast)] == ["reliable change from 19"]


def test_a_first_score(cast: Cast, ana: Any) -> None:
    score(ana, "gad7", 12, "2026-11-16 09:00")
    assert facts(cast) == [("GAD-7", "", "12", "moderate")]


def test_a_score_entered_in_error_is_no_fact(cast: Cast, ana: Any) -> None:
    entry(ana, EntryKind.SCORE, "2026-11-16 09:00", series="phq9", value=27, retracted_at=at(NOW))
    assert lines(cast) == []


def test_a_dose_change(cast: Cast, ana: Any) -> None:
    entry(ana, EntryKind.DOSE, "2026-10-05 10:00", series="diazepam", value=7, unit="mg", by=cast.priya)
    entry(ana, EntryKind.DOSE, "2026-11-10 10:00", series="diazepam", value=6, unit="mg", by=cast.priya)
    (line,) = lines(cast)
    assert (line.name, line.was, line.now, line.tone, line.by) == ("Diazepam", "7", "6\u00a0mg", "m", "Priya")
    assert line.at == at("2026-11-10 10:00")


def test_several_changes_of_one_drug_are_one_line_from_before_to_newest(cast: Cast, ana: Any) -> None:
    for day, amount in (("10-05", 50), ("11-11", 75), ("11-18", 100)):
        entry(ana, EntryKind.DOSE, f"2026-{day} 10:00", series="sertraline", value=amount, unit="mg")
    assert facts(cast) == [("Sertraline", "50", "100\u00a0mg", "")]


def test_steps_that_are_signed_ahead_follow_the_dose_that_is_taken(cast: Cast, ana: Any) -> None:
    """A titration pack: three doses of one signature, of which the first is taken."""
    for when, amount in (("2026-11-12 10:00", 25), ("2026-12-01 00:00", 50), ("2026-12-15 00:00", 100)):
        entry(ana, EntryKind.DOSE, when, series="lamotrigine", value=amount, unit="mg", recorded="2026-11-12 10:00")
    (line,) = lines(cast)
    assert (line.now, line.said, line.at) == ("25\u00a0mg", "started", at("2026-11-12 10:00"))
    assert line.later == (("50\u00a0mg", at("2026-12-01 00:00")), ("100\u00a0mg", at("2026-12-15 00:00")))


def test_a_new_drug_and_a_dose_from_a_day_to_come(cast: Cast, ana: Any) -> None:
    entry(ana, EntryKind.DOSE, "2026-11-12 10:00", series="sertraline", value=25, unit="mg")
    entry(ana, EntryKind.DOSE, "2026-12-01 00:00", series="diazepam", value=5, unit="mg", recorded="2026-11-12 10:00")
    entry(ana, EntryKind.DOSE, "2026-10-05 10:00", series="diazepam", value=6, unit="mg")
    assert facts(cast) == [
        ("Diazepam", "6", "5\u00a0mg", "from then on"),
        ("Sertraline", "", "25\u00a0mg", "started"),
    ]


def test_on_hold_and_stopped(cast: Cast, ana: Any) -> None:
    for series in ("diazepam", "sertraline"):
        entry(ana, EntryKind.DOSE, "2026-10-05 10:00", series=series, value=6, unit="mg")
    entry(ana, EntryKind.HOLD, "2026-11-10 10:00", series="diazepam")
    entry(ana, EntryKind.STOP, "2026-11-10 10:00", series="sertraline")
    assert facts(cast) == [
        ("Diazepam", "", "", "on hold, was 6\u00a0mg"),
        ("Sertraline", "", "", "stopped, was 6\u00a0mg"),
    ]


def test_on_hold_stands_before_the_steps_that_are_signed_to_follow(cast: Cast, ana: Any) -> None:
    """While none is taken nobody rises by steps: the therapist reads the hold, not the dose of a day to come."""
    for when, amount in (("2026-11-10 10:00", 25), ("2026-12-01 00:00", 50)):
        entry(ana, EntryKind.DOSE, when, series="lamotrigine", value=amount, unit="mg", recorded="2026-11-10 10:00")
    entry(ana, EntryKind.HOLD, "2026-11-12 10:00", series="lamotrigine")
    (line,) = lines(cast)
    assert (line.said, line.now, line.later) == ("on hold, was 25\u00a0mg", "", ())


def test_a_hold_that_is_over_is_not_told_as_on_hold(cast: Cast, ana: Any) -> None:
    for series in ("diazepam", "sertraline"):
        entry(ana, EntryKind.HOLD, "2026-11-10 10:00", series=series, until=at("2026-11-12 10:00"))
    entry(ana, EntryKind.DOSE, "2026-10-05 10:00", series="diazepam", value=6, unit="mg")
    entry(ana, EntryKind.DOSE, "2026-11-12 10:00", series="sertraline", value=50, unit="mg")
    assert facts(cast) == [
        ("Diazepam", "", "", "6\u00a0mg again, after a hold"),
        ("Sertraline", "", "50\u00a0mg", "started"),
    ]


def test_visits_not_held_are_one_line(cast: Cast, ana: Any) -> None:
    for day in ("11-10", "11-16"):
        entry(ana, EntryKind.MISSED, f"2026-{day} 14:00", series="therapy", label=f"cancelled {day}", by=cast.fran)
    (line,) = lines(cast)
    assert (line.name, line.said, line.mark, line.by) == (
        "Not held",
        "cancelled 11-16, and 1 more",
        "t mk-hollow",
        "Fran",
    )


def test_the_other_disciplines_visit_with_its_line(cast: Cast, ana: Any) -> None:
    entry(ana, EntryKind.VISIT, "2026-11-10 15:00", label="Sleeping six hours", by=cast.priya)
    entry(ana, EntryKind.SESSION, "2026-11-12 15:00", label="My own", by=cast.tess)
    assert facts(cast) == [("Medication visit", "", "", "Sleeping six hours")]
    assert [(line.name, line.said) for line in lines(cast, "priya")] == [
        ("Session", "My own"),
    ]


def test_homework_event_plan_and_risk(cast: Cast, ana: Any) -> None:
    entry(ana, EntryKind.PLAN, "2026-11-12 15:00", label="plan v3 signed", by=cast.priya)
    entry(ana, EntryKind.EVENT, "2026-11-12 15:00", label="a wedding")
    entry(ana, EntryKind.HOMEWORK, "2026-11-12 15:00", label="three of three")
    entry(ana, EntryKind.RISK, "2026-11-12 15:00", label="PHQ-9 item 9 was 2")
    assert [(line.name, line.said, line.mark) for line in lines(cast)] == [
        ("Risk", "PHQ-9 item 9 was 2", "r"),  # open: it stands first
        ("Homework", "three of three", "t"),
        ("Event", "a wedding", "flag"),
        ("Plan", "plan v3 signed", "tm"),
    ]


def test_a_closed_risk_stands_in_its_place(cast: Cast, ana: Any) -> None:
    entry(ana, EntryKind.RISK, "2026-11-12 15:00", label="Flag closed: safe", until=at("2026-11-12 15:00"))
    entry(ana, EntryKind.EVENT, "2026-11-12 15:00", label="a wedding")
    assert [(line.name, line.mark) for line in lines(cast)] == [("Event", "flag"), ("Risk", "rh")]


def test_a_reading_of_a_behaviour(cast: Cast, ana: Any) -> None:
    for when, value in (("2026-11-01 12:00", 1), ("2026-11-20 12:00", 3)):
        entry(ana, EntryKind.RECORD, when, series="objective:1", value=value, unit="a week", label="Drives the bridge")
    assert facts(cast) == [("Objective", "1", "3\u00a0a week", "Drives the bridge")]


def test_what_was_recorded_late_is_new_although_it_happened_before(cast: Cast, ana: Any) -> None:
    entry(ana, EntryKind.EVENT, "2026-10-01 12:00", label="moved house", recorded="2026-11-20 12:00")
    assert facts(cast) == [("Event", "", "", "moved house")]


def test_what_the_viewer_wrote_in_the_contact_itself_is_not_new(cast: Cast, ana: Any) -> None:
    entry(ana, EntryKind.HOMEWORK, "2026-11-09 14:40", label="mine", by=cast.tess, recorded="2026-11-09 16:00")
    entry(ana, EntryKind.EVENT, "2026-11-12 12:00", label="mine, later", by=cast.tess)
    assert facts(cast) == [("Event", "", "", "mine, later")]


def test_what_happened_to_somebody_else_is_not_here(cast: Cast, ana: Any) -> None:
    entry(cast.ben, EntryKind.EVENT, "2026-11-12 12:00", label="Ben's")
    assert lines(cast) == []


def test_the_address_of_a_row(cast: Cast, ana: Any) -> None:
    row = entry(ana, EntryKind.EVENT, "2026-11-12 12:00", url_name="chart:life_event")
    (line,) = lines(cast)
    assert line.url == f"/chart/{ana.pk}/events/{row.object_id}/"
