"""What tests of the schedule share: a moment to stand at, parts, bookings."""

from collections.abc import Sequence
from datetime import UTC, timedelta
from typing import Any

from clinic import clock
from clinic.staff.models import User
from patients.record.models import Patient
from patients.scheduling import actions
from patients.scheduling.actions import Part
from patients.scheduling.models import Attendance, Booking
from tests.cast import Cast, at

NOW = at("2026-03-02 07:30")  # a Monday morning, before the practice opens


def part(who: User, when: str, minutes: int = 45, service: str = "therapy", **fields: Any) -> Part:
    """A visit of `who` at a time in Portland."""
    begin = at(when).astimezone(UTC)
    return Part(who, service, begin, begin + timedelta(minutes=minutes), **fields)


def book(cast: Cast, *parts: Part, patient: Patient | None = None, **fields: Any) -> Booking:
    """Fran books; for Ana with Tess at ten, unless told otherwise."""
    wanted: Sequence[Part] = parts or [part(cast.tess, "2026-03-02 10:00")]
    known: dict[str, Any] = {"patient": patient or cast.ana, "site": cast.site, "parts": wanted, "by": cast.fran}
    with clock.at(fields.pop("now", NOW)):
        return actions.book(**known | fields)


def stacked(cast: Cast, when: str = "2026-03-02", **fields: Any) -> Booking:
    """Tess at ten, then Priya at a quarter to eleven."""
    return book(cast, part(cast.tess, f"{when} 10:00"), part(cast.priya, f"{when} 10:45", 20, "medication"), **fields)


def only(booking: Booking) -> Attendance:
    """The booking's one attendance, as it is now."""
    return Attendance.objects.select_related("segment").get(segment__booking=booking)


def statuses(booking: Booking) -> list[str]:
    """The status of each part, in time."""
    rows = Attendance.objects.filter(segment__booking=booking).order_by("segment__starts_at")
    return list(rows.values_list("status", flat=True))
