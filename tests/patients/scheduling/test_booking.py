"""Booking: what it writes, and every reason for which it is refused."""

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest

from clinic import clock
from clinic.audit.models import AuditEvent
from clinic.practice.models import Closure, Site
from clinic.refusal import Conflict, Refused
from clinic.staff.models import Absence
from patients.scheduling import actions
from patients.scheduling.models import Attendance, AttendanceStep, Booking, Occupancy, Segment
from tests.cast import Cast, at
from tests.patients.scheduling.booking import NOW, book, part, stacked, statuses


def refusal(cast: Cast, *parts: Any, **fields: Any) -> str:
    """The sentence with which a booking is refused; nothing is left behind."""
    before = Booking.objects.count()
    with pytest.raises(Refused) as refused:
        book(cast, *parts, **fields)
    assert Booking.objects.count() == before
    return refused.value.sentence


def test_a_stacked_visit_is_one_booking_of_two_segments(cast: Cast) -> None:
    booking = stacked(cast)
    segments = list(Segment.objects.filter(booking=booking).values_list("clinician", "starts_at", "ends_at"))
    assert segments == [
        (cast.tess.pk, at("2026-03-02 10:00"), at("2026-03-02 10:45")),
        (cast.priya.pk, at("2026-03-02 10:45"), at("2026-03-02 11:05")),
    ]
    assert statuses(booking) == ["booked", "booked"]
    assert Occupancy.objects.filter(patient=cast.ana).count() == 2
    assert Occupancy.objects.filter(clinician__isnull=False).count() == 2
    assert [step.by for step in AttendanceStep.objects.all()] == [cast.fran, cast.fran]
    audit = AuditEvent.objects.get(what="scheduling.book")
    assert (audit.actor_id, audit.patient_id, audit.object_id) == (cast.fran.pk, cast.ana.pk, booking.pk)


def test_back_to_back_is_no_overlap(cast: Cast) -> None:
    book(cast, part(cast.tess, "2026-03-02 10:00"))
    book(cast, part(cast.tess, "2026-03-02 10:45"), patient=cast.ben)
    assert Booking.objects.count() == 2


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"clinician": "tess"}, "Tess is booked from 10:00 to 10:45 by now. Choose another time."),
        (
            {"clinician": "theo", "room": "room"},
            "Room 1 is taken from 10:00 to 10:45 by now. Choose another room or time.",
        ),
        (
            {"clinician": "theo", "patient": "ana"},
            "This person has another visit from 10:00 to 10:45. Choose another time.",
        ),
    ],
)  # fmt: skip
def test_what_is_taken_is_said_in_one_sentence(cast: Cast, changed: dict[str, str], sentence: str) -> None:
    book(cast, part(cast.tess, "2026-03-02 10:00", room=cast.room))
    who = getattr(cast, changed.get("patient", "ben"))
    room = cast.room if "room" in changed else None
    wanted = part(getattr(cast, changed["clinician"]), "2026-03-02 10:30", room=room)
    assert refusal(cast, wanted, patient=who) == sentence


@pytest.mark.parametrize(
    ("when", "minutes", "sentence"),
    [
        ("2026-03-02 10:00", -15, "The visit ends before it begins. Choose an end after the beginning."),
        ("2026-03-02 10:00", 0, "The visit ends before it begins. Choose an end after the beginning."),
        ("2026-03-02 10:00", 4, "A visit lasts from 5 minutes to 8 hours. Choose another length."),
        ("2026-03-02 10:00", 481, "A visit lasts from 5 minutes to 8 hours. Choose another length."),
        ("2026-03-02 07:15", 45, "That time has gone by. Choose a later one, or book a walk-in."),
        ("2028-03-02 10:00", 45, "That is more than eighteen months ahead. Choose an earlier day."),
        ("2026-03-02 07:45", 45, "The site is not open from 7:45 to 8:30. Choose another time, or book a walk-in."),
        ("2026-03-02 17:00", 45, "Tess does not work from 5:00 to 5:45. Choose another time, or book a walk-in."),
        ("2026-03-07 10:00", 45, "The site is not open from 10:00 to 10:45. Choose another time, or book a walk-in."),
        ("2026-03-03 12:30", 45, "Tess is away from 12:00 to 1:00 (lunch). Choose another time."),
        ("2026-03-04 10:00", 45, "The site is closed on Wed Mar 4 (staff day). Choose another day."),
    ],
)
def test_times_that_cannot_be(cast: Cast, when: str, minutes: int, sentence: str) -> None:
    Closure.objects.create(site=cast.site, on=date(2026, 3, 4), reason="staff day")
    Absence.objects.create(
        user=cast.tess, starts_at=at("2026-03-03 12:00"), ends_at=at("2026-03-03 13:00"), reason="lunch"
    )
    assert refusal(cast, part(cast.tess, when, minutes)) == sentence


