"""After the signature: co-signed, added to, marked as entered in error."""

from typing import TYPE_CHECKING, Any

from django.db import transaction

from clinic import clock
from clinic.audit import actions as audit
from clinic.audit.enums import Kind as AuditKind
from clinic.refusal import Refused, check
from patients.inbox import actions as inbox
from patients.notes import calc, queries, rules
from patients.notes.actions.drafting import lock
from patients.notes.models import Addendum, Note
from patients.record.calc import clean_line, clean_text
from patients.timeline import actions as timeline

if TYPE_CHECKING:
    from clinic.staff.models import User


@transaction.atomic
def cosign(note: Note, *, by: "User") -> Note:
    """The supervisor has read the note and signs beside its author."""
    note = lock(note)
    check(rules.cosign, note, by)
    note.cosigned_at = clock.now()
    note.save(update_fields=["cosigned_at"])
    inbox.finish(f"note-cosign:{note.pk}", by=by, outcome="co-signed")
    audit.record(AuditKind.SIGNED, by=by, on=note, what="notes.cosign")
    return note


@transaction.atomic
def add_addendum(note: Note, *, text: str, by: "User") -> Addendum:
    """Add to a signed note; the addendum is signed and immutable too (R-HS-05)."""
    note = lock(note)
    check(rules.add_addendum, note, by)
    words = clean_text(text, most=rules.MOST_TEXT, field="text").strip()
    if not words:
        raise Refused("Write what is to be added.", field="text")
    row = Addendum(note=note, author=by, text=words, signed_at=clock.now(), signature=by.signature)
    row.content_hash = calc.content_hash(queries.addendum_content(row))
    row.save(force_insert=True)
    audit.record(
        AuditKind.SIGNED,
        by=by,
        on=row,
        patient_id=note.patient_id,
        what="notes.addendum",
        detail={"note": str(note.pk)},
    )
    return row


@transaction.atomic
def retract(note: Note, *, reason: str, by: "User") -> Note:
    """Mark a note as entered in error: it stays, struck through, and leaves the timeline."""
    note = lock(note)
    check(rules.retract, note, by)
    words = clean_line(reason, most=300, field="reason")
    if not words:
        raise Refused("Say why the note is in error.", field="reason")
    note.retracted_at, note.retracted_by, note.retracted_reason = clock.now(), by, words
    note.save(update_fields=["retracted_at", "retracted_by", "retracted_reason"])
    timeline.retract(note)
    for part in _one_to_ones(note):  # the session or visit that the note belongs to
        timeline.retract(part)
    inbox.finish(f"note-cosign:{note.pk}", by=by, outcome="entered in error")
    audit.record(AuditKind.RETRACTED, by=by, on=note, what="notes.retract", why=words)
    return note


def _one_to_ones(note: Note) -> list[Any]:
    names = [relation.get_accessor_name() for relation in Note._meta.related_objects if relation.one_to_one]
    return [row for name in names if name and (row := getattr(note, name, None)) is not None]
