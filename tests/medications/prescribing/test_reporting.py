"""Medicines from elsewhere, and what a prescription is for."""

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from clinic import clock
from clinic.refusal import Refused
from medications.prescribing import actions
from medications.prescribing.models import Prescription, PrescriptionTarget
from patients.inbox.models import Task
from patients.plan.models import Intervention, InterventionRow, PlanVersion, Problem, ProblemRow
from patients.timeline.models import Entry
from tests.cast import Cast
from tests.medications.prescribing.given import NOW, TODAY, started


def test_a_name_that_the_catalogue_knows_becomes_its_drug(cast: Cast) -> None:
    row = actions.report(
        cast.ana, drug_text=" zoloft ", origin="outside", sig_text="50 mg", started_on=TODAY, by=cast.tess
    )
    assert (row.drug.generic_name if row.drug else None, row.drug_text, row.origin) == ("sertraline", "", "outside")


@pytest.mark.parametrize(
    ("typed", "taken", "kept"),
    [
        ("Zoloft 50 mg", "", "50 mg"),
        ("zoloft, 50MG", "in the evening", "50MG, in the evening"),
        ("sertraline 50", "in the evening", "50, in the evening"),
    ],
)
def test_a_strength_behind_the_name_hides_no_drug(cast: Cast, typed: str, taken: str, kept: str) -> None:
    row = actions.report(cast.ana, drug_text=typed, origin="reported", sig_text=taken, started_on=TODAY, by=cast.tess)
    assert (row.drug.generic_name if row.drug else None, row.drug_text, row.sig_text) == ("sertraline", "", kept)


def test_a_name_with_a_number_in_it_stays_as_told(cast: Cast) -> None:
    row = actions.report(cast.ana, drug_text="Vigil 9", origin="reported", started_on=TODAY, by=cast.tess)
    assert (row.drug, row.drug_text, row.sig_text) == (None, "Vigil 9", "")


@pytest.mark.parametrize(("typed", "counts"), [("zoloft", True), ("Sleep gummies", False)])
def test_whether_it_is_checked_is_said(cast: Cast, client: Any, typed: str, counts: bool) -> None:
    client.force_login(cast.tess)
    with clock.at(NOW):
        page = client.post(
            reverse("prescribing:report", args=[cast.ana.pk]),
            {"drug_text": typed, "origin": "reported", "started_on": str(TODAY)},
            follow=True,
        ).content.decode()
    assert ("It counts in every check" in page, "no check counts it" in page) == (counts, not counts)


@pytest.mark.parametrize(
    ("typed", "offered", "chosen", "kept"),
    [
        ("ibuprofin", "ibuprofen", "ibuprofen", ("ibuprofen", "", "")),
        ("ibuprofin 400 mg", "ibuprofen 400 mg", "ibuprofen 400 mg", ("ibuprofen", "", "400 mg")),
        ("tylenol pm", "codeine", "as-written", (None, "tylenol pm", "")),
    ],
)
def test_a_name_that_is_nearly_known_is_asked_about(
    cast: Cast, client: Any, typed: str, offered: str, chosen: str, kept: tuple[str | None, str, str]
) -> None:
    """One letter beside it, and no check would count what the patient takes."""
    client.force_login(cast.tess)
    url = reverse("prescribing:report", args=[cast.ana.pk])
    data = {"drug_text": typed, "origin": "reported", "started_on": str(TODAY)}
    with clock.at(NOW):
        asked = client.post(url, data)
        page = asked.content.decode()
        assert (asked.status_code, Prescription.objects.count()) == (422, 0)
        for words in ("The catalogue does not know this name.", f'value="{offered}"', f"keep “{typed}”"):
            assert words in page
        client.post(url, data | {"meant": chosen})
    row = Prescription.objects.get()
    assert (row.drug and row.drug.generic_name, row.drug_text, row.sig_text) == kept


def test_an_answer_to_another_name_is_none(cast: Cast, client: Any) -> None:
    """The name was written anew after the question: it is asked of the new one."""
    client.force_login(cast.tess)
    data = {"drug_text": "lamotragine", "meant": "ibuprofen", "origin": "reported", "started_on": str(TODAY)}
    with clock.at(NOW):
        page = client.post(reverse("prescribing:report", args=[cast.ana.pk]), data).content.decode()
    assert ('value="lamotrigine"' in page, Prescription.objects.count()) == (True, 0)


