"""What a case comes down to answers like the whole case, word for word; nothing is read that was not thought of."""

import random
from dataclasses import fields
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from medications.safety import engine, knowledge
from medications.safety.facts import Allergy, Facts, Limits, Measured, Proposed, Taken
from medications.vigilance.essence import Checks, interrupting
from patients.record.enums import FactKey
from tests.medications.safety.asked import TODAY

KNOWN = knowledge.current()
NAMES = sorted(KNOWN.drugs)
CODES = ["F31.9", "F50.2", "G40.9", "K70.3", "N18.4", "I45.81", "F10.20", "O24.4", "G47.33", "E87.1", "I10", "M54.5"]
CAUSES = [*NAMES, "SSRI", "sulfonamides", "sertralin", "eggs"]
# What an order that goes on is not asked: starts, supplies, what only a “not checked” comes of.
LEFT_OUT = {
    "Facts": {"allergies_asked", "risk_open", "in_person_on", "pdmp_on"},
    "Taken": set(),
    "Proposed": {"starts", "days_supply", "refills", "course", "seen", "counted", "name"},
}
KEPT = {
    "Facts": {"today", "age", "sex", "allergies", "conditions", "answers", "readings", "events"},
    "Taken": {"key", "name", "drug", "daily_mg", "stopped_on", "origin"},
    "Proposed": {"drug", "daily_mg", "from_day", "key", "depot", "product_max_mg"},
}


def somebody(dice: random.Random) -> Facts:
    """Anybody: a good half of it ordinary, the rest anything."""
    some = dice.random() ** 2
    back = TODAY - timedelta(days=dice.randrange(500))
    return Facts(
        today=TODAY, age=dice.choice([dice.randrange(12, 95), 24, 25, 55, 56, 60, 61, 64, 65]),
        sex=dice.choice(["female", "male", "other", ""]), allergies_asked=dice.choice(["never_asked", "some"]),
        allergies=tuple(
            Allergy(dice.choice(["ingredient", "class", "substance"]), dice.choice(CAUSES), dice.choice(["", "rash"]))
            for _ in range(dice.choice([0, 0, 1, 2]))
        ),
        conditions=tuple(dice.sample(CODES, dice.choice([0, 1, 2, 3]))),
        answers={
            key: dice.choice(["yes", "no", "no", "unsure"]) for key in FactKey.values if dice.random() < some
        },
        risk_open=dice.random() < 0.5,
        readings={
            kind: Measured(Decimal(dice.randrange(*between)), back, Decimal(lower) if kind == "pressure" else None)
            for kind, between in {
                "egfr": (20, 100), "qtc": (380, 540), "pulse": (40, 90), "pressure": (80, 170), "weight": (50, 90),
            }.items()
            if dice.random() < 0.4 and (lower := dice.randrange(50, 79))
        },
        events=frozenset(one for one in ("alcohol_use", "smoking_stopped", "smoking_started") if dice.random() < 0.3),
        in_person_on=dice.choice([None, TODAY]), pdmp_on=dice.choice([None, TODAY]),
    )  # fmt: skip


def takes(dice: random.Random, drug: str) -> list[Taken]:
    """A list: the order itself, and others, the same drug once more among them."""
    found = [Taken("itself", drug.capitalize(), drug, Decimal(10))]
    for number in range(dice.randrange(5)):
        other = dice.choice([drug, None, *[dice.choice(NAMES) for _ in range(8)]])
        found.append(
            Taken(
                str(number), dice.choice(["Alpha", "Beta"]), other,
                dice.choice([None, Decimal(dice.randrange(1, 300))]),
                dice.choice([None, None, TODAY + timedelta(days=dice.randrange(-40, 9))]),
                dice.choice(["ours", "outside", "reported"]),
            )
        )  # fmt: skip
    return found


def asks(dice: random.Random, drug: str) -> Proposed:
    high = KNOWN.drugs[drug].max_mg or Decimal(50)
    return Proposed(
        drug, drug, high * Decimal(dice.choice(["0.25", "0.5", "1", "1.25", "40"])), TODAY, "itself", starts=False,
        depot=dice.random() < 0.1, product_max_mg=dice.choice([None, high]),
    )  # fmt: skip


@pytest.mark.parametrize("seed", range(4))
def test_every_drug_is_answered_as_the_whole_case_is(seed: int) -> None:
    dice, said = random.Random(seed), 0
    lowered = frozenset(dice.sample([row["id"] for row in (*KNOWN.cautions, *KNOWN.interactions)], 60))
    limits = Limits(lowered=lowered if seed % 2 else frozenset())
    checks = Checks(KNOWN, limits)
    for drug in NAMES:
        for _ in range(12):
            who, live, proposed = somebody(dice), takes(dice, drug), asks(dice, drug)
            whole = interrupting(engine.check(who, live, proposed, KNOWN, limits))
            assert checks.found(who, live, proposed) == whole
            said += len(whole)
    assert said > 1_000


def test_who_differs_in_nothing_that_counts_is_one_case() -> None:
    checks = Checks(KNOWN, Limits())
    one, other = (
        Facts(
            TODAY, age, sex="male", answers={"kidney": answer, "glaucoma": "yes"}, conditions=(code,),
            readings={"pulse": Measured(Decimal(pulse), TODAY)},
        )
        for age, answer, code, pulse in ((31, "no", "M54.5", 60), (43, "unsure", "H61.2", 71))
    )  # fmt: skip
    proposed = Proposed("lithium", "lithium", Decimal(900), TODAY, "itself", starts=False)
    for who, name in ((one, "Gummies"), (other, "Tea")):
        checks.found(
            who, [Taken("itself", "x", "lithium"), Taken("a", name, None), Taken("b", "y", "melatonin")], proposed
        )
    assert len(checks.answers) == 1
    checks.found(one, [Taken("c", "Ibuprofen", "ibuprofen")], proposed)
    assert len(checks.answers) == 2


def watched(row: Any, seen: set[str]) -> Any:
    """The same values, which note what of them is read."""
    names = {one.name for one in fields(row)}

    class Watching(type(row)):  # type: ignore[misc]
        __slots__ = ()

        def __getattribute__(self, name: str) -> Any:
            if name in names:
                seen.add(name)
            return super().__getattribute__(name)

    return Watching(**{name: getattr(row, name) for name in names})


def test_the_engine_reads_nothing_of_which_nobody_has_thought_here() -> None:
    """Whoever lets a check read another fact decides whether a stop or an ask can come of it: KEPT or LEFT_OUT."""
    dice, seen = random.Random(7), {name: set[str]() for name in KEPT}
    for drug in NAMES:
        for _ in range(6):
            engine.check(
                watched(somebody(dice), seen["Facts"]), [watched(one, seen["Taken"]) for one in takes(dice, drug)],
                watched(asks(dice, drug), seen["Proposed"]), KNOWN,
            )  # fmt: skip
    for name, read in seen.items():
        assert read <= KEPT[name] | LEFT_OUT[name], name
        assert KEPT[name] <= read, name
    assert {one.name for one in fields(Facts)} == KEPT["Facts"] | LEFT_OUT["Facts"]
