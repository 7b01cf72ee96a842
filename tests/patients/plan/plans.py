"""A complete draft for Ana, and doors of port PLAN_ARMS that a test can open."""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import date, timedelta
from unittest.mock import patch
from uuid import UUID

from clinic import clock, ports
from clinic.ports import Arm
from patients.plan import actions, queries
from patients.plan.models import PlanVersion
from tests.cast import Cast

TODAY = "2026-03-02 10:00"
GOAL = "I want to wake up and not argue with myself."


def in_days(days: int) -> date:
    """So many days from today."""
    return clock.today("America/Los_Angeles") + timedelta(days=days)


def complete_draft(cast: Cast) -> PlanVersion:
    """A draft that nothing stands against: one problem, a score and a behaviour, therapy and the patient's own part."""
    version = actions.draft(cast.ana, by=cast.tess)
    problem = actions.add_problem(version, title="Low mood", goal_words=GOAL, by=cast.tess)
    actions.add_objective(
        problem, words="PHQ-9 below 5", owner="both", instrument="phq9", baseline=19, target=5, target_is_below=True,
        target_on=in_days(180), by=cast.tess,
    )  # fmt: skip
    actions.add_objective(
        problem, words="Up by eight", owner="patient", unit="mornings a week", baseline=1, target=5,
        target_on=in_days(90), by=cast.tess,
    )  # fmt: skip
    actions.add_intervention(
        problem, arm="therapy", modality="cbt", frequency="weekly", duration="16 weeks", provider=cast.tess,
        by=cast.tess,
    )  # fmt: skip
    actions.add_intervention(problem, arm="patient", words="Mood diary", frequency="daily", by=cast.tess)
    version = fresh(version)
    return actions.save(
        version, based_on=version.revision, discharge_criteria="PHQ-9 below 5 for eight weeks.", by=cast.tess
    )


def signed(cast: Cast) -> PlanVersion:
    """Ana's plan, signed by Tess."""
    return actions.sign(complete_draft(cast), patient_agreed="agreed", by=cast.tess)


def fresh(version: PlanVersion) -> PlanVersion:
    """The version with its rows as the database has them now."""
    return queries.with_rows(PlanVersion.objects.filter(pk=version.pk)).get()


class Room:
    """A room that is an arm of the plan, saying what the test wants."""

    def __init__(self, arms: Sequence[Arm] = (), against: Sequence[str] = ()) -> None:
        self.said, self.against = arms, against

    def arms(self, patient_id: UUID) -> Sequence[Arm]:
        return self.said

    def problems_without_measure(self, patient_id: UUID) -> Sequence[str]:
        return self.against


@contextmanager
def port(name: str, *providers: object) -> Iterator[None]:
    """Let port `name` have these providers only."""
    load = ports.load

    def loaded(wanted: str) -> tuple[object, ...]:
        return providers if wanted == name else load(wanted)

    with patch("patients.plan.queries.load", loaded):
        yield


def arms(*rooms: Room) -> AbstractContextManager[None]:
    """`with arms(Room(…)):` only these rooms are arms of the plan."""
    return port("PLAN_ARMS", *rooms)
