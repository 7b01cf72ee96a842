"""The check before a step, pausing, confirming: only a prescriber makes a step an order, one at a time."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from clinic import clock
from clinic.refusal import Conflict, Refused
from medications.prescribing import actions as prescribing
from medications.prescribing.actions import Supply
from medications.prescribing.models import DoseOrder, Prescription, StoredFinding
from medications.refills import queries as refills
from medications.tapers import actions, queries
from medications.tapers.models import StepCheck, TaperPlan, TaperStep
from patients.inbox.models import Task
from patients.record.models import MedicalFact
from patients.timeline.models import Entry
from tests.cast import Cast, at
from tests.medications.prescribing.given import NOW, TODAY, changed, regimen, started, supply
from tests.medications.tapers.given import EVERYTHING, WHY, clonazepam, confirmed, days, planned, running, therapy

FIRST = TODAY + timedelta(days=14)


@pytest.fixture
def rx(cast: Cast) -> Prescription:
    therapy(cast.ana, by=cast.tess)
    MedicalFact.objects.create(patient=cast.ana, key="seizure", answer="no", recorded_at=NOW, recorded_by=cast.priya)
    return clonazepam(cast.ana, by=cast.priya)


@pytest.fixture
def plan(cast: Cast, rx: Prescription) -> TaperPlan:
    return running(rx, by=cast.priya)


def on(day: date) -> Any:
    return clock.at(at(f"{day.isoformat()} 09:30"))


def state(plan: TaperPlan) -> str:
    return TaperPlan.objects.get(pk=plan.pk).state


def against(plan: TaperPlan, cast: Cast, day: date = FIRST) -> dict[str, str]:
    """What stands against the next step: code and level."""
    from medications.tapers import pages

    fresh = queries.with_steps(TaperPlan.objects.filter(pk=plan.pk)).get()
    now = queries.standing(fresh, clock.today("America/Los_Angeles"))
    return {one.code: str(one.level) for one in pages.next_findings(fresh, now, day, by=cast.priya)}


def standing(plan: TaperPlan, day: date = TODAY) -> queries.Standing:
    return queries.standing(queries.with_steps(TaperPlan.objects.filter(pk=plan.pk)).get(), day)


def test_a_confirmed_step_is_an_ordinary_order_with_every_check_r_ta_02(cast: Cast, plan: TaperPlan) -> None:
    with on(FIRST - timedelta(days=2)):
        actions.record_check(plan, severity="none", by=cast.tess)
        assert against(plan, cast) == {}
        step = actions.confirm_step(plan, supply=Supply(Decimal(42), 28), answers=EVERYTHING, by=cast.priya)
    assert step.order_id
    order = DoseOrder.objects.get(pk=step.order_id)
    assert (order.from_day, order.daily_amount, order.lines) == (FIRST, Decimal("0.75"), [
        {"when": "bedtime", "quantity": "1.5"}
    ])  # fmt: skip
    assert order.reason == "Taper, step 1 of 4: No guideline: steps written by the prescriber."
    assert order.authorisations.get().quantity == 42
    assert (step.confirmed_by, state(plan)) == (cast.priya, "active")


def test_only_a_prescriber_confirms_never_a_job(cast: Cast, plan: TaperPlan) -> None:
    with pytest.raises(Refused, match="Only a prescriber on the care team"):
        confirmed(plan, by=cast.tess)
    with on(FIRST + timedelta(days=60)):
        actions.watch()
    assert (DoseOrder.objects.count(), TaperStep.objects.filter(confirmed_at__isnull=False).count()) == (1, 0)


def test_without_a_check_confirming_needs_a_reason_r_ta_02(cast: Cast, plan: TaperPlan) -> None:
    with on(FIRST):
        assert against(plan, cast) == {"taper.check": "ask"}
        with pytest.raises(Refused, match="one reason to write"):
            actions.confirm_step(plan, by=cast.priya)
        step = actions.confirm_step(plan, answers={"taper.check": WHY}, by=cast.priya)
    said = StoredFinding.objects.get(order=step.order_id, code="taper.check")
    assert (said.rule_id, said.override_words) == ("R-TA-02", WHY.words)


def test_a_check_before_its_time_is_shown_and_ticks_nothing_off_r_ta_02(cast: Cast, plan: TaperPlan) -> None:
    actions.record_check(plan, severity="none", by=cast.tess)
    with on(FIRST):
        now = standing(plan, FIRST)
        assert (now.check, now.earlier, now.ticked, now.due) == (None, StepCheck.objects.get(), False, True)
        assert against(plan, cast) == {"taper.check": "ask"}


@pytest.mark.parametrize("who", ["tess", "priya"])
def test_either_clinician_records_the_check_r_ta_02(cast: Cast, plan: TaperPlan, who: str) -> None:
    with on(FIRST - timedelta(days=1)):
        assert standing(plan, FIRST - timedelta(days=1)).due
        actions.record_check(plan, severity="none", by=getattr(cast, who))
        assert not standing(plan, FIRST - timedelta(days=1)).due
    assert Task.objects.filter(kind="tapers.check", done_at=None).count() == 0


def test_others_record_nothing(cast: Cast, plan: TaperPlan) -> None:
    for who in (cast.theo, cast.fran, cast.sam):
        with pytest.raises(Refused, match="Only a therapist or prescriber on the care team"):
            actions.record_check(plan, severity="none", by=who)
        with pytest.raises(Refused, match="Only a therapist or prescriber on the care team"):
            actions.pause(plan, reason="Sleep.", by=who)


def test_a_mild_symptom_is_not_ticked_off_and_confirming_needs_a_reason_r_ta_02(cast: Cast, plan: TaperPlan) -> None:
    with on(FIRST - timedelta(days=2)):
        actions.record_check(plan, severity="mild", words="Some sweating.", by=cast.tess)
        assert state(plan) == "active"
        assert against(plan, cast) == {"taper.check": "ask"}
        assert standing(plan, FIRST).due
    open_tasks = Task.objects.filter(done_at=None, kind__startswith="tapers.")
    assert set(open_tasks.values_list("kind", "for_user__given_name")) == {
        ("tapers.check", "Tess"), ("tapers.check", "Priya"), ("tapers.step", "Priya"), ("tapers.look", "Priya"),
    }  # fmt: skip


def test_a_significant_symptom_pauses_at_once_r_ta_02(cast: Cast, plan: TaperPlan) -> None:
    with on(FIRST - timedelta(days=2)):
        actions.record_check(plan, severity="significant", words="Shaking since Friday.", by=cast.tess)
        found = TaperPlan.objects.get(pk=plan.pk)
        assert (found.state, found.paused_by, found.pause_reason) == (
            "paused", cast.tess, "Significant symptoms: Shaking since Friday.",
        )  # fmt: skip
        with pytest.raises(Refused, match="This is paused: the dose stays"):
            confirmed(plan, by=cast.priya)
    assert DoseOrder.objects.count() == 1
    assert Task.objects.get(kind="tapers.look", done_at=None).for_user == cast.priya
    last = Entry.objects.filter(object_id=plan.pk).order_by("recorded_at", "pk").last()
    assert last is not None
    assert last.label == "Clonazepam taper: paused, stays at 1\u00a0mg"


def test_symptoms_have_words_and_a_known_severity(cast: Cast, plan: TaperPlan) -> None:
    for severity, words, sentence in (
        ("mild", "  ", "Say in a line what it is"), ("terrible", "x", "Choose what you found"),
    ):  # fmt: skip
        with pytest.raises(Refused, match=sentence):
            actions.record_check(plan, severity=severity, words=words, by=cast.tess)
    assert StepCheck.objects.count() == 0


def test_a_therapist_pauses_and_only_a_prescriber_resumes_with_the_next_date_pushed(
    cast: Cast, plan: TaperPlan
) -> None:
    actions.pause(plan, reason="Sleeps badly.", by=cast.tess)
    with on(TODAY + timedelta(days=10)):
        with pytest.raises(Refused, match="Only a prescriber on the care team"):
            actions.resume(plan, next_on=TODAY + timedelta(days=24), reason="Better.", by=cast.tess)
        with pytest.raises(Refused, match="would lie in the past"):
            actions.resume(plan, next_on=TODAY, reason="Better.", by=cast.priya)
        actions.resume(plan, next_on=TODAY + timedelta(days=24), reason="Better.", by=cast.priya)
    assert days(plan) == [
        ("2026-03-26", "0.75"), ("2026-04-23", "0.5"), ("2026-05-21", "0.375"), ("2026-06-18", "0"),
    ]  # fmt: skip
    assert queries.pauses(queries.history(plan)) == [(TODAY, TODAY + timedelta(days=10), "Sleeps badly.")]
    assert state(plan) == "active"


def test_paused_is_never_on_hold(cast: Cast, plan: TaperPlan, rx: Prescription) -> None:
    """The dose is taken on: the order stands, the prescription is not held, no hold is drawn."""
    actions.pause(plan, reason="Sleeps badly.", by=cast.tess)
    rx.refresh_from_db()
    assert rx.held_at is None
    assert DoseOrder.objects.get(prescription=rx).until_day is None
    assert set(Entry.objects.filter(object_id=plan.pk).values_list("kind", flat=True)) == {"plan"}


def test_pausing_twice_and_resuming_what_is_not_paused_are_refused(cast: Cast, plan: TaperPlan) -> None:
    with pytest.raises(Refused, match="This is not paused"):
        actions.resume(plan, next_on=FIRST, reason="x", by=cast.priya)
    actions.pause(plan, reason="Sleep.", by=cast.tess)
    with pytest.raises(Refused, match="paused already"):
        actions.pause(plan, reason="Sleep.", by=cast.priya)
    with pytest.raises(Conflict):
        actions.resume(plan, next_on=FIRST, reason="x", based_on=0, by=cast.priya)


def test_one_step_at_a_time_and_never_earlier_than_planned(cast: Cast, plan: TaperPlan) -> None:
    with on(FIRST - timedelta(days=3)):
        with pytest.raises(Refused, match="The step is planned for Mar 16"):
            confirmed(plan, by=cast.priya, on=FIRST - timedelta(days=1))
        confirmed(plan, by=cast.priya)
        with pytest.raises(Refused, match="The step before begins on Mar 16"):
            confirmed(plan, by=cast.priya)


def test_a_step_that_is_signed_late_pushes_the_others(cast: Cast, plan: TaperPlan) -> None:
    with on(FIRST + timedelta(days=5)):
        step = confirmed(plan, by=cast.priya)
    assert step.on_day == FIRST + timedelta(days=5)
    assert days(plan) == [
        ("2026-03-21", "0.75"), ("2026-04-18", "0.5"), ("2026-05-16", "0.375"), ("2026-06-13", "0"),
    ]  # fmt: skip


def test_falls_add_up_over_the_real_orders_r_ta_01(cast: Cast, rx: Prescription) -> None:
    """From 0.75 to 0.625 mg is a small step; but six days before it was 1 mg."""
    plan = running(rx, (14, "0.75"), (20, "0.625"), (60, "0.5"), by=cast.priya)
    with on(FIRST):
        confirmed(plan, by=cast.priya)
    for days_later, expected in ((6, "stop"), (13, "stop"), (14, None)):
        day = FIRST + timedelta(days=days_later)
        with on(day):
            assert against(plan, cast, day).get("taper.fall") == expected, days_later


def test_a_dose_that_was_changed_beside_the_plan_is_asked_about_r_ta_09(cast: Cast, rx: Prescription) -> None:
    plan = running(rx, (5, "0.875"), (12, "0.75"), (30, "0.625"), by=cast.priya)
    with on(TODAY + timedelta(days=5)):
        changed(rx, by=cast.priya, strength="0.5", answers=EVERYTHING)
    with on(TODAY + timedelta(days=12)):
        found = against(plan, cast, TODAY + timedelta(days=12))
    assert found["taper.dose"] == "ask"


def test_a_fall_of_the_next_step_is_a_stop_r_ta_01(cast: Cast, rx: Prescription) -> None:
    plan = running(rx, (14, "0.5"), (42, "0.375"), by=cast.priya)
    with on(FIRST):
        assert against(plan, cast)["taper.fall"] == "stop"


def test_a_step_that_nothing_makes_is_refused_r_ta_08(cast: Cast, rx: Prescription) -> None:
    plan = running(rx, (14, "0.8"), by=cast.priya)
    with on(FIRST):
        assert against(plan, cast)["taper.liquid"] == "refuse"
        with pytest.raises(Refused, match="compounded preparation"):
            confirmed(plan, by=cast.priya)


def test_leave_around_the_step_is_asked_r_ta_09(cast: Cast, plan: TaperPlan) -> None:
    from clinic.staff import actions as staff

    begin = at("2026-03-20 00:00")
    staff.add_absence(cast.priya, starts_at=begin, ends_at=begin + timedelta(days=7), reason="leave", by=cast.max)
    with on(FIRST):
        assert against(plan, cast) == {"taper.check": "ask", "taper.leave": "ask"}


def test_what_was_dispensed_beyond_the_step_is_noted_r_ta_09(cast: Cast, plan: TaperPlan, rx: Prescription) -> None:
    prescribing.record_fill(
        rx, filled_on=TODAY, quantity=Decimal(30), days_supply=30, told_by="pharmacy", by=cast.priya
    )
    with on(FIRST):
        assert against(plan, cast) == {"taper.check": "ask", "taper.supply": "note"}


def last_steps(cast: Cast, rx: Prescription) -> TaperPlan:
    """At the floor: zero is next."""
    plan = running(rx, (14, "0.75"), (30, "0"), by=cast.priya, floor="0.75")
    with on(FIRST):
        confirmed(plan, by=cast.priya)
    return plan


def test_zero_comes_from_the_floor_as_a_stop_and_ends_the_plan_r_ta_05(cast: Cast, rx: Prescription) -> None:
    """R-TA-01: at the floor the last step is zero; R-TA-05: stopping asks its own question, and it is kept."""
    plan = last_steps(cast, rx)
    end = TODAY + timedelta(days=30)
    with on(end):
        actions.record_check(plan, severity="none", by=cast.tess)
        assert against(plan, cast, end) == {}
        with pytest.raises(Refused, match="one override with a reason"):
            actions.confirm_step(plan, by=cast.priya)
        actions.confirm_step(plan, answers={"stop.abrupt": WHY}, by=cast.priya)
    rx.refresh_from_db()
    found = TaperPlan.objects.get(pk=plan.pk)
    assert (rx.stopped_on, found.state, found.outcome) == (end, "ended", "stopped")


def test_measures_are_due_two_four_and_twelve_weeks_after_the_end_r_ta_10(cast: Cast, rx: Prescription) -> None:
    plan = last_steps(cast, rx)
    end = TODAY + timedelta(days=30)
    with on(end):
        confirmed(plan, by=cast.priya)
    mine = Task.objects.filter(kind="tapers.measure", for_user=cast.tess).order_by("due_on")
    assert [(task.due_on - end).days for task in mine if task.due_on] == [14, 28, 84]


def test_the_lower_dose_is_a_proper_end(cast: Cast, plan: TaperPlan, rx: Prescription) -> None:
    with pytest.raises(Refused, match="Only a prescriber"):
        actions.end(plan, outcome="lower_dose", by=cast.tess)
    with pytest.raises(Refused, match="Say why the plan is given up"):
        actions.end(plan, outcome="abandoned", by=cast.priya)
    with pytest.raises(Refused, match="Choose how it ends"):
        actions.end(plan, outcome="target", by=cast.priya)
    actions.end(plan, outcome="lower_dose", by=cast.priya)
    rx.refresh_from_db()
    assert (rx.stopped_on, TaperPlan.objects.get(pk=plan.pk).outcome) == (None, "lower_dose")
    assert Task.objects.filter(kind="tapers.measure", for_user=cast.tess).count() == 3
    assert Task.objects.filter(kind__in=["tapers.check", "tapers.step"], done_at=None).count() == 0


def test_a_last_step_above_zero_ends_at_the_lower_dose(cast: Cast, rx: Prescription) -> None:
    plan = running(rx, (14, "0.75"), by=cast.priya)
    with on(FIRST):
        confirmed(plan, by=cast.priya)
    assert TaperPlan.objects.get(pk=plan.pk).outcome == "lower_dose"


def test_a_check_in_error_counts_no_more(cast: Cast, plan: TaperPlan) -> None:
    with on(FIRST):
        row = actions.record_check(plan, severity="none", by=cast.tess)
        actions.retract_check(row, reason="Another patient.", by=cast.tess)
        with pytest.raises(Refused, match="already"):
            actions.retract_check(row, reason="Again.", by=cast.tess)
        assert against(plan, cast) == {"taper.check": "ask"}


def titration(cast: Cast, drug: str = "lamotrigine", template: str = "lamotrigine_plain") -> TaperPlan:
    rx = started(
        cast.ana, by=cast.priya, regimen=regimen(drug, 25), supply=supply(), answers=EVERYTHING
    ).prescription  # fmt: skip
    return running(rx, (14, "50"), (28, "100"), by=cast.priya, kind="titration", template=template)


@pytest.mark.parametrize(
    ("drug", "template", "missed", "refused"),
    [
        ("lamotrigine", "lamotrigine_plain", 4, False), ("lamotrigine", "lamotrigine_plain", 5, True),
        ("lamotrigine", "lamotrigine_with_valproate", 11, False), ("clozapine", "clozapine_start", 1, False),
        ("clozapine", "clozapine_start", 2, True),
    ],
)  # fmt: skip
def test_after_days_without_a_dose_it_starts_again_r_mo_ltg(
    cast: Cast, drug: str, template: str, missed: int, refused: bool
) -> None:
    """R-MO-LTG: five half-lives; R-MO-CLZ: 48 hours."""
    plan = titration(cast, drug, template)
    with on(FIRST):
        actions.record_check(plan, severity="none", missed_days=missed, by=cast.tess)
        assert ("taper.restart" in against(plan, cast)) == refused
        if refused:
            with pytest.raises(Refused, match="days without a dose were recorded"):
                confirmed(plan, by=cast.priya)


def test_another_schedule_is_said_when_valproate_starts_r_mo_ltg(cast: Cast) -> None:
    plan = titration(cast)
    prescribing.report(cast.ana, drug_text="valproate", origin="outside", started_on=TODAY, by=cast.tess)
    with on(FIRST):
        assert against(plan, cast) == {"taper.check": "ask", "taper.variant": "ask"}


def test_a_titration_ends_with_its_dose_and_asks_for_no_measures(cast: Cast) -> None:
    plan = titration(cast)
    with on(FIRST):
        confirmed(plan, by=cast.priya)
    with on(FIRST + timedelta(days=14)):
        confirmed(plan, by=cast.priya)
    assert TaperPlan.objects.get(pk=plan.pk).outcome == "target"
    assert Task.objects.filter(kind="tapers.measure").count() == 0


def test_the_refill_desk_knows_the_planned_step_r_rx_12(cast: Cast, plan: TaperPlan, rx: Prescription) -> None:
    (found,) = refills.running(TODAY, only=[rx.pk])
    (gate,) = [one for one in found.gates() if one["gate"] == "change"]
    assert (gate["answer"], gate["sentence"]) == (
        "ask", "A planned step comes in 14 days, inside this supply. Say why so much is dispensed.",
    )  # fmt: skip
    actions.pause(plan, reason="Sleep.", by=cast.tess)
    (found,) = refills.running(TODAY, only=[rx.pk])
    assert [one["answer"] for one in found.gates() if one["gate"] == "change"] == ["in_order"]


def test_a_draft_confirms_nothing(cast: Cast, rx: Prescription) -> None:
    draft = planned(rx, (14, "0.75"), by=cast.priya)
    with pytest.raises(Refused, match="not under way"):
        confirmed(draft, by=cast.priya)
    with pytest.raises(Refused, match="not under way"):
        actions.record_check(draft, severity="none", by=cast.tess)
