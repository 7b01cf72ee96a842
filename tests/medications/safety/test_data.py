"""Every rule of the data speaks: each interaction, caution, cross-allergy and habit, wherever the catalogue has it."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from medications.safety.enums import BY_SEVERITY, RANK
from medications.safety.facts import Allergy, Limits, Measured
from medications.safety.knowledge import DrugFacts, current
from medications.safety.pairs import level_of
from medications.safety.person import LABS
from tests.medications.safety.asked import NO, TODAY, facts, found, levels, proposed, taken

KNOWN = current()


def first(side: dict[str, str], but: str = "") -> DrugFacts | None:
    """A drug of the catalogue that the side of a rule means."""
    named = side.get("ingredient", "")
    if named in KNOWN.drugs and named != but:
        return KNOWN.drugs[named]
    return next((drug for name, drug in sorted(KNOWN.drugs.items()) if drug.is_a(side) and name != but), None)


@pytest.mark.parametrize("rule", KNOWN.interactions, ids=lambda rule: rule["id"])
def test_every_interaction_is_found_both_ways_and_never_weaker_than_it_is(rule: dict[str, Any]) -> None:
    a = first(rule["a"])
    b = first(rule["b"], but=a.name if a else "")
    if a is None or b is None:
        assert rule["kind"] == "duplicate" or not (a and b)
        return
    if rule.get("fallback"):
        return  # shown only where nothing else matched
    for one, other in ((a, b), (b, a)):
        said = {f.code: f for f in found(live=[taken(other.name)], asks=proposed(one.name, 1))}
        assert RANK[said[f"pair:{other.name}"[:60]].level] <= RANK[level_of(rule)]


@pytest.mark.parametrize("rule", [r for r in KNOWN.interactions if r["washout_days_a_to_b"]], ids=lambda r: r["id"])
def test_every_wash_out_lasts_its_days(rule: dict[str, Any]) -> None:
    """The day before it is over speaks; a more specific rule may ask for more, never for less."""
    a = first(rule["a"])
    b = first(rule["b"], but=a.name if a else "")
    assert a is not None
    if b is None:
        return
    specific = [
        (("ingredient" in r["a"]) + ("ingredient" in r["b"]), r[f"washout_days_{'b_to_a' if is_a else 'a_to_b'}"])
        for r, is_a in KNOWN.between(b, a)
    ]  # fmt: skip
    days = max((s, d) for s, d in specific if d)[1]
    for passed, waits in ((days - 1, True), (days, False)):
        live = [taken(a.name, stopped_on=TODAY - timedelta(days=passed))]
        said = levels(found(live=live, asks=proposed(b.name, 1)))
        assert (f"washout:{a.name}"[:60] in said) is waits, (a.name, b.name, passed)


@pytest.mark.parametrize("row", KNOWN.cautions, ids=lambda row: row["id"])
def test_every_caution_speaks_when_it_holds_and_is_silent_when_not(row: dict[str, Any]) -> None:
    drug, what = first(row["drug"]), row["condition"]
    assert drug is not None
    limit = row["dose_limit"] and row["dose_limit"]["max_mg_per_day"]
    asks = proposed(drug.name, (limit or 0) + 20, starts=False)
    yes: dict[str, Any] = {}
    if what["kind"] == "age":
        yes["age"] = what["age_min"] if what["age_min"] is not None else what["age_max"]
    elif what["kind"] == "state":
        yes["answers"] = {**NO, what["state"]: "yes"}
    elif what["kind"] == "genotype":
        key = "hla_b1502" if what["genotype"].startswith("HLA") else "cyp2c19_poor"
        yes["answers"] = {**NO, key: "yes"}
    elif what["kind"] == "lab":
        step = -1 if what["lab"]["op"] == "<" else 1
        value = Decimal(what["lab"]["value"] + step)
        yes["readings"] = {LABS[what["lab"]["code"]]: Measured(value, TODAY)}
    else:
        yes["conditions"] = (what["icd10_prefixes"][0],)
        yes["sex"] = (what["sex"] and {"F": "female", "M": "male"}[what["sex"][0].upper()]) or "female"
    code = f"caution:{row['id']}"
    said = levels(found(facts(**yes), asks=asks))
    assert said[code] == ("stop" if limit and "citalopram" in drug.tags else str(BY_SEVERITY[row["severity"]]))
    no: dict[str, Any] = {"age": 45}
    if what["kind"] == "lab":
        no["readings"] = {LABS[what["lab"]["code"]]: Measured(Decimal(what["lab"]["value"]), TODAY)}
    assert code not in levels(found(facts(**no), asks=asks))


@pytest.mark.parametrize("row", KNOWN.allergy_cross, ids=lambda row: row["id"])
def test_every_cross_allergy_is_found(row: dict[str, Any]) -> None:
    wanted = row["allergy"]
    kind, name = next(iter(wanted.items()))
    if kind == "class":
        cause = first(wanted)
        assert cause is not None
        kind, name = "ingredient", cause.name
    drug = first(row["drug"], but=name)
    assert drug is not None
    about = facts(allergies_asked="some", allergies=(Allergy(kind, name),))
    said = levels(found(about, asks=proposed(drug.name, 1)))
    assert RANK[said[f"allergy:{name.casefold()}"[:60]]] <= RANK[BY_SEVERITY[row["severity"]]]  # type: ignore[index]


@pytest.mark.parametrize("row", [r for r in KNOWN.lifestyle if r["event"] in ("alcohol_use", "smoking_stopped")])
def test_every_habit_that_is_asked_speaks(row: dict[str, Any]) -> None:
    drug = first(row["drug"])
    assert drug is not None
    said = levels(found(facts(events=frozenset([row["event"]])), asks=proposed(drug.name, 1)))
    assert RANK[said[f"lifestyle:{row['event']}"]] <= RANK[BY_SEVERITY[row["severity"]]]  # type: ignore[index]
    assert f"lifestyle:{row['event']}" not in levels(found(asks=proposed(drug.name, 1)))


@pytest.mark.parametrize("name", sorted(n for n, drug in KNOWN.drugs.items() if len(drug.tags) > 1))
def test_a_combination_has_the_classes_of_its_components(name: str) -> None:
    drug = KNOWN.drugs[name]
    for part in drug.tags & set(KNOWN.drugs):
        assert KNOWN.drugs[part].classes <= drug.classes


def test_a_lowered_rule_is_a_note_and_no_other() -> None:
    """The practice's tuning: an “ask” of the data becomes a note; a stop, a rationale and a rule of law stay."""
    tuned = Limits(lowered=frozenset(["IX-065", "IX-001", "CC-108", "R-MO-LTG", "label", "allergy"]))
    live, asks = [taken("valproate")], proposed("lamotrigine", 25)
    assert levels(found(live=live, asks=asks))["pair:valproate"] == "ask"
    said = levels(found(live=live, asks=asks, limits=tuned))
    assert (said["pair:valproate"], said["speed:lamotrigine_with_valproate"]) == ("note", "ask")
    assert levels(found(live=[taken("phenelzine")], limits=tuned))["pair:phenelzine"] == "stop"
    assert levels(found(facts(age=20), limits=tuned))["caution:CC-108"] == "note"
    opioid = [rule["id"] for rule in KNOWN.interactions if rule.get("requires_rationale")]
    lower = Limits(lowered=frozenset(opioid))
    assert (
        levels(found(live=[taken("oxycodone")], asks=proposed("clonazepam", 1), limits=lower))["pair:oxycodone"]
        == "ask"
    )
