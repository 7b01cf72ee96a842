"""The database's forecast is the one of `calc`, and what the job finds due is what every order answers for itself."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clinic import clock
from medications.prescribing import actions as prescribing
from medications.prescribing import listing
from medications.prescribing.actions import Step
from medications.prescribing.models import DoseOrder, Prescription
from medications.refills import actions, queries, sweep
from medications.refills.actions import opening
from medications.refills.calc import Authorised, Filled, Forecast, Lost, Period, forecast
from medications.refills.models import RefillRequest
from tests.cast import Cast, on_team, patient
from tests.medications.prescribing.given import Whatever, changed, pack, regimen, supply
from tests.medications.refills.given import START, day, filled, moment, running_out
from tests.medications.refills.test_forecast import until_empty

ASKED = """
    SELECT * FROM refills_forecast(
        %s, %s, %s::date[], %s::integer[], %s::date[], %s::integer[], %s::integer[], %s::integer[], %s::date[],
        %s::date[], %s::date[], %s::date[]
    )
"""
numbers = st.integers(0, 150)
fills_of = st.lists(st.tuples(st.integers(-10, 150), st.integers(1, 40)), max_size=6)
holds_of = st.lists(st.tuples(st.integers(0, 150), st.integers(0, 20) | st.none()), max_size=3)
losses_of = st.lists(
    st.builds(Lost, numbers.map(day), st.integers(1, 40) | st.none()), max_size=3, unique_by=lambda one: one.on
)
authorised_of = st.lists(
    st.builds(
        Authorised, numbers.map(day), st.integers(1, 40), st.integers(0, 6), st.integers(0, 3),
        st.none() | numbers.map(day), st.none() | numbers.map(day),
    ),
    max_size=4,
)  # fmt: skip


def of_the_database(
    fills: Sequence[Filled], authorised: Sequence[Authorised], *, from_day: date, today: date, holds: Sequence[Period],
    losses: Sequence[Lost] = (),
) -> Forecast:  # fmt: skip
    """What the function in the database answers to the same question."""
    holds = sorted(holds, key=lambda one: one[0])
    told = [(one.on, one.days) for one in fills] + [(one.on, -(one.days or 10_000)) for one in losses]
    told.sort(key=lambda one: (one[0], one[1] > 0))
    given: list[Any] = [from_day, today, [on for on, _ in told], [days for _, days in told]]
    given += [[getattr(one, name) for one in authorised] for name in ("issued_on", "days", "refills", "fills")]
    given += [[getattr(one, name) for one in authorised] for name in ("expires_on", "ended_on")]
    given += [[one[0] for one in holds], [one[1] for one in holds]]
    with connection.cursor() as cursor:
        cursor.execute(ASKED, given)
        return Forecast(*cursor.fetchone())


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(fills_of, authorised_of, holds_of, losses_of, numbers)
def test_the_databases_forecast_is_that_of_calc(
    db: None, fills: list[tuple[int, int]], authorised: list[Authorised], raw: list[tuple[int, int | None]],
    lost: list[Lost], today: int,
) -> None:  # fmt: skip
    told = [Filled(day(on), days) for on, days in fills]
    holds = [(day(begin), None if length is None else day(begin + length)) for begin, length in raw]
    asked: dict[str, Any] = {"from_day": START, "today": day(today), "holds": holds, "losses": lost}
    assert of_the_database(told, authorised, **asked) == forecast(told, authorised, **asked)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(-10, 120), st.integers(1, 40)), min_size=1, max_size=6), st.integers(0, 60))
def test_the_databases_supply_ends_when_the_box_is_empty(db: None, fills: list[tuple[int, int]], pause: int) -> None:
    """Against the slow count, day by day and tablet by tablet, with a hold of ten days."""
    stock: dict[int, int] = {}
    for on, days in fills:
        stock[on] = stock.get(on, 0) + days
    found = of_the_database(
        [Filled(day(on), days) for on, days in fills], [], from_day=START, today=START,
        holds=[(day(pause), day(pause + 10))],
    )  # fmt: skip
    assert found.supply_end == day(until_empty(stock, set(range(pause, pause + 10))))


def part_of(order: DoseOrder, on: int, days: int, cast: Cast) -> None:
    """So many days of it dispensed, the rest owed."""
    with clock.at(moment(on)):
        prescribing.record_fill(
            order.prescription, filled_on=day(on), quantity=Decimal(days), days_supply=days, told_by="pharmacy",
            partial=True, by=cast.priya,
        )  # fmt: skip


@pytest.fixture
def many(cast: Cast) -> Cast:
    """Orders of every kind that the forecast tells apart."""
    people = [patient(300 + number, f"P{number}", "Test", cast.site) for number in range(20)]
    for one in people:
        on_team(one, cast.priya, "prescriber")
    (
        plain,
        told,
        refills,
        held,
        resumed,
        changing,
        ahead,
        second,
        weekly,
        stopped,
        bare,
        lost,
        *packs,
        owed,
        rest,
        lapsed,
        piece,
        pieces,
    ) = people
    running_out(plain, cast.priya)
    filled(running_out(told, cast.priya), 3, by=cast.priya)
    order = running_out(refills, cast.priya, supply=supply(refills=2))
    filled(order, 0, by=cast.priya)
    filled(order, 25, by=cast.priya)
    running_out(weekly, cast.priya, regimen=regimen("clonazepam", 1), supply=supply(refills=5))
    running_out(second, cast.priya, regimen=regimen("methylphenidate", 10))
    orders = {one: running_out(one, cast.priya) for one in (held, resumed, changing, ahead, stopped, bare, lost)}
    filled(orders[changing], 0, by=cast.priya)
    filled(orders[lost], 0, by=cast.priya)
    stepped = [running_out(one, cast.priya, regimen=regimen("lamotrigine", 25), **pack()) for one in packs]
    filled(stepped[1], 2, by=cast.priya, quantity=42, days=28)
    for one in (owed, rest, lapsed, piece, pieces):
        taken = regimen("methylphenidate", 10) if one is lapsed else regimen()
        orders[one] = running_out(one, cast.priya, regimen=taken, supply=supply(refills=int(one is not lapsed)))
        part_of(orders[one], 1, 10, cast)
    for one in (piece, pieces):
        part_of(orders[one], 3, 8, cast)
    filled(orders[rest], 4, 20, by=cast.priya)
    filled(orders[pieces], 4, 5, by=cast.priya)  # seven are never dispensed
    with clock.at(moment(5)):
        prescribing.hold(orders[held].prescription, reason="Rash.", by=cast.priya)
        prescribing.hold(orders[resumed].prescription, reason="Rash.", by=cast.priya)
        changed(orders[bare].prescription, by=cast.priya, supply=None)
    with clock.at(moment(9)):
        prescribing.record_loss(
            Prescription.objects.get(patient=lost), lost_on=day(8), days=9, reason="Spilt.", by=cast.priya
        )
    with clock.at(moment(11)):
        prescribing.record_loss(stepped[1].prescription, lost_on=day(11), days=4, reason="Spilt.", by=cast.priya)
        prescribing.change_dose(
            stepped[2].prescription, regimen=regimen("lamotrigine", 25, "2"), reason="Well.", from_day=day(25),
            then=[Step(7, regimen("lamotrigine", 25, "4"))], supply=supply(98, 28), answers=Whatever(), by=cast.priya,
        )  # fmt: skip
    with clock.at(moment(12)):
        prescribing.resume(orders[resumed].prescription, by=cast.priya)
        changed(orders[changing].prescription, by=cast.priya)
        changed(orders[ahead].prescription, by=cast.priya, from_day=day(26))
        prescribing.stop(orders[stopped].prescription, on=day(60), reason="Tapered.", answers=Whatever(), by=cast.priya)
    return cast


def test_what_the_database_finds_due_is_what_each_order_answers(many: Cast) -> None:
    """On many days of half a year, with nothing decided; and the desk is asked for each of them on some day."""
    seen = set()
    for number in (*range(15, 36), *range(36, 190, 11)):
        everything = [one.prescription.pk for one in queries.running(day(number)) if one.due]
        assert sweep.due(day(number)) == everything, number
        seen |= set(everything)
    assert len(seen) == 18


def test_the_list_tells_the_day_of_the_desk(many: Cast) -> None:
    """On many days, of everything that goes on: one day from one function, and as sure of it."""
    for number in (1, 7, 12, 25, 26, 33, 70):
        desk = {one.prescription.pk: one.forecast for one in queries.running(day(number))}
        told = listing.run_out([one.prescription for one in queries.running(day(number))], day(number))
        known = {pk: (one.supply_end, one.confirmed) for pk, one in desk.items() if pk in told}
        assert {pk: (one.on, one.confirmed) for pk, one in told.items()} == known
        assert len(desk) - len(told) == (number >= 5)  # the dose of which nothing was authorised or filled


def test_in_batches_it_is_the_same(many: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "BATCH", 2)
    with clock.at(moment(40)):
        first = actions.open_due()
        rows = list(RefillRequest.objects.order_by("prescription").values("prescription", "supply_end", "gates"))
        second = actions.open_due()
        assert (
            list(RefillRequest.objects.order_by("prescription").values("prescription", "supply_end", "gates")) == rows
        )
    assert (first["opened"], second) == (len(rows), {"opened": 0, "renewed": len(rows), "withdrawn": 0})
    assert len(rows) == len(sweep.due(day(40))) > 4


def test_what_is_kept_is_what_was_answered(many: Cast) -> None:
    """Words with signs that a document of the database might read otherwise."""
    with clock.at(moment(40)):
        actions.open_due()
    row = RefillRequest.objects.earliest("pk")
    row.gates = [{**row.gates[0], "sentence": "“A” & 'b' \\ \" {c} % é\u00a0\n"}]
    row.supply_end, row.authorised_end = day(50), day(80)
    row.fills_confirmed, row.answered_at = not row.fills_confirmed, moment(41) + timedelta(microseconds=7)
    sweep.keep([row])
    known = RefillRequest.objects.get(pk=row.pk)
    names = ("gates", "supply_end", "authorised_end", "fills_confirmed", "answered_at", "opened_at", "state")
    assert [getattr(known, name) for name in names] == [getattr(row, name) for name in names]
