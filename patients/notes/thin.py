"""Keeps the revisions of a draft from growing without end: the newest all, older ones one for every five minutes."""

from django.db import connection

from patients.notes.models import Note

EVERY = 20  # saves between two thinnings
NEWEST = 40

_THIN = """
    DELETE FROM patients_notes_revision WHERE id IN (
        SELECT id FROM (
            SELECT id, row_number() OVER (
                PARTITION BY floor(extract(epoch FROM saved_at) / 300) ORDER BY number DESC) AS place
            FROM patients_notes_revision
            WHERE note_id = %s AND NOT set_aside AND number <= %s
        ) AS old WHERE place > 1
    )
"""


def thin_out(note: Note) -> None:
    """Every twentieth save, drop what lies within five minutes of a later revision and is not among the newest."""
    if note.revision % EVERY == 0 and note.revision > NEWEST:
        with connection.cursor() as cursor:
            cursor.execute(_THIN, [note.pk, note.revision - NEWEST])
