"""What stands against stopping from one day to the next."""

from collections.abc import Iterator

from medications.safety.enums import Level
from medications.safety.facts import Facts, Finding
from medications.safety.knowledge import DrugFacts

MONTH = 31  # R-TA-05: a benzodiazepine taken longer is never stopped from one day to the next without a reason
GUIDELINE = ("ASAM and joint societies, benzodiazepine tapering 2025, recommendation 5",)
# No data say how long an injection of each drug stays: its words are said with low confidence.
GENERAL = ("How long-acting injections wear off, in general: no data of this drug",)
STEPPED_DOWN = frozenset(["antidepressant", "antipsychotic"])
SEDATIVES = frozenset(["benzodiazepine", "barbiturate"])


def abrupt(drug: DrugFacts, days_taken: int, facts: Facts | None) -> Iterator[Finding]:
    """A benzodiazepine after a month stops (R-TA-05), a past withdrawal seizure stops it (R-TA-04).

    An antidepressant or antipsychotic after a month asks (R-RX-13); else the label.
    """
    if "benzodiazepine" in drug.classes and days_taken > MONTH:
        yield Finding(
            Level.STOP, "stop.abrupt", "R-TA-05", "Stopping a benzodiazepine from one day to the next",
            f"It has been taken for {days_taken} days: stopping without a taper can cause seizures. Taper, or say "
            "why it must stop now.", drug.source, drug.confidence,
            "Shaking, sweating, confusion or a seizure: emergency care.",
        )  # fmt: skip
    elif drug.discontinuation == "never stop abruptly" or "benzodiazepine" in drug.classes:
        yield Finding(
            Level.ASK, "stop.abrupt", "label", f"{drug.name.capitalize()} is never stopped abruptly",
            "The label warns against stopping it from one day to the next. Step down, or say why it must stop now.",
            drug.source, drug.confidence,
        )  # fmt: skip
    elif drug.discontinuation == "taper" and drug.classes & STEPPED_DOWN and days_taken > MONTH:
        yield Finding(
            Level.ASK, "stop.abrupt", "R-RX-13", f"{drug.name.capitalize()} is not stopped from one day to the next",
            f"It has been taken for {days_taken} days. Step down, or say why it must stop now.", drug.source,
            drug.confidence, "New dizziness, electric shocks, irritability or vivid dreams may come from stopping.",
        )  # fmt: skip
    elif drug.discontinuation == "taper":
        yield Finding(
            Level.NOTE, "stop.taper", "label", f"{drug.name.capitalize()} is usually tapered",
            "Stepping down avoids discontinuation symptoms.", drug.source, drug.confidence,
            "New dizziness, electric shocks, irritability or vivid dreams may come from stopping.",
        )  # fmt: skip
    if facts is not None and drug.classes & SEDATIVES:
        yield from _before(facts)


def depot(drug: DrugFacts) -> Iterator[Finding]:
    """A long-acting injection: the next one is not given, and what was given wears off by itself (R-RX-13).

    That is no abrupt stop and asks nothing; where the treatment itself must not break off, it asks what follows.
    """
    name = drug.name.capitalize()
    lasting = "What was given leaves the body over weeks to months, and acts, and interacts, for as long."
    if drug.discontinuation == "never stop abruptly":
        yield Finding(
            Level.ASK, "stop.abrupt", "label", f"{name}: the treatment ends with the injections",
            f"There is nothing to step down. {lasting} Say what follows it, or why it ends.", GENERAL, "low",
            "Withdrawal or craving may begin weeks after the last injection.",
        )  # fmt: skip
        return
    back = "" if "opioid_antagonist" in drug.classes else " Symptoms that come back may do so as late."
    yield Finding(
        Level.NOTE, "stop.depot", "R-RX-13", f"{name} as an injection tapers itself",
        f"The next one is not given; there is nothing to step down. {lasting}{back}", GENERAL, "low",
        "Symptoms may come back weeks or months after the last injection.",
    )  # fmt: skip
    if "opioid_antagonist" in drug.classes:
        yield Finding(
            Level.NOTE, "stop.tolerance", "label", "Opioids act more strongly than before",
            "Once it wears off, a dose of an opioid that was usual before it may stop the breathing. Say so, and think "
            "of naloxone.", drug.source, drug.confidence, "Any opioid after the last injection: the tolerance is gone.",
        )  # fmt: skip


def _before(facts: Facts) -> Iterator[Finding]:
    answer = facts.answers.get("withdrawal_seizure")
    if answer == "yes":
        yield Finding(
            Level.STOP, "stop.withdrawal", "R-TA-04", "A seizure or delirium in withdrawal before",
            "The record holds one: severe withdrawal is to be expected. Decide the level of care first, and write it "
            "here, or do not stop outside a hospital.", GUIDELINE, "high",
            "Shaking, sweating, confusion or a seizure: emergency care.",
        )  # fmt: skip
    elif answer != "no":
        yield Finding(
            Level.NOT_CHECKED, "fact:withdrawal_seizure", "record", "Seizures in withdrawal: not checked",
            "Nobody knows whether there was one. Ask, and record the answer.",
        )  # fmt: skip
