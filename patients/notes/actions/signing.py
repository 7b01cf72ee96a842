"""Signing a note: from then on it is immutable, and its hash covers all it says (R-HS-05)."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.db import transaction

from clinic import clock
from clinic.audit import actions as audit
from clinic.audit.enums import Kind as AuditKind
from clinic.refusal import check
from patients.inbox import actions as inbox
from patients.notes import calc, queries, rules
from patients.notes.actions.drafting import lock
from patients.notes.enums import Contact, Kind
from patients.notes.models import Note
from patients.record.calc import clean_line

if TYPE_CHECKING:
    from clinic.staff.models import User


@transaction.atomic
def sign(
    note: Note,
    *,
    by: "User",
    code: str = "",
    add_on_code: str = "",
    extra: Mapping[str, Any] | None = None,
    reason: str = "",
    level_by: str = "decisions",
) -> Note:
    """Sign: from now on the note is immutable, and its hash covers all it says (R-HS-05).

    `extra`: structured content that goes under the hash. `reason`: why a code stays that the day's rules ask about
    (R-CPT-08). `level_by`: what the level of a medical visit rests on, "decisions" or "time" (R-CPT-03).
    Without an end, a contact that began within the last four hours ends now.
    """
    note = lock(note)
    note.code, note.add_on_code = code or note.code, add_on_code or note.add_on_code
    note.code_reason = clean_line(reason, most=300, field="code_reason") or note.code_reason
    end_now(note)
    check(rules.sign, note, by)
    licence = rules.licence_of(by, note)
    mine = rules.codes(note, licence, level_by)
    check(rules.bill, note, rules.against_codes(mine, queries.claims_that_day(note)) if mine else [])
    note.extra = dict(extra or {})
    note.signed_at, note.signed_by, note.signature = clock.now(), by, by.signature
    note.content_hash = calc.content_hash(queries.signed_content(note))
    if rules.needs_cosigner(by, licence):
        note.cosigner = by.supervisor
    note.save()
    audit.record(AuditKind.SIGNED, by=by, on=note, what="notes.sign", detail={"revision": note.revision})
    _ask_cosigner(note, by)
    return note


def end_now(note: Note) -> None:
    """Fill in the end and the minutes that were left to the clock."""
    passed = clock.now() - note.started_at
    if note.ended_at is None and note.contact != Contact.MISSED and 0 <= passed.total_seconds() <= 4 * 3600:
        note.ended_at = clock.now()
    if note.minutes is None and note.ended_at is not None and note.kind == Kind.SESSION:
        note.minutes = calc.minutes_between(note.started_at, max(note.ended_at, note.started_at))


def _ask_cosigner(note: Note, by: "User") -> None:
    if note.cosigner is not None:
        inbox.ask(
            "note_cosign", sentence=f"A note by {by.name} waits for your co-signature.",
            purpose=f"note-cosign:{note.pk}", patient_id=note.patient_id, users=[note.cosigner], object_id=note.pk,
            by=by,
        )  # fmt: skip
