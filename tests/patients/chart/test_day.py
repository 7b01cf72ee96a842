"""My day: the viewer's own bookings in order, what to know before each, what waits; a fixed number of queries."""

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from clinic import clock
from clinic.staff.models import Absence
from patients.chart.day import day_of
from patients.notes import actions as notes
from patients.notes.models import Note
from patients.scheduling.models import Attendance, Booking, Segment
from patients.timeline.enums import EntryKind
from tests.cast import Cast, at, client, on_team
from tests.patients.chart.course import NOW, entry


@pytest.fixture(autouse=True)
def _now() -> Any:
    with clock.at(at(NOW)):
        yield


def booked(cast: Cast, when: str, patient: Any, who: Any = None, service: str = "therapy", **fields: Any) -> Attendance:
    booking = Booking.objects.create(site=cast.site, booked_at=at(NOW))
    starts = at(when)
    segment = Segment.objects.create(
        booking=booking, clinician=who or cast.tess, service=service, starts_at=starts,
        ends_at=starts + timedelta(minutes=45),
    )  # fmt: skip
    return Attendance.objects.create(segment=segment, patient=patient, **fields)


def said(cast: Cast, who: str = "tess") -> list[tuple[str, list[str]]]:
    found = day_of(getattr(cast, who))
    return [(slot.attendance.patient.given_name, [line.text for line in slot.lines]) for slot in found.slots]


def test_the_days_bookings_in_order(cast: Cast) -> None:
    booked(cast, "2026-11-23 15:00", cast.ben)
    booked(cast, "2026-11-23 09:00", cast.ana)
    booked(cast, "2026-11-23 23:30", cast.cleo)  # before midnight in Portland, tomorrow in UTC
    booked(cast, "2026-11-24 09:00", cast.ana)
    booked(cast, "2026-11-23 10:00", cast.ben, cast.priya, "medication")
    booked(cast, "2026-11-23 11:00", cast.ben, status="cancelled", reason="in_error")
    assert said(cast) == [("Ana", []), ("Ben", []), ("Cleo", [])]
    assert said(cast, "priya") == [("Ben", [])]
    assert day_of(cast.tess).next_on == at("2026-11-24 09:00").date()


def test_what_to_know_of_each(cast: Cast) -> None:
    booked(cast, "2026-11-23 14:00", cast.ana)
    booked(cast, "2026-11-23 15:00", cast.ben)
    entry(cast.ana, EntryKind.SCORE, "2026-11-02 09:00", series="phq9", value=9)
    entry(cast.ana, EntryKind.SCORE, "2026-11-16 09:00", series="phq9", value=7)
    entry(cast.ana, EntryKind.DOSE, "2026-10-05 10:00", series="diazepam", value=7, unit="mg", by=cast.priya)
    entry(cast.ana, EntryKind.DOSE, "2026-11-10 10:00", series="diazepam", value=6, unit="mg", by=cast.priya)
    entry(cast.ana, EntryKind.DOSE, "2026-10-05 10:00", series="sertraline", value=150, unit="mg", by=cast.priya)
    entry(cast.ana, EntryKind.MISSED, "2026-11-21 10:00", label="no word", series="medication")
    entry(cast.ana, EntryKind.SCORE, "2026-11-01 09:00", series="gad7", value=5)
    entry(cast.ana, EntryKind.SCORE, "2026-11-15 09:00", series="gad7", value=5)
    entry(cast.ana, EntryKind.RISK, "2026-09-01 10:00", label="Item 9 was 2")
    entry(cast.ana, EntryKind.RISK, "2026-08-01 10:00", label="closed", until=at("2026-08-02 10:00"))
    entry(cast.cleo, EntryKind.RISK, "2026-11-20 10:00", label="does not come today")
    assert said(cast) == [
        (
            "Ana",
            [
                "Open risk: Item 9 was 2",
                "PHQ-9 9 → 7, Nov 16",
                "GAD-7 5, Nov 15",
                "Diazepam 7 → 6\u00a0mg, Nov 10, Priya",
            ],
        ),
        ("Ben", []),
    ]


def test_of_a_titration_pack_its_first_step_is_news_and_of_a_hold_whether_it_lasts(cast: Cast) -> None:
    booked(cast, "2026-11-23 14:00", cast.ana)
    for second, (when, amount) in enumerate((("2026-11-20 10:00", 25), ("2026-12-04 00:00", 50))):
        entry(
            cast.ana, EntryKind.DOSE, when, series="lamotrigine", value=amount, unit="mg", by=cast.priya,
            recorded=f"2026-11-20 10:00:0{second}",
        )  # fmt: skip
    entry(cast.ana, EntryKind.HOLD, "2026-11-20 12:00", series="lamotrigine", by=cast.priya, until=at(NOW))
    assert said(cast) == [
        ("Ana", ["Lamotrigine 25\u00a0mg, Nov 20, Priya", "Lamotrigine taken again after a hold, Nov 20, Priya"])
    ]


def test_what_the_viewer_did_is_no_news(cast: Cast) -> None:
    booked(cast, "2026-11-23 14:00", cast.ana, cast.priya, "medication")
    entry(cast.ana, EntryKind.DOSE, "2026-11-10 10:00", series="diazepam", value=6, unit="mg", by=cast.priya)
    assert said(cast, "priya") == [("Ana", [])]


