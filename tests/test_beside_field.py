"""A refusal that one field of the form causes names it, so that the sentence stands beside what is to be corrected."""

from collections.abc import Callable
from datetime import date, time
from typing import Any

import pytest

from clinic import clock
from clinic.practice import actions as practice
from clinic.practice.models import Room
from clinic.refusal import Refused
from clinic.staff import actions as staff
from clinic.staff.enums import Profession
from patients.record import actions as record
from patients.scheduling import actions as scheduling
from tests.cast import Cast, at
from tests.patients.scheduling.booking import book, only

NOW = at("2026-03-02 10:20")
DAY = date(2026, 3, 2)


def register(cast: Cast, **fields: Any) -> Any:
    """Somebody new, but for `fields`."""
    known: dict[str, Any] = {"given_name": "Nia", "family_name": "Vale", "born_on": date(1990, 1, 1)}
    return record.register(**known | fields, site=cast.site, by=cast.fran)


def late(cast: Cast) -> Any:
    """Late until a time before the visit."""
    return scheduling.running_late(only(book(cast)), until=at("2026-03-01 09:00"), by=cast.fran)


CASES: dict[str, tuple[str, Callable[[Cast], Any]]] = {
    "a birth date to come": ("born_on", lambda cast: register(cast, born_on=date(2050, 1, 1))),
    "a changed birth date": (
        "born_on",
        lambda cast: record.change(cast.ana, born_on=date(2050, 1, 1), by=cast.fran),
    ),
    "texts without a number": ("phone", lambda cast: register(cast, channel="text")),
    "e-mail without an address": ("email", lambda cast: register(cast, channel="email")),
    "an allergy listed twice": (
        "name",
        lambda cast: [record.record_allergy(cast.ana, kind="substance", name="latex", by=cast.tess) for _ in "12"],
    ),
    "cancelled for another reason": (
        "words",
        lambda cast: scheduling.cancel(book(cast), reason="other", by=cast.fran),
    ),
    "cancelled for none": ("reason", lambda cast: scheduling.cancel(book(cast), reason="", by=cast.fran)),
    "no-show for another reason": (
        "words",
        lambda cast: scheduling.no_show(only(book(cast)), reason="other", by=cast.fran),
    ),
    "late until before": ("until", late),
    "a known address": (
        "email",
        lambda cast: staff.invite(
            email=cast.tess.email, given_name="T", family_name="R", roles=[], site=cast.site, by=cast.max
        ),
    ),
    "a licence that ends first": (
        "expires_on",
        lambda cast: staff.add_licence(
            cast.tess, profession=Profession.LCSW, state="OR", number="9", issued_on=DAY, expires_on=DAY, by=cast.max
        ),
    ),
    "hours that end first": ("ends", lambda cast: hours(cast, ends=time(8))),
    "hours whose last day is before": ("until_day", lambda cast: hours(cast, until_day=date(2026, 3, 1))),
    "an absence that ends first": (
        "until_day",
        lambda cast: staff.add_absence(cast.tess, starts_at=NOW, ends_at=NOW, reason="leave", by=cast.max),
    ),
    "on call until before": (
        "until_day",
        lambda cast: staff.put_on_call(cast.tess, starts_at=NOW, ends_at=NOW, by=cast.max),
    ),
    "a telling short name": (
        "display_name",
        lambda cast: practice.change_practice(
            cast.practice, legal_name="A", display_name="Psychiatry", phone="+15035550100", by=cast.max
        ),
    ),
    "a room's name twice": (
        "name",
        lambda cast: practice.save_room(
            None, site=cast.site, name=Room.objects.get(pk=cast.room.pk).name, seats=2, by=cast.max
        ),
    ),
    "closed in the past": (
        "on",
        lambda cast: practice.close_on(cast.site, on=date(2026, 3, 1), reason="storm", by=cast.max),
    ),
    "open until before": (
        "closes",
        lambda cast: practice.set_opening(cast.site, weekday=0, stretches=[(time(9), time(8))], by=cast.max),
    ),
}


def hours(cast: Cast, *, ends: time = time(17), until_day: date | None = None) -> Any:
    """Tess's hours on Mondays from nine."""
    return staff.set_hours(
        cast.tess, site=cast.site, weekday=0, starts=time(9), ends=ends, from_day=DAY, until_day=until_day, by=cast.max
    )


@pytest.mark.django_db
@pytest.mark.parametrize("case", CASES)
def test_the_field_is_named(cast: Cast, case: str) -> None:
    field, act = CASES[case]
    with clock.at(NOW), pytest.raises(Refused) as refused:
        act(cast)
    assert refused.value.field == field
