"""A medication row resolves to the live order; at signature what it says is written down once."""

from clinic.ports import Arm
from patients.plan import actions, queries, tree
from patients.plan.models import PlanVersion
from tests.cast import Cast
from tests.patients.plan.plans import Room, arms, complete_draft, fresh


def with_medication(cast: Cast) -> tuple[PlanVersion, Room]:
    version = complete_draft(cast)
    row = actions.add_intervention(version.problem_rows.get(), arm="medication", by=cast.priya)
    return version, Room([Arm(row.intervention_id, "med", "sertraline 100 mg each morning", "since Feb 5", url="/x/")])


def line(version: PlanVersion, *, live: bool = True) -> tree.InterventionLine:
    return tree.problems(fresh(version), live=live)[0].interventions[-1]


def test_the_text_is_stored_nowhere_before_the_signature(cast: Cast) -> None:
    version, room = with_medication(cast)
    with arms(room):
        found = line(version)
    assert (found.strong, found.meta, found.url) == ("sertraline 100 mg each morning", "since Feb 5", "/x/")
    assert (found.row.words, found.row.snapshot) == ("", "")


def test_signing_writes_down_what_the_live_order_says(cast: Cast) -> None:
    version, room = with_medication(cast)
    with arms(room):
        actions.sign(version, patient_agreed="agreed", by=cast.priya)
    assert fresh(version).problem_rows.all()[0].intervention_rows.all()[2].snapshot == (
        "sertraline 100 mg each morning; since Feb 5"
    )
    assert line(version, live=False).strong == "sertraline 100 mg each morning; since Feb 5"


def test_a_later_dose_shows_without_retyping_beside_what_was_signed(cast: Cast) -> None:
    version, room = with_medication(cast)
    with arms(room):
        actions.sign(version, patient_agreed="agreed", by=cast.priya)
    raised = Arm(room.said[0].intervention_id, "med", "sertraline 150 mg each morning", "since Mar 1")
    with arms(Room([raised])):
        found = line(version)
        copy = fresh(actions.draft(cast.ana, by=cast.tess))
        assert line(copy).meta == "since Mar 1"
    assert found.strong == "sertraline 150 mg each morning"
    assert found.meta == "since Mar 1; signed as sertraline 100 mg each morning; since Feb 5"


def test_an_ended_order_is_struck(cast: Cast) -> None:
    version, room = with_medication(cast)
    with arms(Room([Arm(room.said[0].intervention_id, "med", "sertraline 100 mg", live=False)])):
        found = line(version)
    assert (found.ended, found.meta) == (True, "ended")


def test_versions_compare_by_words(cast: Cast) -> None:
    version, room = with_medication(cast)
    with arms(room):
        actions.sign(version, patient_agreed="agreed", by=cast.priya)
        draft = actions.draft(cast.ana, by=cast.tess)
        actions.change_problem(draft.problem_rows.get(), title="Low mood at home", by=cast.tess)
        actions.sign(draft, patient_agreed="agreed", by=cast.tess)
    changes = queries.compare(fresh(version), fresh(draft))
    assert [(c.what.value, c.row.kind, [f.name for f in c.fields]) for c in changes] == [
        ("changed", "problem", ["problem"])
    ]
