"""A signed refill undone within ten seconds is open again; a request past its run-out rises above the others."""

from datetime import timedelta

import pytest
from django.db import InternalError, transaction

from clinic import clock
from clinic.outbox.models import OutboxItem
from clinic.refusal import Conflict, Refused
from medications.pharmacies import actions as pharmacies
from medications.pharmacies.models import Transmission
from medications.refills import actions
from medications.refills.models import RefillRequest
from patients.inbox.models import Task
from patients.timeline.models import Entry
from tests.cast import Cast
from tests.medications.refills.given import (
    DUE,
    LATER,
    WHY,
    all_clear,
    answer,
    filled,
    live,
    moment,
    opened,
    running_out,
)


def signed(cast: Cast) -> tuple[RefillRequest, Transmission]:
    """Approved at LATER, waiting to leave."""
    order = running_out(cast.ana, cast.priya)
    filled(order, 0, by=cast.priya)
    all_clear(cast)
    request = opened(order)
    with clock.at(LATER):
        actions.approve(request, by=cast.priya)
    return request, Transmission.objects.get(authorisation=live(request))


def test_undone_it_is_open_again_in_its_old_place(cast: Cast) -> None:
    request, way = signed(cast)
    assert OutboxItem.objects.get(purpose=f"note:refill:{request.pk}").due_at == LATER + timedelta(seconds=10)
    with clock.at(LATER + timedelta(seconds=9)):
        assert pharmacies.undo(way, by=cast.priya) == ["The refill request is open again."]
    old = RefillRequest.objects.get(pk=request.pk)
    again = RefillRequest.objects.get(state="requested")
    assert (old.state, old.decided_by, old.authorisation_id) == ("undone", cast.priya, way.authorisation_id)
    assert (again.opened_at, again.source, again.prescription_id) == (old.opened_at, old.source, old.prescription_id)
    assert answer(again, "dose") == "in_order"  # nothing new to explain
    item = OutboxItem.objects.get(purpose=f"note:refill:{request.pk}")
    assert (item.state, item.outcome) == ("dropped", "withdrawn: the refill was undone")
    assert not Entry.objects.filter(object_id=request.pk, retracted_at=None).exists()
    assert Task.objects.filter(kind="refills.desk", done_at=None, for_user=cast.priya).exists()
    with clock.at(LATER + timedelta(minutes=5)):
        actions.approve(again, by=cast.priya)
    assert live(again).issued_by == cast.priya


def test_what_was_undone_takes_no_decision_and_stays_undone(cast: Cast) -> None:
    request, way = signed(cast)
    with clock.at(LATER):
        pharmacies.undo(way, by=cast.priya)
    with pytest.raises(Conflict, match="undone before it was sent; the request is open again"):
        actions.approve(request, reasons=WHY, by=cast.priya)
    for state in ("approved", "requested", "declined"):
        with pytest.raises(InternalError), transaction.atomic():
            RefillRequest.objects.filter(pk=request.pk).update(state=state)


def test_after_ten_seconds_the_request_stays_decided(cast: Cast) -> None:
    request, way = signed(cast)
    with clock.at(LATER + timedelta(seconds=10)), pytest.raises(Refused, match="The ten seconds are over"):
        pharmacies.undo(way, by=cast.priya)
    assert RefillRequest.objects.get().state == "approved"
    assert live(request).voided_at is None


def test_undoing_what_was_no_refill_opens_nothing(cast: Cast) -> None:
    order = running_out(cast.ana, cast.priya)
    way = Transmission.objects.get(authorisation__order=order)
    with clock.at(way.asked_at):
        assert pharmacies.undo(way, by=cast.priya) == []
    assert not RefillRequest.objects.exists()


def test_a_request_past_its_run_out_rises_once_and_ends_with_its_decision(cast: Cast) -> None:
    all_clear(cast)
    request = opened(running_out(cast.ana, cast.priya))
    rising = Task.objects.filter(kind="refills.overdue", done_at=None)
    with clock.at(moment(30, "04:10")):  # the day on which it ends
        actions.open_due()
    assert not rising.exists()
    with clock.at(moment(31, "04:10")):
        actions.open_due()
        actions.open_due()
        task = rising.get()
        assert (task.for_user, task.urgent) == (cast.priya, True)
        assert "ertraline" not in task.sentence
        actions.approve(request, reasons=WHY, by=cast.priya)
    assert not rising.exists()
    assert DUE < LATER
