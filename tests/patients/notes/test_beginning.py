"""One note per attendance and author; a second click opens the first one's note."""

import threading
from datetime import timedelta

import pytest
from django.db import connection

from clinic.refusal import Refused
from patients.notes import actions
from patients.notes.models import Note
from patients.scheduling.models import Attendance, Booking, Segment
from tests.cast import Cast
from tests.patients.notes.ground import START


def attendance(cast: Cast) -> Attendance:
    booking = Booking.objects.create(site=cast.site, booked_at=START)
    segment = Segment.objects.create(
        booking=booking, clinician=cast.tess, service="therapy", starts_at=START, ends_at=START + timedelta(minutes=45)
    )
    return Attendance.objects.create(segment=segment, patient=cast.ana)


def test_the_same_attendance_gives_the_same_note(cast: Cast) -> None:
    row = attendance(cast)
    first = actions.begin(cast.ana, kind="session", attendance=row, by=cast.tess)
    assert actions.begin(cast.ana, kind="session", attendance=row, by=cast.tess) == first


def test_two_authors_have_a_note_each(cast: Cast) -> None:
    """R-CPT-08: two notes on one day, and on one attendance."""
    row = attendance(cast)
    first = actions.begin(cast.ana, kind="session", attendance=row, by=cast.tess)
    assert actions.begin(cast.ana, kind="medication", attendance=row, by=cast.priya) != first


def test_without_a_booking_the_open_note_of_the_day_opens(cast: Cast) -> None:
    first = actions.begin(cast.ana, kind="session", started_at=START, by=cast.tess)
    again = actions.begin(cast.ana, kind="session", started_at=START + timedelta(hours=1), by=cast.tess)
    other = actions.begin(cast.ana, kind="session", started_at=START + timedelta(days=1), by=cast.tess)
    assert (again, other == first) == (first, False)


def test_an_attendance_of_somebody_else_is_refused(cast: Cast) -> None:
    with pytest.raises(Refused, match="belongs to somebody else"):
        actions.begin(cast.ben, kind="session", attendance=attendance(cast), by=cast.theo)


def test_a_note_of_another_kind_is_refused(cast: Cast) -> None:
    row = attendance(cast)
    actions.begin(cast.ana, kind="session", attendance=row, by=cast.tess)
    with pytest.raises(Refused, match="another kind"):
        actions.begin(cast.ana, kind="medication", attendance=row, by=cast.tess)


def test_after_entered_in_error_a_new_note_begins(cast: Cast) -> None:
    row = attendance(cast)
    first = actions.begin(cast.ana, kind="session", attendance=row, by=cast.tess)
    actions.retract(first, reason="wrong visit", by=cast.tess)
    assert actions.begin(cast.ana, kind="session", attendance=row, by=cast.tess) != first


@pytest.mark.django_db(transaction=True)
def test_two_clicks_at_once_begin_one_note(transactional_db: None, cast: Cast) -> None:
    found: list[Note] = []

    def click() -> None:
        found.append(actions.begin(cast.ana, kind="session", by=cast.tess))
        connection.close()

    threads = [threading.Thread(target=click) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({note.pk for note in found}) == 1
    assert Note.objects.count() == 1
