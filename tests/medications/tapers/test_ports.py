"""What tapers tell the chart, the day, the session and the list of medicines."""

from datetime import timedelta
from typing import Any

import pytest

from clinic import clock
from clinic.ports import DayLine, FutureStep
from medications.prescribing import actions as prescribing
from medications.prescribing import checks
from medications.prescribing.actions import Step
from medications.prescribing.models import Prescription
from medications.tapers import actions, panels
from medications.tapers.models import TaperPlan
from tests.cast import Cast, at
from tests.medications.prescribing.given import NOW, TODAY, Whatever, regimen, started, supply
from tests.medications.tapers.given import EVERYTHING, clonazepam, confirmed, planned, running

FIRST = TODAY + timedelta(days=14)


@pytest.fixture
def rx(cast: Cast) -> Prescription:
    return clonazepam(cast.ana, by=cast.priya)


@pytest.fixture
def plan(cast: Cast, rx: Prescription) -> TaperPlan:
    return running(rx, by=cast.priya)


def url(plan: TaperPlan) -> str:
    return f"/tapers/{plan.patient_id}/{plan.pk}/"


def test_planned_steps_are_the_dashed_future_while_it_runs(cast: Cast, plan: TaperPlan) -> None:
    assert panels.lanes(cast.ana.pk) == [
        FutureStep("clonazepam", FIRST + timedelta(days=28 * n), dose, "mg")
        for n, dose in enumerate(("0.75", "0.5", "0.375", "0"))
    ]
    actions.pause(plan, reason="Sleep.", by=cast.tess)
    assert panels.lanes(cast.ana.pk) == []


def test_a_confirmed_step_is_no_plan_any_more(cast: Cast, plan: TaperPlan) -> None:
    with clock.at(at("2026-03-16 09:30")):
        confirmed(plan, by=cast.priya)
        assert [step.amount for step in panels.lanes(cast.ana.pk)] == ["0.5", "0.375", "0"]


@pytest.mark.parametrize("who", ["tess", "priya"])
def test_my_day_says_that_a_check_is_due_r_ta_02(cast: Cast, plan: TaperPlan, who: str) -> None:
    viewer = getattr(cast, who)
    assert panels.my_day(viewer, TODAY) == []  # from March 3 on
    due = DayLine(cast.ana.pk, "tm", "Withdrawal check due, before the next step.", url(plan))
    assert panels.my_day(viewer, FIRST - timedelta(days=5)) == [due]
    with clock.at(at("2026-03-10 09:30")):
        actions.record_check(plan, severity="none", by=cast.tess)
    assert panels.my_day(viewer, FIRST) == []


def test_my_day_of_others_is_silent(cast: Cast, plan: TaperPlan) -> None:
    for who in (cast.theo, cast.paul, cast.fran, cast.max, cast.sam):
        assert panels.my_day(who, FIRST) == []


def test_a_pause_is_on_the_prescribers_day(cast: Cast, plan: TaperPlan) -> None:
    actions.pause(plan, reason="Sleep.", by=cast.tess)
    assert panels.my_day(cast.priya, TODAY) == [
        DayLine(cast.ana.pk, "tm", "A planned change of dose is paused.", url(plan))
    ]
    assert panels.my_day(cast.tess, TODAY) == []


def test_since_you_last_saw_them_says_where_it_stands(cast: Cast, plan: TaperPlan) -> None:
    (line,) = panels.since(cast.ana, cast.tess, NOW)
    assert (line.name, line.sentence) == (
        "Clonazepam taper", "From Mar 16 on the dose comes down to 0.75\u00a0mg, if the prescriber confirms it.",
    )  # fmt: skip
    actions.pause(plan, reason="Sleeps badly.", by=cast.tess)
    (line,) = panels.since(cast.ana, cast.tess, NOW)
    assert line.sentence.startswith("Paused: the dose is taken as it is")
    assert line.sentence.endswith(" Sleeps badly.")
    assert line.meta == "Tess, Mar 2"