def test_a_naive_time_is_refused(cast: Cast) -> None:
    begin = at("2026-03-02 10:00").replace(tzinfo=None)
    naive = actions.Part(cast.tess, "therapy", begin, begin + timedelta(minutes=45))
    assert refusal(cast, naive) == "A time needs a time zone."


def test_parts_fit_together(cast: Cast) -> None:
    first = part(cast.tess, "2026-03-02 10:00")
    assert refusal(cast, *[first] * 3) == "A booking has one clinician, or two one after the other."
    overlapping = part(cast.priya, "2026-03-02 10:30", 20, "medication")
    assert refusal(cast, first, overlapping).startswith("The second part begins before the first one ends.")
    assert refusal(cast, first, part(cast.tess, "2026-03-02 11:00")).startswith(
        "Both parts are with the same clinician."
    )
    other_day = part(cast.priya, "2026-03-03 10:00", 20, "medication")
    assert refusal(cast, first, other_day).startswith("Both parts of a booking are on one day.")


def test_people_rooms_and_sites(cast: Cast) -> None:
    assert refusal(cast, part(cast.fran, "2026-03-02 10:00")) == "Fran Wells does not see patients. Choose a clinician."
    assert refusal(cast, part(cast.tess, "2026-03-02 10:00", service="medication")).startswith(
        "Tess Moreno gives no medication visits."
    )
    assert refusal(cast, part(cast.priya, "2026-03-02 10:00")).startswith("Priya Raman gives no therapy sessions.")
    assert refusal(cast, part(cast.tess, "2026-03-02 10:00", service="dance")) == "Choose what the visit is for."
    assert refusal(cast, mode="pigeon") == "Choose how you meet: in person, by video or by telephone."
    bend = Site.objects.create(
        name="Bend", address_line="2 Elm", city="Bend", state="OR", zip_code="97701", phone="+15415550100"
    )
    assert refusal(cast, part(cast.tess, "2026-03-02 10:00", room=cast.room), site=bend).startswith(
        "Room 1 is not a room of Bend"
    )
    bend.active = False
    assert refusal(cast, site=bend).startswith("Bend is not in use any more.")
    cast.tess.is_active = False
    assert refusal(cast).startswith("Tess Moreno does not work here any more.")


def test_a_walk_in_may_lie_outside_hours_and_absences_but_not_over_a_visit(cast: Cast) -> None:
    Absence.objects.create(
        user=cast.tess, starts_at=at("2026-03-02 07:00"), ends_at=at("2026-03-02 08:00"), reason="reading"
    )
    book(cast, part(cast.tess, "2026-03-02 07:30"), walk_in=True)
    again = part(cast.tess, "2026-03-02 07:45")
    assert refusal(cast, again, patient=cast.ben, walk_in=True) == (
        "Tess is booked from 7:30 to 8:15. Choose another clinician, or book a visit for later."
    )
    tomorrow = part(cast.tess, "2026-03-03 10:00")
    assert refusal(cast, tomorrow, walk_in=True) == "A walk-in is seen today. Book another day as a visit."


def test_a_walk_in_is_told_what_can_be_done_now(cast: Cast) -> None:
    """Who stands at the desk has no other time to choose."""
    book(cast, part(cast.tess, "2026-03-02 08:00"))
    longer, elsewhere = part(cast.tess, "2026-03-02 07:30", 60), part(cast.theo, "2026-03-02 07:30", 60)
    assert refusal(cast, longer, patient=cast.ben, walk_in=True) == (
        "Tess is booked from 8:00 to 8:45. Choose another clinician, or write fewer minutes."
    )
    assert refusal(cast, elsewhere, walk_in=True) == (
        "This person has a visit from 8:00 to 8:45 already. Open it on the day board instead."
    )


def test_the_same_key_books_once_and_never_for_somebody_else(cast: Cast) -> None:
    key = uuid4()
    first = book(cast, request_key=key)
    assert book(cast, request_key=key) == first
    with pytest.raises(Conflict):
        book(cast, patient=cast.ben, request_key=key)
    assert Booking.objects.count() == 1


def test_a_telephone_contact_needs_no_booking_before_it(cast: Cast) -> None:
    with clock.at(NOW):
        booking = actions.telephone(
            patient=cast.ana, site=cast.site, clinician=cast.priya, starts_at=at("2026-03-02 07:10"), minutes=10,
            by=cast.priya,
        )  # fmt: skip
    found = Attendance.objects.get(segment__booking=booking)
    assert (booking.mode, found.status) == ("phone", "completed")
    assert (found.started_at, found.ended_at) == (at("2026-03-02 07:10"), at("2026-03-02 07:20"))


def test_a_note_for_the_desk_is_one_clean_line(cast: Cast) -> None:
    assert book(cast, desk_note="  needs\u200b  the ramp ").desk_note == "needs the ramp"
    assert "200 is the most" in refusal(cast, part(cast.tess, "2026-03-02 14:00"), desk_note="x" * 201)
