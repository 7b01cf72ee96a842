"""What the tab says of a course: change since the first, too close, not on track (R-MB-03 to R-MB-06)."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from clinic import clock
from clinic.practice import actions as practice
from patients.measures import actions
from patients.measures.courses import Course, courses
from patients.measures.models import Score
from patients.measures.panels import risk
from patients.measures.queries import everything
from patients.timeline import actions as timeline
from patients.timeline.enums import EntryKind
from tests.cast import Cast, client
from tests.patients.measures.given import NOW, phq9, scored


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    with clock.at(NOW):
        yield


def _on(cast: Cast, weeks: float, each: int, **more: Any) -> Score:
    return scored(cast.ana, phq9(each, **more), by=cast.tess, at=NOW - timedelta(weeks=weeks))


def _course(cast: Cast, started_weeks_ago: int | None = None) -> Course:
    started = (NOW - timedelta(weeks=started_weeks_ago)).date() if started_weeks_ago is not None else None
    (course,) = courses(
        everything(cast.ana.pk), zone=cast.ana.zone, started_on=started, reliable={"phq9": 6, "gad7": 4}
    )
    return course


def test_response_and_reliable_change_since_the_first(cast: Cast) -> None:
    """R-MB-03, R-MB-04"""
    _on(cast, 12, 2)
    _on(cast, 0, 1)
    assert _course(cast).sentences == (
        "reliable change",
        "response: at least half below the first total",
        "recovered: crossed below the threshold",
    )


def test_remission(cast: Cast) -> None:
    _on(cast, 12, 2)
    _on(cast, 0, 0)
    assert "remission range" in _course(cast).sentences


def test_reliably_worse(cast: Cast) -> None:
    """R-MB-04: the same size upward."""
    _on(cast, 12, 1)
    _on(cast, 0, 2)
    assert _course(cast).sentences == ("reliably worse: by 6 points or more",)


def test_totals_closer_than_14_days_are_not_compared_without_a_word(cast: Cast) -> None:
    """R-MB-05"""
    _on(cast, 12, 2)
    _on(cast, 1, 2)
    _on(cast, 0, 1)
    assert _course(cast).warnings == ("The two PHQ-9 totals are 7 days apart; compare totals at least 14 days apart.",)


def test_not_on_track_since_the_last_start(cast: Cast) -> None:
    """R-MB-06"""
    _on(cast, 9, 2)
    _on(cast, 0.5, 2)
    assert _course(cast, started_weeks_ago=9).off_track == ("PHQ-9 shows no response by week 8.",)
    assert _course(cast, started_weeks_ago=None).off_track == ()


def test_a_score_in_error_counts_for_nothing(cast: Cast) -> None:
    wrong = _on(cast, 12, 3)
    _on(cast, 6, 2)
    _on(cast, 0, 2)
    actions.retract(wrong, reason="wrong", by=cast.tess)
    course = _course(cast)
    assert course.base is not None
    assert (course.base.total, len(course.rows), course.rows[-1].change) == (16, 3, None)


def test_the_line_breaks_over_a_long_gap(cast: Cast) -> None:
    for weeks in (20, 18, 4, 2):
        _on(cast, weeks, 1)
    picture = _course(cast).picture
    assert picture is not None
    assert (len(picture.points), len(picture.pieces)) == (4, 2)


def test_the_page_says_it_and_takes_the_practices_size(cast: Cast) -> None:
    _on(cast, 9, 2)
    _on(cast, 0.5, 2)
    timeline.note(
        cast.ana.pk, EntryKind.PLAN, on=cast.ana, occurred_at=NOW - timedelta(weeks=9), label="Plan", by=cast.tess
    )
    _on(cast, 0, 1, item9=2)
    practice.configure("phq9_reliable_change", 9, effective_from=NOW.date(), reason="test", by=None)
    page = client(cast.tess).get(f"/measures/{cast.ana.pk}/").content.decode()
    assert "within the range of chance" in page
    assert "4 days apart" in page or "3 days apart" in page
    assert "not acknowledged" in page


@pytest.mark.parametrize("rows", [1, 12])
def test_a_fixed_number_of_queries(cast: Cast, django_assert_num_queries: Any, rows: int) -> None:
    for number in range(rows):
        _on(cast, number * 3, 1)
    with django_assert_num_queries(1):
        (course,) = courses(everything(cast.ana.pk), zone=cast.ana.zone, started_on=None, reliable={})
        assert [row.score.recorded_by for row in course.rows] == [cast.tess] * rows


def test_the_strip_says_what_item_9_last_was(cast: Cast) -> None:
    assert risk(cast.ana, cast.tess).pieces == [{"strong": "No open flag.", "text": "Item 9 never asked"}]
    _on(cast, 1, 1)
    _on(cast, 0, 1, item9=None)
    assert risk(cast.ana, cast.tess).pieces == [{"strong": "No open flag.", "text": "Item 9 was 0 on Nov 16"}]


def test_a_total_without_its_items_says_nothing_of_item_9(cast: Cast) -> None:
    Score.objects.create(
        patient=cast.ana, instrument="phq9", version="papers", answered_at=NOW, channel="import", total=7, band="mild",
        recorded_at=NOW,
    )  # fmt: skip
    assert risk(cast.ana, cast.tess).pieces == [{"strong": "No open flag.", "text": "Item 9 never asked"}]
