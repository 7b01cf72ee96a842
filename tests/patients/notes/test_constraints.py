"""Each constraint of the note's tables, broken once."""

from typing import Any

import pytest
from django.db import IntegrityError, transaction

from patients.notes.models import Addendum, Note, Revision
from tests.cast import Cast
from tests.patients.notes.ground import END, START, draft, signed
from tests.patients.notes.test_beginning import attendance


def note(cast: Cast, **fields: Any) -> Note:
    known = {"patient": cast.ana, "author": cast.tess, "kind": "session", "started_at": START}
    return Note(**{**known, "created_at": START, "saved_at": START, **fields})


def breaks(name: str, row: Any) -> None:
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        row.save(force_insert=True)


def test_one_note_per_attendance_and_author(cast: Cast) -> None:
    row = attendance(cast)
    note(cast, attendance=row).save()
    breaks("note_once_per_attendance_and_author", note(cast, attendance=row))


@pytest.mark.parametrize(
    "fields",
    [{"signed_at": END}, {"signature": "Tess"}, {"content_hash": "0" * 64},
     {"signed_at": END, "content_hash": "x", "signature": "Tess"}],
)  # fmt: skip
def test_a_signature_is_whole(cast: Cast, fields: dict[str, Any]) -> None:
    breaks("note_signature_whole", note(cast, **fields))


def test_signed_by_somebody_else(cast: Cast) -> None:
    fields = {"signed_at": END, "signed_by": cast.priya, "content_hash": "0" * 64, "signature": "Priya"}
    breaks("note_signature_whole", note(cast, **fields))


def test_cosigned_before_signed(cast: Cast) -> None:
    breaks("note_cosigned_after_signed", note(cast, cosigner=cast.sam, cosigned_at=END))


def test_ends_before_start(cast: Cast) -> None:
    breaks("note_ends_after_start", note(cast, started_at=END, ended_at=START))


def test_unknown_kind(cast: Cast) -> None:
    breaks("note_kind_known", note(cast, kind="letter"))


def test_retracted_without_reason(cast: Cast) -> None:
    breaks("note_retracted_whole", note(cast, retracted_at=END, retracted_by=cast.tess))


def test_a_revision_number_once(cast: Cast) -> None:
    row = draft(cast)
    breaks("revision_number_once", Revision(
        note=row, number=1, based_on=0, parts={}, format="DAP", saved_at=END, saved_by=cast.tess))  # fmt: skip


def test_an_empty_addendum(cast: Cast) -> None:
    breaks("addendum_signed_and_not_empty", Addendum(
        note=signed(cast), author=cast.tess, text="", signed_at=END, signature="T", content_hash="0" * 64))  # fmt: skip
