"""A draft: begun, saved from a base revision, shown in another format.

`save` keeps what came on an old base (a set-aside Revision) and then raises Stale: it must not run inside a
caller's transaction that the Stale would roll back. Such a caller uses `write` and, outside, `set_aside`.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from django.db import transaction

from clinic import clock
from clinic.audit import actions as audit
from clinic.audit.enums import Kind as AuditKind
from clinic.refusal import Conflict, Refused, check
from patients.notes import formats, rules
from patients.notes.enums import Contact, Kind
from patients.notes.models import Note, Revision
from patients.notes.thin import thin_out
from patients.record.calc import clean_line, clean_text
from patients.record.models import Patient
from patients.scheduling.models import Attendance

if TYPE_CHECKING:
    from clinic.staff.models import User


class _Keep:
    """Stands for “leave it as it is”, where None means “empty”."""


KEEP: Final = _Keep()


class Stale(Conflict):
    """The note was saved from elsewhere meanwhile, or signed. `note`: as it stands now."""

    def __init__(self, sentence: str, note: Note) -> None:
        super().__init__(sentence)
        self.note = note


@transaction.atomic
def begin(
    patient: Patient,
    *,
    kind: str,
    contact: str = "visit",
    attendance: Attendance | None = None,
    format: str | None = None,
    started_at: datetime | None = None,
    by: "User",
) -> Note:
    """The author's note on a contact: the open one if there is one (one per attendance and author), else a new one."""
    chosen = format or formats.formats_for(kind)[0]
    check(rules.begin, patient.pk, attendance, kind, chosen)
    patient.hold()  # two clicks begin one note
    started_at = started_at or clock.now()
    if existing := _open_note(patient, kind, attendance, started_at, by):
        return existing
    now = clock.now()
    note = Note.objects.create(
        patient=patient, attendance=attendance, author=by, kind=Kind(kind), contact=Contact(contact), format=chosen,
        parts=formats.switch({}, chosen, chosen), started_at=started_at, ended_at=_ended(attendance, started_at),
        created_at=now, saved_at=now,
    )  # fmt: skip
    audit.record(AuditKind.CREATED, by=by, on=note, what="notes.begin")
    return note


def _ended(attendance: Attendance | None, started_at: datetime) -> datetime | None:
    """When a visit that is over ended: a note that is written later must not count the hours since."""
    ended_at = attendance.ended_at if attendance is not None else None
    return ended_at if ended_at is not None and ended_at >= started_at else None


def _open_note(
    patient: Patient, kind: str, attendance: Attendance | None, started_at: datetime, by: "User"
) -> Note | None:
    mine = Note.objects.filter(patient=patient, author=by, retracted_at=None)
    if attendance is not None:
        found = mine.filter(attendance=attendance).first()
        if found is not None and found.kind != kind:
            raise Refused("You have a note of another kind on this visit. Open that one.")
        return found
    day = started_at.astimezone(patient.zone).date()
    for note in mine.filter(attendance=None, kind=kind, signed_at=None):
        if note.started_at.astimezone(patient.zone).date() == day:
            return note
    return None


def save(note: Note, *, parts: Mapping[str, str], based_on: int, by: "User", **fields: Any) -> Note:
    """Save a draft from the revision it was based on; on an old base what was sent is kept and Stale raised (409).

    `fields`: format, contact, started_at, ended_at, minutes, em_minutes, code, add_on_code, code_reason.
    Text is merged part by part: a part that was not sent stays. Saving what is there already changes nothing.
    """
    try:
        return write(note, parts=parts, based_on=based_on, by=by, **fields)
    except Stale as stale:
        set_aside(stale.note, parts=parts, based_on=based_on, by=by)
        raise


