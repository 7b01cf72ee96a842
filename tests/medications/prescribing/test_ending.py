"""On hold is none for now; resumed is as ordered; stopped ends orders and supplies. Never abruptly what must not be."""

from datetime import date, timedelta

import pytest

from clinic import clock
from clinic.audit.models import AuditEvent
from clinic.refusal import Conflict, Refused
from medications.prescribing import actions, queries
from medications.prescribing.models import Authorisation, DoseOrder, HoldPeriod, StoredFinding
from patients.timeline.models import Entry
from tests.cast import Cast, at
from tests.medications.prescribing.given import NOW, TODAY, Whatever, answered, changed, regimen, started, supply

LATER = at("2026-03-12 10:00")


def test_on_hold_takes_none_and_keeps_the_order(cast: Cast) -> None:
    order = started(cast.ana, by=cast.priya)
    found = actions.hold(order.prescription, reason="Vomiting.", by=cast.priya)
    assert (found.held_at, found.held_by, found.hold_reason) == (NOW, cast.priya, "Vomiting.")
    period = HoldPeriod.objects.get()
    assert (period.from_day, period.until_day) == (TODAY, None)
    assert DoseOrder.objects.get().until_day is None


def test_a_hold_is_told_until_it_is_resumed(cast: Cast) -> None:
    order = started(cast.ana, by=cast.priya)
    actions.hold(order.prescription, reason="Vomiting.", by=cast.priya)
    with clock.at(LATER):
        actions.resume(order.prescription, by=cast.priya)
    entry = Entry.objects.get(kind="hold")
    assert (entry.series, entry.occurred_at, entry.until) == ("sertraline", NOW, LATER)
    assert HoldPeriod.objects.get().until_day == date(2026, 3, 12)


@pytest.mark.parametrize("who", ["tess", "fran"])
def test_only_a_prescriber_holds_resumes_and_stops(cast: Cast, who: str) -> None:
    """R-RX-05"""
    order, by = started(cast.ana, by=cast.priya), getattr(cast, who)
    for act in (actions.hold, actions.stop):
        with pytest.raises(Refused, match="Only a prescriber"):
            act(order.prescription, reason="Because.", by=by)


def test_on_hold_nothing_is_changed_or_dispensed(cast: Cast) -> None:
    order = started(cast.ana, by=cast.priya)
    actions.hold(order.prescription, reason="Vomiting.", by=cast.priya)
    with pytest.raises(Refused, match="Resume it first, then change"):
        changed(order.prescription, by=cast.priya)
    with pytest.raises(Refused, match="Resume it first"):
        actions.authorise(order.prescription, supply=supply(), by=cast.priya)
    with pytest.raises(Refused, match="on hold already"):
        actions.hold(order.prescription, reason="Again.", by=cast.priya)


def test_resuming_asks_for_what_came_meanwhile(cast: Cast) -> None:
    order = started(cast.ana, by=cast.priya)
    actions.hold(order.prescription, reason="Vomiting.", by=cast.priya)
    actions.report(cast.ana, drug_text="escitalopram", origin="outside", started_on=TODAY, by=cast.tess)
    with pytest.raises(Refused, match="one override"):
        actions.resume(order.prescription, by=cast.priya)
    actions.resume(order.prescription, answers=answered("pair:escitalopram"), by=cast.priya)
    assert StoredFinding.objects.get(level="stop").code == "pair:escitalopram"


def test_what_was_answered_at_the_signature_is_not_asked_again(cast: Cast) -> None:
    actions.report(cast.ana, drug_text="escitalopram", origin="outside", started_on=TODAY, by=cast.tess)
    order = started(cast.ana, by=cast.priya, answers=answered("pair:escitalopram"))
    actions.hold(order.prescription, reason="Vomiting.", by=cast.priya)
    assert actions.resume(order.prescription, by=cast.priya).held_at is None


def test_stopping_ends_the_order_and_its_supply(cast: Cast) -> None:
    """R-RX-11"""
    with clock.at(at("2026-02-02 09:00")):
        order = started(cast.ana, by=cast.priya)
    row = actions.stop(order.prescription, reason="In remission for a year.", by=cast.priya)
    assert (row.stopped_on, DoseOrder.objects.get().until_day) == (TODAY, TODAY)
    assert Authorisation.objects.get().voided_reason == "Stopped."
    assert queries.active(cast.ana.pk, TODAY) == []
    entry = Entry.objects.get(kind="stop")
    assert (entry.series, entry.label) == ("sertraline", "Sertraline stopped")


