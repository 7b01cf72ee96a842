"""What is void is taken back before it left, and discontinued after: visibly, and the pharmacy is told, once."""

from datetime import timedelta
from decimal import Decimal

import pytest

from clinic.outbox import actions as outbox
from clinic.outbox.models import OutboxItem
from clinic.outbox.results import Undeliverable
from clinic.refusal import Refused
from medications.pharmacies import actions
from medications.pharmacies.models import Cancellation, Transmission
from medications.prescribing import actions as prescribing
from medications.prescribing.models import Prescription
from patients.inbox.models import Task
from patients.timeline.models import Entry
from tests.cast import Cast
from tests.medications.pharmacies.given import BackEnd, chosen, fill, later, sent, state, way, work
from tests.medications.prescribing.given import TODAY, changed, regimen, started, supply


def prescription(row: Transmission) -> Prescription:
    return Prescription.objects.get(pk=row.authorisation.prescription_id)


def test_a_dose_change_takes_back_what_waits_and_sends_the_new_one(cast: Cast, back_end: type[BackEnd]) -> None:
    chosen(cast)
    old = way(started(cast.ana, by=cast.priya))
    with later(5):
        new = way(changed(prescription(old), by=cast.priya))
    with later(15):
        outbox.deliver_due()
    assert (state(old), state(new), back_end.sent) == ("undone", "sent", [new.pk])
    assert not Cancellation.objects.exists()


@pytest.mark.parametrize("how", ["change", "stop", "error"])
def test_what_has_left_is_discontinued_and_the_pharmacy_told_r_rx_11(
    cast: Cast, back_end: type[BackEnd], how: str
) -> None:
    chosen(cast)
    row = sent(cast)
    with later(days=1):
        if how == "change":
            changed(prescription(row), by=cast.priya)
        elif how == "stop":
            prescribing.stop(prescription(row), reason="Nausea.", by=cast.priya)
        else:
            prescribing.retract_prescription(prescription(row), reason="Wrong chart.", by=cast.priya)
        told = Cancellation.objects.get()
        assert (state(row), told.state, told.asked_by) == ("cancelled", "waiting", cast.priya)
    with later(10, days=1):
        outbox.deliver_due()
    told.refresh_from_db()
    assert (told.state, told.how, back_end.told) == ("sent", "printed", [told.pk])
    labels = list(Entry.objects.filter(object_id=row.pk).values_list("label", flat=True))
    assert "sertraline prescription discontinued at Alderfinch Pharmacy" in labels


def test_refills_that_are_left_are_discontinued_too(cast: Cast, back_end: type[BackEnd]) -> None:
    row = sent(cast, supply=supply(refills=2))
    fill(row, by=cast.priya)
    with later(days=1):
        changed(prescription(row), by=cast.priya)
    assert state(row) == "cancelled"


def test_what_is_used_up_has_nothing_to_discontinue(cast: Cast, back_end: type[BackEnd]) -> None:
    row = sent(cast)
    fill(row, by=cast.priya)
    with later(days=1):
        changed(prescription(row), by=cast.priya)
    assert (state(row), Cancellation.objects.count()) == ("filled", 0)


@pytest.mark.parametrize(("rest", "after"), [((), "cancelled"), ((20,), "filled")])
def test_while_a_rest_is_owed_there_is_something_to_discontinue(
    cast: Cast, back_end: type[BackEnd], rest: tuple[int, ...], after: str
) -> None:
    row = sent(cast)
    part_of(row, cast, 0, 10)
    for days in rest:
        with later(days=1):
            fill(row, by=cast.priya, day=TODAY + timedelta(days=1), quantity=days, days=days)
    with later(days=2):
        changed(prescription(row), by=cast.priya)
    assert state(row) == after


def test_a_part_and_the_pieces_of_its_rest_use_up_one_refill(cast: Cast, back_end: type[BackEnd]) -> None:
    row = sent(cast, supply=supply(refills=1))
    part_of(row, cast, 0, 10)
    part_of(row, cast, 1, 5)
    with later(days=2):
        fill(row, by=cast.priya, day=TODAY + timedelta(days=2), quantity=15, days=15)
        changed(prescription(row), by=cast.priya)
    assert state(row) == "cancelled"


def part_of(row: Transmission, cast: Cast, on: int, days: int) -> None:
    with later(days=on):
        prescribing.record_fill(
            prescription(row), filled_on=TODAY + timedelta(days=on), quantity=Decimal(days), days_supply=days,
            told_by="pharmacy", partial=True, by=cast.priya,
        )  # fmt: skip


def test_a_newer_authorisation_discontinues_the_older(cast: Cast, back_end: type[BackEnd]) -> None:
    row = sent(cast, supply=supply(refills=2))
    with later(days=20):
        prescribing.authorise(prescription(row), supply=supply(), by=cast.priya)
    assert (state(row), state(way(prescription(row)))) == ("cancelled", "waiting")


