"""The pages of the schedule: who may, what happens, what bad input gets."""

import re
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from clinic import clock
from clinic.audit.models import AuditEvent
from patients.scheduling import actions
from patients.scheduling.models import Attendance, Booking
from tests.cast import Cast, at, client
from tests.patients.scheduling.booking import NOW, book, only, part, stacked

MORNING = at("2026-03-02 10:05")
SLOT = "2026-03-02T22:00:00+00:00"  # two in the afternoon in Portland


def wish(cast: Cast, **fields: Any) -> dict[str, Any]:
    return {
        "clinician": cast.tess.pk, "service": "therapy", "minutes": 45, "from_day": "2026-03-02", "mode": "in_person",
        "slot": SLOT, "book": "1", "request_key": uuid4(), **fields,
    }  # fmt: skip


@pytest.fixture
def desk(cast: Cast) -> Any:
    with clock.at(MORNING):
        yield client(cast.fran)


def test_booking_in_the_page(cast: Cast, desk: Client) -> None:
    answer = desk.post(f"/schedule/{cast.ana.pk}/book/", wish(cast, desk_note="ramp"))
    found = Attendance.objects.get()
    assert answer.status_code == 302
    assert answer.headers["Location"].endswith(f"#v-{found.pk}")
    assert (found.patient, found.segment.clinician, found.segment.room) == (cast.ana, cast.tess, cast.room)
    assert (found.segment.starts_at, found.segment.booking.desk_note) == (at("2026-03-02 14:00"), "ramp")


def test_a_stacked_visit_in_the_page(cast: Cast, desk: Client) -> None:
    both = wish(cast, second_clinician=cast.priya.pk, slot=f"{SLOT},2026-03-02T22:45:00+00:00")
    assert desk.post(f"/schedule/{cast.ana.pk}/book/", both).status_code == 302
    kinds = Attendance.objects.order_by("segment__starts_at").values_list("segment__service", "segment__clinician")
    assert list(kinds) == [("therapy", cast.tess.pk), ("medication", cast.priya.pk)]
    assert Booking.objects.count() == 1


def test_a_form_sent_twice_books_once(cast: Cast, desk: Client) -> None:
    same = wish(cast)
    for _ in range(2):
        assert desk.post(f"/schedule/{cast.ana.pk}/book/", same).status_code == 302
    assert Booking.objects.count() == 1


def test_a_time_taken_meanwhile_keeps_every_word(cast: Cast, desk: Client) -> None:
    book(cast, part(cast.tess, "2026-03-02 14:00"), patient=cast.ben)
    answer = desk.post(f"/schedule/{cast.ana.pk}/book/", wish(cast, desk_note="brings her sister", minutes=40))
    html = answer.content.decode()
    assert answer.status_code == 422
    assert "Tess is booked from 2:00 to 2:45 by now. Choose another time." in html
    assert 'value="brings her sister"' in html
    assert 'value="40"' in html
    assert AuditEvent.objects.filter(outcome="refused", patient_id=cast.ana.pk).count() == 1


def test_the_wait_between_two_clinicians_is_in_minutes(cast: Cast, desk: Client) -> None:
    page = desk.get(reverse("scheduling:book", args=[cast.ana.pk])).content.decode()
    assert re.search(r'name="gap"[^>]*>\s*<span>minutes</span>', page)


def test_looking_for_times_books_nothing(cast: Cast, desk: Client) -> None:
    look = wish(cast)
    look.pop("book")
    answer = desk.post(f"/schedule/{cast.ana.pk}/book/", look, headers={"HX-Request": "true"})
    html = answer.content.decode()
    assert (answer.status_code, Booking.objects.count()) == (200, 0)
    assert html.strip().startswith('<div id="options">')
    assert f'value="{SLOT}" autocomplete="off" checked' in " ".join(html.split())


def test_finding_by_post(cast: Cast, desk: Client) -> None:
    answer = desk.post("/schedule/book/?two=1", {"words": "quirog"})
    html = answer.content.decode()
    assert f"/schedule/{cast.ana.pk}/book/?two=1" in html
    assert "Zimmermann" not in html


def test_walk_in_and_telephone(cast: Cast, desk: Client) -> None:
    fields = {"clinician": cast.tess.pk, "service": "therapy", "minutes": 30, "request_key": uuid4()}
    assert desk.post(f"/schedule/{cast.ana.pk}/walk-in/", fields).status_code == 302
    found = Attendance.objects.get()
    assert (found.status, found.segment.booking.walk_in, found.segment.starts_at) == ("arrived", True, MORNING)
    called = {"clinician": cast.priya.pk, "began": "09:40", "minutes": 8, "request_key": uuid4()}
    assert desk.post(f"/schedule/{cast.ben.pk}/call/", called).status_code == 302
    assert Attendance.objects.get(patient=cast.ben).status == "completed"


