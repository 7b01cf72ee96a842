"""The vocabularies of session work: keys that rows store, and what they mean."""

import json
from typing import Any

import pytest

from therapy.sessions import vocabulary
from therapy.sessions.vocabulary import HomeworkKind, Modality, Term, Trigger

RAW = json.loads(vocabulary.DATA.read_text(encoding="utf-8"))
LISTS: dict[str, Any] = {
    "distortions": vocabulary.distortions,
    "response_terms": vocabulary.responses,
    "intervention_terms": vocabulary.interventions,
    "themes": vocabulary.themes,
    "coping_categories": vocabulary.coping,
    "activity_categories": vocabulary.activities,
    "adherence_topics": vocabulary.medicine_topics,
    "modalities": vocabulary.modalities,
    "triggers": vocabulary.triggers,
    "homework_kinds": vocabulary.homework_kinds,
}


@pytest.mark.parametrize("name", LISTS)
def test_every_row_is_found_by_its_key(name: str) -> None:
    assert {key: (term.name, term.words) for key, term in LISTS[name]().items()} == {
        row["key"]: (row["name"], row["words"]) for row in RAW[name]
    }


def test_techniques_are_cbt_and_dbt_under_their_headings() -> None:
    groups = vocabulary.grouped(vocabulary.techniques())
    assert {heading: len(terms) for heading, terms in groups.items()} == {
        "CBT": 26,
        "DBT: mindfulness": sum(row["module"] == "mindfulness" for row in RAW["dbt_skills"]),
        "DBT: distress tolerance": sum(row["module"] == "distress_tolerance" for row in RAW["dbt_skills"]),
        "DBT: emotion regulation": sum(row["module"] == "emotion_regulation" for row in RAW["dbt_skills"]),
        "DBT: interpersonal effectiveness": sum(
            row["module"] == "interpersonal_effectiveness" for row in RAW["dbt_skills"]
        ),
    }
    assert sum(len(terms) for terms in groups.values()) == 26 + 42
    assert vocabulary.techniques()["wise_mind"] == Term(
        "wise_mind",
        "Wise mind",
        "Find the place where feeling and reason agree.",
        "linehan",
        "DBT: mindfulness",
    )


@pytest.mark.parametrize("text", ["cbti", "CBT-I", " cbt for insomnia "])
def test_a_modality_by_key_abbreviation_or_name(text: str) -> None:
    found = vocabulary.modality(text)
    assert isinstance(found, Modality)
    assert (found.key, found.abbreviation, found.name) == ("cbti", "CBT-I", "CBT for insomnia")


@pytest.mark.parametrize("text", ["", "hypnosis"])
def test_no_such_modality(text: str) -> None:
    assert vocabulary.modality(text) is None


def test_triggers_worth_the_prescribers_eyes() -> None:
    found = vocabulary.triggers()
    assert [key for key, trigger in found.items() if trigger.tell_prescriber] == [
        "substance_nearby", "sleep_loss", "missed_dose", "side_effect", "withdrawal", "pain", "hormonal",
        "caffeine_alcohol", "mood_shift", "urge",
    ]  # fmt: skip
    assert found["conflict"] == Trigger(
        "conflict",
        "Conflict with someone",
        "A quarrel, coldness or criticism.",
        internal=False,
        examples=("argument with partner", "criticism at work"),
        tell_prescriber=False,
        source="own",
    )


def test_how_homework_went() -> None:
    assert vocabulary.homework_kinds()["thought_record"] == HomeworkKind(
        "thought_record",
        "Thought record",
        "Fill in one record a day.",
        "text",
        ("tried", "done", "partly", "not done (reason)"),
        "own",
    )


def test_sources_are_known() -> None:
    named = {term.source for term in vocabulary.techniques().values()}
    named |= {term.source for read in LISTS.values() for term in read().values()}
    assert named <= set(vocabulary.sources())
