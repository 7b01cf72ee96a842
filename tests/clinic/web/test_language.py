"""Person-first hints: every sentence of the data that must fire does, every one that must not does not."""

import itertools
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.web import language

RAW = json.loads(language.DATA.read_text(encoding="utf-8"))
SENTENCES = [
    pytest.param(row["key"], sentence, fires, id=f"{row['key']}-{'hit' if fires else 'miss'}-{index}")
    for row in RAW["hints"]
    for fires, name in ((True, "hit"), (False, "miss"))
    for index, sentence in enumerate(row["tests"][name])
]


def keys(text: str, *, review: bool = True) -> list[str]:
    return [hint.key for hint in language.hints(text, review=review)]


def test_all_hints_have_sentences() -> None:
    assert len(RAW["hints"]) == 80
    assert all(row["tests"]["hit"] for row in RAW["hints"])


@pytest.mark.parametrize(("key", "sentence", "fires"), SENTENCES)
def test_sentences_of_the_data(key: str, sentence: str, fires: bool) -> None:
    assert (key in keys(sentence)) is fires


@pytest.mark.parametrize("sentence", RAW["neutral_samples_that_must_not_fire"])
def test_neutral_sentences(sentence: str) -> None:
    assert keys(sentence) == []


def test_a_hint_in_full() -> None:
    (hint,) = language.hints("Mood low. She is non-compliant with evening breathing.")
    assert (hint.start, hint.end, hint.found, hint.key, hint.level) == (17, 30, "non-compliant", hint.key, "hint")
    assert hint.instead
    assert hint.why


@pytest.mark.parametrize("quoted", ['"I am a junkie"', "“I am a junkie”"])
def test_the_persons_own_words_never_fire(quoted: str) -> None:
    assert keys(f"He said: {quoted}.") == []
    assert keys(f"{quoted} and the neighbors are junkies") == ["junkie"]


def test_code_titles_never_fire_and_their_case_matters() -> None:
    assert keys("F10.10 Alcohol abuse, uncomplicated") == []
    assert keys("history of alcohol abuse") == ["abuse"]


def test_gentle_hints_wait_for_the_review() -> None:
    gentle: list[dict[str, Any]] = [row for row in RAW["hints"] if row["level"] == "gentle"]
    assert len(gentle) == 8
    for row in gentle:
        for sentence in row["tests"]["hit"]:
            assert row["key"] not in keys(sentence, review=False)


def test_overlapping_hints_are_told_apart_for_marking() -> None:
    text = "She is drug-seeking and a substance abuser"
    assert [hint.found for hint in language.apart(language.hints(text))] == ["drug-seeking", "substance abuser"]
    spans = [(hint.start, hint.end) for hint in language.apart(language.hints("addicts " * 3, review=True))]
    assert spans == [(0, 7), (8, 15), (16, 23)]


SAMPLES = st.lists(st.sampled_from([row["tests"]["hit"][0] for row in RAW["hints"]] + ['"', "\n", " "]), max_size=6)


@given(SAMPLES.map(" ".join))
def test_hints_say_where_they_are_and_never_overlap_once_apart(text: str) -> None:
    found = language.hints(text, review=True)
    assert all(text[hint.start : hint.end] == hint.found for hint in found)
    marked = language.apart(found)
    assert all(a.end <= b.start for a, b in itertools.pairwise(marked))
    assert {hint.key for hint in marked} <= {hint.key for hint in found}


def test_sources_are_known() -> None:
    assert {row["source"] for row in RAW["hints"]} <= set(language.sources())


def test_plain_words() -> None:
    assert len(language.plain_words()) == 95
    assert language.plain_words()["akathisia"] == "a restless feeling that makes it hard to sit still"
