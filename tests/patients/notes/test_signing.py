"""Signing: by the author, licensed on the day, with something in every section; then the hash covers all (R-HS-05)."""

from datetime import date
from typing import Any

import pytest

from clinic import clock
from clinic.audit.models import AuditEvent
from clinic.refusal import Refused
from patients.notes import actions, calc, queries
from patients.notes.models import Note
from tests.cast import Cast, at
from tests.patients.notes.ground import END, FULL, LATER, draft, signed


def test_signed(cast: Cast) -> None:
    note = signed(cast, code="90834")
    note.refresh_from_db()
    assert (note.signed_by, note.signature, note.signed_at) == (cast.tess, "Tess Moreno, LCSW", END)
    assert (note.minutes, note.ended_at, note.code) == (45, END, "90834")
    assert note.content_hash == calc.content_hash(queries.signed_content(note))
    assert queries.is_intact(note)


def test_the_audit_holds_ids_and_counts_only(cast: Cast) -> None:
    """R-HS-07."""
    note = signed(cast)
    rows = AuditEvent.objects.filter(object_id=note.pk).order_by("id")
    assert [(row.kind, row.what, row.detail) for row in rows] == [
        ("created", "notes.begin", {}),
        ("changed", "notes.save", {"revision": 1}),
        ("signed", "notes.sign", {"revision": 1}),
    ]


def test_a_second_signature_is_refused(cast: Cast) -> None:
    note = signed(cast)
    with pytest.raises(Refused, match="is signed"):
        actions.sign(note, by=cast.tess)


def test_only_the_author_signs(cast: Cast) -> None:
    with clock.at(END), pytest.raises(Refused, match="Only its author"):
        actions.sign(draft(cast), by=cast.priya)


def test_a_lapsed_licence_cannot_sign(cast: Cast) -> None:
    note = draft(cast)
    cast.tess.licences.update(expires_on=date(2026, 3, 1))
    with clock.at(END), pytest.raises(Refused, match="licence is not in force"):
        actions.sign(note, by=cast.tess)
    assert not Note.objects.get().is_signed


def test_a_licence_covers_its_last_day(cast: Cast) -> None:
    cast.tess.licences.update(expires_on=date(2026, 3, 2))
    assert signed(cast).is_signed


def test_an_empty_section_is_refused_by_name(cast: Cast) -> None:
    note = actions.save(draft(cast), parts={"assessment": "  \n"}, based_on=1, by=cast.tess)
    with clock.at(END), pytest.raises(Refused, match="Still empty: Assessment"):
        actions.sign(note, by=cast.tess)


def test_the_end_must_be_known_the_day_after(cast: Cast) -> None:
    """R-TP-10: start, end and actual time."""
    note = draft(cast)
    with clock.at(LATER), pytest.raises(Refused, match="Enter when it ended"):
        actions.sign(note, by=cast.tess)
    note = actions.save(note, parts={}, based_on=1, by=cast.tess, ended_at=END)
    with clock.at(LATER):
        assert actions.sign(note, by=cast.tess).minutes == 45


@pytest.mark.parametrize(
    ("ended_at", "minutes", "words"),
    [
        (at("2026-03-02 13:00"), None, "before the start"),
        (at("2026-03-04 14:00"), None, "more than a day"),
        (END, 60, "more minutes"),
        (END, 721, "from 0 to 720"),
    ],
)
def test_times_that_cannot_be(cast: Cast, ended_at: Any, minutes: int | None, words: str) -> None:
    with pytest.raises(Refused, match=words):
        actions.save(draft(cast), parts={}, based_on=1, by=cast.tess, ended_at=ended_at, minutes=minutes)


def test_a_note_of_the_future_is_not_signed(cast: Cast) -> None:
    note = draft(cast, started_at=LATER)
    with clock.at(END), pytest.raises(Refused, match="in the future"):
        actions.sign(note, by=cast.tess)


CHANGES: dict[str, Any] = {
    "parts": {**FULL, "data": "Drove the bridge once."}, "format": "SOAP", "contact": "crisis", "kind": "medication",
    "minutes": 44, "em_minutes": 3, "code": "90837", "add_on_code": "90785", "code_reason": "because",
    "started_at": LATER, "ended_at": LATER, "signed_at": LATER, "signature": "Somebody else",
    "extra": {"topic": "another"},
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(CHANGES))
def test_the_hash_changes_when_anything_changes(cast: Cast, name: str) -> None:
    note = signed(cast)
    setattr(note, name, CHANGES[name])
    assert not queries.is_intact(note)


@pytest.mark.parametrize("name", ["author_id", "patient_id", "attendance_id"])
def test_the_hash_covers_whose_it_is(cast: Cast, name: str) -> None:
    note = signed(cast)
    setattr(note, name, cast.ben.pk)
    assert not queries.is_intact(note)


def test_every_field_of_a_note_is_hashed_or_says_why_not() -> None:
    later = {"cosigner", "cosigned_at", "retracted_at", "retracted_by", "retracted_reason"}
    counted = {"revision", "created_at", "saved_at", "content_hash", "signed_by"}  # signed_by is the author
    hashed = {*CHANGES, "id", "author", "patient", "attendance"}
    assert {field.name for field in Note._meta.fields} == hashed | later | counted
