"""The database refuses by itself what actions should never try: each constraint of the room broken once."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import DataError, IntegrityError, InternalError, transaction

from patients.scheduling.models import Attendance, AttendanceStep, Booking, Occupancy, Segment
from tests.cast import Cast, at
from tests.patients.scheduling.booking import NOW, book, only

TEN, QUARTER = at("2026-03-02 10:00"), timedelta(minutes=15)


def segment(cast: Cast, **fields: Any) -> Segment:
    known = {
        "booking": book(cast),
        "clinician": cast.tess,
        "service": "therapy",
        "starts_at": TEN,
        "ends_at": TEN + QUARTER,
    }
    return Segment(**{**known, **fields})


def occupancy(cast: Cast, **fields: Any) -> Occupancy:
    """As the booking for Ana with Tess at ten has it, in another segment."""
    return Occupancy(segment=only(book(cast)).segment, **{"starts_at": TEN, "ends_at": TEN + QUARTER, **fields})


def taken(thing: str) -> Callable[[Cast], Any]:
    def make(cast: Cast) -> Any:
        keys = {"clinician": cast.tess, "patient": cast.ana, "room": cast.room}
        row = occupancy(cast, **{thing: keys[thing]})
        if thing == "room":
            Occupancy.objects.create(segment=row.segment, room=cast.room, starts_at=TEN, ends_at=TEN + QUARTER)
        return row

    return make


def attendance(**fields: Any) -> Callable[[Cast], Any]:
    def make(cast: Cast) -> Any:
        found = only(book(cast))
        for name, value in fields.items():
            setattr(found, name, value)
        return found

    return make


BROKEN: dict[str, Callable[[Cast], Any]] = {
    "booking_mode_known": lambda cast: Booking(site=cast.site, mode="pigeon", booked_at=NOW),
    "segment_ends_after_start": lambda cast: segment(cast, ends_at=TEN),
    "segment_service_known": lambda cast: segment(cast, service="dance"),
    "attendance_once_per_segment": lambda cast: Attendance(segment=only(book(cast)).segment, patient=cast.ana),
    "attendance_status_known": attendance(status="lost"),
    "attendance_not_held_has_reason": attendance(status="no_show"),
    "attendance_ends_after_start": attendance(started_at=TEN, ended_at=TEN - QUARTER),
    "step_status_known": lambda cast: AttendanceStep(attendance=only(book(cast)), status="lost", at=NOW),
    "occupancy_ends_after_start": lambda cast: occupancy(cast, clinician=cast.theo, ends_at=TEN),
    "occupancy_of_one_thing": lambda cast: occupancy(cast, clinician=cast.theo, room=cast.room),
    "occupancy_clinician_once": taken("clinician"),
    "occupancy_room_once": taken("room"),
    "occupancy_patient_once": taken("patient"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_each_constraint_refuses(cast: Cast, name: str) -> None:
    row = BROKEN[name](cast)
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        row.save()
    assert refused.value.__cause__.diag.constraint_name == name  # type: ignore[union-attr]


def test_an_end_before_the_start_is_no_range_at_all(cast: Cast) -> None:
    row = occupancy(cast, clinician=cast.theo, ends_at=TEN - QUARTER)
    with pytest.raises(DataError), transaction.atomic():
        row.save()


def test_every_constraint_of_the_room_is_broken_here() -> None:
    models = (Booking, Segment, Attendance, AttendanceStep, Occupancy)
    assert {c.name for model in models for c in model._meta.constraints} == set(BROKEN)


def test_steps_are_only_appended(cast: Cast) -> None:
    book(cast)
    with pytest.raises(InternalError), transaction.atomic():
        AttendanceStep.objects.update(status="arrived")
    with pytest.raises(InternalError), transaction.atomic():
        AttendanceStep.objects.all().delete()
