"""The database keeps what was signed: raw SQL cannot change, delete or empty it (R-HS-05)."""

from typing import Any

import pytest
from django.db import InternalError, connection, transaction

from patients.notes import actions
from patients.notes.models import Addendum, Note, Revision
from tests.cast import Cast
from tests.patients.notes.ground import draft, signed


def refused(sql: str, words: str, *values: Any) -> None:
    with pytest.raises(InternalError, match=words), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, values)


@pytest.mark.parametrize(
    "change",
    ["parts = '{}'", "minutes = 60", "content_hash = repeat('0', 64)", "format = 'SOAP'", "extra = '{\"a\": 1}'",
     "signed_at = NULL, signed_by_id = NULL, content_hash = '', signature = ''", "revision = 99",
     "code = '90837'", "started_at = started_at - interval '1 hour'"],
)  # fmt: skip
def test_a_signed_note_does_not_change(cast: Cast, change: str) -> None:
    note = signed(cast)
    refused(f"UPDATE patients_notes_note SET {change} WHERE id = %s", "signed note cannot change", note.pk)


def test_no_note_is_deleted(cast: Cast) -> None:
    refused("DELETE FROM patients_notes_note WHERE id = %s", "never deleted", draft(cast).pk)


def test_a_retraction_stays(cast: Cast) -> None:
    note = actions.retract(signed(cast), reason="wrong chart", by=cast.tess)
    refused(
        "UPDATE patients_notes_note SET retracted_at = NULL, retracted_by_id = NULL, retracted_reason = '' WHERE id=%s",
        "stays as it is", note.pk,
    )  # fmt: skip


def test_an_addendum_does_not_change(cast: Cast) -> None:
    row = actions.add_addendum(signed(cast), text="One thing more.", by=cast.tess)
    refused("UPDATE patients_notes_addendum SET text = 'x' WHERE id = %s", "update or delete", row.pk)
    refused("DELETE FROM patients_notes_addendum WHERE id = %s", "update or delete", row.pk)


def test_a_revision_does_not_change_and_what_was_set_aside_is_kept(cast: Cast) -> None:
    note = draft(cast)
    actions.set_aside(note, parts={"data": "Aside."}, based_on=0, by=cast.tess)
    refused("UPDATE patients_notes_revision SET parts = '{}' WHERE note_id = %s", "is kept", note.pk)
    refused("DELETE FROM patients_notes_revision WHERE set_aside", "is kept")


@pytest.mark.parametrize("model", [Note, Revision, Addendum])
def test_nothing_is_emptied(cast: Cast, model: type) -> None:
    refused(f"TRUNCATE {model._meta.db_table} CASCADE", "never emptied")  # type: ignore[attr-defined]