def test_stopping_on_a_later_day_is_active_until_then(cast: Cast) -> None:
    order = started(cast.ana, by=cast.priya)
    row = actions.stop(order.prescription, on=TODAY + timedelta(days=14), reason="Agreed.", by=cast.priya)
    assert queries.active(cast.ana.pk, TODAY) == [row]
    assert queries.active(cast.ana.pk, TODAY + timedelta(days=14)) == []


def test_stopping_what_is_on_hold_ends_the_hold(cast: Cast) -> None:
    order = started(cast.ana, by=cast.priya)
    actions.hold(order.prescription, reason="Vomiting.", by=cast.priya)
    row = actions.stop(order.prescription, reason="Not tolerated.", by=cast.priya)
    assert (row.held_at, HoldPeriod.objects.get().until_day) == (None, TODAY)


def test_not_before_the_start_and_not_in_the_past(cast: Cast) -> None:
    ahead = started(cast.ana, by=cast.priya, from_day=TODAY + timedelta(days=3))
    with pytest.raises(Refused, match="cannot stop before that"):
        actions.stop(ahead.prescription, on=TODAY, reason="No.", by=cast.priya)
    with clock.at(LATER), pytest.raises(Refused, match="in the past"):
        actions.stop(ahead.prescription, on=date(2026, 3, 6), reason="No.", by=cast.priya)


def test_twice_is_refused_and_an_older_base_is_a_conflict(cast: Cast) -> None:
    order = started(cast.ana, by=cast.priya)
    with pytest.raises(Conflict):
        actions.stop(order.prescription, reason="No.", based_on=7, by=cast.priya)
    actions.stop(order.prescription, reason="No.", by=cast.priya)
    with pytest.raises(Refused, match="stopped already"):
        actions.stop(order.prescription, reason="No.", by=cast.priya)


def test_a_benzodiazepine_taken_over_a_month_needs_a_reason_to_stop_at_once(cast: Cast) -> None:
    """R-TA-05"""
    with clock.at(at("2026-01-05 09:00")):
        order = started(cast.ana, by=cast.priya, regimen=regimen("clonazepam", 1))
    with pytest.raises(Refused, match="one override"):
        actions.stop(order.prescription, reason="Wishes to.", by=cast.priya)
    actions.stop(order.prescription, reason="Wishes to.", answers=answered("stop.abrupt"), by=cast.priya)
    stored = StoredFinding.objects.get(rule_id="R-TA-05")
    assert (stored.level, stored.override_code) == ("stop", "benefit")
    assert AuditEvent.objects.get(kind="overrode").detail["finding"] == str(stored.pk)


def test_at_the_lowest_dose_it_may_stop(cast: Cast) -> None:
    """R-TA-05, R-TA-01: at the floor, "stop from here"."""
    with clock.at(at("2026-01-05 09:00")):
        low = regimen("clonazepam", "0.5", "0.25")
        order = started(cast.ana, by=cast.priya, regimen=low, supply=None)
    assert actions.stop(order.prescription, reason="End of the taper.", by=cast.priya).stopped_on == TODAY


def test_lithium_is_never_stopped_abruptly_without_a_reason(cast: Cast) -> None:
    order = started(cast.ana, by=cast.priya, regimen=regimen("lithium", 300), supply=supply())
    with pytest.raises(Refused, match="one reason"):
        actions.stop(order.prescription, reason="Wishes to.", by=cast.priya)


def test_the_care_team_stops_what_comes_from_elsewhere(cast: Cast) -> None:
    row = actions.report(cast.ana, drug_text="Sleep gummies", origin="reported", started_on=TODAY, by=cast.tess)
    actions.stop(row, reason="Takes them no more.", by=cast.tess)
    assert queries.active(cast.ana.pk, TODAY) == []


@pytest.mark.parametrize(("drug", "strength"), [("sertraline", 100), ("venlafaxine", 75), ("quetiapine", 100)])
def test_an_antidepressant_or_antipsychotic_taken_over_a_month_asks_why_r_rx_13(
    cast: Cast, drug: str, strength: int
) -> None:
    with clock.at(at("2026-01-05 09:00")):
        order = started(cast.ana, by=cast.priya, drug=drug, strength=strength, supply=None, answers=Whatever())
    with pytest.raises(Refused, match="one reason"):
        actions.stop(order.prescription, reason="Wishes to.", by=cast.priya)
    actions.stop(order.prescription, reason="Wishes to.", answers=answered("stop.abrupt"), by=cast.priya)
    assert StoredFinding.objects.get(code="stop.abrupt").rule_id == "R-RX-13"


def test_within_the_first_month_it_is_a_note(cast: Cast) -> None:
    with clock.at(at("2026-02-05 09:00")):
        order = started(cast.ana, by=cast.priya, strength=100)
    actions.stop(order.prescription, reason="A rash.", by=cast.priya)
    assert StoredFinding.objects.get(code="stop.taper").level == "note"
