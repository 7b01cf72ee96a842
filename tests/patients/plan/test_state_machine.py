"""A plan's life against a simple model: random drafts, changes, stale changes and signatures (R-TP-09)."""

from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from clinic import clock
from clinic.refusal import Conflict, Refused
from patients.notes.calc import content_hash
from patients.plan import actions, queries
from patients.plan.actions.signing import content
from patients.plan.models import PlanVersion
from tests import cast as people
from tests.cast import at
from tests.patients.plan.plans import TODAY, complete_draft, fresh

WORDS = st.sampled_from(["Low mood", "Panic", "Sleep", "Грусть", "חרדה", "a" * 200])


class PlanLife(RuleBasedStateMachine):
    """The model: the titles of the draft's problems, the titles of each signed version in order."""

    def __init__(self) -> None:
        super().__init__()
        self.transaction = transaction.atomic()
        self.transaction.__enter__()
        self.clock = clock.at(at(TODAY))
        self.clock.__enter__()
        self.cast = people.assemble()
        self.draft: list[str] | None = None
        self.signed: list[list[str]] = []

    def teardown(self) -> None:
        """Nothing stays."""
        transaction.set_rollback(True)
        self.transaction.__exit__(None, None, None)
        self.clock.__exit__(None, None, None)

    def version(self) -> PlanVersion:
        return PlanVersion.objects.get(state="draft")

    def titles(self, version: PlanVersion) -> list[str]:
        return [row.title for row in fresh(version).problem_rows.all()]

    @initialize()
    def begin(self) -> None:
        complete_draft(self.cast)
        self.draft = ["Low mood"]

    @rule(who=st.sampled_from(["tess", "priya"]))
    def open_draft(self, who: str) -> None:
        version = actions.draft(self.cast.ana, by=getattr(self.cast, who))
        if self.draft is None:
            self.draft = list(self.signed[-1])
        assert version.number == len(self.signed) + 1

    @precondition(lambda self: self.draft is not None and len(self.draft) < 4)
    @rule(title=WORDS)
    def add_problem(self, title: str) -> None:
        actions.add_problem(self.version(), title=title, by=self.cast.tess)
        assert self.draft is not None
        self.draft.append(title)

    @precondition(lambda self: bool(self.draft))
    @rule(data=st.data(), title=WORDS)
    def change_problem(self, data: Any, title: str) -> None:
        assert self.draft is not None
        place = data.draw(st.integers(0, len(self.draft) - 1))
        row = fresh(self.version()).problem_rows.all()[place]
        actions.change_problem(row, title=title, based_on=self.version().revision, by=self.cast.priya)
        self.draft[place] = title

    @precondition(lambda self: bool(self.draft))
    @rule(title=WORDS)
    def change_on_an_old_base(self, title: str) -> None:
        version = self.version()
        row = fresh(version).problem_rows.all()[0]
        changed = actions.change_problem(row, title="Somebody else's words", by=self.cast.tess)
        assert self.draft is not None
        self.draft[0] = changed.title
        if row.title == changed.title:
            return
        try:
            with transaction.atomic():
                actions.change_problem(row, title=title, based_on=version.revision, by=self.cast.priya)
            raise AssertionError("an old base must not win")
        except Conflict:
            pass

    @precondition(lambda self: self.draft is not None and len(self.draft) > 1)
    @rule()
    def remove_last(self) -> None:
        actions.remove_problem(list(fresh(self.version()).problem_rows.all())[-1], by=self.cast.tess)
        assert self.draft is not None
        self.draft.pop()

    @precondition(lambda self: self.draft is not None)
    @rule(agreed=st.sampled_from(["agreed", "declined", ""]))
    def sign(self, agreed: str) -> None:
        version = self.version()
        complete = len(self.draft or []) == 1 and bool(agreed)
        try:
            with transaction.atomic():
                actions.sign(version, patient_agreed=agreed, by=self.cast.priya)
            assert complete
            self.signed.append(self.draft or [])
            self.draft = None
        except Refused:
            assert not complete

    @invariant()
    def tables_say_what_the_model_says(self) -> None:
        versions = {version.number: version for version in PlanVersion.objects.all()}
        states = ["replaced"] * (len(self.signed) - 1) + ["signed"] * bool(self.signed)
        states += ["draft"] * (self.draft is not None)
        assert [versions[n].state for n in sorted(versions)] == states
        for n, titles in enumerate(self.signed, 1):
            found = fresh(versions[n])
            assert self.titles(found) == titles
            assert content_hash(content(found)) == found.content_hash
        if self.draft is not None:
            assert self.titles(versions[len(self.signed) + 1]) == self.draft
        in_force = queries.in_force(self.cast.ana.pk)
        assert (in_force.number if in_force else 0) == len(self.signed)


@pytest.mark.django_db
def test_plan_life() -> None:
    """Twenty lives of up to twelve steps."""
    run_state_machine_as_test(
        PlanLife,
        settings=settings(
            max_examples=20, stateful_step_count=12, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
