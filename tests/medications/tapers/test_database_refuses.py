"""The database refuses what the actions never write: each constraint broken once, each trigger pulled once."""

from collections.abc import Callable
from contextlib import ExitStack
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pgtrigger
import pytest
from django.db import DatabaseError, connection, transaction

from medications.tapers import actions
from medications.tapers.models import ReturnReview, StepCheck, TaperEvent, TaperPlan, TaperStep
from patients.measures.models import Score
from tests.cast import Cast
from tests.medications.prescribing.given import NOW, TODAY, product
from tests.medications.tapers.given import clonazepam, confirmed, running


@pytest.fixture
def plan(cast: Cast) -> TaperPlan:
    return running(clonazepam(cast.ana, by=cast.priya), by=cast.priya)


def refused(match: str, act: Callable[[], object]) -> None:
    """The database says no, naming the constraint or the sentence of the trigger."""
    with pytest.raises(DatabaseError, match=match), transaction.atomic():
        act()


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("taper_kind_and_state_known", {"kind": "sideways"}),
        ("taper_names_its_guideline", {"guideline": ""}),
        ("taper_amounts_plausible", {"start_mg": -1}),
        ("taper_amounts_plausible", {"floor_mg": 0}),
        ("taper_started_by_somebody", {"state": "active"}),
        ("taper_started_by_somebody", {"started_at": NOW, "started_by": "by"}),
        ("taper_paused_with_reason", {"paused_at": NOW, "paused_by": "by", "pause_reason": "x"}),
        ("taper_paused_with_reason", {"state": "paused", "started_at": NOW, "started_by": "by"}),
        (
            "taper_paused_with_reason",
            {"state": "paused", "started_at": NOW, "started_by": "by", "paused_at": NOW, "paused_by": "by"},
        ),
        ("taper_ended_with_outcome", {"state": "ended"}),
        ("taper_ended_with_outcome", {"state": "ended", "ended_at": NOW, "ended_by": "by", "outcome": "abandoned"}),
        ("taper_ended_with_outcome", {"outcome": "stopped"}),
        ("taper_care_level_with_words", {"care_level": "inpatient"}),
    ],
)
def test_a_plan(cast: Cast, name: str, change: dict[str, Any]) -> None:
    given: dict[str, Any] = {
        "patient": cast.ana, "prescription": clonazepam(cast.ana, by=cast.priya), "kind": "taper", "guideline": "x",
        "start_mg": 1, "floor_mg": Decimal("0.125"), "created_at": NOW, "created_by": cast.priya,
        **{key: cast.priya if value == "by" else value for key, value in change.items()},
    }  # fmt: skip
    refused(name, lambda: TaperPlan.objects.create(**given))


def test_one_open_plan_per_prescription(cast: Cast, plan: TaperPlan) -> None:
    given = {
        "patient": cast.ana, "prescription": plan.prescription, "kind": "taper", "guideline": "x", "start_mg": 1,
        "floor_mg": 1, "created_at": NOW, "created_by": cast.priya,
    }  # fmt: skip
    refused("taper_one_open_per_prescription", lambda: TaperPlan.objects.create(**given))


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("step_number_once", {"number": 4}),
        ("step_day_once", {"number": 5, "on_day": TODAY + timedelta(days=98)}),
        ("step_dispensable_or_flagged", {"dose_mg": -1, "number": 6}),
        ("step_rhythm_plausible", {"every_n_days": 8}),
        ("step_rhythm_plausible", {"every_n_days": 0}),
        ("step_dispensable_or_flagged", {"dose_mg": 1}),
        ("step_dispensable_or_flagged", {"needs_liquid": True}),
        ("step_confirmed_by_somebody_as_an_order", {"confirmed_at": NOW}),
        ("the days of a staircase go forward", {"on_day": TODAY}),
        ("the days of a staircase go forward", {"number": 0, "on_day": TODAY + timedelta(days=14)}),
        ("a taper only goes down", {"dose_mg": 2, "needs_liquid": True}),
    ],
)
def test_a_step(plan: TaperPlan, name: str, change: dict[str, Any]) -> None:
    given: dict[str, Any] = {
        "plan": plan, "number": 5, "on_day": TODAY + timedelta(days=120), "dose_mg": 0, "revision": 1, **change
    }  # fmt: skip
    if name == "step_dispensable_or_flagged" and change == {"dose_mg": 1}:
        given["dose_mg"] = Decimal("0.1")
    with ExitStack() as stack:
        if name.startswith("step_"):  # in order first; without that trigger the constraint itself speaks
            stack.enter_context(pgtrigger.ignore("medications_tapers.TaperStep:step_in_order"))
        refused(name, lambda: TaperStep.objects.create(**given))


