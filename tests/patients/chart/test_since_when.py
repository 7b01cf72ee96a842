"""Since when everything is new: the viewer's own last held visit or signed note, else when they joined."""

from datetime import timedelta
from typing import Any

import pytest

from clinic import clock
from patients.chart import queries
from patients.scheduling.models import Attendance, Booking, Segment
from tests.cast import BEGINNING, Cast, at
from tests.patients.chart.course import NOW, seen


@pytest.fixture(autouse=True)
def _now() -> Any:
    with clock.at(at(NOW)):
        yield


def attended(cast: Cast, who: Any, when: str, status: str, **fields: Any) -> Attendance:
    booking = Booking.objects.create(site=cast.site, booked_at=at(NOW))
    starts = at(when)
    segment = Segment.objects.create(
        booking=booking, clinician=who, service="therapy", starts_at=starts, ends_at=starts + timedelta(minutes=45)
    )
    return Attendance.objects.create(segment=segment, patient=cast.ana, status=status, **fields)


def test_before_the_first_contact_since_joining_the_team(cast: Cast) -> None:
    assert queries.since(cast.tess, cast.ana.pk) == queries.Since(BEGINNING, "team")


def test_somebody_not_on_the_team_sees_thirty_days(cast: Cast) -> None:
    assert queries.since(cast.sam, cast.ana.pk) == queries.Since(clock.now() - timedelta(days=30), "days")


def test_the_end_of_the_last_held_visit(cast: Cast) -> None:
    attended(cast, cast.tess, "2026-11-02 14:00", "completed")
    attended(cast, cast.tess, "2026-11-09 14:00", "completed", ended_at=at("2026-11-09 14:50"))
    attended(cast, cast.tess, "2026-11-16 14:00", "no_show", reason="forgot")
    attended(cast, cast.tess, "2026-11-23 14:00", "booked")
    attended(cast, cast.priya, "2026-11-20 14:00", "completed")
    assert queries.since(cast.tess, cast.ana.pk) == queries.Since(at("2026-11-09 14:50"), "visit")


def test_the_contact_of_today_does_not_hide_what_was_new_when_it_began(cast: Cast) -> None:
    attended(cast, cast.tess, "2026-11-09 14:00", "completed", ended_at=at("2026-11-09 14:50"))
    before = clock.now() - timedelta(hours=2)
    seen(cast.ana, cast.tess, f"{before.astimezone(cast.site.zone):%Y-%m-%d %H:%M}")
    assert queries.since(cast.tess, cast.ana.pk) == queries.Since(at("2026-11-09 14:50"), "visit")


def test_the_last_signed_note_counts_too(cast: Cast) -> None:
    attended(cast, cast.tess, "2026-11-02 14:00", "completed")
    seen(cast.ana, cast.tess, "2026-11-12 09:00")
    seen(cast.ben, cast.tess, "2026-11-20 09:00")
    assert queries.since(cast.tess, cast.ana.pk) == queries.Since(at("2026-11-12 09:45"), "visit")


def test_a_note_in_error_or_unsigned_does_not_count(cast: Cast) -> None:
    note = seen(cast.ana, cast.tess, "2026-11-12 09:00")
    note.pk = type(note)().pk
    note.signed_at = note.signed_by = None
    note.signature = note.content_hash = ""
    note.started_at = at("2026-11-20 09:00")
    note.ended_at = None
    note.save(force_insert=True)
    assert queries.since(cast.tess, cast.ana.pk).at == at("2026-11-12 09:45")


def test_queries(cast: Cast, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(3):
        queries.since(cast.tess, cast.ana.pk)
    seen(cast.ana, cast.tess, "2026-11-12 09:00")
    with django_assert_num_queries(2):
        queries.since(cast.tess, cast.ana.pk)
