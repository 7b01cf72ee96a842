"""Authorisations within law and arithmetic; fills as they were told."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from clinic import clock
from clinic.practice.models import Setting
from clinic.refusal import Refused
from medications.prescribing import actions, queries
from medications.prescribing.actions import Regimen
from medications.prescribing.models import Authorisation, Fill, Prescription, StoredFinding
from patients.risk.models import RiskFlag
from tests.cast import Cast, at
from tests.medications.prescribing.given import NOW, TODAY, answered, product, regimen, started, supply


def test_schedule_ii_has_no_refills(cast: Cast) -> None:
    """R-RX-01"""
    with pytest.raises(Refused, match="set refills to 0"):
        started(cast.ana, by=cast.priya, regimen=regimen("methylphenidate", 10), supply=supply(30, 30, 1))
    order = started(cast.ana, by=cast.priya, regimen=regimen("methylphenidate", 10))
    with pytest.raises(Refused, match="set refills to 0"):
        actions.authorise(order.prescription, supply=supply(30, 30, 1), by=cast.priya)


def test_schedule_iv_has_five_refills_within_six_months(cast: Cast) -> None:
    """R-RX-03"""
    with pytest.raises(Refused, match="set refills to 5 or fewer"):
        started(cast.ana, by=cast.priya, regimen=regimen("zolpidem", 5, when="bedtime"), supply=supply(30, 30, 6))
    started(cast.ana, by=cast.priya, regimen=regimen("zolpidem", 5, when="bedtime"), supply=supply(30, 30, 5))
    row = Authorisation.objects.get()
    assert (row.schedule, row.expires_on) == ("IV", date(2026, 9, 2))


def test_schedule_v_follows_the_practice(cast: Cast) -> None:
    """R-RX-04"""
    given = Regimen(product("pregabalin", 75, "capsule"), [{"when": "bedtime", "quantity": "1"}])
    with pytest.raises(Refused, match="by the practice’s policy"):
        started(cast.ana, by=cast.priya, regimen=given, supply=supply(30, 30, 6))
    Setting.objects.create(key="schedule_v_as_iii", value=False, effective_from=TODAY, set_at=NOW)
    started(cast.ana, by=cast.priya, regimen=given, supply=supply(30, 30, 6))
    assert Authorisation.objects.get().expires_on is None


def test_while_a_risk_is_open_two_weeks_of_lithium_or_a_reason(cast: Cast) -> None:
    """R-SI-04"""
    RiskFlag.objects.create(patient=cast.ana, source="item", sentence="Item 9 was 2.", raised_at=NOW)
    lithium = regimen("lithium", 300)
    with pytest.raises(Refused, match="one reason") as refused:
        started(cast.ana, by=cast.priya, regimen=lithium, supply=supply(30, 30))
    assert refused.value.field == "answer:supply.risk"
    order = started(cast.ana, by=cast.priya, regimen=lithium, supply=supply(14, 14))
    with pytest.raises(Refused, match="one reason"):
        actions.authorise(order.prescription, supply=supply(30, 30), by=cast.priya)
    actions.authorise(order.prescription, supply=supply(30, 30), answers=answered("supply.risk"), by=cast.priya)
    assert StoredFinding.objects.get(rule_id="R-SI-04").level == "ask"


def test_a_new_authorisation_voids_the_one_before(cast: Cast) -> None:
    order = started(cast.ana, by=cast.priya)
    new = actions.authorise(order.prescription, supply=supply(30, 30, 2), by=cast.priya)
    assert queries.live_authorisation(Prescription.objects.get()) == new
    assert Authorisation.objects.exclude(pk=new.pk).get().voided_reason == "Replaced by a newer authorisation."


def test_a_bridge_lasts_a_month_at_most(cast: Cast) -> None:
    """R-RX-13"""
    order = started(cast.ana, by=cast.priya)
    with pytest.raises(Refused, match="30 days at most"):
        actions.authorise(order.prescription, supply=supply(60, 60), bridge=True, by=cast.priya)
    assert actions.authorise(order.prescription, supply=supply(14, 14), bridge=True, by=cast.priya).bridge is True


@pytest.mark.parametrize("who", ["tess", "fran", "paul"])
def test_only_a_prescriber_authorises(cast: Cast, who: str) -> None:
    """R-RX-05"""
    order = started(cast.ana, by=cast.priya)
    with pytest.raises(Refused, match="Only a prescriber"):
        actions.authorise(order.prescription, supply=supply(), by=getattr(cast, who))


def test_what_was_stopped_is_not_authorised(cast: Cast) -> None:
    order = started(cast.ana, by=cast.priya)
    actions.stop(order.prescription, reason="No.", by=cast.priya)
    with pytest.raises(Refused, match="stopped already"):
        actions.authorise(order.prescription, supply=supply(), by=cast.priya)


def fill(prescription: Prescription, cast: Cast, **change: Any) -> Fill:
    """A fill told by the pharmacy."""
    given: dict[str, Any] = {
        "filled_on": TODAY, "quantity": Decimal(30), "days_supply": 30, "told_by": "pharmacy", "by": cast.tess, **change
    }  # fmt: skip
    return actions.record_fill(prescription, **given)


def test_a_fill_uses_up_the_authorisation(cast: Cast) -> None:
    order = started(cast.ana, by=cast.priya, supply=supply(30, 30, 1))
    with clock.at(at("2026-05-10 09:00")):
        first = fill(order.prescription, cast)
        second = fill(order.prescription, cast, filled_on=TODAY + timedelta(days=30))
        third = fill(order.prescription, cast, filled_on=TODAY + timedelta(days=60))
    live = Authorisation.objects.get()
    assert (first.authorisation, second.authorisation, third.authorisation) == (live, live, None)


def test_what_has_lapsed_is_filled_no_more(cast: Cast) -> None:
    """R-RX-03: on the last day of six months, and not a day later."""
    order = started(
        cast.ana, by=cast.priya, regimen=regimen("zolpidem", 5, when="bedtime"), supply=supply(30, 30, 5)
    )  # fmt: skip
    with clock.at(at("2026-09-10 09:00")):
        last = fill(order.prescription, cast, filled_on=date(2026, 9, 2))
        late = fill(order.prescription, cast, filled_on=date(2026, 9, 3))
    assert (last.authorisation, late.authorisation) == (Authorisation.objects.get(), None)


def test_a_fill_told_twice_is_one(cast: Cast) -> None:
    order = started(cast.ana, by=cast.priya)
    assert fill(order.prescription, cast) == fill(order.prescription, cast)
    with pytest.raises(Refused, match="recorded already"):
        fill(order.prescription, cast, quantity=Decimal(10))


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"filled_on": TODAY + timedelta(days=1)}, "in the future"),
        ({"filled_on": TODAY - timedelta(days=40)}, "more than a month before"),
        ({"quantity": Decimal(0)}, "more than 0"),
        ({"quantity": "1e9"}, "not a number"),
        ({"days_supply": 0}, "A fill is for 1 to 366 days"),
        ({"told_by": "somebody"}, "who told it"),
    ],
)
def test_what_is_no_fill(cast: Cast, change: dict[str, Any], sentence: str) -> None:
    order = started(cast.ana, by=cast.priya)
    with pytest.raises(Refused, match=sentence):
        fill(order.prescription, cast, **change)
    assert Fill.objects.count() == 0


def test_a_fill_entered_in_error_frees_its_day(cast: Cast) -> None:
    order = started(cast.ana, by=cast.priya)
    row = fill(order.prescription, cast)
    actions.retract_fill(row, reason="Another patient’s.", by=cast.tess)
    assert fill(order.prescription, cast, quantity=Decimal(10), days_supply=10).pk != row.pk


def test_the_desk_records_no_fill(cast: Cast) -> None:
    order = started(cast.ana, by=cast.priya)
    with pytest.raises(Refused, match="Only the care team"):
        fill(order.prescription, cast, by=cast.fran)
