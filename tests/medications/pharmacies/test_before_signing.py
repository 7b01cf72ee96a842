"""Before a supply is signed its page says where it goes, what the prescription lacks, and when there is none at all."""

from typing import Any

import pytest
from django.urls import reverse

from clinic import clock
from medications.prescribing.models import Authorisation, DoseOrder
from tests.cast import Cast, client
from tests.medications.pharmacies.given import chosen
from tests.medications.prescribing.given import TODAY, product, started
from tests.medications.refills.given import DUE, opened, running_out

NPI = "Your NPI is not on record"


def typed(**change: Any) -> dict[str, Any]:
    """Sertraline 50 mg as a browser sends it."""
    tablet = product("sertraline", 50)
    return {
        "drug": str(tablet.drug_id), "product": str(tablet.pk), "q_morning": "1", "every_days": "1",
        "from_day": TODAY.isoformat(), "quantity": "30", "days": "30", "refills": "0", "reason": "First episode.",
        "target_symptom": "low mood", **change,
    }  # fmt: skip


def checked(cast: Cast, **change: Any) -> str:
    """What the page of a new drug says while that is typed."""
    answer = client(cast.priya).post(reverse("prescribing:check", args=[cast.ana.pk]), typed(**change))
    return " ".join(answer.content.decode().split())


def test_the_way_is_told_to_the_pharmacy_or_on_paper(cast: Cast) -> None:
    assert "No pharmacy is chosen: it is printed for the patient." in checked(cast)
    chosen(cast)
    assert "Leaves for Alderfinch Pharmacy ten seconds after it is signed." in checked(cast)


def test_what_is_controlled_goes_by_the_certified_module_and_asks_no_npi_r_rx_06(cast: Cast) -> None:
    clonazepam = product("clonazepam", "0.5")
    page = checked(cast, drug=str(clonazepam.drug_id), product=str(clonazepam.pk))
    assert "Goes onto the list for the certified module" in page
    assert NPI not in page


def test_a_prescriber_without_an_npi_reads_it_before_signing(cast: Cast) -> None:
    assert NPI in checked(cast)
    cast.priya.npi = "1999900017"
    cast.priya.save()
    assert NPI not in checked(cast)


def test_without_a_quantity_it_says_that_nothing_is_dispensed(cast: Cast) -> None:
    page = checked(cast, quantity="", days="")
    assert "No quantity is written: nothing is dispensed." in page
    assert "Nothing stands against it; nothing is dispensed" in page
    assert NPI not in page
    assert "nothing is dispensed" not in checked(cast)


def test_a_change_says_too_that_what_was_authorised_is_void(cast: Cast) -> None:
    order = started(cast.ana, by=cast.priya)
    address = reverse("prescribing:check", kwargs={"patient_id": cast.ana.pk, "pk": order.prescription_id})
    answer = client(cast.priya).post(address, typed(q_morning="2", quantity="", days=""))
    assert "and what was authorised before is void" in " ".join(answer.content.decode().split())


@pytest.mark.parametrize("change", [{"quantity": "5..0"}, {"days": ""}])
def test_what_cannot_be_read_is_not_taken_for_none(cast: Cast, change: dict[str, str]) -> None:
    page = checked(cast, **change)
    assert "nothing is dispensed" not in page
    assert "Leaves for" not in page


def test_a_sample_is_handed_out_and_needs_no_npi(cast: Cast) -> None:
    page = checked(cast, sample="on", lot="AB12")
    assert "Handed out here: no prescription is written." in page
    assert NPI not in page


def test_signed_without_a_supply_it_says_so_once_more(cast: Cast) -> None:
    address = reverse("prescribing:new", args=[cast.ana.pk])
    page = client(cast.priya).post(address, typed(quantity="", days=""), follow=True).content.decode()
    assert "Nothing goes to a pharmacy: no quantity was written." in page
    assert (DoseOrder.objects.count(), Authorisation.objects.count()) == (1, 0)


def test_the_refill_desk_says_it_above_what_is_to_be_signed(cast: Cast) -> None:
    desk = reverse("refills:desk")
    with clock.at(DUE):
        assert NPI not in client(cast.priya).get(desk).content.decode()
    opened(running_out(cast.ana, cast.priya))
    with clock.at(DUE):
        browser = client(cast.priya)
        assert NPI in browser.get(desk).content.decode()
        cast.priya.npi = "1999900017"
        cast.priya.save()
        assert NPI not in browser.get(desk).content.decode()