def test_the_list_of_medicines_leads_to_the_plan_or_to_a_new_one(cast: Cast, rx: Prescription) -> None:
    (link,) = panels.medicine_links(cast.ana, cast.priya)[rx.pk]
    assert (link.label, link.url) == ("Plan a taper or titration", f"/tapers/{cast.ana.pk}/of/{rx.pk}/new/")
    assert panels.medicine_links(cast.ana, cast.tess) == {}
    plan = planned(rx, (14, "0.75"), by=cast.priya)
    for viewer in (cast.priya, cast.tess):
        (link,) = panels.medicine_links(cast.ana, viewer)[rx.pk]
        assert (link.label, link.url) == ("Taper plan", url(plan))


def test_lamotrigine_beside_valproate_is_led_to_the_slow_titration_r_mo_ltg(cast: Cast) -> None:
    from medications.prescribing import actions as prescribing

    prescribing.report(cast.ana, drug_text="valproate", origin="outside", started_on=TODAY, by=cast.tess)
    rx = started(
        cast.ana, by=cast.priya, regimen=regimen("lamotrigine", 25), supply=supply(), answers=EVERYTHING
    ).prescription
    (link,) = panels.medicine_links(cast.ana, cast.priya)[rx.pk]
    assert (link.label, link.words) == (
        "Plan a titration", "The schedule that holds: “Lamotrigine with valproate”.",
    )  # fmt: skip


@pytest.mark.parametrize("number", [1, 3])
def test_a_fixed_number_of_queries(cast: Cast, django_assert_num_queries: Any, number: int) -> None:
    for strength in ("1", "0.5", "2")[:number]:
        rx = clonazepam(cast.ana, by=cast.priya, strength=strength)
        running(rx, (14, "0.25"), by=cast.priya)
    with django_assert_num_queries(4):
        assert panels.Panel().context(cast.ana, cast.tess, None) is not None
    with django_assert_num_queries(4):
        assert panels.SessionPanel().context(cast.ana, cast.tess, None) is not None
    with django_assert_num_queries(4):
        panels.lanes(cast.ana.pk)
    with django_assert_num_queries(4):
        list(panels.since(cast.ana, cast.tess, NOW))
    with django_assert_num_queries(4):
        panels.my_day(cast.tess, FIRST)


# --- a titration pack beside it ------------------------------------------------------------


def two(cast: Cast, drug: str = "lamotrigine", **more: Any) -> list[str]:
    """What is said of two that change at once, while a dose with further steps is typed."""
    tablet = regimen(drug, 25)
    then = more.get("then", [Step(14, regimen(drug, 25, "2"))])
    found = checks.order(cast.ana, tablet, None, from_day=TODAY, then=then).findings
    return [f"{one.level}: {one.sentence}" for one in found if one.code == "taper.two"]


@pytest.mark.parametrize("state", ["active", "paused"])
def test_a_titration_pack_beside_a_taper_asks_why_r_ta_09(cast: Cast, plan: TaperPlan, state: str) -> None:
    if state == "paused":
        actions.pause(plan, reason="Sleep.", by=cast.tess)
    [said] = two(cast)
    assert said.startswith("ask: The dose of clonazepam changes by steps too: nobody will know which of them did what.")
    assert two(cast, then=()) == []


def test_after_its_end_it_asks_no_more(cast: Cast, plan: TaperPlan) -> None:
    actions.end(plan, outcome="lower_dose", reason="Well at this dose.", by=cast.priya)
    assert two(cast) == []


def test_two_packs_at_once_ask_too_r_ta_09(cast: Cast) -> None:
    more: dict[str, Any] = {"then": [Step(14, regimen("sertraline", 50, "2"))], "supply": None, "answers": Whatever()}
    order = started(cast.ana, by=cast.priya, **more)
    assert [said.split(":")[1] for said in two(cast)] == [" The dose of sertraline changes by steps too"]
    prescribing.stop(order.prescription, reason="A rash.", by=cast.priya)
    assert two(cast) == []
