"""Person-first hints for what staff write: gentle, beside the field, never blocking, and nothing is changed for them.

Matching follows data/language.json: a pattern is sought whatever the case; a hit is dropped where it overlaps an
exception of all hints (quotation marks, code titles, names of organisations) or one of its own. Callers do not run it
on diagnosis titles, uploaded documents, psychotherapy notes or anything the patient typed.
"""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

DATA = Path(__file__).parent / "data" / "language.json"

STRONG, HINT, GENTLE = "strong", "hint", "gentle"  # at once; on pause or save; only in the language review
MOST = 100_000  # characters looked at; no note is longer

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Hint:
    """Words that could be kinder or more exact: where they stand, what to say instead, and why."""

    start: int
    end: int
    found: str
    instead: tuple[str, ...]
    why: str
    level: str
    key: str
    source: str


@dataclass(frozen=True, slots=True)
class _Pattern:
    key: str
    pattern: re.Pattern[str]
    exceptions: tuple[re.Pattern[str], ...]
    instead: tuple[str, ...]
    why: str
    level: str
    source: str


def hints(text: str, *, review: bool = False) -> list[Hint]:
    """The hints for a text, in the order of the text. `review` adds the gentle ones, which are off by default."""
    text = text[:MOST]
    everywhere = _spans(text, _global_exceptions())
    found = [
        Hint(hit.start(), hit.end(), hit[0], p.instead, p.why, p.level, p.key, p.source)
        for p in _patterns()
        if review or p.level != GENTLE
        for hit in _hits(text, p, everywhere)
    ]
    return sorted(found, key=lambda hint: (hint.start, -hint.end, hint.key))


def apart(found: Iterable[Hint]) -> list[Hint]:
    """The hints without overlaps, for marking words in a text: the stronger first, then the longer."""
    kept: list[Hint] = []
    for hint in sorted(found, key=lambda h: ((STRONG, HINT, GENTLE).index(h.level), h.start - h.end, h.start)):
        if not any(_overlap((hint.start, hint.end), (other.start, other.end)) for other in kept):
            kept.append(hint)
    return sorted(kept, key=lambda hint: hint.start)


@cache
def plain_words() -> dict[str, str]:
    """What a clinical word means in plain words, for pages that patients read."""
    return {row["clinical"]: row["plain"] for row in _raw()["plain_words"]}


def sources() -> dict[str, str]:
    """The works that hints name by key."""
    found: dict[str, str] = _raw()["_meta"]["sources"]
    return found


def _hits(text: str, pattern: _Pattern, everywhere: list[Span]) -> list[re.Match[str]]:
    matches = list(pattern.pattern.finditer(text))
    if not matches:
        return []
    exceptions = everywhere + _spans(text, pattern.exceptions)
    return [hit for hit in matches if not any(_overlap(hit.span(), span) for span in exceptions)]


def _spans(text: str, patterns: Iterable[re.Pattern[str]]) -> list[Span]:
    return [hit.span() for pattern in patterns for hit in pattern.finditer(text)]


def _overlap(one: Span, other: Span) -> bool:
    return one[0] < other[1] and other[0] < one[1]


@cache
def _patterns() -> tuple[_Pattern, ...]:
    return tuple(
        _Pattern(
            key=row["key"],
            pattern=re.compile(row["pattern"], re.IGNORECASE),
            exceptions=tuple(re.compile(pattern, re.IGNORECASE) for pattern in row["except"]),
            instead=tuple(row["instead"]),
            why=row["why"],
            level=row["level"],
            source=row["source"],
        )
        for row in _raw()["hints"]
    )


@cache
def _global_exceptions() -> tuple[re.Pattern[str], ...]:
    # An empty "flags" means that case matters (code titles begin with a capital); none given means it does not.
    return tuple(
        re.compile(row["pattern"], re.IGNORECASE if row.get("flags", "i") == "i" else 0)
        for row in _raw()["global_except"]
    )


@cache
def _raw() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(DATA.read_text(encoding="utf-8"))
    return loaded
