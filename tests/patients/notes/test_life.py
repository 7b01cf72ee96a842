"""A note's life against a simple model: whatever two windows do, nothing typed is lost and what is signed stays."""

from datetime import timedelta
from typing import Any

from django.db import transaction
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from clinic import clock
from clinic.refusal import Refused
from patients.notes import actions, formats, queries
from patients.notes.actions import Stale
from patients.notes.models import Note
from tests import cast as people
from tests.patients.notes.ground import FULL, START

TEXTS = st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc"]), max_size=6)
PARTS = st.dictionaries(st.sampled_from(["data", "assessment", "plan", "subjective"]), TEXTS, max_size=3)
WINDOWS = st.sampled_from(["one", "two"])


class Life(RuleBasedStateMachine):
    """Two windows of the author on one note. The model: what stands, each window's base, everything ever sent."""

    def __init__(self) -> None:
        super().__init__()
        self.point = transaction.atomic()
        self.point.__enter__()
        self.minute = 0

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.point.__exit__(None, None, None)

    def now(self) -> Any:
        self.minute += 1
        return clock.at(START + timedelta(minutes=self.minute))

    @initialize()
    def begin(self) -> None:
        self.cast = people.assemble()
        with clock.at(START):
            self.pk = actions.begin(self.cast.ana, kind="session", by=self.cast.tess).pk
        self.text: dict[str, str] = {}
        self.revision = 0
        self.base = {"one": 0, "two": 0}
        self.sent: list[tuple[str, str]] = []
        self.hash = ""
        self.retracted = False
        self.added = 0

    @property
    def note(self) -> Note:
        return Note.objects.select_related("patient", "author").get(pk=self.pk)

    @property
    def open(self) -> bool:
        return not self.hash and not self.retracted

    @rule(window=WINDOWS, parts=PARTS)
    def save(self, window: str, parts: dict[str, str]) -> None:
        if not self.retracted:
            self.sent += parts.items()
        changes = any(self.text.get(key, "") != text for key, text in parts.items())
        fresh = self.base[window] == self.revision
        with self.now():
            try:
                note = actions.save(self.note, parts=parts, based_on=self.base[window], by=self.cast.tess)
            except Stale as stale:
                assert self.hash or (changes and not fresh) or self.retracted
                self.base[window] = stale.note.revision
                return
            except Refused:
                assert self.retracted
                return
        assert self.open
        self.text |= parts
        self.revision = note.revision
        self.base[window] = note.revision

    @precondition(lambda self: self.open)
    @rule(window=WINDOWS, to=st.sampled_from(["SOAP", "DAP", "BIRP", "GIRP", "PIRP"]))
    def switch(self, window: str, to: str) -> None:
        with self.now():
            try:
                note = actions.switch_format(self.note, format=to, based_on=self.base[window], by=self.cast.tess)
            except Stale as stale:
                assert self.base[window] != self.revision
                self.base[window] = stale.note.revision
                return
        self.revision = self.base[window] = note.revision

    @rule()
    def sign(self) -> None:
        note = self.note
        ready = self.open and not formats.empty_sections(note.parts, note.format)
        with self.now():
            try:
                self.hash = actions.sign(note, by=self.cast.tess).content_hash
            except Refused:
                assert not ready
                return
        assert ready

    @precondition(lambda self: self.open)
    @rule()
    def fill(self) -> None:
        with self.now():
            note = actions.save(self.note, parts=FULL, based_on=self.revision, by=self.cast.tess, format="DAP")
        self.text |= FULL
        self.revision = note.revision

    @rule(text=TEXTS)
    def add(self, text: str) -> None:
        with self.now():
            try:
                actions.add_addendum(self.note, text=text, by=self.cast.priya)
            except Refused:
                assert not self.hash or self.retracted or not text.strip()
                return
        self.added += 1

    @precondition(lambda self: self.minute > 8)
    @rule()
    def retract(self) -> None:
        with self.now():
            try:
                actions.retract(self.note, reason="wrong chart", by=self.cast.tess)
            except Refused:
                assert self.retracted
                return
        self.retracted = True

    @invariant()
    def what_stands_is_what_the_model_says(self) -> None:
        if not hasattr(self, "pk"):
            return
        note = self.note
        assert {key: text for key, text in note.parts.items() if text} == {k: v for k, v in self.text.items() if v}
        assert note.revision == self.revision
        assert note.is_signed == bool(self.hash)
        assert (note.content_hash, queries.is_intact(note)) == (self.hash, bool(self.hash))
        assert (note.retracted_at is not None, note.addenda.count()) == (self.retracted, self.added)

    @invariant()
    def everything_sent_is_somewhere(self) -> None:
        if not hasattr(self, "pk"):
            return
        held = list(self.note.revisions.values_list("parts", flat=True))
        for key, text in self.sent:
            assert not text or any(parts.get(key) == text for parts in [*held, self.note.parts])


class TestLife(TestCase):
    def test_life(self) -> None:
        run_state_machine_as_test(Life, settings=settings(max_examples=25, stateful_step_count=25, deadline=None))
