"""Controlled substances: intent, status and number; never a document, never a transmission of ours (R-RX-06)."""

import pytest

from clinic.outbox import actions as outbox
from clinic.refusal import Refused
from medications.pharmacies import actions, queries
from medications.pharmacies.models import Cancellation, Transmission
from medications.prescribing import actions as prescribing
from medications.prescribing.models import Prescription
from patients.inbox.models import Task
from tests.cast import Cast
from tests.medications.pharmacies.given import BackEnd, chosen, later, state, way, work
from tests.medications.prescribing.given import regimen, started


def listed(cast: Cast, drug: str = "lorazepam", strength: str = "0.5") -> Transmission:
    return way(started(cast.ana, by=cast.priya, regimen=regimen(drug, strength), target_symptom="panic"))


@pytest.mark.parametrize(("drug", "strength"), [("lorazepam", "0.5"), ("methylphenidate", "10")])
def test_it_is_listed_and_nothing_leaves_r_rx_06(cast: Cast, back_end: type[BackEnd], drug: str, strength: str) -> None:
    chosen(cast)
    row = listed(cast, drug, strength)
    assert (row.route, row.state, row.content, row.code) == ("module", "listed", {}, "")
    with later(3600):
        outbox.deliver_due()
    assert (work(), back_end.sent, state(row)) == ([], [], "listed")
    assert queries.module_list(cast.priya) == [row]
    assert queries.module_list(cast.paul) == []


def test_the_number_is_written_down_by_a_prescriber_r_rx_05(cast: Cast) -> None:
    row = listed(cast)
    with pytest.raises(Refused, match="Only a prescriber"):
        actions.module_sent(row, number="X-1", by=cast.tess)
    with pytest.raises(Refused, match="Write the number"):
        actions.module_sent(row, number="  ", by=cast.priya)
    made = actions.module_sent(row, number="X-1", by=cast.priya)
    assert (made.state, made.sent_by, made.reference, made.how) == (
        "sent",
        cast.priya,
        "X-1",
        "by the certified module",
    )
    with pytest.raises(Refused, match="no longer on the list"):
        actions.module_sent(row, number="X-2", by=cast.priya)
    assert queries.module_list(cast.priya) == []


def test_what_is_not_controlled_has_no_number(cast: Cast) -> None:
    row = way(started(cast.ana, by=cast.priya))
    with pytest.raises(Refused, match="Only controlled substances"):
        actions.module_sent(row, number="X-1", by=cast.priya)


def test_undone_within_ten_seconds_it_leaves_the_list(cast: Cast) -> None:
    row = listed(cast)
    with later(9):
        actions.undo(row, by=cast.priya)
    assert (state(row), queries.module_list(cast.priya)) == ("undone", [])


def test_after_ten_seconds_only_a_stop_ends_it(cast: Cast) -> None:
    row = listed(cast)
    with later(10), pytest.raises(Refused, match="The ten seconds are over"):
        actions.undo(row, by=cast.priya)
    actions.module_sent(row, number="X-1", by=cast.priya)
    prescription = Prescription.objects.get(pk=row.authorisation.prescription_id)
    with later(days=1):
        prescribing.stop(prescription, reason="Better.", answers={"stop.abrupt": WHY}, by=cast.priya)
    assert (state(row), Cancellation.objects.get().state) == ("cancelled", "waiting")
    task = Task.objects.get(kind="pharmacies.untold")
    assert task.sentence == "A prescription was discontinued. Cancel it in the certified module."


WHY = prescribing.Override("benefit", "Discussed, and watched closely.")
