"""Samples: handed out here in place of a prescription, with their lot; on the list, in the checks, in the run-out."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from clinic.refusal import Refused
from medications.prescribing import actions, listing
from medications.prescribing.models import Authorisation, DoseOrder, Fill
from medications.refills import queries as refills
from patients.timeline.models import Entry
from tests.cast import Cast, client
from tests.medications.prescribing.given import TODAY, changed, started, supply

LOT = "B2291"


def sampled(cast: Cast, **more: Any) -> DoseOrder:
    """Sertraline begun with a box of seven."""
    return started(cast.ana, by=cast.priya, **{"supply": supply(7, 7), "sample": LOT, **more})


def test_it_is_a_fill_with_its_lot_and_no_prescription(cast: Cast) -> None:
    sampled(cast)
    found = Fill.objects.get()
    assert (found.told_by, found.lot, found.quantity, found.filled_on) == ("sample", LOT, Decimal(7), TODAY)
    assert (found.authorisation, Authorisation.objects.count()) == (None, 0)


def test_the_list_marks_it_until_a_prescription_is_written(cast: Cast) -> None:
    order = sampled(cast)
    page = reverse("prescribing:medication", args=[cast.ana.pk])
    assert ">sample<" in client(cast.tess).get(page).content.decode()
    actions.authorise(order.prescription, supply=supply(), by=cast.priya)
    assert not listing.medicines(cast.ana.pk, TODAY).ours[0].sample
    assert ">sample<" not in client(cast.tess).get(page).content.decode()


def test_it_runs_out_as_any_supply_does(cast: Cast) -> None:
    sampled(cast)
    [one] = refills.running(TODAY)
    assert (one.forecast.supply_end, one.forecast.confirmed) == (TODAY + timedelta(days=7), True)


def test_it_takes_part_in_the_checks(cast: Cast) -> None:
    sampled(cast)
    with pytest.raises(Refused, match="Cannot sign yet"):
        started(cast.ana, by=cast.priya, drug="phenelzine", strength=15)


def test_a_change_of_dose_may_be_one(cast: Cast) -> None:
    order = started(cast.ana, by=cast.priya)
    changed(order.prescription, by=cast.priya, supply=supply(14, 14), sample=LOT)
    assert Fill.objects.get().lot == LOT
    assert not Authorisation.objects.filter(voided_at=None).exists()


def test_the_timeline_says_that_it_was_a_sample(cast: Cast) -> None:
    sampled(cast)
    assert Entry.objects.get(kind="refill").label == "sertraline sample handed out, 7 for 7 days"


def test_it_is_handed_out_for_a_medicine_that_is_taken_already(cast: Cast) -> None:
    order = started(cast.ana, by=cast.priya, supply=None)
    address = reverse("prescribing:fill", args=[cast.ana.pk, order.prescription_id])
    data = {"filled_on": TODAY.isoformat(), "quantity": "7", "days_supply": "7", "told_by": "sample", "lot": LOT}
    assert client(cast.priya).post(address, data).status_code == 302
    assert Fill.objects.get().lot == LOT


def test_a_sample_uses_up_no_prescription(cast: Cast) -> None:
    order = started(cast.ana, by=cast.priya)
    given: dict[str, Any] = {"quantity": supply(7).quantity, "days_supply": 7, "told_by": "sample", "lot": LOT}
    found = actions.record_fill(order.prescription, filled_on=TODAY, by=cast.priya, **given)
    assert found.authorisation is None


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ({"sample": ""}, "Write the lot number of the sample"),
        ({"supply": None}, "Write how much is handed out"),
        ({"supply": supply(7, 7, refills=1)}, "A sample has no refills"),
        ({"from_day": TODAY + timedelta(days=1)}, "A sample is for a dose that begins today"),
        ({"drug": "clonazepam", "strength": "0.5"}, "A controlled substance is not handed out as a sample"),
    ],
)
def test_what_is_no_sample(cast: Cast, more: dict[str, Any], sentence: str) -> None:
    with pytest.raises(Refused, match=sentence):
        sampled(cast, **more)
    assert not DoseOrder.objects.exists()


def test_a_therapist_hands_none_out(cast: Cast) -> None:
    order = started(cast.ana, by=cast.priya, supply=None)
    address = reverse("prescribing:fill", args=[cast.ana.pk, order.prescription_id])
    assert "sample" not in client(cast.tess).get(address).content.decode()
    with pytest.raises(Refused, match="Only a prescriber"):
        actions.record_fill(
            order.prescription, filled_on=TODAY, quantity=supply(7).quantity, days_supply=7, told_by="sample", lot=LOT,
            by=cast.tess,
        )  # fmt: skip


def test_none_of_yesterday(cast: Cast) -> None:
    order = started(cast.ana, by=cast.priya, supply=None)
    with pytest.raises(Refused, match="on the day on which it is handed out"):
        actions.record_fill(
            order.prescription, filled_on=TODAY - timedelta(days=1), quantity=supply(7).quantity, days_supply=7,
            told_by="sample", lot=LOT, by=cast.priya,
        )  # fmt: skip


@pytest.mark.parametrize("change", [{"lot": ""}, {"told_by": "pharmacy"}, {"authorisation": True}])
def test_the_database_refuses_half_a_sample(cast: Cast, change: dict[str, Any]) -> None:
    order = started(cast.ana, by=cast.priya)
    given = {"told_by": "sample", "lot": LOT, "authorisation": None} | change
    given["authorisation"] = order.authorisations.get() if given["authorisation"] else None
    with pytest.raises(IntegrityError, match="fill_sample_has_lot"), transaction.atomic():
        Fill.objects.create(
            prescription=order.prescription, patient=cast.ana, filled_on=TODAY, quantity=7, days_supply=7,
            recorded_at=order.signed_at, recorded_by=cast.priya, **given,
        )  # fmt: skip


def test_the_form_keeps_what_was_typed_where_the_lot_is_missing(cast: Cast) -> None:
    order = started(cast.ana, by=cast.priya)
    data = {
        "product": str(order.product_id), "q_morning": "2", "every_days": "1", "from_day": TODAY.isoformat(),
        "quantity": "14", "days": "7", "refills": "0", "reason": "Partial response.", "based_on": "0", "sample": "on",
    }  # fmt: skip
    answer = client(cast.priya).post(reverse("prescribing:change", args=[cast.ana.pk, order.prescription_id]), data)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Write the lot number of the sample." in page
    assert "Partial response." in page
