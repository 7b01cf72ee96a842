"""R-MO-99: an overdue item stops silent refills, is shown to both, and never ends the treatment."""

from typing import Any

import pytest

from clinic import clock
from medications.prescribing.queries import practice_today
from medications.refills import actions as refills
from medications.refills import queries
from medications.refills.models import RefillRequest
from tests.cast import Cast
from tests.medications.monitoring.given import CALCIUM, EGFR, LITHIUM, TSH, moment, on, on_lithium, refused, result
from tests.medications.prescribing.given import supply


@pytest.fixture
def lithium(cast: Cast) -> Cast:
    """Ana takes lithium: thirty days, no refills."""
    on_lithium(cast.ana, cast.priya, supply=supply(90, 30))
    return cast


def gate(number: int) -> tuple[str, str]:
    """What the gate says on that day."""
    with clock.at(moment(number)):
        (one,) = queries.running(practice_today())
        found = next(row for row in one.gates() if row["gate"] == "monitoring")
        return found["answer"], found["sentence"]


def test_nothing_on_record_is_not_known(lithium: Cast) -> None:
    assert gate(5)[0] == "not_known"


def test_in_order_while_nothing_is_over_its_days(lithium: Cast) -> None:
    for code in (EGFR, CALCIUM, TSH):
        result(lithium.ana, code, "9", number=0, by=lithium.priya, sure=True)
    assert gate(5) == ("in_order", "What is measured for it is in order.")
    assert gate(21)[0] == "in_order"  # the level is 14 days overdue, as many as it may be


def test_r_mo_99_overdue_past_its_days_asks_for_a_reason(lithium: Cast) -> None:
    for code in (EGFR, CALCIUM, TSH):
        result(lithium.ana, code, "9", number=0, by=lithium.priya, sure=True)
    assert gate(22) == ("ask", "1 measurement is overdue, by 15 days. Say why it is dispensed without.")
    assert gate(48)[1] == "1 measurement is overdue, by 41 days. Say why it is dispensed without."


def test_a_result_puts_it_in_order_again(lithium: Cast) -> None:
    for code in (EGFR, CALCIUM, TSH):
        result(lithium.ana, code, "9", number=0, by=lithium.priya, sure=True)
    result(lithium.ana, LITHIUM, "0.7", number=22, by=lithium.priya)
    assert gate(22)[0] == "in_order"


def test_r_mo_99_it_is_not_refilled_silently_and_not_stopped(lithium: Cast) -> None:
    with clock.at(moment(23)):
        refills.open_due()
        request = RefillRequest.objects.get()
        why = {"seen": "Telephone.", "booked": "Books on Monday.", "dose": "Unchanged."}
        with refused("1 measurement is overdue"):
            refills.approve(request, reasons=why, by=lithium.priya)
        refills.approve(request, reasons=why | {"monitoring": "Drawn this morning."}, by=lithium.priya)
    assert lithium.ana.prescriptions.get().stopped_on is None


def test_what_nothing_is_measured_for_is_in_order(cast: Cast) -> None:
    on("sertraline", 50, cast.ana, cast.priya)
    assert gate(20) == ("in_order", "Nothing that is measured for it can stop a refill.")


def test_one_medicines_overdue_item_stops_another_only_if_it_asks_too(lithium: Cast) -> None:
    on("sertraline", 50, lithium.ana, lithium.priya)
    with clock.at(moment(48)):
        found: dict[str, Any] = {
            one.prescription.drug.generic_name: one.facts.measured.overdue  # type: ignore[union-attr]
            for one in queries.running(practice_today())
        }
    assert (found["sertraline"], found["lithium"]) == (None, 48)
