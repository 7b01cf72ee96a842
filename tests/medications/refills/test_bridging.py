"""A bridge: short, without refills, once until a visit (R-RX-13)."""

from clinic import clock
from medications.prescribing.models import DoseOrder
from medications.refills import actions
from medications.refills.models import RefillRequest
from tests.cast import Cast
from tests.medications.prescribing.given import supply
from tests.medications.refills.given import (
    WHY,
    all_clear,
    live,
    moment,
    numbers,
    opened,
    refused,
    running_out,
    seen,
)


def asked(cast: Cast) -> RefillRequest:
    """Sertraline that runs out, nothing against it."""
    order = running_out(cast.ana, cast.priya)
    all_clear(cast)
    return opened(order)


def test_a_bridge_is_short_has_no_refills_and_is_not_the_next_usual_supply(cast: Cast) -> None:
    order = running_out(cast.ana, cast.priya, supply=supply(refills=2))
    with clock.at(moment(82)):
        found = opened(order, moment(82))
        actions.bridge(found, days=7, reasons=dict(WHY), by=cast.priya)
    assert numbers(order) == ("7", 7, 0, True)
    found.refresh_from_db()
    assert found.state == "bridged"
    with clock.at(moment(90)):
        again = opened(order, moment(90))
        actions.approve(again, reasons=dict(WHY), by=cast.priya)
    assert (live(order).days_supply, live(order).refills) == (30, 2)


def test_a_bridge_lasts_thirty_days_at_most_r_rx_13(cast: Cast) -> None:
    request = asked(cast)
    with refused("A bridge supply lasts 30 days at most."):
        actions.bridge(request, days=31, by=cast.priya)
    with refused("supply: 1 to 366"):
        actions.bridge(request, days=0, by=cast.priya)
    actions.bridge(request, days=30, by=cast.priya)


def test_one_bridge_until_a_visit_or_a_reason_r_rx_13(cast: Cast) -> None:
    request = asked(cast)
    actions.bridge(request, days=7, by=cast.priya)
    order = DoseOrder.objects.get()
    with clock.at(moment(28)):
        second = opened(order, moment(28))
        with refused("A bridge was given on Mar 22 and no visit since"):
            actions.bridge(second, days=7, by=cast.priya)
        actions.bridge(second, days=7, reasons={"bridge": WHY["bridge"]}, by=cast.priya)
    seen(cast, "2026-04-07 10:00", patient=cast.ana, with_=cast.priya)
    with clock.at(moment(40)):
        actions.bridge(opened(order, moment(40)), days=7, reasons={"booked": WHY["booked"]}, by=cast.priya)
    assert RefillRequest.objects.filter(state="bridged").count() == 3
