"""The checks: one pure function over plain values. Order of the medicines never matters; adding one removes nothing."""

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal

from medications.safety import dosing, pairs, person
from medications.safety.enums import RANK, Level
from medications.safety.facts import Facts, Finding, Limits, Proposed, Taken
from medications.safety.knowledge import Knowledge

DEFAULTS = Limits()
MONTH = 31  # R-TA-05: a benzodiazepine taken longer is never stopped from one day to the next without a reason


def check(
    facts: Facts, live: Sequence[Taken], proposed: Proposed, knowledge: Knowledge, limits: Limits = DEFAULTS
) -> list[Finding]:
    """Everything that stands against the proposal, and everything that could not be checked; worst first."""
    drug = knowledge.drug(proposed.drug)
    found: list[Finding] = []
    if drug is None:
        found.append(
            Finding(
                Level.NOT_CHECKED,
                "drug",
                "catalogue",
                f"“{proposed.name}” not checked"[:200],
                "The catalogue does not hold it: nothing was compared. Check it in another source.",
            )
        )
    else:
        found += person.allergies(facts, drug, knowledge)
        found += dosing.dose(facts, live, proposed, drug, knowledge)
        found += dosing.citalopram(facts, live, proposed, drug, knowledge)
        found += pairs.together(live, proposed, drug, knowledge)
        found += person.cautions(facts, live, proposed, drug, knowledge)
        found += dosing.supply(facts, proposed, drug, limits)
    found += person.never_asked(facts, drug, knowledge)
    return ranked(found)


def check_stop(
    name: str | None, *, days_taken: int, daily_mg: Decimal | None, lowest_mg: Decimal | None, knowledge: Knowledge
) -> list[Finding]:
    """What stands against stopping altogether: nothing at the lowest dose that can be dispensed (R-TA-01, R-TA-05)."""
    drug = knowledge.drug(name)
    at_floor = daily_mg is not None and lowest_mg is not None and daily_mg <= lowest_mg
    if drug is None or at_floor:
        return []
    if "benzodiazepine" in drug.classes and days_taken > MONTH:
        return [
            Finding(
                Level.STOP,
                "stop.abrupt",
                "R-TA-05",
                "Stopping a benzodiazepine from one day to the next",
                f"It has been taken for {days_taken} days: stopping without a taper can cause seizures. Taper, or say "
                "why it must stop now.",
                drug.source,
                drug.confidence,
                "Shaking, sweating, confusion or a seizure: emergency care.",
            )
        ]
    if drug.discontinuation == "never stop abruptly" or "benzodiazepine" in drug.classes:
        return [
            Finding(
                Level.ASK,
                "stop.abrupt",
                "label",
                f"{drug.name.capitalize()} is never stopped abruptly",
                "The label warns against stopping it from one day to the next. Step down, or say why it must stop now.",
                drug.source,
                drug.confidence,
            )
        ]
    if drug.discontinuation == "taper":
        return [
            Finding(
                Level.NOTE,
                "stop.taper",
                "label",
                f"{drug.name.capitalize()} is usually tapered",
                "Stepping down avoids discontinuation symptoms.",
                drug.source,
                drug.confidence,
                "New dizziness, electric shocks, irritability or vivid dreams may come from stopping.",
            )
        ]
    return []


def ranked(found: Iterable[Finding]) -> list[Finding]:
    """Worst first, then by code; of two with one code the worse stays."""
    kept: dict[str, Finding] = {}
    for finding in found:
        known = kept.get(finding.code)
        if known is None or (RANK[finding.level], finding.sentence) < (RANK[known.level], known.sentence):
            kept[finding.code] = finding
    return sorted(kept.values(), key=lambda finding: (RANK[finding.level], finding.code))


def passed(facts: Facts, proposed: Proposed, found: Sequence[Finding], knowledge: Knowledge) -> list[str]:
    """What was checked without a finding, in words, for the last line of the list."""
    if knowledge.drug(proposed.drug) is None:
        return []
    codes = {finding.code.split(":")[0] for finding in found}
    named = ", ".join(one.name for one in facts.allergies)
    words = []
    if facts.allergies_asked != "never_asked" and not codes & {"allergy", "allergies"}:
        words.append(f"allergies ({named})" if named else "allergies (none known)")
    for code, word in (
        ("dose.max", "daily maximum"),
        ("pair", "interactions"),
        ("same", "duplicates"),
        ("washout", "wash-out"),
        ("caution", "conditions"),
        ("schedule.refills", "refills"),
        ("supply.risk", "supply"),
    ):
        if code not in codes and not (code == "dose.max" and "dose.product_max" in codes):
            words.append(word)
    return words


def days_between(start: date, end: date) -> int:
    """Days taken, never less than none."""
    return max((end - start).days, 0)
