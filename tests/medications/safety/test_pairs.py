"""Two medicines: duplicates, interactions, components of combinations, fallbacks, days to wait."""

from datetime import timedelta

import pytest

from medications.safety.knowledge import current
from tests.medications.safety.asked import TODAY, found, levels, proposed, taken


def said(live: str, drug: str, daily: int = 1) -> dict[str, str]:
    """What two medicines come to."""
    return {
        code: level
        for code, level in levels(found(live=[taken(live)], asks=proposed(drug, daily))).items()
        if code.startswith(("pair:", "same:"))
    }


@pytest.mark.parametrize(
    ("live", "drug", "level"),
    [
        ("phenelzine", "sertraline", "stop"),
        ("escitalopram", "sertraline", "stop"),  # two of one class: a stop with an override, never a refusal
        ("ibuprofen", "sertraline", "note"),
        ("tramadol", "sertraline", "ask"),
        ("ibuprofen", "lithium", "ask"),
    ],
)
def test_severity_decides_the_degree(live: str, drug: str, level: str) -> None:
    assert said(live, drug) == {f"pair:{live}": level}


def test_the_order_of_a_and_b_does_not_matter() -> None:
    assert said("sertraline", "phenelzine") == {"pair:sertraline": "stop"}


def test_a_benzodiazepine_with_an_opioid_needs_its_rationale() -> None:
    """R-RX-14"""
    (one,) = [f for f in found(live=[taken("oxycodone")], asks=proposed("clonazepam", 1)) if f.code.startswith("pair")]
    assert (one.level, one.rule_id.split()[0]) == ("ask", "R-RX-14")


def test_components_of_a_combination_count() -> None:
    assert said("olanzapine-fluoxetine", "fluoxetine")["same:olanzapine-fluoxetine"] == "ask"
    assert said("phenelzine", "dextromethorphan-bupropion")["pair:phenelzine"] == "stop"


def test_the_same_drug_twice_is_asked_and_not_a_class_twice() -> None:
    assert said("sertraline", "sertraline") == {"same:sertraline": "ask"}


def test_some_drugs_warn_with_themselves() -> None:
    """IX-201: two forms of bupropion."""
    assert said("bupropion", "bupropion") == {"same:bupropion": "ask", "pair:bupropion": "stop"}


def test_a_fallback_shows_only_when_nothing_else_matched() -> None:
    rules = {rule["id"]: rule for rule in current().interactions}
    for one in found(live=[taken("escitalopram"), taken("ibuprofen")]):
        if one.code.startswith("pair"):
            assert not rules[one.rule_id].get("fallback")
    (fallback,) = [
        f for f in found(live=[taken("hydroxyzine")], asks=proposed("trazodone", 50)) if f.code.startswith("pair")
    ]
    assert rules[fallback.rule_id].get("fallback") is True


def test_what_the_catalogue_does_not_hold_is_not_checked() -> None:
    assert levels(found(live=[taken(None)])) == {"unknown:sleep gummies": "not_checked"}
    assert levels(found(asks=proposed(None, name="Nettle tea"))) == {"drug": "not_checked"}


@pytest.mark.parametrize(
    ("stopped", "drug", "days"),
    [
        ("phenelzine", "sertraline", 14),
        ("fluoxetine", "phenelzine", 35),
        ("sertraline", "phenelzine", 14),
        ("duloxetine", "phenelzine", 5),  # the ingredient's own row beats the class (7)
    ],
)
def test_days_to_wait_after_stopping(stopped: str, drug: str, days: int) -> None:
    """The most specific rule that states days; on the day it is over, nothing."""
    early = taken(stopped, stopped_on=TODAY - timedelta(days=days - 1))
    over = taken(stopped, stopped_on=TODAY - timedelta(days=days))
    assert levels(found(live=[early], asks=proposed(drug, 1)))[f"washout:{stopped}"] == "stop"
    assert f"washout:{stopped}" not in levels(found(live=[over], asks=proposed(drug, 1)))


def test_the_way_round_matters_for_waiting() -> None:
    """IX-031: a day after methylene blue; the other way the data state nothing."""
    after = taken("methylene blue", stopped_on=TODAY)
    before = taken("sertraline", stopped_on=TODAY)
    assert levels(found(live=[after]))["washout:methylene blue"] == "stop"
    assert "washout:sertraline" not in levels(found(live=[before], asks=proposed("methylene blue", 1)))


def test_a_stop_that_is_still_to_come_is_both_taken() -> None:
    still = taken("phenelzine", stopped_on=TODAY + timedelta(days=3))
    assert levels(found(live=[still]))["pair:phenelzine"] == "stop"


def test_it_is_not_compared_with_itself() -> None:
    assert found(live=[taken("sertraline", 50)], asks=proposed(key="rx-sertraline", starts=False)) == []


def test_every_rule_of_the_data_speaks_for_some_pair() -> None:
    """No row is dead: each matches two drugs of the catalogue, and its degree is one of the five words."""
    known = current()
    drugs = list(known.drugs.values())
    dead = [
        rule["id"] for rule in known.interactions
        if not any(one.is_a(rule["a"]) for one in drugs) or not any(one.is_a(rule["b"]) for one in drugs)
    ]  # fmt: skip
    assert dead == []


def test_where_a_rule_of_its_own_matched_the_fallback_is_not_quoted() -> None:
    """IX-216 (serotonergic with serotonergic) stays silent beside the rule for tramadol."""
    fallback = next(rule for rule in current().interactions if rule["id"] == "IX-216")
    (one,) = [f for f in found(live=[taken("tramadol")]) if f.code == "pair:tramadol"]
    assert fallback["effect"] not in one.sentence
