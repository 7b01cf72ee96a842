"""What is free: hours, absences, closures, what is taken; two clinicians in one call; days when the clocks change."""

from datetime import date, time, timedelta
from itertools import pairwise
from typing import Any

import pytest
from django.db.models import Model

from clinic.practice.models import Closure, OpeningHours
from clinic.staff.models import Absence, WorkingHours
from patients.scheduling import queries
from patients.scheduling.calc import Range, Stacked
from patients.scheduling.queries import Wish
from tests.cast import Cast, at
from tests.patients.scheduling.booking import NOW, book, part

MONDAY = date(2026, 3, 2)


def begins(found: Any) -> list[str]:
    """Local starts, "Mon 10:00"."""
    firsts = [slot.first if isinstance(slot, Stacked) else slot for slot in found]
    return [f"{slot.starts_at.astimezone(NOW.tzinfo):%a %H:%M}" for slot in firsts]


def free(cast: Cast, *wishes: Wish, **fields: Any) -> Any:
    wanted = {"from_day": MONDAY, "now": NOW, "days": 1, **fields}
    return queries.slots(cast.site, wishes or [Wish(cast.tess, 60)], **wanted)


def test_every_quarter_hour_of_the_working_day(cast: Cast) -> None:
    found = begins(free(cast))
    assert (found[0], found[-1], len(found)) == ("Mon 08:00", "Mon 16:00", 33)


def test_what_is_taken_is_not_offered(cast: Cast) -> None:
    book(cast, part(cast.tess, "2026-03-02 09:00", 60))
    Absence.objects.create(
        user=cast.tess, starts_at=at("2026-03-02 11:00"), ends_at=at("2026-03-02 17:00"), reason="leave"
    )
    assert begins(free(cast)) == ["Mon 08:00", "Mon 10:00"]


def test_closed_days_weekends_and_what_has_gone_by(cast: Cast) -> None:
    Closure.objects.create(site=cast.site, on=date(2026, 3, 3), reason="staff day")
    found = begins(free(cast, now=at("2026-03-02 15:40"), days=7))
    assert found[:3] == ["Mon 15:45", "Mon 16:00", "Wed 08:00"]
    assert {day.split()[0] for day in found} == {"Mon", "Wed", "Thu", "Fri"}


def test_hours_hold_from_their_first_to_their_last_day(cast: Cast) -> None:
    WorkingHours.objects.filter(user=cast.tess).update(until_day=date(2026, 3, 3))
    WorkingHours.objects.create(
        user=cast.tess, site=cast.site, weekday=3, starts=time(8), ends=time(9), from_day=date(2026, 3, 4)
    )
    found = begins(free(cast, days=7))
    assert [day for day in found if day.endswith("08:00")] == ["Mon 08:00", "Tue 08:00", "Thu 08:00"]


def test_the_patients_other_visits_are_in_the_way(cast: Cast) -> None:
    book(cast, part(cast.theo, "2026-03-02 08:00", 480))
    assert begins(free(cast, patient_id=cast.ana.pk)) == ["Mon 16:00"]
    assert len(free(cast, patient_id=cast.ben.pk)) == 33


def test_two_clinicians_in_one_call(cast: Cast) -> None:
    book(cast, part(cast.priya, "2026-03-02 08:00", 105, "medication"))  # Priya is free from 9:45
    book(cast, part(cast.priya, "2026-03-02 10:15", 400, "medication"), patient=cast.ben)
    found = free(cast, Wish(cast.tess, 45), Wish(cast.priya, 20), gap_max=10)
    assert found == [
        Stacked(
            Range(at("2026-03-02 09:00"), at("2026-03-02 09:45")), Range(at("2026-03-02 09:45"), at("2026-03-02 10:05"))
        )
    ]


def test_one_statement_whatever_is_asked(cast: Cast, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1):
        free(cast, Wish(cast.tess, 45), Wish(cast.priya, 20), days=28)


@pytest.mark.parametrize(
    ("sunday", "starts", "ends", "minutes"),
    [
        (date(2026, 3, 8), time(0), time(8), 7 * 60),  # the hour from two to three does not exist
        (date(2026, 11, 1), time(0), time(8), 9 * 60),  # the hour from one to two comes twice
    ],
)
def test_days_when_the_clocks_change(cast: Cast, sunday: date, starts: time, ends: time, minutes: int) -> None:
    hours: list[Model] = [
        OpeningHours(site=cast.site, weekday=6, opens=starts, closes=ends),
        WorkingHours(user=cast.tess, site=cast.site, weekday=6, starts=starts, ends=ends, from_day=date(2026, 1, 1)),
    ]
    for row in hours:
        row.save()
    facts = queries.calendar(cast.site, [cast.tess.pk], sunday, sunday)
    assert [span.minutes for span in queries.free_time(facts, cast.tess.pk)] == [minutes]
    found = queries.slots(cast.site, [Wish(cast.tess, 60)], sunday, now=at("2026-01-05 08:00"), days=1)
    moments = [slot.starts_at for slot in found if isinstance(slot, Range)]
    assert len(moments) == minutes // 15 - 3
    assert {later - earlier for earlier, later in pairwise(moments)} == {timedelta(minutes=15)}


def test_a_visit_over_the_change_of_clocks_is_booked_by_its_real_length(cast: Cast) -> None:
    wanted = part(cast.tess, "2026-11-01 00:30", 90)
    booking = book(cast, wanted, walk_in=True, now=at("2026-11-01 00:30"))
    segment = booking.segments.get()
    assert (segment.ends_at - segment.starts_at, segment.ends_at.astimezone(NOW.tzinfo).hour) == (
        timedelta(minutes=90), 1,
    )  # fmt: skip


def test_the_usual_room_is_taken_if_it_is_free(cast: Cast) -> None:
    cast.tess.usual_room = cast.other_room
    span = Range(at("2026-03-02 10:00"), at("2026-03-02 10:45"))
    assert queries.free_room(cast.site, cast.tess, span) == cast.other_room
    book(cast, part(cast.theo, "2026-03-02 10:30", room=cast.other_room), patient=cast.ben)
    assert queries.free_room(cast.site, cast.tess, span) == cast.room
    book(cast, part(cast.tess, "2026-03-02 10:00", room=cast.room))
    assert queries.free_room(cast.site, cast.paul, span) is None
