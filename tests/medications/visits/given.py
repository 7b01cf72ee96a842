"""What tests of medication visits stand on: Ana and Priya on Monday March 2, two in the afternoon."""

import re
from typing import Any

import pytest

from clinic import clock
from clinic.refusal import Refused
from clinic.staff.models import User
from medications.visits import actions
from medications.visits.models import Visit
from patients.scheduling.models import Attendance, Booking, Segment
from tests.cast import Cast, at

START, END, LATER = at("2026-03-02 14:00"), at("2026-03-02 14:30"), at("2026-03-03 09:00")
FULL = {
    "interval": "Sleeps six hours since February.", "medicines": "Taken on most days, no nausea.",
    "mental_status": "Awake and oriented.", "assessment": "Better than in January.", "plan": "Go on as ordered.",
}  # fmt: skip
LINE = "Steady. Call me if sleep gets worse."
FACTS: dict[str, Any] = {"line": LINE, "em_level": "moderate"}


def booked(cast: Cast, service: str = "medication", status: str = "arrived", who: User | None = None) -> Attendance:
    """A booking of Ana's at two."""
    booking = Booking.objects.create(site=cast.site, booked_at=START)
    segment = Segment.objects.create(
        booking=booking, clinician=who or cast.priya, service=service, starts_at=START, ends_at=END
    )
    held = {"reason": "no_word"} if status == "no_show" else {}
    return Attendance.objects.create(segment=segment, patient=cast.ana, status=status, arrived_at=START, **held)


def written(cast: Cast, attendance: Attendance | None = None, **facts: Any) -> Visit:
    """A visit with text in every section, a line and a level, not signed."""
    with clock.at(START):
        visit = actions.begin(cast.ana, by=cast.priya, attendance=attendance)
        actions.save_page(
            visit, parts=FULL, based_on=visit.note.revision, facts=actions.Facts(**{**FACTS, **facts}), by=cast.priya
        )
        return Visit.objects.select_related("note").get(pk=visit.pk)


def signed(cast: Cast, attendance: Attendance | None = None, **facts: Any) -> Visit:
    """The same, signed after half an hour."""
    visit = written(cast, attendance, **facts)
    with clock.at(END):
        return actions.sign(visit, by=cast.priya)


def refused(sentence: str) -> Any:
    """The block is refused with this sentence, or one that holds it."""
    return pytest.raises(Refused, match=re.escape(sentence))
