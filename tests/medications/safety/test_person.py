"""The person: conditions by code and by answer, age, sex, pregnancy, what guards, what was never asked."""

import pytest

from tests.medications.safety.asked import NO, facts, found, levels, proposed, taken


@pytest.mark.parametrize(
    ("about", "drug", "code", "level"),
    [
        ({"conditions": ("F50.2",)}, "bupropion", "caution:CC-019", "stop"),
        ({"answers": {**NO, "eating_disorder": "yes"}}, "bupropion", "caution:CC-019", "stop"),
        ({"answers": {**NO, "seizure": "yes"}}, "bupropion", "caution:CC-020", "stop"),
        ({"conditions": ("G40.909",)}, "bupropion", "caution:CC-020", "stop"),
        ({"answers": {**NO, "kidney": "yes"}}, "lithium", "caution:CC-050", "ask"),
        ({"answers": {**NO, "glaucoma": "yes"}}, "amitriptyline", "caution:CC-024", "ask"),
        ({"answers": {**NO, "sleep_apnoea": "yes"}}, "clonazepam", "caution:CC-124", "ask"),
        ({"answers": {**NO, "pregnant": "yes"}}, "valproate", "caution:CC-001", "stop"),
        ({"conditions": ("O24.4",)}, "valproate", "caution:CC-001", "stop"),
        ({"answers": {**NO, "breastfeeding": "yes"}}, "lithium", "caution:CC-016", "ask"),
        ({"age": 24}, "sertraline", "caution:CC-108", "ask"),
        ({"age": 65}, "clonazepam", "caution:CC-096", "note"),
    ],
)
def test_a_condition_stands_against_the_drug(about: dict[str, object], drug: str, code: str, level: str) -> None:
    assert levels(found(facts(**about), asks=proposed(drug, 1)))[code] == level


@pytest.mark.parametrize(
    ("about", "drug", "code"),
    [
        ({"conditions": ("F33.1",)}, "bupropion", "caution:CC-019"),
        ({"age": 25}, "sertraline", "caution:CC-108"),
        ({"age": 64}, "clonazepam", "caution:CC-096"),
        ({}, "valproate", "caution:CC-001"),
    ],
)
def test_without_the_condition_nothing(about: dict[str, object], drug: str, code: str) -> None:
    assert code not in levels(found(facts(**about), asks=proposed(drug, 1)))


@pytest.mark.parametrize(
    ("sex", "age", "answers", "held"),
    [
        ("female", 34, {}, True),  # nobody asked: assumed
        ("female", 60, {}, False),
        ("male", 34, {}, False),
        ("female", 34, NO, False),
        ("male", 34, {**NO, "could_become_pregnant": "yes"}, True),  # the answer counts, whatever the recorded sex
    ],
)
def test_could_become_pregnant_is_assumed_until_asked(sex: str, age: int, answers: dict[str, str], held: bool) -> None:
    """CC-002"""
    about = facts(sex=sex, age=age, answers=answers)
    assert ("caution:CC-002" in levels(found(about, asks=proposed("valproate", 500)))) is held


def test_what_guards_makes_it_a_note_and_never_silent() -> None:
    """CC-106: an antidepressant in bipolar disorder, with lithium."""
    about = facts(conditions=("F31.9",))
    assert levels(found(about))["caution:CC-106"] == "ask"
    assert levels(found(about, [taken("lithium")]))["caution:CC-106"] == "note"


def test_laboratory_values_and_genes_are_named_as_not_known() -> None:
    about = facts(answers={**NO, "hla_b1502": "unsure"})
    assert levels(found(about, asks=proposed("carbamazepine", 200)))["caution:CC-081"] == "not_checked"


def test_facts_never_asked_are_said_each_time() -> None:
    said = levels(found(facts(answers={})))
    assert {code for code, level in said.items() if level == "not_checked"} == {
        f"fact:{key}"
        for key in (
            "pregnant", "could_become_pregnant", "breastfeeding", "kidney", "liver", "heart_qt", "seizure",
            "outside_medicines", "low_sodium",
        )
    }  # fmt: skip


def test_a_man_is_not_asked_about_pregnancy() -> None:
    assert "fact:pregnant" not in levels(found(facts(sex="male", answers={})))


def test_not_sure_is_not_checked() -> None:
    (one,) = found(facts(answers={**NO, "liver": "unsure"}))
    assert (one.code, one.sentence) == ("fact:liver", "The answer was “not sure”. Ask, and record the answer.")
