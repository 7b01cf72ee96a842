"""After the end: withdrawal or relapse? Measures taken close their tasks; the job runs twice and does things once.

R-TA-10.
"""

from datetime import timedelta
from typing import Any

import pytest

from clinic import clock
from clinic.refusal import Refused
from medications.tapers import actions
from medications.tapers.models import ReturnReview, TaperPlan
from patients.inbox.models import Task
from patients.measures.models import Score
from patients.record.models import Patient
from tests.cast import Cast
from tests.medications.prescribing.given import NOW
from tests.medications.tapers.given import clonazepam, running


def score(patient: Patient, days: int, total: int, instrument: str = "phq9", **more: Any) -> Score:
    """A score so many days after today."""
    when = NOW + timedelta(days=days)
    return Score.objects.create(
        patient=patient, instrument=instrument, version="x", answered_at=when, channel="clinician", total=total,
        recorded_at=when, **more,
    )  # fmt: skip


@pytest.fixture
def ended(cast: Cast) -> TaperPlan:
    plan = running(clonazepam(cast.ana, by=cast.priya), by=cast.priya)
    return actions.end(plan, outcome="lower_dose", by=cast.priya)


def watched(days: int) -> dict[str, int]:
    """The job, so many days after the end."""
    with clock.at(NOW + timedelta(days=days)):
        return actions.watch()


@pytest.mark.parametrize(
    ("instrument", "before", "after", "days", "opened"),
    [
        ("phq9", 8, 14, 20, 1), ("phq9", 8, 13, 20, 0), ("gad7", 5, 9, 20, 1), ("gad7", 5, 8, 20, 0),
        ("phq9", 8, 20, 56, 1), ("phq9", 8, 20, 57, 0), ("wsas", 5, 30, 20, 0),
    ],
)  # fmt: skip
def test_a_reliable_rise_within_eight_weeks_opens_a_review_r_ta_10(
    cast: Cast, ended: TaperPlan, instrument: str, before: int, after: int, days: int, opened: int
) -> None:
    score(cast.ana, -3, before, instrument)
    score(cast.ana, days, after, instrument)
    assert watched(days + 1)["opened"] == opened
    assert ReturnReview.objects.count() == opened
    assert Task.objects.filter(kind="tapers.review").count() == 2 * opened


def test_the_job_twice_opens_once_and_a_score_in_error_opens_nothing_r_ta_10(cast: Cast, ended: TaperPlan) -> None:
    score(cast.ana, -3, 8)
    wrong: dict[str, Any] = {"retracted_at": NOW, "retracted_by": cast.tess, "retracted_reason": "Another patient."}
    score(cast.ana, 5, 20, **wrong)
    assert watched(6)["opened"] == 0
    score(cast.ana, 10, 20)
    score(cast.ana, 12, 21)
    assert [watched(13)["opened"], watched(13)["opened"]] == [1, 0]
    assert Task.objects.filter(kind="tapers.review", done_at=None).count() == 2


def test_a_rise_while_the_taper_runs_is_no_review(cast: Cast) -> None:
    running(clonazepam(cast.ana, by=cast.priya), by=cast.priya)
    score(cast.ana, -3, 8)
    score(cast.ana, 10, 20)
    assert watched(11)["opened"] == 0


def test_a_review_asks_for_onset_and_bodily_symptoms_r_ta_10(cast: Cast, ended: TaperPlan) -> None:
    score(cast.ana, -3, 8)
    score(cast.ana, 10, 20)
    watched(11)
    review = ReturnReview.objects.get()
    good: dict[str, Any] = {"verdict": "withdrawal", "onset_days": 3, "bodily": True, "words": "Electric shocks."}
    for change, sentence in (
        ({"onset_days": None}, "how many days after"), ({"bodily": None}, "bodily symptoms"),
        ({"words": " "}, "what speaks for it"), ({"verdict": "magic"}, "Choose what it was"),
    ):  # fmt: skip
        with pytest.raises(Refused, match=sentence):
            actions.decide(review, by=cast.tess, **{**good, **change})
    with pytest.raises(Refused, match="Only a therapist or prescriber"):
        actions.decide(review, by=cast.theo, **good)
    done = actions.decide(review, by=cast.tess, **good)
    assert (done.verdict, done.decided_by, done.onset_days, done.bodily) == ("withdrawal", cast.tess, 3, True)
    assert Task.objects.filter(kind="tapers.review", done_at=None).count() == 0
    with pytest.raises(Refused, match="judged already"):
        actions.decide(review, by=cast.priya, **good)


def test_a_score_near_its_day_closes_the_measure_r_ta_10(cast: Cast, ended: TaperPlan) -> None:
    def waiting() -> int:
        return Task.objects.filter(kind="tapers.measure", done_at=None, for_user=cast.tess).count()

    assert (waiting(), watched(8)["measured"]) == (3, 0)
    score(cast.ana, 9, 5)
    assert (watched(10)["measured"], waiting()) == (2, 2)  # a task of each on the team


@pytest.mark.parametrize("number", [1, 3])
def test_the_queries_do_not_grow(cast: Cast, django_assert_num_queries: Any, number: int) -> None:
    for patient, by in ((cast.ana, cast.priya), (cast.ben, cast.paul))[: min(number, 2)]:
        plan = running(clonazepam(patient, by=by), by=by)
        actions.end(plan, outcome="lower_dose", by=by)
        score(patient, -3, 8)
        score(patient, 2, 9)
    with clock.at(NOW + timedelta(days=3)), django_assert_num_queries(5):
        actions.watch()