def test_what_it_does_not_hold_stays_as_told(cast: Cast) -> None:
    row = actions.report(cast.ana, drug_text="Sleep gummies", origin="reported", started_on=TODAY, by=cast.tess)
    assert (row.drug, row.drug_text) == (None, "Sleep gummies")
    assert Entry.objects.get(object_id=row.pk).label == "Sleep gummies, as the patient reports"


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"drug_text": ""}, "Choose a medicine"),
        ({"origin": "ours"}, "somebody else prescribed it"),
        ({"started_on": TODAY + timedelta(days=1)}, "in the future"),
        ({"drug_text": "x" * 200}, "is the most"),
        ({"drug_text": "\x00"}, "cannot be stored"),
    ],
)
def test_what_is_refused(cast: Cast, change: dict[str, Any], sentence: str) -> None:
    given = {"drug_text": "ibuprofen", "origin": "reported", "started_on": TODAY, **change}
    with pytest.raises(Refused, match=sentence):
        actions.report(cast.ana, by=cast.tess, **given)
    assert Prescription.objects.count() == 0


@pytest.mark.parametrize("who", ["fran", "theo", "max"])
def test_only_the_care_team(cast: Cast, who: str) -> None:
    with pytest.raises(Refused, match="Only the care team"):
        actions.report(cast.ana, drug_text="ibuprofen", origin="reported", started_on=TODAY, by=getattr(cast, who))


def intervention(cast: Cast, arm: str = "medication") -> tuple[Problem, Intervention]:
    """A problem of a draft with one intervention."""
    version, _ = PlanVersion.objects.get_or_create(patient=cast.ana, number=1, defaults={"created_at": NOW})
    problem = Problem.objects.create(patient=cast.ana, created_at=NOW)
    row = ProblemRow.objects.create(version=version, problem=problem, position=0, title="Low mood")
    made = Intervention.objects.create(patient=cast.ana, created_at=NOW)
    InterventionRow.objects.create(version=version, problem_row=row, intervention=made, position=0, arm=arm)
    return problem, made


def test_a_prescription_is_the_plans_intervention(cast: Cast) -> None:
    """R-TP-08"""
    problem, made = intervention(cast)
    order = started(cast.ana, by=cast.priya)
    actions.link(order.prescription, problem=problem, by=cast.priya)
    row = actions.link(order.prescription, problem=problem, intervention=made, by=cast.priya)
    assert PrescriptionTarget.objects.get() == row
    assert row.intervention == made


def test_an_intervention_is_one_prescription(cast: Cast) -> None:
    problem, made = intervention(cast)
    first, second = started(cast.ana, by=cast.priya), started(cast.ana, by=cast.priya, drug="trazodone")
    actions.link(first.prescription, problem=problem, intervention=made, by=cast.priya)
    with pytest.raises(Refused, match="Another prescription"):
        actions.link(second.prescription, problem=problem, intervention=made, by=cast.priya)


def test_therapy_is_no_prescription(cast: Cast) -> None:
    problem, made = intervention(cast, "therapy")
    order = started(cast.ana, by=cast.priya)
    with pytest.raises(Refused, match="not medication"):
        actions.link(order.prescription, problem=problem, intervention=made, by=cast.priya)


def test_another_persons_problem(cast: Cast) -> None:
    order = started(cast.ana, by=cast.priya)
    theirs = Problem.objects.create(patient=cast.ben, created_at=NOW)
    with pytest.raises(Refused, match="another record"):
        actions.link(order.prescription, problem=theirs, by=cast.priya)


def signed(cast: Cast) -> tuple[Problem, Intervention]:
    """A plan in force with one medication intervention."""
    problem, made = intervention(cast)
    PlanVersion.objects.update(
        state="signed", signed_at=NOW, signed_by=cast.priya, signature="Priya", content_hash="0" * 64,
        review_due_on=TODAY, patient_agreed="agreed",
    )  # fmt: skip
    return problem, made


def test_a_new_medicine_is_a_task_to_both_until_the_plan_shows_it(cast: Cast) -> None:
    """R-TP-08: the amendment of the plan is a task and never delays treatment."""
    problem, made = signed(cast)
    order = started(cast.ana, by=cast.priya, problem=problem)
    asked = Task.objects.filter(kind="prescribing.plan", done_at=None)
    assert {task.for_user for task in asked} == {cast.tess, cast.priya}
    assert "sertraline" not in asked[0].sentence
    actions.link(order.prescription, problem=problem, intervention=made, by=cast.priya)
    assert list(asked.all()) == []


def test_without_a_plan_nobody_is_asked(cast: Cast) -> None:
    started(cast.ana, by=cast.priya)
    assert Task.objects.count() == 0


def test_what_is_stopped_asks_no_more(cast: Cast) -> None:
    problem, _ = signed(cast)
    order = started(cast.ana, by=cast.priya, problem=problem)
    actions.stop(order.prescription, reason="No.", by=cast.priya)
    assert Task.objects.filter(done_at=None).count() == 0
