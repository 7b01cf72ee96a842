"""A plan's way: draft, signed, replaced by the next version."""

import pytest

from clinic.refusal import Conflict, Refused
from patients.inbox.models import Task
from patients.notes.calc import content_hash
from patients.plan import actions, queries
from patients.plan.actions.signing import content
from patients.plan.models import PlanVersion
from patients.timeline.models import Entry
from tests.cast import Cast, at
from tests.patients.plan.plans import TODAY, complete_draft, fresh, signed


def test_a_draft_is_opened_once(cast: Cast) -> None:
    first = actions.draft(cast.ana, by=cast.tess)
    assert (first.number, first.state, first.created_by) == (1, "draft", cast.tess)
    assert actions.draft(cast.ana, by=cast.priya) == first


def test_signing_puts_the_version_in_force(cast: Cast) -> None:
    version = signed(cast)
    assert queries.in_force(cast.ana.pk) == version
    assert (version.signed_by, version.signature, version.signed_at) == (cast.tess, "Tess Moreno, LCSW", at(TODAY))
    assert fresh(version).content_hash == content_hash(content(fresh(version)))
    entry = Entry.objects.get(kind="plan")
    assert (entry.label, entry.object_id, entry.by) == ("plan v1 signed", version.pk, cast.tess)


def test_the_next_draft_is_a_copy_of_the_version_in_force(cast: Cast) -> None:
    version = signed(cast)
    copy = fresh(actions.draft(cast.ana, by=cast.priya))
    assert (copy.number, copy.state, copy.discharge_criteria) == (2, "draft", version.discharge_criteria)
    assert queries.compare(fresh(version), copy) == []
    assert [row.pk for row in copy.problem_rows.all()] != [row.pk for row in fresh(version).problem_rows.all()]


def test_the_next_signature_replaces_the_version_before(cast: Cast) -> None:
    first = signed(cast)
    second = actions.sign(actions.draft(cast.ana, by=cast.priya), patient_agreed="declined", by=cast.priya)
    assert list(PlanVersion.objects.order_by("number").values_list("number", "state")) == [
        (1, "replaced"),
        (2, "signed"),
    ]
    assert queries.in_force(cast.ana.pk) == second
    assert queries.history(cast.ana.pk) == [second, first]
    assert second.patient_agreed == "declined"


def test_things_keep_their_identity_through_versions(cast: Cast) -> None:
    first = fresh(signed(cast))
    second = fresh(actions.draft(cast.ana, by=cast.tess))
    for old, new in zip(first.problem_rows.all(), second.problem_rows.all(), strict=True):
        assert old.problem == new.problem
        assert [r.objective_id for r in old.objective_rows.all()] == [r.objective_id for r in new.objective_rows.all()]


def test_r_tp_09_a_signed_version_takes_no_change(cast: Cast) -> None:
    version = fresh(signed(cast))
    problem = version.problem_rows.all()[0]
    with pytest.raises(Conflict, match="stays as it is"):
        actions.change_problem(problem, title="Other", by=cast.tess)
    with pytest.raises(Conflict, match="Signed by Tess Moreno, LCSW"):
        actions.sign(version, patient_agreed="agreed", by=cast.priya)
    with pytest.raises(Conflict):
        actions.save(version, based_on=version.revision, discharge_criteria="", by=cast.tess)


def test_r_tp_06_a_review_is_due_for_both(cast: Cast) -> None:
    version = signed(cast)
    assert version.review_due_on is not None
    assert version.review_due_on.isoformat() == "2026-05-31"  # 90 days
    tasks = Task.objects.filter(kind="plan.review", done_at=None)
    assert {task.for_user for task in tasks} == {cast.tess, cast.priya}
    assert {(task.due_on, task.object_id) for task in tasks} == {(version.review_due_on, version.pk)}


def test_r_tp_06_the_next_signature_closes_the_review(cast: Cast) -> None:
    signed(cast)
    second = actions.sign(actions.draft(cast.ana, by=cast.tess), patient_agreed="agreed", by=cast.tess)
    assert {task.object_id for task in Task.objects.filter(kind="plan.review", done_at=None)} == {second.pk}


def test_the_draft_of_another_is_signed_as_it_was_seen(cast: Cast) -> None:
    version = complete_draft(cast)
    seen = version.revision
    problem = fresh(version).problem_rows.all()[0]
    actions.change_problem(problem, title="Low mood at home", by=cast.tess)
    with pytest.raises(Conflict, match="Tess Moreno changed this meanwhile"):
        actions.sign(version, patient_agreed="agreed", based_on=seen, by=cast.priya)
    assert actions.sign(version, patient_agreed="agreed", based_on=seen + 1, by=cast.priya).state == "signed"


def test_without_a_licence_nobody_signs(cast: Cast) -> None:
    version = complete_draft(cast)
    cast.tess.licences.update(expires_on=at("2021-01-01 00:00").date())
    with pytest.raises(Refused, match="licence is not in force"):
        actions.sign(version, patient_agreed="agreed", by=cast.tess)
