"""Arithmetic of notes: the hash of signed content, the difference of two texts, the minutes of a visit."""

import base64
import difflib
import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

MOST_TOKENS = 20_000


class Mark(StrEnum):
    """What a piece of a difference is."""

    SAME = "same"
    ADDED = "added"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text that is the same, was added or was removed."""

    mark: Mark
    text: str


def canonical(content: Mapping[str, Any]) -> bytes:
    """The one way to write content down as bytes: JSON with sorted keys, no spaces, characters as typed, UTF-8.

    Text is not normalised: what was signed is what was typed. Only text, whole numbers, yes and no, nothing, lists and
    mappings with text keys are allowed; a fraction or a date is written as text by the caller, so that no library's
    idea of a number gets into the hash. Raises TypeError otherwise, ValueError for text that UTF-8 cannot hold.
    """
    _refuse_ambiguous(content)
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return text.encode("utf-8")


def content_hash(content: Mapping[str, Any]) -> str:
    """The SHA-256 of the canonical bytes, 64 hex digits (R-HS-05)."""
    return hashlib.sha256(canonical(content)).hexdigest()


def moment(value: datetime | None) -> str | None:
    """A moment as the hash writes it down: ISO 8601 in UTC."""
    return value.astimezone(UTC).isoformat() if value else None


def draft_key(secret: str, note_id: UUID, user_id: UUID) -> str:
    """A key of 32 bytes for one note and one person, URL-safe base64, from the practice's secret (R-HS-03).

    The page encrypts with it what is not saved yet; the server can give it again only to the same person.
    """
    info = b"tandem draft " + note_id.bytes + user_id.bytes
    key = HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=info).derive(secret.encode())
    return base64.urlsafe_b64encode(key).decode()


def word_diff(old: str, new: str) -> tuple[Piece, ...]:
    """The difference word by word. Joining the same and added pieces gives `new`; same and removed, `old`."""
    return _diff(re.findall(r"\s+|[^\s]+", old), re.findall(r"\s+|[^\s]+", new))


def line_diff(old: str, new: str) -> tuple[Piece, ...]:
    """The difference line by line, for two versions of a long text side by side (the 409 page)."""
    return _diff(old.splitlines(keepends=True), new.splitlines(keepends=True))


@dataclass(frozen=True, slots=True)
class PartDiff:
    """How one part of a note differs between what is stored and what was sent."""

    key: str
    stored: str
    sent: str
    pieces: tuple[Piece, ...]


def parts_diff(stored: Mapping[str, str], sent: Mapping[str, str]) -> tuple[PartDiff, ...]:
    """The parts in which two saves of a note differ, in the order of `sent`, then what only `stored` has."""
    keys = [*sent, *(key for key in stored if key not in sent)]
    pairs = [(key, stored.get(key, ""), sent.get(key, "")) for key in keys]
    return tuple(PartDiff(key, old, new, line_diff(old, new)) for key, old, new in pairs if old != new)


def minutes_between(started_at: datetime, ended_at: datetime) -> int:
    """Whole minutes from start to end; part minutes are not counted. Raises ValueError if the end comes first."""
    seconds = (ended_at - started_at).total_seconds()
    if seconds < 0:
        raise ValueError("The end is before the start.")
    return int(seconds // 60)


def _diff(old: Sequence[str], new: Sequence[str]) -> tuple[Piece, ...]:
    if len(old) + len(new) > MOST_TOKENS:  # comparing takes the square of the length: show both whole instead
        blocks: Sequence[tuple[str, int, int, int, int]] = [("replace", 0, len(old), 0, len(new))]
    else:
        blocks = difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    pieces = []
    for tag, i1, i2, j1, j2 in blocks:
        if tag == "equal":
            pieces.append(Piece(Mark.SAME, "".join(old[i1:i2])))
            continue
        pieces.append(Piece(Mark.REMOVED, "".join(old[i1:i2])))
        pieces.append(Piece(Mark.ADDED, "".join(new[j1:j2])))
    return tuple(piece for piece in pieces if piece.text)


def _refuse_ambiguous(value: Any) -> None:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            if not isinstance(key, str):
                raise TypeError(f"A key must be text, not {type(key).__name__}.")
            _refuse_ambiguous(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            _refuse_ambiguous(inner)
    elif value is not None and not isinstance(value, str | int | bool):
        raise TypeError(f"Write {type(value).__name__} as text before hashing.")
