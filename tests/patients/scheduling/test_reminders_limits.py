"""One message for the visits of one day, and the limits of R-RE-04: moved or merged, never silently dropped."""

import threading

import pytest
from django.db import connection

from clinic import clock
from clinic.outbox import actions as outbox
from clinic.outbox.models import LocalDelivery, OutboxItem
from patients.scheduling.models import Attendance
from tests.cast import Cast, at
from tests.patients.scheduling.reminding import cancel, consent, due, outcomes, run, visit

pytestmark = pytest.mark.django_db
BOTH = "Alder Street: Annie, see you Thu Mar 12, 2:00 pm and 3:00 pm. To change it, call 503-555-0100. STOP to opt out."


def test_a_stacked_visit_is_one_message_r_re_04(cast: Cast) -> None:
    consent(cast.ana)
    visit(cast, "2026-03-12 14:00", "2026-03-12 15:00")
    assert run("2026-03-11 14:00") == [BOTH]
    assert run("2026-03-11 15:00") == []
    assert [outcome for state, outcome in outcomes() if state == "dropped"] == ["merged into another message"] * 3


def test_two_bookings_of_one_day_are_one_message_r_re_04(cast: Cast) -> None:
    consent(cast.ana)
    visit(cast, "2026-03-12 14:00")
    visit(cast, "2026-03-12 15:00")
    assert run("2026-03-09 14:00") == [BOTH]
    assert run("2026-03-09 15:00") == []


def test_the_message_of_a_cancelled_part_still_carries_the_other(cast: Cast) -> None:
    """The first part's item merged the second's, then the worker stopped and the first part was cancelled."""
    consent(cast.ana)
    booking = visit(cast, "2026-03-12 14:00", "2026-03-12 15:00")
    with clock.at(at("2026-03-11 14:00")):
        from patients.scheduling.reminders import Reminders

        OutboxItem.objects.filter(args__offset=3).delete()
        (item,) = outbox.claim()
        assert not isinstance(Reminders()._decide(item), str)
    first = Attendance.objects.filter(segment__booking=booking).order_by("segment__starts_at")[0]
    Attendance.objects.filter(pk=first.pk).update(status="cancelled", reason="unwell")
    assert run("2026-03-11 14:05") == [
        "Alder Street: Annie, see you Thu Mar 12, 3:00 pm. To change it, call 503-555-0100. STOP to opt out."
    ]


def test_one_a_day_the_other_moves_to_the_next_morning_r_re_04(cast: Cast) -> None:
    consent(cast.ana)
    visit(cast, "2026-03-10 11:00")  # reminded the day before, on the 9th at 11
    visit(cast, "2026-03-12 14:00")  # three days before: the 9th at 14
    assert len(run("2026-03-07 11:00")) == 1
    assert len(run("2026-03-09 11:00")) == 1
    assert run("2026-03-09 14:00") == []
    assert ("03-10 08:00", 3) in due()
    assert len(run("2026-03-10 08:00")) == 1


def test_three_a_week_then_merged_into_the_next_of_the_same_visit_r_re_04(cast: Cast) -> None:
    consent(cast.ana)
    visit(cast, "2026-03-10 11:00")  # the 7th and the 9th
    visit(cast, "2026-03-11 10:00")  # the 8th and the 10th
    visit(cast, "2026-03-13 12:00")  # the 10th and the 12th
    for moment in ("2026-03-07 11:00", "2026-03-08 10:00", "2026-03-09 11:00"):
        assert len(run(moment)) == 1
    assert len(run("2026-03-10 10:00")) == 1  # a fourth: nowhere to move, not dropped for the quota
    assert run("2026-03-10 12:00") == []  # the week is full: the reminder of the 12th does for both
    merged = OutboxItem.objects.filter(outcome="merged into the next reminder of the same visit")
    assert merged.count() == 1
    assert len(run("2026-03-12 12:00")) == 1


def test_never_dropped_for_the_quota_r_re_04(cast: Cast) -> None:
    """A visit tomorrow at eight, and today's text has left: it goes all the same."""
    consent(cast.ana)
    visit(cast, "2026-03-12 12:00", "2026-03-10 08:30")
    assert len(run("2026-03-07 08:30")) == 1
    assert len(run("2026-03-09 08:30")) == 1
    assert run("2026-03-09 12:00") == []
    visit(cast, "2026-03-10 09:00", now=at("2026-03-09 07:00"))
    assert len(run("2026-03-09 12:30")) == 1


def test_e_mails_are_not_counted(cast: Cast) -> None:
    consent(cast.ana, "email")
    visit(cast, "2026-03-10 11:00")
    visit(cast, "2026-03-12 14:00")
    assert len(run("2026-03-09 11:00")) == 1
    assert len(run("2026-03-09 14:00")) == 1


def test_a_cancelled_visit_is_not_in_the_message_of_the_day(cast: Cast) -> None:
    consent(cast.ana)
    visit(cast, "2026-03-12 14:00")
    cancel(visit(cast, "2026-03-12 15:00"))
    (body,) = run("2026-03-11 14:00")
    assert "2:00 pm. To change" in body


@pytest.mark.django_db(transaction=True)
def test_two_workers_on_one_patients_day_send_one_message(cast: Cast) -> None:
    consent(cast.ana)
    visit(cast, "2026-03-12 14:00")
    visit(cast, "2026-03-12 15:00")
    visit(cast, "2026-03-12 16:00")
    ready = threading.Barrier(3)
    with clock.at(at("2026-03-11 16:00")):
        OutboxItem.objects.filter(args__offset=3).delete()
        claimed = [outbox.claim(limit=1)[0] for _ in range(3)]

        def work(item: OutboxItem) -> None:
            try:
                from patients.scheduling.reminders import Reminders

                ready.wait(10)
                outbox._deliver(item, Reminders())
            finally:
                connection.close()

        threads = [threading.Thread(target=work, args=(item,)) for item in claimed]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert LocalDelivery.objects.count() == 1
    assert sorted(OutboxItem.objects.values_list("state", flat=True)) == ["done", "dropped", "dropped"]
