"""The day board: what it shows, to whom, and with how many queries."""

import re
from datetime import time
from html import unescape
from typing import Any

import pytest

from clinic import clock
from clinic.audit.models import AuditEvent
from clinic.practice.models import Site
from clinic.staff.enums import Role
from clinic.staff.models import Absence, WorkingHours
from patients.scheduling import actions
from patients.scheduling.models import Attendance
from tests.cast import Cast, at, client, patient, person
from tests.patients.scheduling.booking import book, only, part, stacked

DAY = "2026-03-02"
LATE_MORNING = at(f"{DAY} 10:52")
URL = f"/schedule/board/?day={DAY}"


def page(cast: Cast, who: str = "fran", url: str = URL) -> str:
    with clock.at(LATE_MORNING):
        answer = client(getattr(cast, who)).get(url)
    assert answer.status_code == 200
    return answer.content.decode()


def boxes(html: str) -> list[tuple[str, str]]:
    """Each box of the board: its classes, its words."""
    found = re.findall(r'<li class="ap ([^"]+)"[^>]*>(.*?)</li>', html, re.S)
    return [(kind, " ".join(unescape(re.sub(r"<[^>]+>", " ", words)).split())) for kind, words in found]


def test_each_status_has_its_shape_and_its_words(cast: Cast) -> None:
    people = [patient(300 + n, name, "Ek", cast.site) for n, name in enumerate("ABCDEFG")]
    plan = ["08:00", "08:45", "09:30", "10:15", "11:00", "13:00", "14:00"]
    visits = [
        only(book(cast, part(cast.tess, f"{DAY} {when}"), patient=who)) for who, when in zip(people, plan, strict=True)
    ]
    over, missed, due, running, here, sure, _ = visits
    with clock.at(at(f"{DAY} 10:20")):
        actions.start(over, by=cast.fran)
        actions.complete(over, by=cast.fran)
        actions.no_show(missed, reason="forgot", by=cast.fran)
        actions.start(running, by=cast.fran)
        actions.confirm(sure, by=cast.fran)
    with clock.at(at(f"{DAY} 10:46")):
        actions.arrive(here, by=cast.fran)
        actions.move(due.segment.booking, parts=[part(cast.priya, f"{DAY} 10:50", 20, "medication")], by=cast.fran)
    found = [(kind, words) for kind, words in boxes(page(cast)) if not kind.startswith(("free", "off"))]
    assert found == [
        ("done r1 n9", "8:00 A Ek , over"),
        ("noshow r10 n9", "8:45 B Ek no-show, slipped their mind"),
        ("in r28 n9", "10:15 D Ek started 10:20"),
        ("arrived r37 n9", "11:00 E Ek arrived 10:46, waits 6 min"),
        ("conf marked r61 n9", "1:00 F Ek ✓ confirmed"),
        ("booked r73 n9", "2:00 G Ek not confirmed"),
        ("late xs r35 n4", "10:50 C Ek due 10:50, not here yet"),
    ]


def test_absences_free_time_and_now(cast: Cast) -> None:
    Absence.objects.create(
        user=cast.tess, starts_at=at(f"{DAY} 12:00"), ends_at=at(f"{DAY} 17:00"), reason="<b>leave</b>"
    )
    html = page(cast)
    assert ("off r49 n60", "<b>leave</b>") in boxes(html)
    assert ("free r36 n13", "10:55–12:00 free Book Tess Moreno 10:55–12:00") in boxes(html)
    assert 'class="now t34"' in html
    with clock.at(LATE_MORNING):
        other = client(cast.fran).get("/schedule/board/?day=2026-03-03").content.decode()
    assert 'class="now' not in other


def test_stacked_visits_the_waiting_room_and_who_is_late(cast: Cast) -> None:
    booking = stacked(cast)
    html = page(cast)
    assert html.count("stacked visit") == 2
    aside = " ".join(re.sub(r"<[^>]+>", " ", html[html.index("<aside") :]).split())
    assert "Annie Quiroga 52 min, no word Tess 10:00, then Priya 10:45 · 503-555-0101" in aside
    with clock.at(LATE_MORNING):
        actions.arrive(
            Attendance.objects.filter(segment__booking=booking).order_by("segment__starts_at")[0], by=cast.fran
        )
    aside = page(cast)
    assert "<b>0\xa0min</b>" in aside


def test_who_is_late_for_a_stacked_visit_is_one_person(cast: Cast) -> None:
    """Both parts are due; the line says with whom, and a long time in hours."""
    book(cast, part(cast.tess, f"{DAY} 08:00"), part(cast.priya, f"{DAY} 08:45", 20, "medication"))
    html = page(cast)
    aside = " ".join(re.sub(r"<[^>]+>", " ", html[html.index("<aside") :]).split())
    assert aside.count("Annie Quiroga") == 1
    assert "Running late 1 Annie Quiroga 2 h 52 min, no word Tess 8:00, then Priya 8:45" in aside


