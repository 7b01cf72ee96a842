"""The words of structured session work: techniques, skills, triggers, homework, modalities, how a session went.

Rows store keys; this module gives each key its name and explanation (ours) and its source. Read once from
data/skills.json.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

DATA = Path(__file__).parent / "data" / "skills.json"

# The stages of homework that are an answer to "how did it go?"; the others are set by what people do here.
NOT_ANSWERS = frozenset({"given", "reviewed"})


@dataclass(frozen=True, slots=True)
class Term:
    """A word of a vocabulary. `group` is the heading it stands under: "CBT", a DBT module, or empty."""

    key: str
    name: str
    words: str
    source: str
    group: str = ""


@dataclass(frozen=True, slots=True)
class Modality:
    """A kind of therapy."""

    key: str
    name: str
    abbreviation: str
    words: str
    good_for: tuple[str, ...]
    source: str


@dataclass(frozen=True, slots=True)
class Trigger:
    """What brings symptoms on. `tell_prescriber`: worth the prescriber's eyes (sleep, doses, substances, pain)."""

    key: str
    name: str
    words: str
    internal: bool
    examples: tuple[str, ...]
    tell_prescriber: bool
    source: str


@dataclass(frozen=True, slots=True)
class HomeworkKind:
    """A kind of homework; `record` is what the patient writes down, `results` the answers to how it went."""

    key: str
    name: str
    words: str
    record: str
    results: tuple[str, ...]
    source: str


@cache
def techniques() -> Mapping[str, Term]:
    """What a clinician may say was used in a session: CBT techniques, then DBT skills by module. Keys are unique."""
    modules = {row["key"]: f"DBT: {row['name'].lower()}" for row in _raw()["dbt_modules"]}
    cbt = [_term(row, "CBT") for row in _raw()["cbt_techniques"]]
    dbt = [_term(row, modules[row["module"]]) for row in _raw()["dbt_skills"]]
    found = {term.key: term for term in (*cbt, *dbt)}
    if len(found) != len(cbt) + len(dbt):
        raise ValueError("Two techniques have the same key.")
    return found


@cache
def distortions() -> Mapping[str, Term]:
    """Habits of thought, with everyday names."""
    return _terms("distortions")


@cache
def responses() -> Mapping[str, Term]:
    """How the person took the session."""
    return _terms("response_terms")


@cache
def interventions() -> Mapping[str, Term]:
    """Verbs for notes: what the clinician did."""
    return _terms("intervention_terms")


@cache
def themes() -> Mapping[str, Term]:
    """What sessions are about across methods."""
    return _terms("themes")


@cache
def coping() -> Mapping[str, Term]:
    """Kinds of things people do to cope."""
    return _terms("coping_categories")


@cache
def activities() -> Mapping[str, Term]:
    """Kinds of activities for activity plans."""
    return _terms("activity_categories")


@cache
def medicine_topics() -> Mapping[str, Term]:
    """What a therapist and a patient may talk about when they talk about medicine."""
    return _terms("adherence_topics")


@cache
def modalities() -> Mapping[str, Modality]:
    """The kinds of therapy by key."""
    return {
        row["key"]: Modality(row["key"], row["name"], row["abbr"], row["words"], tuple(row["for"]), row["source"])
        for row in _raw()["modalities"]
    }


def modality(text: str) -> Modality | None:
    """The modality with this key, abbreviation or name, whatever the case; None if there is no such one."""
    wanted = text.strip().casefold()
    return next(
        (m for m in modalities().values() if wanted in (m.key, m.abbreviation.casefold(), m.name.casefold())), None
    )


@cache
def triggers() -> Mapping[str, Trigger]:
    """The triggers by key."""
    return {
        row["key"]: Trigger(
            row["key"],
            row["name"],
            row["words"],
            row["kind"] == "internal",
            tuple(row["examples"]),
            row["tell_prescriber"],
            row["source"],
        )
        for row in _raw()["triggers"]
    }


@cache
def homework_kinds() -> Mapping[str, HomeworkKind]:
    """The kinds of homework by key."""
    return {
        row["key"]: HomeworkKind(
            row["key"],
            row["name"],
            row["words"],
            row["record"],
            tuple(stage for stage in row["lifecycle"] if stage not in NOT_ANSWERS),
            row["source"],
        )
        for row in _raw()["homework_kinds"]
    }


def grouped(terms: Mapping[str, Term]) -> dict[str, list[Term]]:
    """The terms under their headings, both in the order of the data, for a picker."""
    found: dict[str, list[Term]] = {}
    for term in terms.values():
        found.setdefault(term.group, []).append(term)
    return found


def sources() -> Mapping[str, str]:
    """The works that terms name by key."""
    found: dict[str, str] = _raw()["_meta"]["sources"]
    return found


def _terms(name: str) -> dict[str, Term]:
    return {row["key"]: _term(row) for row in _raw()[name]}


def _term(row: Mapping[str, Any], group: str = "") -> Term:
    return Term(row["key"], row["name"], row["words"], row["source"], group)


@cache
def _raw() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(DATA.read_text(encoding="utf-8"))
    return loaded
