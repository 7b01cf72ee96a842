"""What prescribing tells the chart and the plan: panel, planned steps, “unchanged”, arms, what stands against it."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from clinic import clock
from clinic.ports import FutureStep
from medications.prescribing import actions, listing, panels, queries
from medications.prescribing.actions import Regimen
from medications.prescribing.plans import Arms
from patients.plan.models import (
    Intervention,
    InterventionRow,
    Objective,
    ObjectiveRow,
    PlanVersion,
    Problem,
    ProblemRow,
)
from tests.cast import Cast, at, client
from tests.medications.prescribing.given import NOW, TODAY, changed, product, started

NEXT = TODAY + timedelta(days=10)


def plan(cast: Cast, *, measured: bool) -> tuple[Problem, Intervention]:
    """A draft with one problem, one medication intervention, and perhaps a measure."""
    version = PlanVersion.objects.create(patient=cast.ana, number=1, created_at=NOW)
    problem = Problem.objects.create(patient=cast.ana, created_at=NOW)
    row = ProblemRow.objects.create(version=version, problem=problem, position=0, title="Low mood")
    made = Intervention.objects.create(patient=cast.ana, created_at=NOW)
    InterventionRow.objects.create(version=version, problem_row=row, intervention=made, position=0, arm="medication")
    if measured:
        ObjectiveRow.objects.create(
            version=version, problem_row=row, position=0, words="PHQ-9 under 5", instrument="phq9", owner="both",
            objective=Objective.objects.create(patient=cast.ana, created_at=NOW),
        )  # fmt: skip
    return problem, made


def test_the_future_is_what_was_signed_ahead(cast: Cast) -> None:
    first = started(cast.ana, by=cast.priya)
    changed(first.prescription, by=cast.priya, from_day=NEXT)
    with clock.at(NOW):
        assert panels.lanes(cast.ana.pk) == [FutureStep("sertraline", NEXT, "100", "mg")]
    actions.stop(first.prescription, on=NEXT + timedelta(days=5), reason="Agreed.", by=cast.priya)
    assert panels.lanes(cast.ana.pk)[-1] == FutureStep("sertraline", NEXT + timedelta(days=5), "0", "")


def test_unchanged_says_for_how_long(cast: Cast) -> None:
    with clock.at(at("2026-01-12 09:00")):
        started(cast.ana, by=cast.priya)
    (line,) = panels.unchanged(cast.ana, cast.tess, at("2026-02-20 09:00"))
    assert (line.name, line.sentence, line.meta) == (
        "Sertraline", "unchanged, 50\u00a0mg for seven weeks", "since Jan 12",
    )  # fmt: skip


def test_what_changed_since_is_not_unchanged(cast: Cast) -> None:
    with clock.at(at("2026-01-12 09:00")):
        order = started(cast.ana, by=cast.priya)
    changed(order.prescription, by=cast.priya)
    assert list(panels.unchanged(cast.ana, cast.tess, at("2026-02-20 09:00"))) == []


@pytest.mark.parametrize(
    ("days", "words"),
    [
        (0, "today"),
        (1, "one day"),
        (13, "13 days"),
        (14, "two weeks"),
        (49, "seven weeks"),
        (150, "five months"),
        (800, "two years"),
    ],
)
def test_how_long(days: int, words: str) -> None:
    assert panels.how_long(TODAY - timedelta(days=days), TODAY) == words


def test_an_intervention_says_what_the_order_says(cast: Cast) -> None:
    problem, made = plan(cast, measured=True)
    order = started(cast.ana, by=cast.priya)
    actions.link(order.prescription, problem=problem, intervention=made, by=cast.priya)
    (arm,) = Arms().arms(cast.ana.pk)
    assert (arm.intervention_id, arm.live, arm.meta) == (made.pk, True, "since Mar 2")
    assert arm.text == f"Sertraline 50\u00a0mg: {order.sig}"
    changed(order.prescription, by=cast.priya)
    assert Arms().arms(cast.ana.pk)[0].text.startswith("Sertraline 100\u00a0mg")
    actions.stop(order.prescription, reason="Agreed.", by=cast.priya)
    assert (Arms().arms(cast.ana.pk)[0].text, Arms().arms(cast.ana.pk)[0].live) == ("Sertraline, stopped Mar 2", False)


def test_every_medicine_of_ours_needs_a_problem(cast: Cast) -> None:
    """R-TP-08; outside and patient-reported medicines are exempt."""
    problem, _ = plan(cast, measured=True)
    actions.report(cast.ana, drug_text="ibuprofen", origin="reported", started_on=TODAY, by=cast.tess)
    assert Arms().problems_without_measure(cast.ana.pk) == []
    order = started(cast.ana, by=cast.priya)
    assert Arms().problems_without_measure(cast.ana.pk) == [
        "One medicine that we prescribe is linked to no problem of this plan. Link it on the Medication tab."
    ]
    actions.link(order.prescription, problem=problem, by=cast.priya)
    assert Arms().problems_without_measure(cast.ana.pk) == []


def test_every_problem_with_a_medicine_needs_a_measure(cast: Cast) -> None:
    """R-TP-08"""
    problem, _ = plan(cast, measured=False)
    order = started(cast.ana, by=cast.priya)
    actions.link(order.prescription, problem=problem, by=cast.priya)
    assert Arms().problems_without_measure(cast.ana.pk) == [
        "Problem 1 has a medicine but no measure. Add an objective with a number."
    ]


def many(cast: Cast, count: int) -> None:
    """So many medicines, ours and from elsewhere."""
    for drug, strength in [("sertraline", 50), ("hydroxyzine", 25), ("prazosin", 1), ("buspirone", 10)][:count]:
        form = "capsule" if drug == "prazosin" else "tablet"
        given = Regimen(product(drug, strength, form), [{"when": "bedtime", "quantity": "1"}])
        problem = Problem.objects.create(patient=cast.ana, created_at=NOW)
        started(cast.ana, by=cast.priya, regimen=given, problem=problem, answers=_everything())
        actions.report(cast.ana, drug_text=f"Tea {drug}", origin="reported", started_on=TODAY, by=cast.tess)


def _everything() -> Any:
    class Every(dict[str, actions.Override]):
        def get(self, key: str, default: Any = None) -> Any:
            return actions.Override("benefit", "Discussed.")

    return Every()


@pytest.mark.parametrize("count", [1, 4])
def test_a_fixed_number_of_queries(cast: Cast, django_assert_num_queries: Any, count: int) -> None:
    many(cast, count)
    with django_assert_num_queries(10):
        listing.medicines(cast.ana.pk, TODAY)
    with django_assert_num_queries(9):
        panels.Panel().context(cast.ana, cast.tess, None)
    with django_assert_num_queries(6):
        queries.active(cast.ana.pk, TODAY)
    with django_assert_num_queries(6):
        list(panels.unchanged(cast.ana, cast.tess, NOW))


@pytest.mark.usefixtures("clock_stands")
def test_the_tab_grows_in_no_query(cast: Cast) -> None:
    browser, seen = client(cast.priya), []
    url = reverse("prescribing:medication", kwargs={"patient_id": cast.ana.pk})
    for count in (1, 4):
        many(cast, count)
        browser.get(url)
        with CaptureQueriesContext(connection) as captured:
            browser.get(url)
        seen.append(len(captured))
    assert seen[0] == seen[1]