@transaction.atomic
def write(
    note: Note,
    *,
    parts: Mapping[str, str],
    based_on: int,
    by: "User",
    format: str | None = None,
    contact: str | None = None,
    started_at: datetime | None = None,
    ended_at: datetime | _Keep | None = KEEP,
    minutes: int | _Keep | None = KEEP,
    em_minutes: int | _Keep | None = KEEP,
    code: str | None = None,
    add_on_code: str | None = None,
    code_reason: str | None = None,
    touched: bool = False,
) -> Note:
    """As `save`, but a Stale keeps nothing: for callers who save more in one transaction.

    `touched`: the caller changed something beside the note; the revision moves on even if the text is the same.
    """
    note = lock(note)
    late = note.author_id == by.pk and (note.is_signed or note.revision != based_on)
    if late and (note.is_signed or note.retracted_at is not None):
        raise stale(note)
    check(rules.change, note, by)
    before = _state(note)
    note.parts = {**note.parts, **clean_parts(parts)}
    if format and format != note.format:
        check(rules.begin, note.patient_id, None, note.kind, format)
        note.parts, note.format = formats.switch(note.parts, note.format, format), format
    note.contact = Contact(contact or note.contact)
    note.started_at = started_at or note.started_at
    for name, value in (("ended_at", ended_at), ("minutes", minutes), ("em_minutes", em_minutes)):
        if not isinstance(value, _Keep):
            setattr(note, name, value)
    note.code = note.code if code is None else clean_line(code, most=10, field="code")
    note.add_on_code = note.add_on_code if add_on_code is None else clean_line(add_on_code, most=10, field="code")
    if code_reason is not None:
        note.code_reason = clean_line(code_reason, most=300, field="code_reason")
    check(rules.times, note.started_at, note.ended_at, note.minutes, note.em_minutes)
    if before == _state(note) and not touched:
        return note  # also a save sent again because its answer was lost
    if late:
        raise stale(lock(note))
    return _next_revision(note, based_on, by)


def _next_revision(note: Note, based_on: int, by: "User") -> Note:
    """Store the changed draft and what this save held."""
    note.revision += 1
    note.saved_at = clock.now()
    note.save()
    Revision.objects.create(
        note=note, number=note.revision, based_on=based_on, parts=note.parts, format=note.format,
        saved_at=note.saved_at, saved_by=by,
    )  # fmt: skip
    thin_out(note)
    audit.record(AuditKind.CHANGED, by=by, on=note, what="notes.save", detail={"revision": note.revision})
    return note


@transaction.atomic
def set_aside(note: Note, *, parts: Mapping[str, str], based_on: int, by: "User") -> Revision | None:
    """Keep what was sent on an old base, once; None where it is what stands or was kept already."""
    kept = clean_parts(parts)
    note = lock(note)
    if all(note.parts.get(key, "") == text for key, text in kept.items()):
        return None
    last = note.revisions.filter(set_aside=True, saved_by=by).order_by("-saved_at").first()
    if last is not None and last.parts == kept:
        return last
    row = Revision.objects.create(
        note=note, number=note.revision, based_on=min(max(0, based_on), 2_000_000_000), parts=kept, format=note.format,
        saved_at=clock.now(), saved_by=by, set_aside=True,
    )  # fmt: skip
    audit.record(AuditKind.CHANGED, by=by, on=note, what="notes.set_aside", detail={"revision": note.revision})
    return row


def switch_format(note: Note, *, format: str, based_on: int, by: "User") -> Note:
    """Show the note in another format; no word is lost, switching back shows what was (R-PN-01)."""
    return save(note, parts={}, based_on=based_on, by=by, format=format)


def clean_parts(parts: Mapping[str, str]) -> dict[str, str]:
    """The parts fit to store. Raises Refused for one that no format knows or that is too long."""
    if strange := set(parts) - set(formats.KEYS):
        raise Refused(f"The note has no part called {sorted(strange)[0][:40]!r}. Reload the page; nothing was lost.")
    return {key: clean_text(str(text), most=rules.MOST_TEXT, field=key) for key, text in parts.items()}


def lock(note: Note) -> Note:
    return Note.objects.select_for_update(of=("self",)).select_related("patient").get(pk=note.pk)


def _state(note: Note) -> tuple[Any, ...]:
    return (
        dict(note.parts), note.format, note.contact, note.started_at, note.ended_at, note.minutes, note.em_minutes,
        note.code, note.add_on_code, note.code_reason,
    )  # fmt: skip


def stale(note: Note) -> Stale:
    """What to raise where a save came on an old base."""
    if note.is_signed:
        return Stale("This note was signed meanwhile. What you sent is kept beside it; add it as an addendum.", note)
    words = "This note was saved from another window meanwhile. Both texts are kept; choose which one stands."
    return Stale(words, note)
