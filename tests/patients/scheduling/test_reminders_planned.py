"""Which reminders a booking gets, when they are due, and what becomes of them when it changes."""

from datetime import date, timedelta
from typing import Any

import pytest

from clinic import clock
from clinic.outbox.models import OutboxItem
from clinic.practice import actions as practice
from patients.record.models import Patient
from patients.scheduling.models import Attendance, Segment
from patients.scheduling.reminders import plan, plan_coming, withdraw
from tests.cast import Cast, at
from tests.patients.scheduling.reminding import BOOKED, cancel, consent, due, run, visit

pytestmark = pytest.mark.django_db


def test_three_days_and_one_day_before_r_re_06(cast: Cast) -> None:
    consent(cast.ana)
    visit(cast)
    assert due() == [("03-09 14:00", 3), ("03-11 14:00", 1)]


def test_offsets_are_the_practices_choice_r_re_06(cast: Cast) -> None:
    consent(cast.ana)
    with clock.at(BOOKED):
        practice.configure(
            "reminder_offsets_days", [7, 2], effective_from=date(2026, 3, 2), reason="tried", by=cast.max
        )
    visit(cast)
    assert due() == [("03-05 14:00", 7), ("03-10 14:00", 2)]


@pytest.mark.parametrize("channel", [None, "none"])
def test_without_consent_none_r_re_02(cast: Cast, channel: str | None) -> None:
    if channel:
        consent(cast.ana, channel)
    visit(cast)
    assert due() == []


def test_without_a_number_none_r_re_02(cast: Cast) -> None:
    Patient.objects.filter(pk=cast.ana.pk).update(phone="")
    consent(cast.ana)
    visit(cast)
    assert due() == []


def test_a_visit_booked_late_gets_none_for_an_offset_gone_by(cast: Cast) -> None:
    consent(cast.ana)
    visit(cast, now=at("2026-03-10 09:00"))
    assert due() == [("03-11 14:00", 1)]
    visit(cast, "2026-03-10 16:00", now=at("2026-03-10 09:00"))
    assert due() == [("03-11 14:00", 1)]


def test_early_and_late_visits_are_reminded_inside_the_hours_r_re_05(cast: Cast) -> None:
    consent(cast.ana)
    visit(cast, "2026-03-12 07:00")
    assert due() == [("03-08 20:30", 3), ("03-10 20:30", 1)]


def test_in_the_patients_own_time_r_re_05(cast: Cast) -> None:
    """A visit at two in Portland is at five in New York; one at six in the evening there is at nine."""
    consent(cast.ana)
    Patient.objects.filter(pk=cast.ana.pk).update(time_zone="America/New_York")
    visit(cast, "2026-03-12 18:30")
    assert due() == [("03-09 17:30", 3), ("03-11 17:30", 1)]  # 20:30 in New York, not 21:30


@pytest.mark.parametrize(
    ("starts", "expected"),
    [
        ("2026-03-09 14:00", [("03-06 14:00", 3), ("03-08 14:00", 1)]),  # clocks go forward on Mar 8
        ("2026-11-02 14:00", [("10-30 14:00", 3), ("11-01 14:00", 1)]),  # and back on Nov 1
    ],
)
def test_the_local_time_stays_when_the_clocks_change(cast: Cast, starts: str, expected: Any) -> None:
    consent(cast.ana)
    visit(cast, starts)
    assert due() == expected


def test_unique_by_attendance_start_offset_and_channel_r_re_07(cast: Cast) -> None:
    consent(cast.ana)
    booking = visit(cast)
    attendance = Attendance.objects.get()
    with clock.at(BOOKED):
        plan(booking)  # again
        assert plan_coming() == 0
    assert sorted(OutboxItem.objects.values_list("purpose", flat=True)) == [
        f"reminder:{attendance.pk}:20260312T2100:1:text",
        f"reminder:{attendance.pk}:20260312T2100:3:text",
    ]


def test_a_moved_visit_gets_its_own_r_re_07(cast: Cast) -> None:
    consent(cast.ana)
    booking = visit(cast)
    Segment.objects.update(starts_at=at("2026-03-13 10:00"), ends_at=at("2026-03-13 10:45"))
    with clock.at(BOOKED):
        assert withdraw(booking) == 2
        plan(booking)
    assert due() == [("03-10 10:00", 3), ("03-12 10:00", 1)]


def test_moved_there_and_back_it_has_its_first_again(cast: Cast) -> None:
    consent(cast.ana)
    booking = visit(cast)
    for day in (13, 12):
        Segment.objects.update(starts_at=at(f"2026-03-{day} 14:00"), ends_at=at(f"2026-03-{day} 14:45"))
        with clock.at(BOOKED):
            withdraw(booking)
            plan(booking)
    assert due() == [("03-09 14:00", 3), ("03-11 14:00", 1)]


def test_what_still_stands_is_not_withdrawn(cast: Cast) -> None:
    consent(cast.ana)
    booking = visit(cast, "2026-03-12 14:00", "2026-03-12 15:00")
    first = Attendance.objects.order_by("segment__starts_at").first()
    assert first is not None
    Attendance.objects.filter(pk=first.pk).update(status="cancelled", reason="unwell")
    assert withdraw(booking) == 2
    assert due() == [("03-09 15:00", 3), ("03-11 15:00", 1)]
    cancel(booking)
    assert withdraw(booking) == 2


def test_each_member_of_a_group_gets_one_r_re_07(cast: Cast) -> None:
    for patient in (cast.ana, cast.ben, cast.cleo):
        consent(patient)
    visit(cast, patients=[cast.ana, cast.ben, cast.cleo])
    assert len(run("2026-03-11 14:00")) == 3


def test_who_consents_later_is_planned_by_the_job(cast: Cast) -> None:
    visit(cast)
    consent(cast.ana)
    with clock.at(at("2026-03-09 15:00")):
        assert plan_coming() == 1
    assert due() == [("03-11 14:00", 1)]


def test_the_job_asks_a_fixed_number_of_queries(cast: Cast, django_assert_num_queries: Any) -> None:
    for patient in (cast.ana, cast.ben, cast.cleo):
        consent(patient)
        visit(cast, patient=patient)
    OutboxItem.objects.all().delete()
    # three values of the configuration, attendances, consents; savepoint, insert, revive, count, release
    with clock.at(BOOKED + timedelta(days=6)), django_assert_num_queries(10):
        assert plan_coming() == 6