def test_steps_move_and_back(cast: Cast, desk: Client) -> None:
    booking = book(cast, part(cast.tess, "2026-03-02 10:00"))
    base = f"/schedule/{cast.ana.pk}/visit/{only(booking).pk}/"
    for what, status in [
        ("confirm", "confirmed"),
        ("arrive", "arrived"),
        ("start", "in_session"),
        ("complete", "completed"),
        ("reopen", "in_session"),
    ]:
        assert desk.post(f"{base}{what}/").status_code == 302
        assert only(booking).status == status
    answer = desk.post(f"{base}confirm/")
    assert answer.status_code == 422
    assert "The visit is under way; complete it, or undo the start first." in answer.content.decode()
    other = book(cast, part(cast.theo, "2026-03-02 15:00"), patient=cast.ben)
    move = {
        "clinician": cast.theo.pk,
        "service": "therapy",
        "minutes": 45,
        "from_day": "2026-03-02",
        "slot": SLOT,
        "book": "1",
    }
    assert desk.post(f"/schedule/{cast.ben.pk}/visit/{only(other).pk}/move/", move).status_code == 302
    assert only(other).segment.starts_at == at("2026-03-02 14:00")


def test_the_questionnaire_is_handed_to_somebody_who_is_here(cast: Cast, desk: Client) -> None:
    visit = only(book(cast, part(cast.tess, "2026-03-02 10:00")))
    url = f"/schedule/{cast.ana.pk}/visit/{visit.pk}/"
    there = f"/hand-over/?attendance={visit.pk}"
    assert there not in desk.get(url).content.decode()
    desk.post(f"{url}arrive/")
    assert there in desk.get(url).content.decode()


def test_not_held_asks_why(cast: Cast, desk: Client) -> None:
    booking = stacked(cast)
    one, two = Attendance.objects.filter(segment__booking=booking).order_by("segment__starts_at")
    base = f"/schedule/{cast.ana.pk}/visit/"
    answer = desk.post(f"{base}{one.pk}/no-show/", {"words": "called twice"})
    assert answer.status_code == 422
    assert 'value="called twice"' in answer.content.decode()
    assert desk.post(f"{base}{one.pk}/no-show/", {"reason": "no_word"}).status_code == 302
    assert (
        desk.post(f"{base}{two.pk}/cancel/", {"reason": "unwell", "which": "one", "back": "patient"}).status_code == 302
    )
    done = desk.post(f"{base}{two.pk}/in-error/", {"words": "wrong day"}, follow=True).content.decode()
    assert "marked as entered in error; its time is free again." in done
    assert set(Attendance.objects.values_list("status", "reason")) == {("cancelled", "in_error")}


def test_an_error_is_of_the_whole_booking_and_says_so(cast: Cast, desk: Client) -> None:
    first = Attendance.objects.filter(segment__booking=stacked(cast)).earliest("segment__starts_at")
    page = desk.get(f"/schedule/{cast.ana.pk}/visit/{first.pk}/in-error/").content.decode()
    assert "The whole booking: Tess Moreno, then Priya Raman." in page


def test_running_late_in_the_page(cast: Cast, desk: Client) -> None:
    booking = book(cast, part(cast.tess, "2026-03-02 11:00"))
    url = f"/schedule/{cast.ana.pk}/visit/{only(booking).pk}/late/"
    assert desk.post(url, {"until": "10:30"}).status_code == 422
    assert desk.post(url, {"until": "11:20"}).status_code == 302
    assert only(booking).running_late_until == at("2026-03-02 11:20")


def send(browser: Client, url: str, fields: dict[str, Any]) -> int:
    """Post the fields as a form, whatever bytes they hold; the answer's status."""
    raw = {name: str(value).encode("utf-8", "surrogatepass") for name, value in fields.items()}
    return browser.post(url, urlencode(raw), content_type="application/x-www-form-urlencoded").status_code


READ, WRITE = ("/schedule/{p}/", "/schedule/{p}/visit/{v}/"), (
    "/schedule/{p}/book/", "/schedule/{p}/walk-in/", "/schedule/{p}/call/", "/schedule/{p}/visit/{v}/move/",
    "/schedule/{p}/visit/{v}/cancel/", "/schedule/{p}/visit/{v}/no-show/", "/schedule/{p}/visit/{v}/late/",
    "/schedule/{p}/visit/{v}/in-error/",
)  # fmt: skip


