"""The refill desk and titration packs: one supply over all steps; what follows is a supply of the last dose."""

import pytest

from clinic import clock
from medications.prescribing.models import DoseOrder
from medications.refills import actions, queries
from tests.cast import Cast
from tests.medications.prescribing.given import Whatever, pack, regimen
from tests.medications.refills.given import all_clear, day, moment, numbers, opened, running_out


@pytest.fixture
def starter(cast: Cast) -> DoseOrder:
    """25 mg from March 2, 50 mg from day 14: 42 tablets for 28 days."""
    return running_out(cast.ana, cast.priya, regimen=regimen("lamotrigine", 25), **pack())


@pytest.mark.parametrize("on", [0, 13, 14, 20])
def test_in_every_step_the_supply_is_the_packs(starter: DoseOrder, on: int) -> None:
    [one] = queries.running(day(on))
    assert (one.forecast.supply_end, one.forecast.authorised_end, one.answered.opens_on) == (day(28), day(28), day(18))


def test_the_desk_is_not_asked_before_the_last_step(cast: Cast) -> None:
    """Ten days before the end another step would still be to come: it is the last dose that goes on."""
    running_out(
        cast.ana,
        cast.priya,
        regimen=regimen("lamotrigine", 25),
        answers=Whatever(),
        **pack(14, 10, quantity=46, days=28),
    )  # 25 mg, from day 14 50 mg, from day 24 75 mg
    for on, due in ((18, False), (23, False), (24, True)):
        [one] = queries.running(day(on))
        assert (one.answered.opens_on, one.due) == (day(24), due)


def test_what_follows_is_a_supply_of_the_last_dose(cast: Cast, starter: DoseOrder) -> None:
    all_clear(cast)
    request = opened(starter, moment(20))
    with clock.at(moment(20)):
        actions.approve(request, by=cast.priya)
    assert numbers(request) == ("60", 30, 0, False)