def test_cancelled_and_mistaken_bookings_are_gone(cast: Cast) -> None:
    gone, wrong = book(cast), book(cast, part(cast.theo, f"{DAY} 10:00"), patient=cast.ben)
    with clock.at(at(f"{DAY} 08:00")):
        actions.cancel(gone, reason="unwell", by=cast.fran)
        actions.in_error(wrong, words="wrong person", by=cast.fran)
    assert [kind for kind, _ in boxes(page(cast)) if not kind.startswith(("free", "off"))] == []


@pytest.mark.parametrize(
    ("who", "names", "links"),
    [("fran", True, 2), ("tess", True, 1), ("theo", True, 1), ("sam", True, 1), ("max", False, 0)],
)
def test_who_sees_names_and_opens_visits(cast: Cast, who: str, names: bool, links: int) -> None:
    """Clinicians open their own patients' visits; the manager sees that there are visits, not whose (R-HP-08)."""
    book(cast)
    book(cast, part(cast.theo, f"{DAY} 11:00"), patient=cast.ben)
    html = page(cast, who)
    assert ("Annie Quiroga" in html, "Ben Zimmermann" in html) == (names, names)
    assert html.count("data-visit ") == links


def test_nothing_clinical_is_on_the_board(cast: Cast) -> None:
    """R-HP-08: names, times, status; not even what a visit is for."""
    stacked(cast)
    html = page(cast)
    assert not [word for word in ("therapy", "medication", "prescri") if word in html.lower().replace("mk mk-", "")]


def test_ones_own_column_is_the_first(cast: Cast) -> None:
    heads = re.findall(r'<section class="dcol" data-column aria-label="([^"]+)"', page(cast, "priya"))
    assert heads == ["Priya Raman", "Theo Lund", "Tess Moreno", "Paul Adeyemi"]


def test_hostile_names_are_text(cast: Cast) -> None:
    who = patient(400, "<script>alert(1)</script>", 'O"Neil', cast.site)
    book(cast, patient=who)
    for view in ("", "&view=list"):
        html = page(cast, url=URL + view)
        assert "<script>alert" not in html
        assert "&lt;script&gt;alert(1)&lt;/script&gt; O&quot;Neil" in html


def crowd(cast: Cast, clinicians: int) -> None:
    for number in range(clinicians):
        who = person(f"C{number}", "Many", Role.THERAPIST, cast.site, credentials="LPC")
        WorkingHours.objects.create(
            user=who, site=cast.site, weekday=0, starts=time(8), ends=time(17), from_day=at("2026-01-01").date()
        )
        ill = patient(1000 + number, f"P{number}", "Many", cast.site)
        for hour in (9, 11, 14):
            book(cast, part(who, f"{DAY} {hour:02}:00"), patient=ill)


@pytest.mark.parametrize("clinicians", [5, 40])
@pytest.mark.parametrize("view", ["", "&view=list"])
def test_the_number_of_queries_is_fixed(cast: Cast, clinicians: int, view: str, django_assert_num_queries: Any) -> None:
    crowd(cast, clinicians)
    with clock.at(LATE_MORNING):
        browser = client(cast.fran)
        browser.get(URL)
        with django_assert_num_queries(QUERIES):
            answer = browser.get(URL + view)
    assert answer.content.decode().count("data-visit ") == clinicians * 3


# session, user, roles; sites, clinicians and their roles, calendar, visits, forms of the desk; audit; top bar's counts
QUERIES = 11


def test_reading_is_audited_once_and_polling_never(cast: Cast) -> None:
    with clock.at(LATE_MORNING):
        browser = client(cast.fran)
        browser.get(URL)
        answer = browser.get(f"/schedule/board/live/?day={DAY}", headers={"X-Tandem-Poll": "1", "HX-Request": "true"})
    assert answer.status_code == 200
    assert "<html" not in answer.content.decode()
    assert AuditEvent.objects.filter(what="scheduling.board").count() == 1


@pytest.mark.parametrize(
    "query",
    [
        "day=2026-02-30",
        "day=tomorrow",
        "day=9999-12-31",
        "day=0001-01-01",
        "site=7",
        f"site={'0' * 32}",
        "day=%00",
        "day=" + "9" * 5000,
    ],
)
def test_impossible_days_and_sites_find_nothing(cast: Cast, query: str) -> None:
    with clock.at(LATE_MORNING):
        assert client(cast.fran).get(f"/schedule/board/?{query}").status_code == 404


def test_two_sites_have_a_board_each(cast: Cast) -> None:
    bend = Site.objects.create(
        name="Bend", address_line="2 Elm", city="Bend", state="OR", zip_code="97701", phone="+15415550100"
    )
    book(cast)
    html = page(cast, url=f"{URL}&site={bend.pk}")
    assert "Nobody sees patients at Bend on this day." in html
    assert "Annie" not in html
