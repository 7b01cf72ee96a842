"""Reading notes: what is not signed yet, what a day bills, whether a signature still fits its content."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet
from django.urls import reverse

from clinic import clock
from clinic.ports import DayLine
from patients.notes import calc
from patients.notes.enums import Kind
from patients.notes.models import Addendum, Note, Revision
from patients.notes.same_day import Claim

if TYPE_CHECKING:
    from clinic.staff.models import User


@dataclass(frozen=True, slots=True)
class Unsigned:
    """A note that waits for its author's signature, and for how many days."""

    note: Note
    days: int

    @property
    def age(self) -> str:
        """ "today", "1 day old", "3 days old"."""
        return "today" if self.days < 1 else "1 day old" if self.days == 1 else f"{self.days} days old"


def unsigned(user: "User") -> list[Unsigned]:
    """The person's unsigned notes, the oldest first, patients loaded. One query."""
    rows = Note.objects.filter(author=user, signed_at=None, retracted_at=None)
    return [Unsigned(note, _days(note)) for note in rows.select_related("patient").order_by("started_at")]


def my_day(user: "User", day: date) -> list[DayLine]:
    """Port MY_DAY_LINES: notes of earlier days that wait for a signature, with their age. One query."""
    return [
        DayLine(
            patient_id=one.note.patient_id,
            mark="t" if one.note.kind == Kind.SESSION else "m",
            text=f"The note of {_day_words(one.note)} is not signed, {one.age}.",
            url=reverse("notes:note", kwargs={"patient_id": one.note.patient_id, "pk": one.note.pk}),
        )
        for one in unsigned(user)
        if one.note.started_at.astimezone(one.note.patient.zone).date() <= day
    ]


def signed_content(note: Note) -> dict[str, Any]:
    """What the hash of a signed note covers: all that it says, whose it is, when it was signed (R-HS-05)."""
    return {
        "note": str(note.pk), "patient": str(note.patient_id), "author": str(note.author_id),
        "attendance": str(note.attendance_id) if note.attendance_id else None,
        "kind": note.kind, "contact": note.contact, "format": note.format, "parts": note.parts,
        "started_at": calc.moment(note.started_at), "ended_at": calc.moment(note.ended_at),
        "minutes": note.minutes, "em_minutes": note.em_minutes,
        "code": note.code, "add_on_code": note.add_on_code, "code_reason": note.code_reason,
        "extra": note.extra, "signed_at": calc.moment(note.signed_at), "signature": note.signature,
    }  # fmt: skip


def addendum_content(addendum: Addendum) -> dict[str, Any]:
    """What the hash of an addendum covers."""
    return {
        "addendum": str(addendum.pk), "note": str(addendum.note_id), "note_hash": addendum.note.content_hash,
        "author": str(addendum.author_id), "text": addendum.text, "signed_at": calc.moment(addendum.signed_at),
        "signature": addendum.signature,
    }  # fmt: skip


def is_intact(note: Note) -> bool:
    """Whether a signed note still says what was signed."""
    return note.is_signed and calc.content_hash(signed_content(note)) == note.content_hash


def day_of(note: Note) -> tuple[datetime, datetime]:
    """The calendar day of the note at the patient's place, as its two ends."""
    zone = note.patient.zone
    local = note.started_at.astimezone(zone)
    start = local.replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    following = (start.replace(tzinfo=None) + timedelta(days=1)).replace(tzinfo=zone)
    return start, following


def claims_that_day(note: Note) -> list[Claim]:
    """The codes of the patient's other signed notes of the same day. One query."""
    start, end = day_of(note)
    rows = Note.objects.filter(
        patient_id=note.patient_id, started_at__gte=start, started_at__lt=end, signed_at__isnull=False,
        retracted_at=None,
    ).exclude(pk=note.pk)  # fmt: skip
    return [
        Claim(code, str(author))
        for author, first, second in rows.values_list("author_id", "code", "add_on_code")
        for code in (first, second)
        if code
    ]


def set_aside(note: Note, user: "User") -> list[Revision]:
    """What the person sent that came too late to be the current text, the newest first. One query."""
    return list(note.revisions.filter(set_aside=True, saved_by=user).order_by("-saved_at")[:20])


def of_patient(patient_id: UUID, kinds: Sequence[str] = tuple(Kind.values)) -> QuerySet[Note]:
    """The patient's notes, authors loaded, the newest first."""
    return Note.objects.filter(patient_id=patient_id, kind__in=kinds).select_related("author")


def draft_keys(note: Note, user: "User") -> str:
    """The keys by which the page encrypts what is not saved yet: newest first, parted by spaces (R-HS-03)."""
    return " ".join(calc.draft_key(secret, note.pk, user.pk) for secret in settings.FIELD_KEYS)


def latest_addenda(note: Note) -> list[Addendum]:
    """The note's addenda in the order of signing."""
    return list(note.addenda.select_related("author").order_by("signed_at"))


def _days(note: Note) -> int:
    zone = note.patient.zone
    return (clock.now().astimezone(zone).date() - note.started_at.astimezone(zone).date()).days


def _day_words(note: Note) -> str:
    local = note.started_at.astimezone(note.patient.zone)
    return f"{local:%a %b} {local.day}"
