"""After the signature: addenda, co-signature, entered in error."""

from datetime import date

import pytest

from clinic import clock
from clinic.refusal import Refused
from patients.inbox.models import Task
from patients.notes import actions, calc, queries
from patients.record.models import CareTeamMember
from patients.timeline import actions as timeline
from patients.timeline.enums import EntryKind
from patients.timeline.models import Entry
from tests.cast import Cast
from tests.patients.notes.ground import END, LATER, START, draft, signed


def test_the_author_and_the_team_add_to_a_signed_note(cast: Cast) -> None:
    note = signed(cast)
    with clock.at(LATER):
        rows = [actions.add_addendum(note, text=" More. ", by=who) for who in (cast.tess, cast.priya)]
    assert [(row.text, row.signature) for row in queries.latest_addenda(note)] == [
        ("More.", "Tess Moreno, LCSW"), ("More.", "Priya Raman, PMHNP")
    ]  # fmt: skip
    assert all(row.content_hash == calc.content_hash(queries.addendum_content(row)) for row in rows)
    note.refresh_from_db()
    assert queries.is_intact(note)


def test_nobody_else_adds(cast: Cast) -> None:
    with pytest.raises(Refused, match="Only the author and the care team"):
        actions.add_addendum(signed(cast), text="Mine.", by=cast.theo)


def test_a_draft_takes_no_addendum(cast: Cast) -> None:
    with pytest.raises(Refused, match="not signed yet"):
        actions.add_addendum(draft(cast), text="More.", by=cast.tess)


def test_an_empty_addendum_is_refused(cast: Cast) -> None:
    with pytest.raises(Refused, match="Write what is to be added"):
        actions.add_addendum(signed(cast), text=" \n", by=cast.tess)


def test_a_lapsed_licence_adds_nothing(cast: Cast) -> None:
    note = signed(cast)
    cast.priya.licences.update(expires_on=date(2021, 1, 1))
    with pytest.raises(Refused, match="licence is not in force"):
        actions.add_addendum(note, text="More.", by=cast.priya)


def test_entered_in_error_leaves_the_timeline_and_stays_in_the_table(cast: Cast) -> None:
    note = signed(cast)
    timeline.note(cast.ana.pk, EntryKind.SESSION, on=note, occurred_at=START, label="The bridge", by=cast.tess)
    with clock.at(LATER):
        note = actions.retract(note, reason="wrong chart", by=cast.tess)
    assert (note.retracted_at, note.retracted_by, note.retracted_reason) == (LATER, cast.tess, "wrong chart")
    assert Entry.objects.get().retracted_at == LATER
    with pytest.raises(Refused, match="already"):
        actions.retract(note, reason="again", by=cast.tess)
    with pytest.raises(Refused, match="entered in error"):
        actions.add_addendum(note, text="More.", by=cast.tess)


def test_the_supervisor_may_mark_as_error_a_colleague_may_not(cast: Cast) -> None:
    note = signed(cast)
    with pytest.raises(Refused, match="Only the author or"):
        actions.retract(note, reason="x", by=cast.priya)
    assert actions.retract(note, reason="wrong chart", by=cast.sam).retracted_by == cast.sam


def test_an_error_needs_a_reason(cast: Cast) -> None:
    with pytest.raises(Refused, match="Say why"):
        actions.retract(signed(cast), reason="  ", by=cast.tess)


def test_an_associate_asks_the_supervisor_who_cosigns(cast: Cast) -> None:
    cast.tess.licences.update(profession="LPC-A")
    note = signed(cast)
    assert note.cosigner == cast.sam
    task = Task.objects.get()
    assert (task.kind, task.for_user, task.object_id, task.done_at) == ("note_cosign", cast.sam, note.pk, None)
    with pytest.raises(Refused, match="somebody else"):
        actions.cosign(note, by=cast.priya)
    with clock.at(LATER):
        note = actions.cosign(note, by=cast.sam)
    task.refresh_from_db()
    assert (note.cosigned_at, task.done_by) == (LATER, cast.sam)
    assert queries.is_intact(note)
    with pytest.raises(Refused, match="already"):
        actions.cosign(note, by=cast.sam)


def test_a_full_licence_asks_nobody(cast: Cast) -> None:
    assert (signed(cast).cosigner, Task.objects.count()) == (None, 0)


def test_unsigned_notes_with_their_age(cast: Cast, django_assert_num_queries: object) -> None:
    note = draft(cast)
    signed(cast, by=cast.priya)
    with clock.at(LATER):
        assert [(one.note, one.age) for one in queries.unsigned(cast.tess)] == [(note, "1 day old")]
        lines = queries.my_day(cast.tess, LATER.date())
        with django_assert_num_queries(1):  # type: ignore[operator]
            queries.my_day(cast.tess, LATER.date())
    assert [(line.text, line.url) for line in lines] == [
        ("The note of Mon Mar 2 is not signed, 1 day old.", f"/notes/{cast.ana.pk}/{note.pk}/")
    ]
    assert queries.my_day(cast.theo, END.date()) == []


def test_who_left_the_team_adds_nothing(cast: Cast) -> None:
    note = signed(cast)
    CareTeamMember.objects.filter(user=cast.priya).update(ends_at=LATER)
    with clock.at(LATER), pytest.raises(Refused, match="Only the author and the care team"):
        actions.add_addendum(note, text="More.", by=cast.priya)
