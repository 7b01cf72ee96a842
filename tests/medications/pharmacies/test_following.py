"""Filled and picked up, as pharmacies and patients tell; what was told in error goes back. All of it in the story."""

from datetime import timedelta

import pytest

from clinic.audit.models import AuditEvent
from clinic.outbox import actions as outbox
from clinic.refusal import Refused
from medications.pharmacies import actions
from medications.pharmacies.models import PickUp
from medications.prescribing import actions as prescribing
from medications.prescribing.models import Fill
from patients.timeline.models import Entry
from tests.cast import Cast
from tests.medications.pharmacies.given import BackEnd, chosen, fill, later, sent, state, way
from tests.medications.prescribing.given import TODAY, started, supply

TOMORROW = TODAY + timedelta(days=1)


def test_the_whole_way_stands_in_timeline_and_audit(cast: Cast, back_end: type[BackEnd]) -> None:
    chosen(cast)
    row = sent(cast)
    with later(days=1):
        fill(row, by=cast.priya, day=TOMORROW)
        assert state(row) == "filled"
        made = actions.pick_up(row, on=TOMORROW, told_by="patient", by=cast.tess)
    row.refresh_from_db()
    assert (row.state, row.pick_up) == ("picked_up", made)
    told = Entry.objects.filter(kind="refill", retracted_at=None).order_by("recorded_at", "pk")
    assert list(told.values_list("label", flat=True)) == [
        "sertraline prescription sent to Alderfinch Pharmacy", "sertraline filled, 30 for 30 days",
        "sertraline picked up",
    ]  # fmt: skip
    steps = AuditEvent.objects.filter(patient_id=cast.ana.pk, kind__in=["signed", "created", "sent"]).order_by("pk")
    assert [what for what in steps.values_list("what", flat=True) if "choose" not in what] == [
        "prescribing.authorise", "pharmacies.send_out", "prescribing.prescribe", "pharmacies.send",
        "prescribing.record_fill", "pharmacies.pick_up",
    ]  # fmt: skip


def test_the_next_fill_is_on_the_shelf_again(cast: Cast, back_end: type[BackEnd]) -> None:
    row = sent(cast, supply=supply(refills=1))
    fill(row, by=cast.priya)
    actions.pick_up(row, on=TODAY, told_by="pharmacy", by=cast.priya)
    with later(days=28):
        second = fill(row, by=cast.priya, day=TODAY + timedelta(days=28))
    row.refresh_from_db()
    assert (row.state, row.fill, row.pick_up) == ("filled", second, None)
    assert PickUp.objects.count() == 1


def test_a_fill_in_error_takes_its_pick_up_along(cast: Cast, back_end: type[BackEnd]) -> None:
    row = sent(cast)
    told = fill(row, by=cast.priya)
    actions.pick_up(row, on=TODAY, told_by="pharmacy", by=cast.priya)
    prescribing.retract_fill(told, reason="Another patient’s.", by=cast.priya)
    row.refresh_from_db()
    assert (row.state, row.fill, row.pick_up) == ("sent", None, None)
    assert PickUp.objects.get().retracted_reason == "Another patient’s."
    assert not Entry.objects.filter(label__contains="filled", retracted_at=None).exists()
    assert not Entry.objects.filter(label__contains="picked up", retracted_at=None).exists()


@pytest.mark.parametrize(
    ("day", "told_by", "sentence"),
    [(-1, "pharmacy", "It was filled on Mar 2"), (1, "pharmacy", "lies in the future"), (0, "nobody", "Say who told")],
)
def test_a_pick_up_makes_sense(cast: Cast, back_end: type[BackEnd], day: int, told_by: str, sentence: str) -> None:
    row = sent(cast)
    fill(row, by=cast.priya)
    with pytest.raises(Refused, match=sentence):
        actions.pick_up(row, on=TODAY + timedelta(days=day), told_by=told_by, by=cast.priya)


def test_nothing_is_picked_up_before_it_is_filled_or_twice(cast: Cast, back_end: type[BackEnd]) -> None:
    row = sent(cast)
    with pytest.raises(Refused, match="No fill is told"):
        actions.pick_up(row, on=TODAY, told_by="pharmacy", by=cast.priya)
    fill(row, by=cast.priya)
    with pytest.raises(Refused, match="Only the care team"):
        actions.pick_up(row, on=TODAY, told_by="pharmacy", by=cast.fran)
    actions.pick_up(row, on=TODAY, told_by="pharmacy", by=cast.priya)
    with pytest.raises(Refused, match="picked up already"):
        actions.pick_up(row, on=TODAY, told_by="pharmacy", by=cast.priya)


def test_a_fill_told_before_the_worker_came_is_seen_when_it_leaves(cast: Cast, back_end: type[BackEnd]) -> None:
    row = way(started(cast.ana, by=cast.priya))
    fill(row, by=cast.priya)
    assert state(row) == "waiting"
    with later(10):
        outbox.deliver_due()
    assert state(row) == "filled"


def test_a_fill_that_used_nothing_authorised_moves_nothing(cast: Cast, back_end: type[BackEnd]) -> None:
    row = sent(cast)
    fill(row, by=cast.priya)
    with later(days=30):
        fill(row, by=cast.priya, day=TODAY + timedelta(days=30))
    assert Fill.objects.filter(authorisation=None).count() == 1
    row.refresh_from_db()
    assert row.fill is not None
    assert row.fill.filled_on == TODAY