@pytest.mark.parametrize(
    ("who", "reads", "writes"),
    [
        ("fran", {"ana", "ben", "cleo"}, {"ana", "ben", "cleo"}),
        ("tess", {"ana"}, {"ana"}), ("priya", {"ana"}, {"ana"}), ("theo", {"ben"}, {"ben"}),
        ("sam", {"ana"}, set()), ("max", set(), set()), ("olga", set(), set()),
    ],
)  # fmt: skip
def test_who_may_read_and_book_for_whom(cast: Cast, who: str, reads: set[str], writes: set[str]) -> None:
    clinician = {"ana": cast.tess, "ben": cast.theo, "cleo": cast.sam}
    with clock.at(NOW):
        browser = client(getattr(cast, who))
        for name in ("ana", "ben", "cleo"):
            patient = getattr(cast, name)
            if name != "cleo":
                visit = only(book(cast, part(clinician[name], "2026-03-02 14:00"), patient=patient)).pk
            else:
                visit = uuid4()
            for urls, allowed in ((READ, reads), (WRITE, writes)):
                for url in urls:
                    if "{v}" in url and name == "cleo":
                        continue
                    answer = browser.get(url.format(p=patient.pk, v=visit))
                    assert answer.status_code == (200 if name in allowed else 404), (who, name, url)
            step = browser.post(f"/schedule/{patient.pk}/visit/{visit}/confirm/")
            assert step.status_code == (302 if name in writes and name != "cleo" else 404)


def test_another_patients_visit_is_not_found_under_ones_own(cast: Cast, desk: Client) -> None:
    visit = only(book(cast, part(cast.theo, "2026-03-02 14:00"), patient=cast.ben))
    for what in ("", "move/", "cancel/", "no-show/", "late/", "in-error/"):
        assert desk.get(f"/schedule/{cast.ana.pk}/visit/{visit.pk}/{what}").status_code == 404
    assert desk.post(f"/schedule/{cast.ana.pk}/visit/{visit.pk}/arrive/").status_code == 404
    assert desk.post(f"/schedule/{cast.ben.pk}/visit/{visit.pk}/explode/").status_code == 404
    assert desk.get(f"/schedule/{cast.ben.pk}/visit/{visit.pk}/arrive/").status_code == 405


HOSTILE = [
    "\x00", "x" * 300_000, "\ud800", "'; DROP TABLE", "9999-12-31T23:59:59+00:00", "0001-01-01T00:00:00+00:00",
    "2026-03-02T14:00", "-1", "99999999999999999999", "NaN", "١٢", str(uuid4()), "", ",,,,",
    f"{SLOT},{SLOT}",
]  # fmt: skip
FIELDS = [
    "clinician", "service", "minutes", "second_clinician", "second_service", "second_minutes", "gap", "from_day",
    "mode", "desk_note", "slot", "request_key", "at",
]  # fmt: skip


@pytest.mark.parametrize("field", FIELDS)
def test_bad_input_gets_a_sentence_and_never_breaks(cast: Cast, desk: Client, field: str) -> None:
    for value in HOSTILE:
        status = send(desk, f"/schedule/{cast.ana.pk}/book/", {**wish(cast), field: value})
        assert status in (302, 400, 422), (field, value[:20])
    assert Booking.objects.count() <= len(HOSTILE)


@pytest.mark.parametrize("url", ["walk-in/", "call/"])
def test_bad_input_of_the_small_forms(cast: Cast, desk: Client, url: str) -> None:
    for value in HOSTILE:
        fields = dict.fromkeys(("clinician", "service", "minutes", "began", "desk_note", "request_key"), value)
        assert send(desk, f"/schedule/{cast.ana.pk}/{url}", fields) in (400, 422), value[:20]


def test_bad_reasons(cast: Cast, desk: Client) -> None:
    visit = only(book(cast, part(cast.tess, "2026-03-02 10:00")))
    for what in ("cancel", "no-show", "in-error"):
        for value in HOSTILE:
            fields = dict.fromkeys(("reason", "words", "which", "until", "back"), value)
            status = send(desk, f"/schedule/{cast.ana.pk}/visit/{visit.pk}/{what}/", fields)
            assert status in (302, 400, 422), (what, value[:20])


@pytest.mark.parametrize(
    "query", ["start=yesterday", "start=9999-12-31T23:59:59Z", "clinician=7", "start=0001-01-01", "two=1&clinician="]
)
def test_a_tampered_link_still_shows_the_form(cast: Cast, desk: Client, query: str) -> None:
    assert desk.get(f"/schedule/{cast.ana.pk}/book/?{query}").status_code == 200


def test_a_patients_visits_cost_the_same_however_many(cast: Cast, desk: Client, django_assert_num_queries: Any) -> None:
    url = f"/schedule/{cast.ana.pk}/"
    for hour in range(8, 16):
        book(cast, part(cast.tess, f"2026-03-03 {hour:02}:00"))
    with clock.at(MORNING):
        actions.cancel(Booking.objects.all()[0], reason="unwell", by=cast.fran)
        desk.get(url)
        with django_assert_num_queries(VISITS):
            html = desk.get(url).content.decode()
    assert html.count("/move/") == 7
    with clock.at(MORNING):
        Booking.objects.all()
        with django_assert_num_queries(VISITS):
            desk.get(f"/schedule/{cast.ben.pk}/")


VISITS = 10
