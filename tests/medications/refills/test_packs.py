"""The refill desk and titration packs: one supply over all steps; what follows is a supply of the last dose."""

from decimal import Decimal

import pytest
from django.urls import reverse

from clinic import clock
from clinic.refusal import Refused
from medications.prescribing import actions as prescribing
from medications.prescribing.actions import Supply
from medications.prescribing.models import Authorisation, DoseOrder
from medications.refills import actions, queries
from medications.refills.models import RefillRequest
from tests.cast import Cast, client
from tests.medications.prescribing.given import Whatever, pack, regimen, supply
from tests.medications.refills.given import all_clear, day, filled, moment, numbers, opened, running_out


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


def lost(cast: Cast, number: int = 9) -> RefillRequest:
    """The whole pack was dispensed and left on the bus on that day; the desk is asked in the night after it."""
    order = running_out(
        cast.ana,
        cast.priya,
        regimen=regimen("lamotrigine", 25),
        answers=Whatever(),
        **pack(14, 14, quantity=63, days=35),
    )
    filled(order, 0, 35, by=cast.priya, quantity=63)
    with clock.at(moment(number)):
        prescribing.record_loss(order.prescription, lost_on=day(number), days=None, reason="Bus.", by=cast.priya)
    return opened(order, moment(number + 1, "03:00"))


REASONS = dict.fromkeys(["seen", "booked"], "Back from a journey next week.")


def test_in_the_middle_of_the_steps_a_supply_covers_those_that_fall_into_it(cast: Cast) -> None:
    """Ten days after the first: four days of one tablet, fourteen of two, twelve of three."""
    request = lost(cast)
    with clock.at(moment(10)):
        actions.approve(request, reasons=REASONS, by=cast.priya)
    found = Authorisation.objects.get(voided_at=None)
    assert (found.quantity, found.days_supply, found.refills) == (Decimal(4 + 28 + 36), 30, 0)
    assert found.directions == (
        "Take 1 tablet (25\u00a0mg) by mouth each morning for 4 days, "
        "then take 2 tablets (50\u00a0mg) by mouth each morning for 14 days, "
        "then take 3 tablets (75\u00a0mg) by mouth each morning."
    )


def test_the_steps_that_a_supply_covers_ask_nothing(cast: Cast) -> None:
    """Until day 40 it has the tablets and the directions of both steps; a change of dose on day 30 it has not."""
    request = lost(cast)
    with clock.at(moment(10)):
        assert answer_of(request, "change") == (
            "in_order",
            "The steps that begin in it are covered, with their directions.",
        )
        prescribing.change_dose(
            request.prescription, regimen=regimen("lamotrigine", 25, "4"), reason="Well.", from_day=day(30),
            supply=None, answers=Whatever(), by=cast.priya,
        )  # fmt: skip
        assert answer_of(request, "change")[0] == "ask"


def answer_of(request: RefillRequest, gate: str) -> tuple[str, str]:
    """What the gate answers now, for a supply as usual."""
    [now] = queries.running(day(10), only=[request.prescription_id])
    return next((one["answer"], one["sentence"]) for one in now.gates() if one["gate"] == gate)


def test_signed_with_others_such_a_supply_shows_its_directions(cast: Cast) -> None:
    """A bridge of five days in the first step was filled: what follows begins with that step and reaches the next."""
    all_clear(cast)
    request = lost(cast, 5)
    with clock.at(moment(6)):
        actions.bridge(request, days=5, reasons=REASONS, by=cast.priya)
    filled(DoseOrder.objects.filter(prescription=request.prescription).earliest("from_day"), 6, 5, by=cast.priya)
    again = opened(DoseOrder.objects.filter(prescription=request.prescription).earliest("from_day"), moment(7, "03:00"))
    with clock.at(moment(7)):
        page = client(cast.priya).get(reverse("refills:in_order")).content.decode()
    assert f"sign-{again.pk}" in page
    assert "for 7 days, then take 2 tablets" in page


def test_the_desk_reads_what_such_a_supply_says(cast: Cast) -> None:
    request = lost(cast)
    with clock.at(moment(10)):
        page = client(cast.priya).get(reverse("refills:decide", args=[cast.ana.pk, request.pk])).content.decode()
    assert "for 4 days, then take 2 tablets" in page
    assert 'value="68"' in page


def test_a_bridge_that_ends_before_the_next_step_is_of_the_dose_in_force(cast: Cast) -> None:
    request = lost(cast)
    with clock.at(moment(10)):
        actions.bridge(request, days=4, reasons=REASONS, by=cast.priya)
    found = Authorisation.objects.get(voided_at=None)
    assert (found.quantity, found.days_supply, found.directions) == (Decimal(4), 4, "")


@pytest.mark.parametrize(
    ("quantity", "refills", "sentence"),
    [(30, 0, "30 last 17 days in these steps"), (68, 1, "no refills until the last is reached")],
)
def test_a_supply_that_forgets_the_steps_is_refused(cast: Cast, quantity: int, refills: int, sentence: str) -> None:
    request = lost(cast)
    with clock.at(moment(10)), pytest.raises(Refused, match=sentence):
        actions.approve(request, supply=supply(quantity, 30, refills), reasons=REASONS, by=cast.priya)


def test_at_the_last_step_a_shorter_supply_of_an_earlier_one_is_not_suggested(cast: Cast) -> None:
    """Seven days of one tablet, signed while the first step was taken, are no pattern for three tablets a day."""
    request = lost(cast, 5)
    with clock.at(moment(6)):
        actions.approve(request, supply=supply(7, 7), reasons=REASONS, by=cast.priya)
    with clock.at(moment(28)):
        [now] = queries.running(day(28))
    assert actions.usual_supply(now) == Supply(Decimal(90), 30, 0)
