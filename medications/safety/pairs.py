"""Checks of two medicines together: duplicates, interactions, and the days to wait after one was stopped."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

from medications.safety.enums import BY_SEVERITY, RANK, Level, lowered
from medications.safety.facts import Finding, Limits, Proposed, Taken
from medications.safety.knowledge import DrugFacts, Knowledge

ORIGINS = {"ours": "", "outside": " from elsewhere", "reported": " as the patient reports"}
Match = tuple[Mapping[str, Any], bool]


def together(
    live: Sequence[Taken], proposed: Proposed, drug: DrugFacts, knowledge: Knowledge, limits: Limits
) -> Iterator[Finding]:
    """Everything between the proposed drug and what is taken; what was stopped counts for its wash-out."""
    for taken in live:
        if taken.key == proposed.key:
            continue
        other = knowledge.drug(taken.drug)
        still = taken.stopped_on is None or taken.stopped_on > proposed.from_day
        if other is None:
            if still:
                yield unknown(taken)
        elif still:
            yield from pair(drug, other, taken, knowledge, limits)
        else:
            yield from washout(drug, other, taken, proposed, knowledge)


def unknown(taken: Taken) -> Finding:
    """A medicine that the catalogue does not hold: said, never passed over."""
    return Finding(
        Level.NOT_CHECKED, f"unknown:{taken.name.casefold()}"[:60], "catalogue", f"“{taken.name}” not checked"[:200],
        "The catalogue does not hold it: nothing was compared. Ask what is in it, and name the product.",
    )  # fmt: skip


def level_of(rule: Mapping[str, Any], lower: frozenset[str] = frozenset()) -> Level:
    """The rule's degree: severities as DESIGN maps them, two of one class is a stop, R-RX-14 asks at least.

    `lower`: rules that the practice lowered to a note; never a stop, never R-RX-14.
    """
    level = BY_SEVERITY[rule["severity"]]
    if rule["kind"] == "duplicate" and rule["severity"] == "major":
        return Level.STOP
    if rule.get("requires_rationale") and RANK[level] > RANK[Level.ASK]:
        return Level.ASK
    return level if rule.get("requires_rationale") else lowered(level, rule["id"], lower)


def _specific(rule: Mapping[str, Any]) -> int:
    return ("ingredient" in rule["a"]) + ("ingredient" in rule["b"])


def pair(drug: DrugFacts, other: DrugFacts, taken: Taken, knowledge: Knowledge, limits: Limits) -> Iterator[Finding]:
    """All rules of two drugs as one finding: the most severe speaks, the others are named after it."""
    if drug.tags & other.tags:
        whose = ORIGINS.get(taken.origin, "")
        yield Finding(
            Level.ASK, f"same:{other.name}"[:60], "duplicate", f"{other.name.capitalize()} is on the list already",
            f"{taken.name}{whose} holds the same ingredient. Say why both, or stop one.",
            ("The patient’s list of medicines",), "high",
        )  # fmt: skip
    found = list(knowledge.between(drug, other))
    rules = [match for match in found if not match[0].get("fallback")] or found
    if not rules:
        return
    low = limits.lowered
    ranked = sorted(rules, key=lambda match: (RANK[level_of(match[0], low)], -_specific(match[0]), match[0]["id"]))
    first = ranked[0][0]
    effects = [first["effect"], first["action"]]
    effects += [rule["effect"] for rule, _ in ranked[1:3] if rule["effect"] not in effects]
    rationale = any(rule.get("requires_rationale") for rule, _ in ranked)
    level = level_of(first, low)
    if rationale and RANK[level] > RANK[Level.ASK]:
        level = Level.ASK
    yield Finding(
        level, f"pair:{other.name}"[:60], f"R-RX-14 {first['id']}" if rationale else first["id"],
        _title(drug, other, first), " ".join(effects), tuple(first["source"]), first["confidence"],
        first["tell_therapist"] or "",
    )  # fmt: skip


def _title(drug: DrugFacts, other: DrugFacts, rule: Mapping[str, Any]) -> str:
    if rule["kind"] == "duplicate" and "class" in rule["a"]:
        kind = rule["a"]["class"].replace("_", " ")
        return f"Two of one kind ({kind}): {drug.name} and {other.name}"[:200]
    family = "" if rule.get("fallback") else f": {rule['family']}"
    return f"{drug.name.capitalize()} with {other.name}{family}"[:200]


def washout(
    drug: DrugFacts, other: DrugFacts, taken: Taken, proposed: Proposed, knowledge: Knowledge
) -> Iterator[Finding]:
    """The stopped drug is still there: the most specific rule that states days decides (fluoxetine 35)."""
    assert taken.stopped_on is not None
    stated: list[tuple[Mapping[str, Any], int]] = []
    for rule, proposed_is_a in knowledge.between(drug, other):
        days = rule["washout_days_b_to_a"] if proposed_is_a else rule["washout_days_a_to_b"]
        if days:
            stated.append((rule, days))
    if not stated:
        return
    rule, days = min(stated, key=lambda one: (-_specific(one[0]), -one[1], RANK[level_of(one[0])], one[0]["id"]))
    ready = taken.stopped_on + timedelta(days=days)
    if proposed.from_day >= ready:
        return
    yield Finding(
        level_of(rule), f"washout:{other.name}"[:60], rule["id"], f"Too soon after {other.name}",
        f"{other.name.capitalize()} was stopped on {taken.stopped_on:%b} {taken.stopped_on.day}; wait {days} days, "
        f"until {ready:%b} {ready.day}. {rule['effect']}", tuple(rule["source"]), rule["confidence"],
        rule["tell_therapist"] or "",
    )  # fmt: skip
