"""What tests of sessions stand on: a signed plan for Ana, and homework from a session before."""

from datetime import date, datetime
from decimal import Decimal

from patients.notes import actions as notes
from patients.plan.models import Objective, ObjectiveRow, PlanVersion, Problem, ProblemRow
from tests.cast import BEGINNING, Cast
from therapy.sessions import actions
from therapy.sessions.models import Session


def plan_for(cast: Cast) -> list[Objective]:
    """A plan in force with two objectives, written directly (the plan's own tests sign one)."""
    version = PlanVersion.objects.create(patient=cast.ana, number=1, created_at=BEGINNING)
    problem = Problem.objects.create(patient=cast.ana, created_at=BEGINNING)
    row = ProblemRow.objects.create(version=version, problem=problem, position=0, title="Panic in traffic")
    found = []
    for place, words in enumerate(("Drives the bridge alone", "Sleeps six hours")):
        objective = Objective.objects.create(patient=cast.ana, created_at=BEGINNING)
        ObjectiveRow.objects.create(
            version=version, problem_row=row, objective=objective, position=place, words=words, owner="therapist",
            unit="times a week", baseline=Decimal(0), target=Decimal(3),
        )  # fmt: skip
        found.append(objective)
    version.state, version.signed_at, version.signed_by, version.signature = "signed", BEGINNING, cast.tess, "Tess"
    version.content_hash, version.review_due_on = "0" * 64, date(2035, 1, 1)
    version.patient_agreed = "agreed"
    version.save()
    return found


def written(cast: Cast, *, started_at: datetime | None = None) -> Session:
    """A session of Ana's with text in every section and a topic, not signed."""
    session = actions.begin(cast.ana, by=cast.tess, started_at=started_at)
    parts = {"data": "Drove the bridge twice.", "assessment": "Fear falls.", "plan": "Go on."}
    notes.save(session.note, parts=parts, based_on=session.note.revision, by=cast.tess)
    return actions.save(session, topic="The bridge, alone", by=cast.tess)
