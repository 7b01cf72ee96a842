"""What stands against signing a plan, rule by rule; a complete draft has nothing against it."""

from collections.abc import Callable
from datetime import date

import pytest

from clinic import clock
from clinic.ports import Arm
from clinic.refusal import Refused
from patients.plan import actions, queries, rules
from patients.plan.models import PlanVersion, ProblemRow
from patients.record.models import Condition
from tests.cast import Cast, at
from tests.patients.plan.plans import Room, arms, complete_draft, fresh


def against(version: PlanVersion) -> list[tuple[str, str]]:
    patient_id = version.patient_id
    found = rules.against_signing(
        fresh(version), queries.live_arms(patient_id), queries.measures_against(patient_id), clock.today("UTC")
    )
    return [(one.rule, one.sentence) for one in found]


def problem_of(version: PlanVersion) -> ProblemRow:
    return version.problem_rows.get()


def test_nothing_stands_against_a_complete_draft(cast: Cast) -> None:
    assert against(complete_draft(cast)) == []


def test_r_tp_01_an_empty_plan(cast: Cast) -> None:
    version = actions.draft(cast.ana, by=cast.tess)
    assert against(version) == [
        ("R-TP-01", "The plan names no problem yet."),
        ("R-TP-02", "Nobody has written when the plan has done its work."),
    ]


def test_r_tp_01_a_problem_needs_goal_objective_and_intervention(cast: Cast) -> None:
    version = complete_draft(cast)
    actions.add_problem(version, title="Panic", by=cast.priya)
    assert against(version) == [
        ("R-TP-01", "Problem 2 has no goal in the patient's own words."),
        ("R-TP-01", "Problem 2 has no objective."),
        ("R-TP-01", "Problem 2 has no intervention."),
    ]


def test_r_tp_01_an_objective_is_measurable(cast: Cast) -> None:
    version = complete_draft(cast)
    actions.add_objective(problem_of(version), words="Feels better", owner="patient", by=cast.tess)
    assert against(version) == [
        (
            "R-TP-01",
            (
                "Objective 1c needs a questionnaire, or a behavior with its unit, a start, an aim"
                " and a date to reach it by."
            ),
        )
    ]


def test_r_tp_01_a_target_day_lies_ahead(cast: Cast) -> None:
    version = complete_draft(cast)
    row = problem_of(version).objective_rows.first()
    assert row is not None
    actions.change_objective(row, target_on=date(2026, 3, 2), by=cast.tess)
    assert against(version) == [("R-TP-01", "Objective 1a was to be reached by a day that has passed; set a new one.")]


def test_r_tp_01_therapy_has_modality_frequency_duration_and_provider(cast: Cast) -> None:
    version = complete_draft(cast)
    actions.add_intervention(problem_of(version), arm="therapy", words="Talking", by=cast.tess)
    assert against(version) == [
        (
            "R-TP-01",
            "Problem 1: the therapy row needs a modality, a frequency, a duration and who provides it.",
        )
    ]


def test_r_tp_01_what_the_patient_does_says_how_often(cast: Cast) -> None:
    version = complete_draft(cast)
    actions.add_intervention(problem_of(version), arm="patient", words="Walk", by=cast.tess)
    assert against(version) == [("R-TP-01", "Problem 1: what the patient does needs how often.")]


def test_r_tp_01_a_medication_row_is_the_prescription_itself(cast: Cast) -> None:
    version = complete_draft(cast)
    row = actions.add_intervention(problem_of(version), arm="medication", by=cast.priya)
    assert against(version) == [("R-TP-01", "Problem 1: no prescription is linked to the medication row.")]
    with arms(Room([Arm(row.intervention_id, "med", "drug 5 mg", live=False)])):
        assert against(version) == [
            (
                "R-TP-01",
                "Problem 1: the prescription of a medication row has ended; remove the row or link another.",
            )
        ]
    with arms(Room([Arm(row.intervention_id, "med", "drug 5 mg")])):
        assert against(version) == []


def test_r_tp_01_a_diagnosis_entered_in_error(cast: Cast) -> None:
    version = complete_draft(cast)
    condition = Condition.objects.create(
        patient=cast.ana, code="F33.1", title="Depression", recorded_at=at("2026-01-05 09:00"),
        retracted_at=at("2026-02-05 09:00"), retracted_by=cast.priya, retracted_reason="other chart",
    )  # fmt: skip
    actions.change_problem(problem_of(version), condition=condition, by=cast.tess)
    assert against(version) == [("R-TP-01", "Problem 1: its diagnosis was entered in error; choose another or none.")]


