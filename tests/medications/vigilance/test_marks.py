"""An order is checked anew when something about its drug changed, and not when something else did (R-RX-05)."""

import json
import os
import random
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from medications.safety import engine
from medications.safety.facts import Limits, Taken
from medications.safety.knowledge import Knowledge
from medications.vigilance.essence import interrupting
from medications.vigilance.marks import marks
from tests.engines import ROOT
from tests.medications.vigilance.test_essence import KNOWN, NAMES, asks, somebody, takes

LISTS = ("interactions", "cautions", "lifestyle", "allergy_cross")
MARKS = marks(KNOWN, Limits())
PRINT = "import json; from medications.vigilance.marks import marks; from medications.safety import knowledge; "
PRINT += "from medications.safety.facts import Limits; print(json.dumps(marks(knowledge.current(), Limits())))"


def with_rules(changed: Mapping[str, tuple[Mapping[str, Any], ...]]) -> Knowledge:
    """A newer version with other rules, that remembers nothing of the older one."""
    given: dict[str, Any] = dict(changed)
    return replace(KNOWN, version="2027-01-01 00000000", of_drug={}, pairs={}, **given)


def test_drugs_share_a_mark_only_where_the_same_rules_name_them() -> None:
    rules = [row for kind in LISTS for row in getattr(KNOWN, kind)]
    named: dict[tuple[int, ...], set[str]] = {}
    for drug in NAMES:
        sides = [[row[side] for side in ("a", "b", "drug") if side in row] for row in rules]
        by = [place for place, of in enumerate(sides) if any(map(KNOWN.drugs[drug].is_a, of))]
        named.setdefault(tuple(by), set()).add(drug)
    alike: dict[str, set[str]] = {}
    for drug, mark in MARKS.items():
        alike.setdefault(mark, set()).add(drug)
    assert sorted(map(sorted, alike.values())) == sorted(map(sorted, named.values()))
    assert {len(mark) for mark in alike} == {16}


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("kind", LISTS)
def test_whose_mark_stays_is_answered_as_before(kind: str, seed: int) -> None:
    """Rules are gone or weigh otherwise: the engine answers the same for every drug that has its old mark."""
    dice, told = random.Random(seed), 0
    rows = list(getattr(KNOWN, kind))
    places = dice.sample(range(len(rows)), 4 if kind == "interactions" else 12)
    for place in places[1:]:
        other = "moderate" if rows[place]["severity"] == "contraindicated" else "contraindicated"
        rows[place] = {**rows[place], "severity": other, "confidence": "high", "dose_limit": None}
    rules = [rows[place] for place in places]
    del rows[places[0]]
    newer = with_rules({kind: tuple(rows)})
    now = marks(newer, Limits())
    for drug, live in [(drug, takes(dice, drug)) for drug in NAMES] + list(of_pairs(rules)):
        who, proposed = somebody(dice), asks(dice, drug)
        before, after = (interrupting(engine.check(who, live, proposed, one, Limits())) for one in (KNOWN, newer))
        assert before == after or now[drug] != MARKS[drug], drug
        told += before != after
    assert any(now[drug] == MARKS[drug] for drug in NAMES)
    assert told or kind not in ("interactions", "cautions")  # the others ask of few people


def of_pairs(rules: Iterable[Mapping[str, Any]]) -> Iterator[tuple[str, list[Taken]]]:
    """Each pair of drugs that an interaction is about, once from either side."""
    for rule in rules:
        if "a" in rule:
            sides = [[drug for drug in NAMES if KNOWN.drugs[drug].is_a(rule[side])] for side in ("a", "b")]
            for one, other in (sides, reversed(sides)):
                for drug in one:
                    yield drug, [Taken("other", taken, taken) for taken in other if taken != drug]


@pytest.mark.parametrize("place", ["a", "b"])
def test_a_rule_about_two_drugs_marks_both(place: str) -> None:
    rule = next(row for row in KNOWN.interactions if {"ingredient"} == set(row["a"]) == set(row["b"]))
    rest = tuple({**row, "effect": "Something else."} if row is rule else row for row in KNOWN.interactions)
    now = marks(with_rules({"interactions": rest}), Limits())
    assert now[rule[place]["ingredient"]] != MARKS[rule[place]["ingredient"]]


def test_what_all_drugs_have_in_common_marks_all() -> None:
    """A class of one drug, a name, a number of the practice, a rule that the practice lowered."""
    lithium = replace(KNOWN.drugs["lithium"], classes=KNOWN.drugs["lithium"].classes | {"other"})
    others = [
        marks(replace(KNOWN, drugs={**KNOWN.drugs, "lithium": lithium}), Limits()),
        marks(replace(KNOWN, names={**KNOWN.names, "newbrand": "lithium"}), Limits()),
        marks(KNOWN, Limits(risk_days=5)), marks(KNOWN, Limits(lowered=frozenset({"CC-160"}))),
    ]  # fmt: skip
    assert [[drug for drug in NAMES if one[drug] == MARKS[drug]] for one in others] == [[]] * 4


def test_an_amount_that_changed_is_another_mark() -> None:
    other = replace(KNOWN.drugs["sertraline"], max_mg=Decimal(150))
    now = marks(replace(KNOWN, drugs={**KNOWN.drugs, "sertraline": other}), Limits())
    assert now["sertraline"] != MARKS["sertraline"]


def test_the_same_in_every_process() -> None:
    """Sets come in another order there: or every restart would check everything anew."""
    here = {**os.environ, "PYTHONHASHSEED": "1"}
    code = f"import django; django.setup(); {PRINT}"
    said = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=here, check=True, capture_output=True, text=True)
    assert json.loads(said.stdout) == MARKS
