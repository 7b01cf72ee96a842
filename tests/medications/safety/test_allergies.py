"""Allergies: never asked differs from none known; the drug itself and its class stop; relatives as the data say."""

import pytest

from tests.medications.safety.asked import allergic, facts, found, levels, proposed


def test_never_asked_is_not_checked() -> None:
    assert levels(found(facts(allergies_asked="never_asked"))) == {"allergies": "not_checked"}


def test_none_known_says_nothing() -> None:
    assert found() == []


@pytest.mark.parametrize(
    ("kind", "name", "drug"),
    [
        ("ingredient", "sertraline", "sertraline"),
        ("ingredient", "ZOLOFT", "sertraline"),
        ("ingredient", "naloxone", "buprenorphine-naloxone"),  # a component
        ("substance", "Sertraline", "sertraline"),
        ("class", "SSRI", "sertraline"),
        ("class", "SSRIs", "escitalopram"),
        ("class", "benzodiazepines", "lorazepam"),
    ],
)
def test_the_same_drug_or_class_stops(kind: str, name: str, drug: str) -> None:
    said = levels(found(allergic(kind, name), asks=proposed(drug, 1)))
    assert said[f"allergy:{name.casefold()}"] == "stop"


@pytest.mark.parametrize(
    ("name", "drug", "level"),
    [
        ("carbamazepine", "oxcarbazepine", "ask"),  # AX-001
        ("citalopram", "escitalopram", "stop"),  # AX-016
        ("clozapine", "olanzapine", "note"),  # AX-041
        ("amitriptyline", "nortriptyline", "stop"),  # AX-014 by the class of what caused it
    ],
)
def test_relatives_of_what_caused_it(name: str, drug: str, level: str) -> None:
    assert levels(found(allergic("ingredient", name), asks=proposed(drug, 1)))[f"allergy:{name}"] == level


def test_a_substance_by_its_name() -> None:
    """AX-044"""
    assert levels(found(allergic("substance", "Sesame oil"), asks=proposed("haloperidol", 5)))["allergy:sesame oil"]


def test_a_misspelled_allergy_is_asked() -> None:
    assert levels(found(allergic("ingredient", "sertralin"))) == {"allergy:sertralin": "ask"}


def test_an_allergy_to_something_else_says_nothing() -> None:
    assert found(allergic("ingredient", "penicillin", "hives")) == []


def test_the_reaction_stands_in_the_sentence() -> None:
    (one,) = found(allergic("ingredient", "sertraline", "hives"))
    assert one.sentence == "The record lists an allergy to sertraline (hives); sertraline is or holds it."
