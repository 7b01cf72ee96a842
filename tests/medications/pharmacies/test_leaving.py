"""Ten seconds to undo, then it leaves by itself, once; undone in time nothing leaves (part 6 and 7 of the way)."""

import pytest
from django.urls import reverse

from clinic.audit.models import AuditEvent
from clinic.outbox import actions as outbox
from clinic.outbox.enums import State as Work
from clinic.outbox.models import OutboxItem
from clinic.outbox.results import Undeliverable, Unreachable
from clinic.refusal import Refused
from medications.pharmacies import actions, rules
from medications.pharmacies.models import Transmission
from medications.prescribing.models import Authorisation
from patients.inbox.models import Task
from patients.timeline.models import Entry
from tests.cast import Cast, client
from tests.medications.pharmacies.given import BackEnd, chosen, fill, later, live, pharmacy, sent, state, way, work
from tests.medications.prescribing.given import NOW, started, supply


def test_what_is_signed_waits_ten_seconds_then_leaves(cast: Cast, back_end: type[BackEnd]) -> None:
    where = chosen(cast)
    row = way(started(cast.ana, by=cast.priya))
    assert (row.state, row.route, row.pharmacy, row.asked_by) == ("waiting", "pharmacy", where, cast.priya)
    assert (row.leaves_at - NOW).total_seconds() == 10
    with later(9.9):
        outbox.deliver_due()
    assert (state(row), back_end.sent) == ("waiting", [])
    with later(10):
        outbox.deliver_due()
    row.refresh_from_db()
    assert (row.state, row.sent_at, row.how, back_end.sent) == (
        "sent",
        row.leaves_at,
        "printed",
        [row.pk],
    )
    assert work() == [("pharmacies.send", "done")]
    assert Entry.objects.get(object_id=row.pk).label == "sertraline prescription sent to Alderfinch Pharmacy"
    assert list(AuditEvent.objects.filter(object_id=row.pk).values_list("kind", "what").order_by("pk")) == [
        ("created", "pharmacies.send_out"), ("sent", "pharmacies.send"),
    ]  # fmt: skip


def test_without_a_preferred_pharmacy_it_is_printed_for_the_patient(cast: Cast, back_end: type[BackEnd]) -> None:
    row = sent(cast)
    assert (row.route, row.pharmacy, row.state) == ("paper", None, "sent")
    assert Entry.objects.get(object_id=row.pk).label == "sertraline prescription given on paper"


def test_a_pharmacy_that_is_no_longer_used_is_not_preferred(cast: Cast) -> None:
    actions.close_pharmacy(chosen(cast), reason="It closed.", by=cast.max)
    assert way(started(cast.ana, by=cast.priya)).route == "paper"


def test_undone_in_time_nothing_leaves_and_nothing_is_authorised(cast: Cast, back_end: type[BackEnd]) -> None:
    chosen(cast)
    order = started(cast.ana, by=cast.priya)
    row = way(order)
    with later(9):
        assert actions.undo(row, by=cast.priya) == []
    row.refresh_from_db()
    assert (row.state, row.undone_by, row.undone_why) == ("undone", cast.priya, "Undone before it was sent.")
    assert not Authorisation.objects.filter(voided_at=None).exists()
    with later(60):
        outbox.deliver_due()
    assert (back_end.sent, work()) == ([], [("pharmacies.send", "dropped")])
    assert order.prescription.orders.get().until_day is None  # the dose as ordered stands


@pytest.mark.parametrize("seconds", [10, 11, 3600])
def test_after_the_time_undo_is_refused_in_a_sentence(cast: Cast, back_end: type[BackEnd], seconds: int) -> None:
    row = way(started(cast.ana, by=cast.priya))
    with later(seconds), pytest.raises(Refused, match="The ten seconds are over"):
        actions.undo(row, by=cast.priya)
    assert state(row) == "waiting"
    assert live(row.authorisation.order) == row.authorisation


def test_what_left_is_not_undone_though_the_clock_says_otherwise(cast: Cast, back_end: type[BackEnd]) -> None:
    row = sent(cast)
    with pytest.raises(Refused, match="The ten seconds are over"):
        actions.undo(row, by=cast.priya)


def test_undone_twice_is_a_sentence(cast: Cast) -> None:
    row = way(started(cast.ana, by=cast.priya))
    actions.undo(row, by=cast.priya)
    with pytest.raises(Refused, match="taken back already"):
        actions.undo(row, by=cast.priya)


def test_only_a_prescriber_of_the_patient_undoes_and_resends(cast: Cast, back_end: type[BackEnd]) -> None:
    row = way(started(cast.ana, by=cast.priya))
    for somebody in (cast.tess, cast.paul, cast.fran):
        with pytest.raises(Refused, match="Only a prescriber on the care team"):
            actions.undo(row, by=somebody)
    actions.come_back(row, "It failed.", by=None)
    for somebody in (cast.tess, cast.paul, cast.fran):
        with pytest.raises(Refused, match="Only a prescriber on the care team"):
            actions.resend(row, pharmacy=None, by=somebody)


def test_a_refusal_for_good_comes_back_at_once(cast: Cast, back_end: type[BackEnd]) -> None:
    chosen(cast)
    back_end.trouble = Undeliverable("The fax number is wrong.")
    row = sent(cast)
    assert (row.state, row.failed_why) == ("failed", "The fax number is wrong.")
    assert work() == [("pharmacies.send", "failed")]
    task = Task.objects.get(kind="pharmacies.failed", done_at=None)
    assert (task.for_user, task.urgent, task.object_id) == (cast.priya, True, row.pk)
    assert "sertraline" not in task.sentence.lower()


