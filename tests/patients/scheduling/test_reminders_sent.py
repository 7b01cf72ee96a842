"""What is sent: the words, once, to those who still want and need it (R-RE-01, R-RE-02, R-RE-05, R-RE-07)."""

from typing import Any

import pytest
from django.core import mail

from clinic import clock
from clinic.audit.models import AuditEvent
from clinic.outbox.models import LocalDelivery, OutboxItem
from patients.record.models import MessageConsent, Patient
from patients.scheduling.models import Attendance, Segment
from tests.cast import Cast, at
from tests.patients.scheduling.reminding import cancel, consent, outcomes, run, visit

pytestmark = pytest.mark.django_db
FIRST, SECOND = "2026-03-09 14:00", "2026-03-11 14:00"
WORDS = "Alder Street: Annie, see you Thu Mar 12, 2:00 pm. To change it, call 503-555-0100. STOP to opt out."


def test_practice_name_first_name_day_time_number_stop_r_re_01(cast: Cast) -> None:
    consent(cast.ana)
    visit(cast)
    assert run(FIRST) == [WORDS]
    assert run(SECOND) == [WORDS]
    assert set(LocalDelivery.objects.values_list("channel", "to", "patient_id")) == {
        ("text", "+15035550101", cast.ana.pk)
    }


def test_by_email_it_says_to_call(cast: Cast) -> None:
    consent(cast.ana, "email")
    visit(cast)
    (body,) = run(FIRST)
    assert body == WORDS.replace("STOP to opt out.", "To get no more of these, say so when you call.")
    (sent,) = mail.outbox
    assert (sent.subject, sent.to) == ("Alder Street: Thu Mar 12", ["ana@example.org"])


def test_sent_is_in_the_audit_with_ids_only(cast: Cast) -> None:
    consent(cast.ana)
    visit(cast)
    run(FIRST)
    event = AuditEvent.objects.get(kind="sent")
    assert (event.patient_id, event.what, event.actor_id, event.detail) == (
        cast.ana.pk, "scheduling.reminder", None, {},
    )  # fmt: skip


def test_a_due_reminder_holds_ids_and_numbers_only_r_hs_07(cast: Cast) -> None:
    consent(cast.ana)
    visit(cast)
    run(FIRST)
    for item in OutboxItem.objects.all():
        assert set(item.args) <= {"attendance", "starts_at", "offset", "channel", "covers", "day"}
        assert "Ana" not in str(item.args) + item.purpose + item.outcome


@pytest.mark.parametrize("status", ["completed", "arrived", "in_session", "no_show", "cancelled"])
def test_not_for_a_visit_that_is_over_or_off_r_re_07(cast: Cast, status: str) -> None:
    consent(cast.ana)
    visit(cast)
    Attendance.objects.update(status=status, reason="unwell")
    assert run(FIRST) == []
    assert outcomes()[0] == ("dropped", "the visit was moved, cancelled or is over")


def test_not_for_the_old_time_of_a_moved_visit_r_re_07(cast: Cast) -> None:
    consent(cast.ana)
    visit(cast)
    Segment.objects.update(starts_at=at("2026-03-12 15:00"), ends_at=at("2026-03-12 15:45"))
    assert run(FIRST) == []
    assert outcomes()[0] == ("dropped", "the visit was moved, cancelled or is over")


def test_not_to_who_opted_out_r_re_03(cast: Cast) -> None:
    consent(cast.ana)
    visit(cast)
    MessageConsent.objects.update(revoked_at=clock.now(), revoked_how="text")
    assert run(FIRST) == []
    assert outcomes()[0] == ("dropped", "the patient gets no messages")


def test_by_the_channel_chosen_since_and_only_there(cast: Cast) -> None:
    consent(cast.ana)
    visit(cast)
    consent(cast.ana, "email")
    assert len(run(FIRST)) == 1
    assert list(LocalDelivery.objects.values_list("channel", flat=True)) == ["email"]
    assert sorted(outcomes())[:2] == [
        ("done", ""), ("dropped", "the patient chose another channel, it goes there"),
    ]  # fmt: skip


def test_to_the_number_the_patient_has_now_r_re_02(cast: Cast) -> None:
    consent(cast.ana)
    visit(cast)
    Patient.objects.filter(pk=cast.ana.pk).update(phone="+15035550777")
    run(FIRST)
    assert LocalDelivery.objects.get().to == "+15035550777"


@pytest.mark.parametrize("moment", ["2026-03-09 21:00", "2026-03-09 23:30", "2026-03-10 05:00"])
def test_too_late_for_the_hours_is_dropped_with_its_reason_r_re_05(cast: Cast, moment: str) -> None:
    consent(cast.ana)
    visit(cast)
    assert run(moment) == []
    assert outcomes()[0] == ("dropped", "too late for the hours in which messages may leave")


def test_late_but_in_the_hours_it_still_leaves(cast: Cast) -> None:
    consent(cast.ana)
    visit(cast)
    assert run("2026-03-09 20:59") == [WORDS]


def test_not_once_the_visit_has_begun(cast: Cast) -> None:
    consent(cast.ana)
    visit(cast)
    assert run("2026-03-12 14:00") == []
    assert {outcome for _, outcome in outcomes()} == {"the visit has begun"}


def test_once_even_if_the_worker_stops_after_sending_r_re_07(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    from clinic.outbox import actions as outbox

    class Killed(BaseException):
        pass

    def stop(*args: Any) -> bool:
        raise Killed

    consent(cast.ana)
    visit(cast)
    with monkeypatch.context() as patch:
        patch.setattr(outbox, "finish", stop)
        with pytest.raises(Killed):
            run(FIRST)
    assert LocalDelivery.objects.count() == 1
    run("2026-03-09 14:05")
    assert LocalDelivery.objects.count() == 1
    assert OutboxItem.objects.filter(state="done").count() == 1


def test_cancelled_after_planning_without_being_withdrawn(cast: Cast) -> None:
    consent(cast.ana)
    cancel(visit(cast))
    assert run(FIRST) == run(SECOND) == []
