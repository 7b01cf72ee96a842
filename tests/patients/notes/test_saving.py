"""A draft is saved from the revision it was based on; what comes on an old base is kept (409), nothing is lost."""

import pytest

from clinic.refusal import Refused
from patients.notes import actions
from patients.notes.actions import Stale
from patients.notes.models import Note, Revision
from patients.notes.thin import thin_out
from tests.cast import Cast
from tests.patients.notes.ground import FULL, draft, signed


def test_every_save_is_a_revision(cast: Cast) -> None:
    note = actions.save(draft(cast), parts={"data": "Once more."}, based_on=1, by=cast.tess)
    assert note.revision == 2
    found = note.revisions.order_by("number").values_list("number", "based_on", "set_aside", "parts__data")
    assert list(found) == [(1, 0, False, FULL["data"]), (2, 1, False, "Once more.")]


def test_a_part_that_is_not_sent_stays(cast: Cast) -> None:
    note = actions.save(draft(cast), parts={"data": "New."}, based_on=1, by=cast.tess)
    assert note.parts == {**FULL, "data": "New."}


def test_saving_what_is_there_changes_nothing(cast: Cast) -> None:
    note = actions.save(draft(cast), parts=FULL, based_on=1, by=cast.tess)
    assert (note.revision, note.revisions.count()) == (1, 1)


def test_an_old_base_is_refused_and_what_was_sent_is_kept(cast: Cast) -> None:
    note = actions.save(draft(cast), parts={"data": "First window."}, based_on=1, by=cast.tess)
    with pytest.raises(Stale) as caught:
        actions.save(note, parts={"data": "Second window."}, based_on=1, by=cast.tess)
    assert caught.value.note.parts["data"] == "First window."
    note.refresh_from_db()
    assert (note.parts["data"], note.revision) == ("First window.", 2)
    kept = Revision.objects.get(set_aside=True)
    assert (kept.parts, kept.based_on, kept.saved_by) == ({"data": "Second window."}, 1, cast.tess)


def test_the_same_set_aside_twice_is_kept_once(cast: Cast) -> None:
    note = actions.save(draft(cast), parts={"data": "First window."}, based_on=1, by=cast.tess)
    for _ in range(3):
        with pytest.raises(Stale):
            actions.save(note, parts={"data": "Second window."}, based_on=1, by=cast.tess)
    assert Revision.objects.filter(set_aside=True).count() == 1


def test_a_save_sent_again_because_its_answer_was_lost_is_no_conflict(cast: Cast) -> None:
    note = actions.save(draft(cast), parts={"data": "Arrived."}, based_on=1, by=cast.tess)
    again = actions.save(note, parts={"data": "Arrived."}, based_on=1, by=cast.tess)
    assert again.revision == 2
    assert not Revision.objects.filter(set_aside=True).exists()


def test_text_that_comes_after_the_signature_is_kept_beside_the_note(cast: Cast) -> None:
    note = signed(cast)
    with pytest.raises(Stale, match="signed meanwhile"):
        actions.save(note, parts={"data": "Too late."}, based_on=note.revision, by=cast.tess)
    assert Revision.objects.get(set_aside=True).parts == {"data": "Too late."}
    assert Note.objects.get().parts == FULL


def test_only_the_author_writes(cast: Cast) -> None:
    with pytest.raises(Refused, match="Only its author"):
        actions.save(draft(cast), parts={"data": "Mine now."}, based_on=1, by=cast.priya)


@pytest.mark.parametrize("text", ["\x00", "a\ud800b", "x" * 50_001])
def test_text_that_cannot_be_stored_is_refused_beside_its_field(cast: Cast, text: str) -> None:
    with pytest.raises(Refused) as caught:
        actions.save(draft(cast), parts={"data": text}, based_on=1, by=cast.tess)
    assert caught.value.field == "data"


def test_a_part_nobody_knows_is_refused(cast: Cast) -> None:
    with pytest.raises(Refused, match="no part called"):
        actions.save(draft(cast), parts={"secret": "x"}, based_on=1, by=cast.tess)


def test_revisions_are_thinned_to_the_newest_and_what_was_set_aside(cast: Cast) -> None:
    note = draft(cast)
    actions.set_aside(note, parts={"data": "Aside."}, based_on=0, by=cast.tess)
    for number in range(1, 100):
        note = actions.save(note, parts={"data": f"Text {number}"}, based_on=note.revision, by=cast.tess)
    assert note.revision == 100
    thin_out(note)
    numbers = list(note.revisions.filter(set_aside=False).order_by("-number").values_list("number", flat=True))
    assert numbers[:40] == list(range(100, 60, -1))
    assert len(numbers) < 45
    assert note.revisions.filter(set_aside=True).count() == 1


def test_switching_the_format_is_a_save_that_loses_nothing(cast: Cast) -> None:
    """R-PN-01."""
    note = actions.switch_format(draft(cast), format="SOAP", based_on=1, by=cast.tess)
    assert (note.format, note.revision) == ("SOAP", 2)
    assert {key: text for key, text in note.parts.items() if text} == FULL
    note = actions.switch_format(note, format="DAP", based_on=2, by=cast.tess)
    assert note.parts == FULL


def test_a_session_note_takes_no_format_of_a_medication_visit(cast: Cast) -> None:
    with pytest.raises(Refused, match="no such format"):
        actions.switch_format(draft(cast), format="MED", based_on=1, by=cast.tess)