def test_silence_is_tried_four_times_then_comes_back(cast: Cast, back_end: type[BackEnd]) -> None:
    back_end.trouble = Unreachable("The line is dead.")
    row = way(started(cast.ana, by=cast.priya))
    states = []
    for seconds in (10, 80, 210, 460):
        with later(seconds):
            outbox.deliver_due()
        states.append(state(row))
    assert states == ["sending", "sending", "sending", "failed"]


def test_an_unknown_error_tells_its_kind_only_r_hs_07(cast: Cast, back_end: type[BackEnd]) -> None:
    back_end.trouble = ValueError("Ana Quiroga takes sertraline")
    row = way(started(cast.ana, by=cast.priya))
    OutboxItem.objects.update(attempts=7)
    with later(10):
        outbox.deliver_due()
    row.refresh_from_db()
    assert row.failed_why == "It went wrong here (ValueError)."
    assert OutboxItem.objects.get(kind="pharmacies.send").outcome == "It went wrong here (ValueError)."


def test_sent_again_elsewhere_it_is_a_new_row_and_the_task_is_done(cast: Cast, back_end: type[BackEnd]) -> None:
    chosen(cast)
    back_end.trouble = Undeliverable("No line.")
    row = sent(cast)
    other = pharmacy(cast.max, name="Bridgetown Drug", ncpdp_id="")
    back_end.trouble = None
    with later(60):
        again = actions.resend(row, pharmacy=other, by=cast.priya)
        with pytest.raises(Refused, match="sent this again already"):
            actions.resend(row, pharmacy=None, by=cast.priya)
    assert (again.replaces, again.pharmacy, again.state) == (row, other, "waiting")
    assert not Task.objects.filter(done_at=None, kind="pharmacies.failed").exists()
    with later(70):
        outbox.deliver_due()
    assert (state(row), state(again), back_end.sent) == ("failed", "sent", [again.pk])


def test_the_jobs_page_leaves_what_failed_to_its_prescriber(cast: Cast, back_end: type[BackEnd]) -> None:
    """A second try there found it failed, dropped itself, and the page said that nothing had failed."""
    back_end.trouble = Undeliverable("No line.")
    row = sent(cast)
    manager, item = client(cast.max), OutboxItem.objects.get(kind="pharmacies.send")
    page = manager.get(reverse("outbox:jobs")).content.decode()
    assert "Its prescriber is asked to send it again." in page
    assert "Try again" not in page
    back_end.trouble = None
    assert manager.post(reverse("outbox:try_again", args=[item.pk])).status_code == 422
    with later(60):
        outbox.deliver_due()
    assert (state(row), back_end.sent) == ("failed", [])
    with later(60):
        actions.resend(row, pharmacy=None, by=cast.priya)
    assert "Nothing has failed." in manager.get(reverse("outbox:jobs")).content.decode()


def test_resending_what_is_void_or_to_a_closed_pharmacy_is_refused(cast: Cast, back_end: type[BackEnd]) -> None:
    where = chosen(cast)
    back_end.trouble = Undeliverable("No line.")
    row = sent(cast)
    actions.close_pharmacy(where, reason="It closed.", by=cast.max)
    where.refresh_from_db()
    with pytest.raises(Refused, match="no longer in use"):
        actions.resend(row, pharmacy=where, by=cast.priya)
    Authorisation.objects.update(voided_at=NOW, voided_by=cast.priya, voided_reason="x")
    with pytest.raises(Refused, match="is void"):
        actions.resend(row, pharmacy=None, by=cast.priya)


def test_a_worker_killed_in_the_middle_sends_once_more_under_the_same_key(
    cast: Cast, back_end: type[BackEnd], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The back end took it, the worker died before saying so: the next one finishes it, and it arrives once."""

    def killed(*args: object, **kwargs: object) -> None:
        raise KeyboardInterrupt

    row = way(started(cast.ana, by=cast.priya))
    with monkeypatch.context() as patch, later(10):
        patch.setattr(actions, "arrived", killed)
        with pytest.raises(KeyboardInterrupt):
            outbox.deliver_due()
    assert (state(row), back_end.sent) == ("sending", [row.pk])
    assert OutboxItem.objects.get(kind="pharmacies.send").state == Work.CLAIMED
    with later(10 + 121):
        outbox.deliver_due()
    assert (state(row), back_end.sent) == ("sent", [row.pk])


def test_a_fill_of_what_failed_says_that_it_arrived_another_way(cast: Cast, back_end: type[BackEnd]) -> None:
    back_end.trouble = Undeliverable("No line.")
    row = sent(cast)
    fill(row, by=cast.priya)
    row.refresh_from_db()
    assert (row.state, row.how) == ("filled", "told")
    assert not Task.objects.filter(done_at=None, kind="pharmacies.failed").exists()


def test_rules_say_why(cast: Cast) -> None:
    row = way(started(cast.ana, by=cast.priya, supply=supply()))
    assert rules.undo(row, NOW) is None
    assert rules.undo(row, row.leaves_at) == rules.OVER
    assert Transmission.objects.count() == 1
