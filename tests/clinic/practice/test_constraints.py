"""The database refuses what must never be in the practice's own rows."""

from datetime import date, time

from clinic.practice.models import Closure, OpeningHours, Practice, Room
from tests.cast import Cast
from tests.refused import refused_by


def test_there_is_one_practice(cast: Cast) -> None:
    with refused_by("clinic_practice_practice_only_key"):
        Practice.objects.create(legal_name="Second", display_name="Second", phone="+15035550101")
    with refused_by("practice_is_one"):
        Practice.objects.create(legal_name="Second", display_name="Second", phone="+15035550101", only=False)


def test_opening_hours_are_of_a_weekday_and_end_after_they_start(cast: Cast) -> None:
    with refused_by("opening_weekday_known"):
        OpeningHours.objects.create(site=cast.site, weekday=7, opens=time(8), closes=time(9))
    with refused_by("opening_ends_after_start"):
        OpeningHours.objects.create(site=cast.site, weekday=6, opens=time(9), closes=time(9))
    with refused_by("opening_once"):
        OpeningHours.objects.create(site=cast.site, weekday=0, opens=time(8), closes=time(9))


def test_a_room_has_its_name_for_itself(cast: Cast) -> None:
    with refused_by("room_named_once_per_site"):
        Room.objects.create(site=cast.site, name=cast.room.name)


def test_a_day_is_closed_once(cast: Cast) -> None:
    Closure.objects.create(site=cast.site, on=date(2026, 12, 25), reason="holiday")
    with refused_by("closure_once_per_day"):
        Closure.objects.create(site=cast.site, on=date(2026, 12, 25), reason="again")
