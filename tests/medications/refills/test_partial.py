"""A part of a fill: the pharmacy owes the rest, and both together use up one of what was authorised."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from clinic import clock
from clinic.refusal import Refused
from medications.controlled import actions as controlled
from medications.prescribing import actions as prescribing
from medications.prescribing import listing
from medications.prescribing.models import DoseOrder, Fill
from medications.refills import queries
from tests.cast import Cast, client
from tests.medications.prescribing.given import changed, regimen, supply
from tests.medications.refills.given import day, filled, moment, running_out


@pytest.fixture
def order(cast: Cast) -> DoseOrder:
    """Thirty days and one refill."""
    return running_out(cast.ana, cast.priya, supply=supply(refills=1))


def part(order: DoseOrder, on: int, days: int, cast: Cast, *, partial: bool = True) -> Fill:
    """So many days of it dispensed."""
    with clock.at(moment(on)):
        return prescribing.record_fill(
            order.prescription, filled_on=day(on), quantity=Decimal(days), days_supply=days, told_by="pharmacy",
            partial=partial, by=cast.priya,
        )  # fmt: skip


def ends(order: DoseOrder, on: int) -> tuple[date, date, int]:
    [one] = queries.running(day(on), only=[order.prescription_id])
    return one.forecast.supply_end, one.forecast.authorised_end, one.forecast.remaining


def test_what_is_owed_is_still_to_come(cast: Cast, order: DoseOrder) -> None:
    part(order, 0, 10, cast)
    assert ends(order, 1) == (day(10), day(60), 1)


def test_the_rest_uses_up_nothing_more(cast: Cast, order: DoseOrder) -> None:
    first = part(order, 0, 10, cast)
    rest = part(order, 3, 20, cast, partial=False)
    assert (rest.completes, rest.authorisation) == (first, first.authorisation)
    assert ends(order, 4) == (day(30), day(60), 1)


def test_a_fill_of_more_than_what_is_owed_is_the_next(cast: Cast, order: DoseOrder) -> None:
    part(order, 0, 10, cast)
    following = part(order, 9, 30, cast, partial=False)
    assert following.completes is None
    assert ends(order, 10) == (day(40), day(60), 0)


def test_the_refills_that_are_left_are_counted_so_on_the_list_and_at_the_next_fill(
    cast: Cast, order: DoseOrder
) -> None:
    part(order, 0, 10, cast)
    part(order, 3, 20, cast, partial=False)
    with clock.at(moment(4)):
        assert listing.medicines(cast.ana.pk, day(4)).ours[0].fills_left == 1
    filled(order, 30, by=cast.priya)
    assert Fill.objects.get(filled_on=day(30)).authorisation == order.authorisations.get()
    assert ends(order, 31) == (day(60), day(60), 0)


def test_in_error_the_rest_is_owed_again(cast: Cast, order: DoseOrder) -> None:
    first = part(order, 0, 10, cast)
    rest = part(order, 3, 20, cast, partial=False)
    with clock.at(moment(4)):
        with pytest.raises(Refused, match="Mark the rest as entered in error first"):
            prescribing.retract_fill(first, reason="Wrong box.", by=cast.priya)
        prescribing.retract_fill(rest, reason="Not picked up.", by=cast.priya)
    assert ends(order, 4) == (day(10), day(60), 1)
    again = part(order, 6, 20, cast, partial=False)
    assert again.completes == first


def test_with_another_dose_nothing_is_owed_any_more(cast: Cast, order: DoseOrder) -> None:
    part(order, 0, 10, cast)
    with clock.at(moment(5)):
        later = changed(order.prescription, by=cast.priya)
    assert ends(later, 5) == (day(35), day(35), 0)
    assert part(later, 6, 20, cast, partial=False).completes is None


def test_in_schedule_ii_the_rest_lapses(cast: Cast) -> None:
    order = running_out(cast.ana, cast.priya, regimen=regimen("methylphenidate", 10))
    part(order, 0, 10, cast)
    assert ends(order, 1) == (day(10), day(10), 0)


def test_more_refills_of_a_controlled_one_count_the_part_and_its_rest_once_r_rx_03(cast: Cast) -> None:
    order = running_out(cast.ana, cast.priya, regimen=regimen("clonazepam", "0.5"), supply=supply(refills=2))
    part(order, 0, 10, cast)
    part(order, 3, 20, cast, partial=False)
    with clock.at(moment(5)):
        added = controlled.add_refills(order.authorisations.get(), refills=1, by=cast.priya)
    assert added.refills == 2  # two were left, one is added, the first of them is no refill


@pytest.mark.parametrize(
    ("days", "sentence"),
    [(30, "A part is less than what was authorised, 30 for 30 days"), (31, "A part is less than what was authorised")],
)
def test_the_whole_is_no_part(cast: Cast, order: DoseOrder, days: int, sentence: str) -> None:
    with pytest.raises(Refused, match=sentence):
        part(order, 0, days, cast)


def test_a_second_part_waits_for_the_rest_of_the_first(cast: Cast, order: DoseOrder) -> None:
    part(order, 0, 10, cast)
    with pytest.raises(Refused, match="The rest of an earlier part is still owed"):
        part(order, 3, 5, cast)


def test_nothing_authorised_is_no_part(cast: Cast) -> None:
    order = running_out(cast.ana, cast.priya, supply=None)
    with pytest.raises(Refused, match="Nothing is authorised"):
        part(order, 0, 10, cast)


def test_it_is_told_on_the_page_of_fills(cast: Cast, order: DoseOrder) -> None:
    address = f"/medicines/{cast.ana.pk}/{order.prescription_id}/fill/"
    data = {
        "filled_on": day(0).isoformat(), "quantity": "10", "days_supply": "10", "told_by": "pharmacy", "partial": "on"
    }  # fmt: skip
    with clock.at(moment(0)):
        assert client(cast.tess).post(address, data).status_code == 302
        page = client(cast.tess).get(address)
        assert "10 for 10 days, a part of it, told by the pharmacy" in page.content.decode()
        form = page.context["form"]
        assert (form["quantity"].value(), form["days_supply"].value()) == ("20", 20)  # the rest is suggested


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ({"partial": True}, "fill_part_of_an_authorisation"),
        ({"partial": True, "completes": True, "authorisation": True}, "fill_rest_is_whole"),
        ({"completes": True, "authorisation": True}, "fill_completed_once"),
    ],
)
def test_the_database_refuses(cast: Cast, order: DoseOrder, change: dict[str, bool], constraint: str) -> None:
    first = part(order, 0, 10, cast)
    part(order, 3, 20, cast, partial=False)
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Fill.objects.create(
            prescription=order.prescription, patient=cast.ana, filled_on=day(5), quantity=5, days_supply=5,
            told_by="pharmacy", recorded_at=order.signed_at, recorded_by=cast.priya,
            partial=change.get("partial", False), completes=first if change.get("completes") else None,
            authorisation=first.authorisation if change.get("authorisation") else None,
        )  # fmt: skip
