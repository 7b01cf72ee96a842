"""Signed together: only where every gate is in order, never a controlled substance, each as it was shown."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from clinic import clock
from clinic.audit.models import AuditEvent
from medications.prescribing.actions import Supply
from medications.prescribing.models import Authorisation, DoseOrder, Prescription
from medications.refills import actions
from medications.refills.actions.batching import OTHER
from medications.refills.models import RefillRequest
from patients.record.models import Patient
from patients.risk.models import RiskFlag
from tests.cast import Cast, client, on_team, patient
from tests.medications.pharmacies.given import pharmacy
from tests.medications.prescribing.given import changed, regimen, supply
from tests.medications.refills.given import DUE, all_clear, booked, filled, opened, running_out, seen

PAGE, USUAL = "/refills/in-order/", Supply(Decimal(30), 30, 0)


def in_order(cast: Cast, who: Patient, **more: Any) -> RefillRequest:
    """A request of which every gate is in order: seen, booked, filled."""
    on_team(who, cast.priya, "prescriber") if who != cast.ana else None
    order = running_out(who, cast.priya, **more)
    filled(order, 0, by=cast.priya)
    _visits(cast, who)
    return opened(order)


def _visits(cast: Cast, who: Patient) -> None:
    """One clinician sees them one after the other."""
    if who == cast.ana:
        all_clear(cast, who)
        return
    number = int(who.number) - 400
    seen(cast, f"2026-03-{5 + number:02} 11:00", patient=who, with_=cast.priya)
    booked(cast, f"2026-04-{7 + number:02} 11:00", patient=who, with_=cast.priya)


@pytest.fixture
def two(cast: Cast) -> list[RefillRequest]:
    return [in_order(cast, cast.ana), in_order(cast, patient(400, "Bo", "Batch", cast.site))]


def test_each_is_a_decision_of_its_own(cast: Cast, two: list[RefillRequest]) -> None:
    with clock.at(DUE + timedelta(minutes=5)):
        signed, left = actions.approve_each([(one, USUAL) for one in two], by=cast.priya)
    assert ([one.pk for one in signed], left) == ([one.pk for one in two], [])
    assert {one.state for one in RefillRequest.objects.all()} == {"approved"}
    said = AuditEvent.objects.filter(what="refills.approve").values_list("patient_id", flat=True)
    assert set(said) == {one.patient_id for one in two}


def test_one_that_changed_meanwhile_is_left_and_the_others_are_signed(cast: Cast, two: list[RefillRequest]) -> None:
    first, second = two
    with clock.at(DUE + timedelta(minutes=5)):
        RiskFlag.objects.create(patient=cast.ana, source="clinician", sentence="Said so.", raised_at=DUE)
        signed, left = actions.approve_each([(one, USUAL) for one in two], by=cast.priya)
    assert [one.pk for one in signed] == [second.pk]
    assert [(one.pk, said) for one, said in left] == [
        (first.pk, "Not every gate is in order any more: look at it by itself.")
    ]
    assert RefillRequest.objects.get(pk=first.pk).state == "requested"


def test_a_supply_other_than_the_one_shown_is_not_signed(cast: Cast, two: list[RefillRequest]) -> None:
    with clock.at(DUE):
        signed, left = actions.approve_each([(two[0], Supply(Decimal(90), 90, 3))], by=cast.priya)
    assert (signed, [said for _, said in left]) == ([], [OTHER])
    assert Authorisation.objects.filter(prescription=two[0].prescription, voided_at=None).count() == 1


def test_what_is_not_known_is_not_in_order(cast: Cast) -> None:
    """Nobody told of a fill."""
    order = running_out(cast.ana, cast.priya)
    all_clear(cast)
    request = opened(order)
    with clock.at(DUE):
        assert actions.approve_each([(request, USUAL)], by=cast.priya)[0] == []


def test_never_a_controlled_substance(cast: Cast) -> None:
    request = in_order(cast, cast.ana, regimen=regimen("clonazepam", "0.5"), supply=supply())
    with clock.at(DUE):
        signed, left = actions.approve_each([(request, USUAL)], by=cast.priya)
    assert (signed, [said for _, said in left]) == ([], ["A controlled substance is signed by itself."])


def test_what_has_run_out_is_asked_about_first(cast: Cast, two: list[RefillRequest]) -> None:
    with clock.at(DUE + timedelta(days=11)):
        signed, left = actions.approve_each([(two[0], USUAL)], by=cast.priya)
    assert (signed, len(left)) == ([], 1)
    assert left[0][1].startswith("It has run out")


def test_twice_is_once(cast: Cast, two: list[RefillRequest]) -> None:
    with clock.at(DUE):
        actions.approve_each([(one, USUAL) for one in two], by=cast.priya)
        signed, left = actions.approve_each([(one, USUAL) for one in two], by=cast.priya)
    assert (signed, len(left)) == ([], 2)
    assert Authorisation.objects.filter(voided_at=None).count() == 2


def test_the_page_shows_them_and_signs_those_that_stay_marked(cast: Cast, two: list[RefillRequest]) -> None:
    with clock.at(DUE):
        priya = client(cast.priya)
        assert "2 with every gate in order" in priya.get("/refills/").content.decode()
        page = priya.get(PAGE).content.decode()
        assert page.count('name="sign"') == 2
        assert 'value="30/30/0"' in page
        answer = priya.post(PAGE, {"sign": [str(two[1].pk)], f"as:{two[1].pk}": "30/30/0"}, follow=True)
    assert "One refill is signed." in answer.content.decode()
    assert [RefillRequest.objects.get(pk=one.pk).state for one in two] == ["requested", "approved"]


@pytest.mark.parametrize("shown", ["", "30", "x/y/z", "30/30", "NaN/30/0", "-1/30/0"])
def test_hostile_input_signs_nothing(cast: Cast, two: list[RefillRequest], shown: str) -> None:
    with clock.at(DUE):
        data = {"sign": [str(two[0].pk), "x", ""], f"as:{two[0].pk}": shown}
        assert client(cast.priya).post(PAGE, data).status_code == 302
    assert {one.state for one in RefillRequest.objects.all()} == {"requested"}


def test_nobody_signs_what_is_not_theirs(cast: Cast, two: list[RefillRequest]) -> None:
    with clock.at(DUE):
        data = {"sign": [str(two[0].pk)], f"as:{two[0].pk}": "30/30/0"}
        assert client(cast.paul).post(PAGE, data).status_code == 302
        assert client(cast.tess).post(PAGE, data).status_code == 404
    assert RefillRequest.objects.get(pk=two[0].pk).state == "requested"


def test_a_dose_that_changes_soon_leaves_the_batch(cast: Cast, two: list[RefillRequest]) -> None:
    order: DoseOrder = two[0].prescription.orders.get()
    with clock.at(DUE):
        changed(
            Prescription.objects.get(pk=order.prescription_id), by=cast.priya, supply=None,
            from_day=DUE.date() + timedelta(days=12),
        )  # fmt: skip
        page = client(cast.priya).get(PAGE).content.decode()
    assert page.count('name="sign"') == 1


def _asked_early(cast: Cast) -> RefillRequest:
    """Every gate in order and a fill left, but for which a pharmacy asks three weeks before the desk would be asked."""
    order = running_out(cast.ana, cast.priya, supply=supply(refills=1))
    filled(order, 0, by=cast.priya)
    _visits(cast, cast.ana)
    with clock.at(DUE):
        alder = pharmacy(cast.max, name="Alder Pharmacy")
        return actions.pharmacy_asks(order.prescription, pharmacy=alder, asked_on=DUE.date(), by=cast.tess)


EARLY = (
    "It is asked for early: the desk would be asked on Apr 21. Signing it replaces the fill that is still authorised."
)


def test_what_a_pharmacy_asks_for_early_is_looked_at_by_itself(cast: Cast) -> None:
    """R-RX-11: what is still authorised would be replaced unseen."""
    request = _asked_early(cast)
    with clock.at(DUE):
        usual = Supply(Decimal(30), 30, 1)
        signed, left = actions.approve_each([(request, usual)], by=cast.priya)
        assert (signed, [said for _, said in left]) == ([], [f"{EARLY} Look at it by itself."])
        assert actions.approve(request, supply=usual, by=cast.priya).state == "approved"


def test_the_desk_says_that_it_is_early_and_offers_no_batch(cast: Cast) -> None:
    request = _asked_early(cast)
    in_order(cast, patient(400, "Bo", "Batch", cast.site))
    with clock.at(DUE):
        priya = client(cast.priya)
        page = priya.get(f"/refills/{cast.ana.pk}/{request.pk}/").content.decode()
        assert EARLY in page
        assert "Asked for early" in page
        assert "2 to decide, 1 with nothing against" in page
        assert "with every gate in order" not in page


def test_one_that_a_pharmacy_asks_for_when_it_is_due_stays_in_the_batch(cast: Cast, two: list[RefillRequest]) -> None:
    with clock.at(DUE):
        alder = pharmacy(cast.max, name="Alder Pharmacy")
        actions.pharmacy_asks(two[0].prescription, pharmacy=alder, asked_on=DUE.date(), by=cast.tess)
        signed, left = actions.approve_each([(one, USUAL) for one in two], by=cast.priya)
    assert (len(signed), left) == (2, [])
