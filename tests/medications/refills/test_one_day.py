"""List, page of fills, plan and refill desk tell one day, from one function (R-RX-11, port RUN_OUT)."""

from datetime import date
from decimal import Decimal

import pytest
from django.urls import reverse

from clinic import clock
from clinic.ports import RunOut
from clinic.web.templatetags.words import short_day
from medications.prescribing import actions as prescribing
from medications.prescribing import listing
from medications.prescribing.models import DoseOrder
from medications.refills import queries
from tests.cast import Cast, client
from tests.medications.prescribing.given import Whatever, changed, pack, regimen
from tests.medications.refills.given import day, filled, moment, running_out


def told(cast: Cast, on: int) -> RunOut | None:
    """What the medication list says on that day."""
    with clock.at(moment(on)):
        [line] = listing.medicines(cast.ana.pk, day(on)).ours
    return line.runs_out


def desk(on: int) -> tuple[date, bool]:
    [one] = queries.running(day(on))
    return one.forecast.supply_end, one.forecast.confirmed


def test_a_change_in_the_middle_of_a_pack_leaves_the_older_box_out(cast: Cast) -> None:
    """The pack's box would last until day 28; from day 10 on another dose is taken, of which thirty days were had."""
    order = running_out(cast.ana, cast.priya, regimen=regimen("lamotrigine", 25), **pack())
    filled(order, 0, 28, by=cast.priya, quantity=42)
    assert told(cast, 9) == RunOut(day(28), confirmed=True, told=True)
    with clock.at(moment(10)):
        changed(order.prescription, by=cast.priya, strength=100, answers=Whatever())
    filled(order, 10, by=cast.priya)
    assert told(cast, 11) == RunOut(day(40), confirmed=True, told=True)
    assert desk(11) == (day(40), True)


def test_as_if_filled_when_due_it_is_said_so(cast: Cast) -> None:
    running_out(cast.ana, cast.priya)
    assert told(cast, 4) == RunOut(day(30), confirmed=False, told=False)
    assert desk(4) == (day(30), False)
    address = reverse("prescribing:medication", kwargs={"patient_id": cast.ana.pk})
    with clock.at(moment(4)):
        page = client(cast.tess).get(address).content.decode()
    assert f"until {short_day(day(30))} if filled when due, fills not confirmed" in page


def test_with_nothing_to_count_from_no_day_is_told(cast: Cast) -> None:
    running_out(cast.ana, cast.priya, supply=None)
    assert told(cast, 4) is None


@pytest.mark.parametrize(("on", "end"), [(5, 30), (20, 45)])
def test_a_hold_that_goes_on_uses_nothing(cast: Cast, on: int, end: int) -> None:
    order = running_out(cast.ana, cast.priya)
    filled(order, 0, by=cast.priya)
    with clock.at(moment(5)):
        prescribing.hold(order.prescription, reason="Rash.", by=cast.priya)
    assert told(cast, on) == RunOut(day(end), confirmed=True, told=True)
    assert desk(on) == (day(end), True)


def test_what_stops_on_a_later_day_lasts_as_long_as_it_lasts(cast: Cast) -> None:
    order = running_out(cast.ana, cast.priya)
    filled(order, 0, by=cast.priya)
    with clock.at(moment(5)):
        prescribing.stop(order.prescription, on=day(50), reason="Tapered.", answers=Whatever(), by=cast.priya)
    assert told(cast, 6) == RunOut(day(30), confirmed=True, told=True)
    assert queries.running(day(6)) == []  # the desk is not asked for more


@pytest.fixture
def order(cast: Cast) -> DoseOrder:
    return running_out(cast.ana, cast.priya)


def test_a_loss_counts(cast: Cast, order: DoseOrder) -> None:
    filled(order, 0, by=cast.priya)
    with clock.at(moment(10)):
        prescribing.record_loss(order.prescription, lost_on=day(10), days=7, reason="Spilt.", by=cast.priya)
    assert told(cast, 10) == RunOut(day(23), confirmed=True, told=True)


def test_the_page_of_fills_tells_it_too(cast: Cast, order: DoseOrder) -> None:
    with clock.at(moment(0)):
        changed(order.prescription, by=cast.priya)
    filled(order, 3, by=cast.priya)
    address = reverse("prescribing:fill", kwargs={"patient_id": cast.ana.pk, "pk": order.prescription_id})
    with clock.at(moment(4)):
        page = client(cast.tess).get(address).content.decode()
    assert f"lasts until {short_day(day(33))}, counted from known fills" in page
    assert Decimal(30) == order.prescription.fills.get().quantity
