"""“Forms complete” for the desk: both in full, for the visit or in the seven days before it (R-HP-08)."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from clinic import clock
from patients.measures import actions
from patients.measures.queries import forms_complete, visit_forms
from patients.scheduling.models import Attendance, Booking, Segment
from tests.cast import Cast
from tests.patients.measures.given import NOW, gad7, phq9, scored


@pytest.fixture
def visit(cast: Cast) -> Attendance:
    """Ana sees Tess at 10:00."""
    return _visit(cast, NOW)


def _visit(cast: Cast, starts_at: datetime) -> Attendance:
    booking = Booking.objects.create(site=cast.site, booked_at=NOW)
    segment = Segment.objects.create(
        booking=booking, clinician=cast.tess, service="therapy", starts_at=starts_at,
        ends_at=starts_at + timedelta(minutes=45),
    )  # fmt: skip
    return Attendance.objects.create(segment=segment, patient=cast.ana)


def _both(cast: Cast, at: datetime, **more: Any) -> None:
    with clock.at(max(at, NOW)):
        scored(cast.ana, phq9(), by=None, at=at, **more)
        scored(cast.ana, gad7(), instrument="gad7", by=None, at=at, **more)


@pytest.mark.parametrize(
    ("when", "complete"),
    [
        (timedelta(0), True),
        (timedelta(days=-7), True),
        (timedelta(days=-7, minutes=-1), False),
        (timedelta(minutes=30), True),
        (timedelta(minutes=46), False),
    ],
)
def test_when_they_count(cast: Cast, visit: Attendance, when: timedelta, complete: bool) -> None:
    _both(cast, NOW + when)
    assert forms_complete([visit.pk]) == {visit.pk: complete}


def test_both_are_needed_in_full_and_not_in_error(cast: Cast, visit: Attendance) -> None:
    with clock.at(NOW):
        scored(cast.ana, phq9(), by=None)
        assert forms_complete([visit.pk]) == {visit.pk: False}
        scored(cast.ana, [None, *[1] * 6], instrument="gad7", by=None)
        assert forms_complete([visit.pk]) == {visit.pk: False}
        full = scored(cast.ana, gad7(), instrument="gad7", by=None)
        assert visit_forms([visit.pk]) == [visit.pk]
        actions.retract(full, reason="wrong", by=cast.tess)
        assert visit_forms([visit.pk]) == []


def test_what_waits_to_be_acknowledged_says_nothing_to_the_desk(cast: Cast, visit: Attendance) -> None:
    with clock.at(NOW):
        scored(cast.ana, phq9(item9=3), by=None)
        scored(cast.ana, gad7(), instrument="gad7", by=None)
    assert forms_complete([visit.pk]) == {visit.pk: True}


def test_answers_of_another_patient_do_not_count(cast: Cast, visit: Attendance) -> None:
    with clock.at(NOW):
        scored(cast.ben, phq9(), by=None)
        scored(cast.ben, gad7(), instrument="gad7", by=None)
    assert forms_complete([visit.pk]) == {visit.pk: False}


def test_one_query_for_a_whole_day(cast: Cast, django_assert_num_queries: Any) -> None:
    visits = [_visit(cast, NOW + timedelta(hours=hour)).pk for hour in range(6)]
    with django_assert_num_queries(1):
        assert len(forms_complete(visits)) == 6
    with django_assert_num_queries(0):
        assert forms_complete([]) == {}
