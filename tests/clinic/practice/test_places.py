"""Sites, rooms, opening hours, days closed, and a short name that gives nothing away (R-RE-01)."""

from datetime import date, time
from typing import Any

import pytest

from clinic import clock
from clinic.practice import actions
from clinic.practice.models import Closure, Room, Site
from clinic.refusal import Refused
from tests.cast import Cast, at, client

SITE = {
    "name": "Bend", "address_line": "2 Sage St", "city": "Bend", "state": "OR", "zip_code": "97701",
    "phone": "541-555-0100", "time_zone": "America/Los_Angeles", "active": "on",
}  # fmt: skip


@pytest.mark.parametrize("name", ["Juniper Psychiatry", "MINDFUL", "Alder Therapy", "Behavioral Tide", "New Recovery"])
def test_a_telling_short_name_is_refused_r_re_01(cast: Cast, name: str) -> None:
    with pytest.raises(Refused):
        actions.change_practice(
            cast.practice, legal_name="x", display_name=name, phone="+15035550100", by=cast.max
        )  # fmt: skip


def test_a_neutral_short_name_is_fine(cast: Cast) -> None:
    done = actions.change_practice(
        cast.practice, legal_name="Juniper & Tide", display_name="Juniper Tide", phone="+15035550100", by=cast.max
    )
    assert done.display_name == "Juniper Tide"


def test_a_site_is_added_on_the_page(cast: Cast) -> None:
    assert client(cast.max).post("/practice/sites/new/", SITE).status_code == 302
    assert Site.objects.get(name="Bend").phone.as_e164 == "+15415550100"


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("name", "Portland", "Another site has this name already."),
        ("time_zone", "Mars/Olympus", "Write a time zone such as America/Los_Angeles."),
        ("name", "a\x00b", "Null characters are not allowed."),
    ],
)
def test_a_wrong_site_is_refused_and_kept(cast: Cast, field: str, value: str, words: str) -> None:
    answer = client(cast.max).post("/practice/sites/new/", {**SITE, field: value})
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert "2 Sage St" in answer.content.decode()


def test_a_room_of_the_same_name_is_refused(cast: Cast) -> None:
    with pytest.raises(Refused):
        actions.save_room(None, site=cast.site, name="Room 1", seats=3, by=cast.max)


def test_a_room_is_changed_on_its_page_only_below_its_site(cast: Cast) -> None:
    other = Site.objects.create(
        name="Salem", address_line="x", city="x", state="OR", zip_code="97301", phone="+15035550102"
    )
    address = f"/practice/sites/{other.pk}/rooms/{cast.room.pk}/"
    assert client(cast.max).get(address).status_code == 404
    posted = client(cast.max).post(
        f"/practice/sites/{cast.site.pk}/rooms/{cast.room.pk}/", {"name": "Fir", "seats": "4", "active": "on"}
    )
    assert posted.status_code == 302
    assert Room.objects.get(pk=cast.room.pk).name == "Fir"


def test_a_day_is_closed_and_opened_again(cast: Cast) -> None:
    with clock.at(at("2026-11-24 09:00")):
        closure = actions.close_on(cast.site, on=date(2026, 11, 26), reason="holiday", by=cast.max)
        with pytest.raises(Refused):
            actions.close_on(cast.site, on=date(2026, 11, 26), reason="again", by=cast.max)
        with pytest.raises(Refused):
            actions.close_on(cast.site, on=date(2026, 11, 23), reason="past", by=cast.max)
        actions.open_again(closure, by=cast.max)
    assert not Closure.objects.exists()


def test_opening_hours_are_replaced_and_do_not_overlap(cast: Cast) -> None:
    actions.set_opening(
        cast.site, weekday=0, stretches=[(time(9), time(12)), (time(13), time(17))], by=cast.max
    )  # fmt: skip
    assert list(cast.site.opening_hours.filter(weekday=0).values_list("opens", "closes")) == [
        (time(9), time(12)),
        (time(13), time(17)),
    ]
    with pytest.raises(Refused):
        actions.set_opening(cast.site, weekday=0, stretches=[(time(9), time(12)), (time(11), time(17))], by=cast.max)


def test_half_a_stretch_is_asked_for(cast: Cast) -> None:
    answer = client(cast.max).post(f"/practice/sites/{cast.site.pk}/hours/0/", {"opens": "09:00"})
    assert answer.status_code == 422
    assert "Give both times, or leave both empty for closed." in answer.content.decode()


def test_the_overview_costs_the_same_for_more_rooms(cast: Cast, django_assert_num_queries: Any) -> None:
    browser = client(cast.max)
    with clock.at(at("2026-03-02 09:00")):
        browser.get("/practice/")
        with django_assert_num_queries(9):
            browser.get("/practice/")
        for number in range(10):
            Room.objects.create(site=cast.site, name=f"More {number}")
        with django_assert_num_queries(9):
            browser.get("/practice/")