def test_a_pharmacy_that_cannot_be_told_is_called(cast: Cast, back_end: type[BackEnd]) -> None:
    chosen(cast)
    row = sent(cast)
    back_end.trouble = Undeliverable("No line.")
    with later(days=1):
        prescribing.stop(prescription(row), reason="Nausea.", by=cast.priya)
        outbox.deliver_due()
        told = Cancellation.objects.get()
        assert (told.state, told.failed_why) == ("failed", "No line.")
        task = Task.objects.get(kind="pharmacies.untold", done_at=None)
        assert (task.for_user, task.urgent) == (cast.priya, True)
        with pytest.raises(Refused, match="Only a prescriber"):
            actions.told(told, by=cast.tess)
        actions.told(told, by=cast.priya)
        with pytest.raises(Refused, match="told already"):
            actions.told(told, by=cast.priya)
    told.refresh_from_db()
    assert (told.state, told.sent_by, told.how) == ("sent", cast.priya, "told by a person")
    assert not Task.objects.filter(kind="pharmacies.untold", done_at=None).exists()


def test_paper_is_discontinued_by_a_person(cast: Cast, back_end: type[BackEnd]) -> None:
    row = sent(cast)
    with later(days=1):
        prescribing.stop(prescription(row), reason="Nausea.", by=cast.priya)
        outbox.deliver_due()
    assert (Cancellation.objects.get().state, back_end.told) == ("waiting", [])
    task = Task.objects.get(kind="pharmacies.untold", done_at=None)
    assert task.sentence == "A prescription was discontinued. Tell the patient, or the pharmacy with the paper."


def test_while_it_is_being_told_nobody_ticks_it_off(cast: Cast, back_end: type[BackEnd]) -> None:
    chosen(cast)
    row = sent(cast)
    prescribing.stop(prescription(row), reason="Nausea.", by=cast.priya)
    with pytest.raises(Refused, match="on its way to the pharmacy"):
        actions.told(Cancellation.objects.get(), by=cast.priya)
    assert state(row) == "cancelled"


def test_void_while_it_is_being_sent_the_cancellation_comes_after_it(cast: Cast, back_end: type[BackEnd]) -> None:
    chosen(cast)
    row = way(started(cast.ana, by=cast.priya))
    with later(10):
        found = actions.begin(row)
        assert isinstance(found, Transmission)
    with later(11):
        prescribing.stop(prescription(row), reason="Nausea.", by=cast.priya)
        outbox.deliver_due()
        assert (state(row), back_end.told) == ("cancelled", [])  # it waits for the one that is on its way
        actions.arrived(found, back_end().send(found), by=None)
    with later(60):
        outbox.deliver_due()
    row.refresh_from_db()
    assert (row.state, row.how, back_end.sent) == ("cancelled", "printed", [row.pk])
    assert back_end.told == [Cancellation.objects.get().pk]


def test_a_worker_killed_while_it_was_sending_what_is_void_now_sends_no_more(
    cast: Cast, back_end: type[BackEnd]
) -> None:
    chosen(cast)
    row = way(started(cast.ana, by=cast.priya))
    with later(10):
        outbox.claim()
        actions.begin(row)
    with later(11):
        prescribing.stop(prescription(row), reason="Nausea.", by=cast.priya)
    with later(200):
        outbox.deliver_due()
    assert (back_end.sent, back_end.told) == ([], [Cancellation.objects.get().pk])
    assert OutboxItem.objects.get(kind="pharmacies.send").outcome == "it is discontinued already"


def test_what_failed_and_is_void_needs_nobody(cast: Cast, back_end: type[BackEnd]) -> None:
    back_end.trouble = Undeliverable("No line.")
    row = sent(cast)
    prescribing.stop(prescription(row), reason="Nausea.", by=cast.priya)
    assert not Task.objects.filter(kind="pharmacies.failed", done_at=None).exists()
    assert not Cancellation.objects.exists()


def test_what_was_dispensed_on_is_not_taken_back(cast: Cast, back_end: type[BackEnd]) -> None:
    row = way(started(cast.ana, by=cast.priya))
    fill(row, by=cast.priya, day=TODAY - timedelta(days=0))
    with pytest.raises(Refused, match="dispensed already"):
        actions.undo(row, by=cast.priya)
    assert (state(row), work()) == ("waiting", [("pharmacies.send", "due")])


def test_taking_back_what_is_void_is_refused(cast: Cast, back_end: type[BackEnd]) -> None:
    row = way(started(cast.ana, by=cast.priya, regimen=regimen()))
    actions.undo(row, by=cast.priya)
    row.authorisation.refresh_from_db()
    with pytest.raises(Refused, match="void already"):
        prescribing.take_back(row.authorisation, reason="x", by=cast.priya)
