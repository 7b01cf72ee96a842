"""Diagnosis codes (ICD-10-CM): titles, whether a code may be billed, and a forgiving search, all in memory.

Release and its limits are in data/README.md. Titles are official wording and are shown as they are.
"""

import difflib
import json
import re
from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from patients.record.calc import normalise, without_hidden

DATA = Path(__file__).parent / "data" / "icd10cm_psych.json"

# What clinicians type, in the words of the titles.
SHORT_FORMS = {
    "mdd": "major depressive disorder", "gad": "generalized anxiety", "ptsd": "post traumatic stress",
    "cptsd": "reaction severe stress", "ocd": "obsessive compulsive", "adhd": "attention deficit hyperactivity",
    "add": "attention deficit", "bpd": "borderline personality", "asd": "autistic", "aud": "alcohol use",
    "oud": "opioid use", "odd": "oppositional defiant", "si": "suicidal ideations", "bed": "binge eating",
    "pmdd": "premenstrual dysphoric", "did": "dissociative identity", "tbi": "traumatic brain injury",
    "td": "tardive dyskinesia", "osa": "obstructive sleep apnea", "ppd": "postpartum depression",
}  # fmt: skip

# Words that mean the same to whoever searches; the titles use one of them.
SAME = (
    {"depression", "depressive", "depressed"}, {"anxiety", "anxious"}, {"psychosis", "psychotic"},
    {"mania", "manic"}, {"autism", "autistic"}, {"trauma", "traumatic", "posttraumatic"},
    {"obsession", "obsessive"}, {"addiction", "dependence"}, {"suicide", "suicidal"}, {"phobia", "phobic"},
    {"grief", "bereavement"}, {"postpartum", "puerperal", "postnatal"}, {"self", "intentional"},
    {"adjustment", "adjustments"}, {"schizophrenia", "schizophrenic"}, {"insomnia", "sleeplessness"},
    {"sleeping", "sleep"}, {"eating", "feeding"}, {"marijuana", "cannabis"}, {"tobacco", "nicotine"},
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Code:
    """A code with its official title; `also` are the terms the list includes under it."""

    code: str
    title: str
    parent: str
    billable: bool
    block: str
    also: tuple[str, ...]
    excludes: tuple[str, ...]
    code_first: tuple[str, ...]
    use_additional: tuple[str, ...]
    common: bool


@dataclass(frozen=True, slots=True)
class _Index:
    """Words in order, and for each the codes that are found by it."""

    words: list[str]
    in_any: dict[str, frozenset[str]]


def release() -> str:
    """Which edition of the list this is, for showing beside it."""
    meta = _raw()["_meta"]
    return f"{meta['system']} {meta['release']}"


@cache
def everything() -> dict[str, Code]:
    """All codes, by code, in the order of the list."""
    return {row["code"]: _code(row) for row in _raw()["codes"]}


def get(code: str) -> Code | None:
    """The code as written or in any writing of it ("f331", "F33.1"); None if the list has no such code."""
    return everything().get(spelled(code))


def title(code: str) -> str:
    """The official title; empty for a code that is not in the list."""
    found = get(code)
    return found.title if found else ""


def is_billable(code: str) -> bool:
    """Whether the code may stand on a claim: it is in the list and has no finer codes below it."""
    found = get(code)
    return found is not None and found.billable


def spelled(code: str) -> str:
    """A code as the list writes it: capitals, a point after the third character."""
    bare = re.sub(r"[^0-9A-Z]", "", code.upper())
    return f"{bare[:3]}.{bare[3:]}" if len(bare) > 3 else bare


def search(text: str, *, limit: int = 20, billable_only: bool = False) -> list[Code]:
    """Codes that begin as `text` does, or whose words begin as its words do; best first.

    Forgiving: case, accents, points, short forms ("MDD"), words that mean the same, slips of the pen; a code and words
    together narrow each other ("F33 severe"). Commonly used codes come first, then billable ones, then those whose own
    title matches, early in the title; a finer code is also found by the terms of the codes above it.
    """
    text = without_hidden(text[:200])
    first, _, rest = text.strip().partition(" ")
    below = _by_code(first)
    words = _words(rest if below else text)
    if below and not words:
        found = below
    elif below:
        codes = set(below)
        found = [code for code in _by_words(words) if code in codes]
    else:
        found = _by_words(words)
    return [code for code in found if code.billable or not billable_only][:limit]


def _by_code(text: str) -> list[Code]:
    """All codes below the beginning of a code, a letter and a digit at least, in the order of the list."""
    bare = text.upper().replace(".", "")
    if not re.fullmatch(r"[A-Z]\d[0-9A-Z]{0,5}", bare):
        return []
    return [code for code in everything().values() if code.code.replace(".", "").startswith(bare)]


def _by_words(words: list[str]) -> list[Code]:
    index = _index()
    forms = [_forms(word) for word in words]
    if not forms:
        return []
    hits = [{code for form in group for code in index.in_any[form]} for group in forms]
    codes = [everything()[code] for code in set.intersection(*hits)]
    exact, wanted = " ".join(words), set().union(*forms)
    return sorted(codes, key=lambda code: _rank(code, exact, forms, wanted))


def _rank(code: Code, exact: str, forms: list[set[str]], wanted: set[str]) -> tuple[bool, bool, bool, bool, int, str]:
    own = normalise(code.title)
    words = own.split()
    same = own == exact or exact in map(normalise, code.also)
    in_title = all(group.intersection(words) for group in forms)
    position = next((n for n, word in enumerate(words) if word in wanted), len(words))
    return (not same, not code.common, not code.billable, not in_title, position, code.code)


def _forms(word: str) -> set[str]:
    """The words of the list that `word` may stand for: those it begins, those that mean the same, else the nearest."""
    forms = {form for start in _meaning_as(word) for form in _beginning_with(start)}
    if not forms and len(word) > 3:
        near = difflib.get_close_matches(word, _index().words, n=3, cutoff=0.8)
        forms = {form for word in near for start in _meaning_as(word) for form in _beginning_with(start)}
    return forms


def _meaning_as(word: str) -> set[str]:
    return {word}.union(*(group for group in SAME if word in group))


def _beginning_with(start: str) -> Iterable[str]:
    words = _index().words
    for position in range(bisect_left(words, start), len(words)):
        if not words[position].startswith(start):
            return
        yield words[position]


def _words(text: str) -> list[str]:
    words: list[str] = []
    for word in normalise(text).split():
        words += SHORT_FORMS.get(word, word).split()
    return words[:8]


@cache
def _index() -> _Index:
    in_any: dict[str, set[str]] = {}
    for code in everything().values():
        for word in normalise(" ".join(_terms(code))).split():
            in_any.setdefault(word, set()).add(code.code)
    return _Index(sorted(in_any), {word: frozenset(codes) for word, codes in in_any.items()})


def _terms(code: Code) -> list[str]:
    """The words a code is found by: its title and included terms, and those of the codes above it."""
    above = everything().get(code.parent)
    return [code.title, *code.also, *(_terms(above) if above else ())]


@cache
def _raw() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(DATA.read_text(encoding="utf-8"))
    return loaded


def _code(row: dict[str, Any]) -> Code:
    return Code(
        code=row["code"],
        title=row["short"],
        parent=row["parent"] or "",
        billable=row["billable"],
        block=row["block"],
        also=tuple(row.get("also", ())),
        excludes=tuple(row.get("excludes1", ())),
        code_first=tuple(row.get("code_first", ())),
        use_additional=tuple(row.get("use_additional", ())),
        common=row.get("common", False),
    )
