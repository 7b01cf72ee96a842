"""A part of a fill: the pharmacy owes the rest, and both together use up one of what was authorised."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clinic import clock
from clinic.refusal import Refused
from clinic.rows import new_id
from clinic.web.templatetags.words import short_day
from medications.controlled import actions as controlled
from medications.prescribing import actions as prescribing
from medications.prescribing import listing
from medications.prescribing.models import DoseOrder, Fill
from medications.refills import queries, sweep
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


def test_the_rest_comes_in_pieces_until_one_ends_it(cast: Cast, order: DoseOrder) -> None:
    first = part(order, 0, 10, cast)
    piece = part(order, 3, 5, cast)
    assert (piece.completes, piece.authorisation, ends(order, 4)) == (first, first.authorisation, (day(15), day(60), 1))
    part(order, 5, 8, cast)
    assert ends(order, 6) == (day(23), day(60), 1)
    last = part(order, 8, 7, cast, partial=False)
    assert (last.completes, ends(order, 9)) == (first, (day(30), day(60), 1))
    assert part(order, 25, 30, cast, partial=False).completes is None
    assert ends(order, 26) == (day(60), day(60), 0)


def test_who_gets_less_than_is_owed_and_is_owed_no_more_runs_out_sooner(cast: Cast, order: DoseOrder) -> None:
    part(order, 0, 10, cast)
    part(order, 3, 5, cast)
    part(order, 6, 5, cast, partial=False)
    assert ends(order, 7) == (day(20), day(50), 1)


@pytest.mark.parametrize("days", [15, 16, 30])
def test_a_piece_is_less_than_what_is_owed(cast: Cast, order: DoseOrder, days: int) -> None:
    part(order, 0, 10, cast)
    part(order, 3, 5, cast)
    with pytest.raises(Refused, match="Of an earlier part 15 for 15 days are still owed"):
        part(order, 6, days, cast)


def test_a_piece_in_error_is_owed_again_but_not_behind_what_ended_the_rest(cast: Cast, order: DoseOrder) -> None:
    first = part(order, 0, 10, cast)
    piece = part(order, 3, 5, cast)
    last = part(order, 6, 15, cast, partial=False)
    with clock.at(moment(7)):
        for one in (first, piece):
            with pytest.raises(Refused, match="Mark the rest as entered in error first"):
                prescribing.retract_fill(one, reason="Wrong box.", by=cast.priya)
        prescribing.retract_fill(last, reason="Wrong box.", by=cast.priya)
        assert ends(order, 7) == (day(15), day(60), 1)
        prescribing.retract_fill(piece, reason="Wrong box.", by=cast.priya)
        assert ends(order, 7) == (day(10), day(60), 1)
        prescribing.retract_fill(first, reason="Wrong box.", by=cast.priya)


def test_in_schedule_ii_no_piece_follows(cast: Cast) -> None:
    """R-RX-01; 21 CFR 1306.13: the rest lapses, a further quantity needs a new prescription."""
    order = running_out(cast.ana, cast.priya, regimen=regimen("methylphenidate", 10))
    part(order, 0, 10, cast)
    with pytest.raises(Refused, match="Nothing is authorised of which this could be a part"):
        part(order, 2, 5, cast)


def test_the_page_says_what_is_owed_and_which_pieces_came(cast: Cast, order: DoseOrder) -> None:
    part(order, 0, 10, cast)
    part(order, 3, 5, cast)
    address = f"/medicines/{cast.ana.pk}/{order.prescription_id}/fill/"
    with clock.at(moment(4)):
        page = client(cast.tess).get(address)
    assert "5 for 5 days, a piece of the rest, told by the pharmacy" in page.content.decode()
    assert f"Of the fill of {short_day(day(0))} the pharmacy still owes 15 for 15 days." in page.content.decode()
    form = page.context["form"]
    assert (form["quantity"].value(), form["days_supply"].value()) == ("15", 15)


Chain = tuple[list[int], bool]  # days of the part and the pieces of its rest; whether the last of them ends it
chains_of = st.lists(
    st.tuples(st.lists(st.integers(1, 7), min_size=1, max_size=4), st.booleans()), min_size=1, max_size=3
)  # fmt: skip


def written(order: DoseOrder, chains: list[Chain], gaps: list[int]) -> dict[int, int]:
    """The fills of each chain on days that follow one another; how many days' worth came on which day."""
    came, on, authorisation = {}, 0, order.authorisations.get()
    for place, (pieces, ended) in enumerate(chains):
        first = None
        for number, days in enumerate(pieces):
            last = number == len(pieces) - 1 and number > 0 and (ended or place < len(chains) - 1)
            made = Fill.objects.create(
                prescription=order.prescription, patient_id=order.patient_id, authorisation=authorisation,
                filled_on=day(on), quantity=days, days_supply=days, told_by="pharmacy", partial=not last,
                completes=first, recorded_at=order.signed_at, recorded_by_id=order.signed_by_id,
            )  # fmt: skip
            first = first or made
            came[on] = days
            on += 1 + gaps[(place + number) % len(gaps)]
    return came


def used_up(came: dict[int, int], to_come: int) -> tuple[int, int]:
    """Day by day, one day's worth each: when what came is gone, and when what is still to come is, had at once then."""
    stock, on, empty = 0, 0, None
    while True:
        stock += came.get(on, 0)
        if not stock and on > max(came):
            if empty is not None or not to_come:
                return (on if empty is None else empty), on
            empty, stock = on, to_come
        elif not stock and on == max(came):
            raise AssertionError("what came on its day is there")
        stock, on = max(0, stock - 1), on + 1


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(chains=chains_of, gaps=st.lists(st.integers(0, 9), min_size=1, max_size=4))
def test_parts_and_pieces_against_a_count_day_by_day(
    cast: Cast, pieces_of: DoseOrder, chains: list[Chain], gaps: list[int]
) -> None:
    """R-RX-11: thirty days and three refills; what is dispensed in pieces ends on the day a count says, here and in
    the database, which asks the desk ten days before."""
    whole, fills = 30, 4
    with transaction.atomic():
        came = written(pieces_of, chains, gaps)
        open_ones = [
            whole - sum(pieces) for place, (pieces, ended) in enumerate(chains)
            if len(pieces) == 1 or (place == len(chains) - 1 and not ended)
        ]  # fmt: skip
        empty, gone = used_up(came, sum(open_ones) + whole * (fills - len(chains)))
        assert ends(pieces_of, max(came))[:2] == (day(empty), day(gone))
        asked = (sweep.due(day(gone - 11)), sweep.due(day(gone - 10)))
        assert asked == ([], [pieces_of.prescription_id])
        transaction.set_rollback(True)


@pytest.fixture
def pieces_of(cast: Cast) -> DoseOrder:
    return running_out(cast.ana, cast.priya, supply=supply(refills=3))


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


def test_the_database_refuses_a_fill_that_completes_itself(cast: Cast, order: DoseOrder) -> None:
    key = new_id()
    with pytest.raises(IntegrityError, match="fill_completes_another"), transaction.atomic():
        Fill.objects.create(
            pk=key, completes_id=key, prescription=order.prescription, patient=cast.ana, filled_on=day(5), quantity=5,
            days_supply=5, told_by="pharmacy", recorded_at=order.signed_at, recorded_by=cast.priya,
            authorisation=order.authorisations.get(),
        )  # fmt: skip


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ({"partial": True}, "fill_part_of_an_authorisation"),
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
