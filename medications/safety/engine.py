"""The checks: one pure function over plain values. Order of the medicines never matters; adding one removes nothing."""

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal

from medications.safety import controlled, dosing, lifestyle, pairs, person, titration, withdrawal
from medications.safety.enums import RANK, Level
from medications.safety.facts import Facts, Finding, Limits, Proposed, Taken
from medications.safety.knowledge import Knowledge

DEFAULTS = Limits()


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
        found += person.allergies(facts, drug, knowledge, limits)
        found += dosing.dose(facts, live, proposed, drug, knowledge)
        found += dosing.citalopram(facts, live, proposed, drug, knowledge)
        found += titration.speed(live, proposed, drug, knowledge)
        found += pairs.together(live, proposed, drug, knowledge, limits)
        found += person.cautions(facts, live, proposed, drug, knowledge, limits)
        found += lifestyle.habits(facts, drug, knowledge, limits)
        found += dosing.supply(facts, proposed, drug, limits)
        found += controlled.controlled(facts, proposed, drug, limits)
    found += person.never_asked(facts, drug, knowledge)
    return ranked(found)


def check_stop(
    name: str | None,
    *,
    days_taken: int,
    daily_mg: Decimal | None,
    lowest_mg: Decimal | None,
    knowledge: Knowledge,
    facts: Facts | None = None,
    live: Sequence[Taken] = (),
    injected: bool = False,
) -> list[Finding]:
    """What stands against stopping altogether (R-TA-01, R-TA-04, R-TA-05), and what has to follow it (R-MO-LTG).

    Nothing stands against it at the lowest dose that can be dispensed; `live`: what is taken besides.
    `injected`: it is a long-acting injection, which tapers itself.
    """
    drug = knowledge.drug(name)
    if drug is None:
        return []
    found = list(titration.after_stop(drug, live, knowledge))
    if injected:
        found += withdrawal.depot(drug)
    elif daily_mg is None or lowest_mg is None or daily_mg > lowest_mg:
        found += withdrawal.abrupt(drug, days_taken, facts)
    return ranked(found)


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
        ("lifestyle", "alcohol and smoking"),
        ("schedule.refills", "refills"),
        ("supply.risk", "supply"),
    ):
        if code not in codes and not (code == "dose.max" and "dose.product_max" in codes):
            words.append(word)
    return words


def days_between(start: date, end: date) -> int:
    """Days taken, never less than none."""
    return max((end - start).days, 0)