def test_r_tp_02_when_the_plan_has_done_its_work(cast: Cast) -> None:
    version = complete_draft(cast)
    actions.save(version, based_on=version.revision, discharge_criteria="  ", by=cast.tess)
    assert against(version) == [("R-TP-02", "Nobody has written when the plan has done its work.")]


def test_r_tp_08_what_the_arms_say(cast: Cast) -> None:
    version = complete_draft(cast)
    with arms(Room(against=["A prescription names no problem."])):
        assert against(version) == [("R-TP-08", "A prescription names no problem.")]
        with pytest.raises(Refused, match="A prescription names no problem"):
            actions.sign(version, patient_agreed="agreed", by=cast.tess)
    assert actions.sign(version, patient_agreed="agreed", by=cast.tess).state == "signed"


@pytest.mark.parametrize("word", ["", "yes", "AGREED"])
def test_r_tp_04_the_patients_word_is_recorded(cast: Cast, word: str) -> None:
    """The patient's agreement, or that they declined, is recorded before the plan holds (R-TP-04)."""
    version = complete_draft(cast)
    with pytest.raises(Refused, match="Record whether the patient agrees") as refused:
        actions.sign(version, patient_agreed=word, by=cast.tess)
    assert refused.value.field == "patient_agreed"
    assert fresh(version).state == "draft"


def test_signing_says_the_first_sentence_and_how_many_more(cast: Cast) -> None:
    version = actions.draft(cast.ana, by=cast.tess)
    with pytest.raises(Refused, match=r"^The plan names no problem yet\. And 1 more\.$"):
        actions.sign(version, patient_agreed="agreed", by=cast.tess)


Write = Callable[[Cast, PlanVersion], object]


@pytest.mark.parametrize(
    ("write", "field", "sentence"),
    [
        (lambda c, v: actions.add_problem(v, title=" \u200b ", by=c.tess), "title", "Write what the problem is"),
        (lambda c, v: actions.add_problem(v, title="x" * 201, by=c.tess), "title", "200 is the most"),
        (lambda c, v: actions.add_problem(v, title="a\x00b", by=c.tess), "title", "cannot be stored"),
        (lambda c, v: actions.add_objective(problem_of(v), words="", owner="both", by=c.tess), "words", "Write what"),
        (lambda c, v: actions.add_objective(problem_of(v), words="x", owner="all", by=c.tess), "owner", "whose"),
        (
            lambda c, v: actions.add_objective(problem_of(v), words="x", owner="both", instrument="no", by=c.tess),
            "instrument",
            "no such questionnaire",
        ),
        (
            lambda c, v: actions.add_objective(
                problem_of(v), words="x", owner="both", instrument="phq9", target=28, by=c.tess
            ),
            "target",
            "PHQ-9 scores from 0 to 27",
        ),
        (
            lambda c, v: actions.add_objective(problem_of(v), words="x", owner="both", baseline=10**7, by=c.tess),
            "baseline",
            "too large",
        ),
        (lambda c, v: actions.add_intervention(problem_of(v), arm="therapy", by=c.tess), "modality", "Choose"),
        (lambda c, v: actions.add_intervention(problem_of(v), arm="patient", by=c.tess), "words", "the patient does"),
        (
            lambda c, v: actions.add_intervention(problem_of(v), arm="medication", words="drug", by=c.tess),
            "words",
            "the prescription itself",
        ),
    ],
)
def test_what_a_draft_does_not_take(cast: Cast, write: Write, field: str, sentence: str) -> None:
    version = complete_draft(cast)
    before = version.revision
    with pytest.raises(Refused, match=sentence) as refused:
        write(cast, version)
    assert refused.value.field == field
    assert fresh(version).revision == before


def test_a_plan_holds_nothing_of_another_patient(cast: Cast) -> None:
    version = complete_draft(cast)
    foreign = Condition.objects.create(
        patient=cast.ben, code="F41.0", title="Panic", recorded_at=at("2026-01-05 09:00")
    )
    with pytest.raises(Refused, match="another patient"):
        actions.add_problem(version, title="Panic", condition=foreign, by=cast.tess)
    with pytest.raises(Refused, match="another patient"):
        actions.change_problem(problem_of(version), condition=foreign, by=cast.tess)