def unsigned(cast: Cast, patient: Any, when: str) -> Note:
    moment = at(when)
    return Note.objects.create(
        patient=patient, author=cast.tess, kind="session", started_at=moment, created_at=moment, saved_at=moment
    )


def test_unsigned_notes_stand_with_their_person_or_below(cast: Cast) -> None:
    booked(cast, "2026-11-23 14:00", cast.ana)
    unsigned(cast, cast.ana, "2026-11-20 14:00")
    unsigned(cast, cast.ben, "2026-11-19 14:00")  # does not come today
    found = day_of(cast.tess)
    assert ["not signed, 3 days old" in line.text for line in found.slots[0].lines] == [True]
    assert [(one.name, "not signed, 4 days old" in one.line.text) for one in found.notes] == [("Ben Zimmermann", True)]
    shown = client(cast.tess).get(reverse("chart:my_day")).content.decode()
    assert f'href="{reverse("chart:chart", args=[cast.ben.pk])}"><b>Ben Zimmermann</b>' in shown


def test_buttons_by_kind_and_state(cast: Cast) -> None:
    first = booked(cast, "2026-11-23 09:00", cast.ana, status="cancelled", reason="unwell")
    second = booked(cast, "2026-11-23 14:00", cast.ana, status="arrived", arrived_at=at(NOW))
    shown = client(cast.tess).get(reverse("chart:my_day")).content.decode()
    assert f'value="{second.pk}"' in shown
    assert f'value="{first.pk}"' not in shown
    assert reverse("sessions:begin", args=[cast.ana.pk]) in shown
    assert "here since 1:30 pm" in shown


def test_a_visit_that_is_over_offers_its_note_until_there_is_one(cast: Cast) -> None:
    one = booked(cast, "2026-11-23 09:00", cast.ana, status="completed", started_at=at("2026-11-23 09:00"))
    shown = client(cast.tess).get(reverse("chart:my_day")).content.decode()
    assert "Write the note" in shown
    assert f'value="{one.pk}"' in shown
    notes.begin(cast.ana, kind="session", attendance=one, by=cast.tess)
    assert "Write the note" not in client(cast.tess).get(reverse("chart:my_day")).content.decode()


def test_another_day_has_no_start_buttons(cast: Cast) -> None:
    one = booked(cast, "2026-11-24 09:00", cast.ana)
    shown = client(cast.tess).get(reverse("chart:day", args=[at("2026-11-24 09:00").date()])).content.decode()
    assert "Quiroga" in shown
    assert f'value="{one.pk}"' not in shown


def test_an_empty_day(cast: Cast) -> None:
    shown = client(cast.tess).get(reverse("chart:my_day")).content.decode()
    assert "Nobody is booked with you today." in shown


@pytest.mark.parametrize(
    ("who", "status"), [("tess", 200), ("priya", 200), ("fran", 404), ("max", 404), ("olga", 404), ("sam", 404)]
)
def test_who_has_a_day(cast: Cast, who: str, status: int) -> None:
    assert client(getattr(cast, who)).get(reverse("chart:my_day")).status_code == status


@pytest.mark.parametrize("day", ["2026-02-30", "0000-01-01", "9999-12-31", "1999-12-31", "26-1-1", "x"])
def test_impossible_days(cast: Cast, day: str) -> None:
    assert client(cast.tess).get(f"/chart/my-day/{day}/").status_code == 404


def test_queries_do_not_grow(cast: Cast, django_assert_num_queries: Any) -> None:
    booked(cast, "2026-11-23 08:00", cast.ana)
    cast.tess.held_roles()
    with django_assert_num_queries(11):
        day_of(cast.tess)
    on_team(cast.cleo, cast.tess, "therapist")
    for n, patient in enumerate([cast.ana, cast.ben, cast.cleo] * 3):
        booked(cast, f"2026-11-23 {9 + n:02}:00", patient)
        entry(patient, EntryKind.SCORE, "2026-11-16 09:00", series="phq9", value=n)
        unsigned(cast, patient, "2026-11-20 14:00")
    with django_assert_num_queries(11):
        day_of(cast.tess)


def test_names_of_those_who_wait_are_one_query(cast: Cast, django_assert_num_queries: Any) -> None:
    cast.tess.held_roles()
    for n, patient in enumerate([cast.ana, cast.ben, cast.cleo]):
        unsigned(cast, patient, f"2026-11-{18 + n} 14:00")
    with django_assert_num_queries(10):  # without visits nothing is asked of notes and news
        assert [one.name for one in day_of(cast.tess).notes] == ["Annie Quiroga", "Ben Zimmermann", "Cleo Nguyen"]


def test_who_covers_for_somebody_reads_it_in_their_day(cast: Cast) -> None:
    starts = clock.now() - timedelta(hours=1)
    for who, covers, days in ((cast.theo, cast.tess, 2), (cast.paul, cast.priya, 2)):
        Absence.objects.create(
            user=who, starts_at=starts, ends_at=starts + timedelta(days=days), reason="leave", covered_by=covers
        )
    assert [one.user for one in day_of(cast.tess).covers] == [cast.theo]
    assert day_of(cast.tess, (starts + timedelta(days=4)).date()).covers == []
    page = client(cast.tess).get("/chart/my-day/").content.decode()
    assert f"You cover for <b>{cast.theo.name}</b>" in page
