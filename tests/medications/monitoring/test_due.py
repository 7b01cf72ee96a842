"""Due items follow the order: made when it starts, moved when it changes, closed when it stops (R-MO-LI, R-MO-99)."""

from datetime import timedelta

import pytest

from clinic import clock
from medications.monitoring import actions
from medications.monitoring.models import DueItem
from medications.prescribing import actions as prescribing
from tests.cast import Cast
from tests.medications.monitoring.given import (
    CALCIUM,
    EGFR,
    LITHIUM,
    Everything,
    day,
    due_on,
    fresh,
    moment,
    on,
    on_lithium,
    open_item,
    result,
)
from tests.medications.prescribing.given import regimen, supply


@pytest.fixture
def lithium(cast: Cast) -> Cast:
    """Ana takes lithium."""
    on_lithium(cast.ana, cast.priya)
    return cast


def test_a_start_makes_what_is_due(lithium: Cast) -> None:
    assert due_on(lithium.ana, LITHIUM) == day(7)
    assert {due_on(lithium.ana, code) for code in (EGFR, CALCIUM)} == {day(0)}
    row = open_item(lithium.ana, LITHIUM)
    assert row is not None
    assert (row.protocol, row.anchor, row.reason, row.refill_asks_on) == (
        "lithium", "start", "7 days after the start", day(7 + 14 + 1),
    )  # fmt: skip


def test_a_change_moves_the_level_r_mo_li(lithium: Cast) -> None:
    before = open_item(lithium.ana, LITHIUM)
    order = lithium.ana.dose_orders.get()
    with clock.at(moment(4)):
        prescribing.change_dose(
            order.prescription, regimen=regimen("lithium", 300, "2"), supply=supply(60), reason="Tremor.",
            answers=Everything(), by=lithium.priya,
        )  # fmt: skip
    after = open_item(lithium.ana, LITHIUM)
    assert before is not None
    assert after is not None
    assert (after.pk, after.due_on, after.reason) == (before.pk, day(11), "7 days after the change of dose")


def test_a_stop_closes_everything_with_its_reason(lithium: Cast) -> None:
    order = lithium.ana.dose_orders.get()
    with clock.at(moment(4)):
        prescribing.stop(order.prescription, reason="Tremor.", answers=Everything(), by=lithium.priya)
    assert not DueItem.objects.filter(state="open").exists()
    assert {(row.state, row.closed_why) for row in DueItem.objects.all()} == {
        ("dropped", "nothing that is taken asks for it any more")
    }


def test_a_correction_closes_it_too(lithium: Cast) -> None:
    order = lithium.ana.dose_orders.get()
    prescribing.retract_order(order, reason="Another person.", by=lithium.priya)
    assert not DueItem.objects.filter(state="open").exists()


def test_on_hold_it_is_still_followed(lithium: Cast) -> None:
    order = lithium.ana.dose_orders.get()
    prescribing.hold(order.prescription, reason="Vomits.", by=lithium.priya)
    assert due_on(lithium.ana, LITHIUM) == day(7)


def test_a_result_closes_its_item_and_opens_the_next(lithium: Cast) -> None:
    result(lithium.ana, LITHIUM, "0.7", number=7, by=lithium.priya)
    done = DueItem.objects.get(patient=lithium.ana, code=LITHIUM, state="done")
    assert (done.due_on, done.closed_why) == (day(7), "a result is on record")
    assert due_on(lithium.ana, LITHIUM) == day(14)  # weekly till two in range at the same dose
    result(lithium.ana, LITHIUM, "0.7", number=14, by=lithium.priya)
    assert due_on(lithium.ana, LITHIUM) == day(14 + 90)


def test_a_first_value_closes_the_first_and_opens_the_half_year(lithium: Cast) -> None:
    result(lithium.ana, EGFR, "88", number=1, by=lithium.priya)
    assert due_on(lithium.ana, EGFR) == day(180)


def test_a_result_too_early_closes_nothing(lithium: Cast) -> None:
    before = open_item(lithium.ana, LITHIUM)
    result(lithium.ana, LITHIUM, "0.3", number=2, by=lithium.priya)
    after = open_item(lithium.ana, LITHIUM)
    assert before is not None
    assert after is not None
    assert (after.pk, after.due_on) == (before.pk, day(7))


def test_what_was_entered_in_error_is_due_again(lithium: Cast) -> None:
    row = result(lithium.ana, EGFR, "88", number=1, by=lithium.priya)
    with clock.at(moment(2)):
        actions.retract(row, reason="Another person's.", by=lithium.priya)
    assert due_on(lithium.ana, EGFR) == day(0)
    assert DueItem.objects.filter(patient=lithium.ana, code=EGFR, state="open").count() == 1


def test_one_item_for_two_medicines_that_ask_the_same(lithium: Cast) -> None:
    on("carbamazepine", 200, lithium.ana, lithium.priya)
    row = open_item(lithium.ana, "2951-2")
    assert row is not None
    assert sorted(one["protocol"] for one in row.asks) == ["carbamazepine", "lithium"]
    with clock.at(moment(1)):
        order = lithium.ana.dose_orders.get(prescription__drug__generic_name="lithium")
        prescribing.stop(fresh(order), reason="Tremor.", answers=Everything(), by=lithium.priya)
    row = open_item(lithium.ana, "2951-2")
    assert row is not None
    assert [one["protocol"] for one in row.asks] == ["carbamazepine"]


def test_medicines_from_elsewhere_ask_for_nothing_but_count(lithium: Cast) -> None:
    """An NSAID from elsewhere makes lithium a high risk: three months stay three months (R-MO-LI)."""
    for number in (7, 14):
        result(lithium.ana, LITHIUM, "0.7", number=number, by=lithium.priya)
    with clock.at(moment(20)):
        prescribing.report(
            lithium.ana, drug_text="Ibuprofen", origin="outside", sig_text="as needed",
            started_on=day(20) - timedelta(days=1), by=lithium.tess,
        )  # fmt: skip
    assert not DueItem.objects.filter(prescription__origin="outside").exists()
    row = open_item(lithium.ana, EGFR)
    assert row is not None
    assert row.due_on == day(0)