def test_a_confirmed_step_without_an_order_is_refused(cast: Cast, plan: TaperPlan) -> None:
    step = plan.steps.get(number=1, replaced_at=None)
    refused(
        "step_confirmed_by_somebody_as_an_order",
        lambda: TaperStep.objects.filter(pk=step.pk).update(confirmed_at=NOW, confirmed_by=cast.priya),
    )


def test_a_step_is_not_edited_deleted_or_unconfirmed(cast: Cast, plan: TaperPlan) -> None:
    actions.record_check(plan, severity="none", by=cast.tess)
    step = confirmed(plan, by=cast.priya, on=TODAY + timedelta(days=14))
    mine = TaperStep.objects.filter(pk=step.pk)
    refused("what was signed does not change", lambda: mine.update(dose_mg=2, product=product("clonazepam", 2)))
    refused("this was decided and stays", lambda: mine.update(confirmed_at=None, confirmed_by=None, order=None))
    refused("nothing clinical is deleted", lambda: mine._raw_delete("default"))
    replaced = TaperStep.objects.filter(pk=plan.steps.get(number=4, replaced_at=None).pk)
    replaced.update(replaced_at=NOW)
    refused("this was decided and stays", lambda: replaced.update(replaced_at=None))


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("check_severity_known", {"severity": "terrible", "words": "x"}),
        ("check_symptoms_in_words", {"severity": "mild"}),
        ("check_by_somebody", {"recorded_by": None}),
        ("check_retracted_whole", {"retracted_at": NOW}),
    ],
)
def test_a_check(cast: Cast, plan: TaperPlan, name: str, change: dict[str, Any]) -> None:
    given: dict[str, Any] = {
        "plan": plan, "step": plan.steps.get(number=1), "severity": "none", "recorded_at": NOW,
        "recorded_by": cast.tess, **change,
    }  # fmt: skip
    refused(name, lambda: StepCheck.objects.create(**given))


def test_a_check_is_only_retracted_once(cast: Cast, plan: TaperPlan) -> None:
    row = actions.record_check(plan, severity="mild", words="Sweating.", by=cast.tess)
    mine = StepCheck.objects.filter(pk=row.pk)
    refused("what was signed does not change", lambda: mine.update(severity="none"))
    mine.update(retracted_at=NOW, retracted_by=cast.tess, retracted_reason="Another patient.")
    refused("this was decided and stays", lambda: mine.update(retracted_reason="x"))


def test_the_history_is_only_added_to(cast: Cast, plan: TaperPlan) -> None:
    refused("pgtrigger: Cannot", lambda: TaperEvent.objects.filter(plan=plan).update(words="x"))
    refused("pgtrigger: Cannot", lambda: TaperEvent.objects.filter(plan=plan).delete())
    given = {"plan": plan, "at": NOW, "on_day": TODAY, "by": cast.tess, "revision": 1}
    refused("taper_event_kind_known", lambda: TaperEvent.objects.create(kind="x", **given))
    refused("taper_event_pause_has_reason", lambda: TaperEvent.objects.create(kind="paused", **given))
    assert TaperEvent.objects.filter(plan=plan).count() == 2


def test_a_plan_keeps_its_owner_and_its_end(cast: Cast, plan: TaperPlan) -> None:
    mine = TaperPlan.objects.filter(pk=plan.pk)
    refused("what was signed does not change", lambda: mine.update(patient=cast.ben))
    refused("this was decided and stays", lambda: mine.update(started_at=NOW + timedelta(days=1)))
    actions.end(plan, outcome="lower_dose", by=cast.priya)
    refused("this was decided and stays", lambda: mine.update(end_reason="x"))
    refused("nothing clinical is deleted", lambda: mine._raw_delete("default"))


def test_a_review(cast: Cast, plan: TaperPlan) -> None:
    score = Score.objects.create(
        patient=cast.ana, instrument="phq9", version="x", answered_at=NOW, channel="clinician", total=12,
        recorded_at=NOW, recorded_by=cast.priya,
    )  # fmt: skip
    given = {"plan": plan, "score": score, "rise": 6, "opened_at": NOW}
    row = ReturnReview.objects.create(**given)
    refused("review_once_per_score", lambda: ReturnReview.objects.create(**given))
    mine = ReturnReview.objects.filter(pk=row.pk)
    refused("review_decided_whole", lambda: mine.update(verdict="relapse"))
    done = {"decided_at": NOW, "decided_by": cast.priya, "onset_days": 3, "bodily": True, "words": "Shocks."}
    refused("review_decided_whole", lambda: mine.update(**done, verdict="magic"))
    mine.update(**done, verdict="withdrawal")
    refused("this was decided and stays", lambda: mine.update(verdict="relapse"))


@pytest.mark.parametrize("table", ["taperplan", "taperstep", "stepcheck", "taperevent", "returnreview"])
def test_nothing_is_emptied(plan: TaperPlan, table: str) -> None:
    def empty() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute(f"TRUNCATE medications_tapers_{table} CASCADE")

    refused("never emptied", empty)
