"""Checks of controlled substances: telehealth (R-RX-09), the monitoring program (R-RX-10)."""

from collections.abc import Iterator

from medications.safety.enums import Level
from medications.safety.facts import Facts, Finding, Limits, Proposed
from medications.safety.knowledge import DrugFacts

TELEHEALTH = ("21 CFR 1307.41", "FR 2025-24123")
# Looked up in the monitoring program besides II to V (Oregon).
ALSO_WATCHED = frozenset(["gabapentin"])


def controlled(facts: Facts, proposed: Proposed, drug: DrugFacts, limits: Limits) -> Iterator[Finding]:
    """What the law and the practice ask before a controlled substance is signed; nothing of other medicines."""
    watched = bool(drug.schedule) or bool(drug.tags & ALSO_WATCHED)
    if watched and (proposed.starts or proposed.refills is not None):
        yield from program(facts, proposed, limits)
    if drug.schedule and proposed.starts and facts.in_person_on is None and proposed.seen != "in_person":
        yield from telehealth(facts, proposed, drug, limits)


def telehealth(facts: Facts, proposed: Proposed, drug: DrugFacts, limits: Limits) -> Iterator[Finding]:
    """Without an examination in person: until the day that the law sets, with picture and sound (R-RX-09)."""
    until = f"{limits.telehealth_until:%b} {limits.telehealth_until.day}, {limits.telehealth_until.year}"
    if facts.today > limits.telehealth_until:
        yield Finding(
            Level.REFUSE, "controlled.telehealth", "R-RX-09", 
            f"Schedule {drug.schedule} needs an examination in person",
            f"Since {until} a controlled substance begins only after the patient was examined in person. Record the "
            "day of the examination, or see the patient here first.", TELEHEALTH, "high",
        )  # fmt: skip
    elif proposed.seen == "audio" and not _opioid_treatment(drug):
        yield Finding(
            Level.REFUSE, "controlled.telehealth", "R-RX-09", f"Schedule {drug.schedule} needs picture and sound",
            "By telephone alone only medicines for opioid use disorder (III to V) may begin. See the patient by video "
            "or in person.", TELEHEALTH, "high",
        )  # fmt: skip
    elif not proposed.seen:
        yield Finding(
            Level.REFUSE, "controlled.telehealth", "R-RX-09", "How is the patient seen today?",
            f"No examination in person is recorded, and not how the patient is seen. Record the day of an examination "
            f"in person, or choose in person or video under “The patient is seen today” (allowed until {until}).",
            TELEHEALTH, "high",
        )  # fmt: skip
    else:
        yield Finding(
            Level.NOTE, "controlled.telehealth", "R-RX-09", "Begun by telehealth",
            f"Allowed until {until} without an examination in person: plan one before that day.", TELEHEALTH, "high",
        )  # fmt: skip


def _opioid_treatment(drug: DrugFacts) -> bool:
    return "opioid_use_disorder" in drug.classes and drug.schedule in ("III", "IV", "V")


def program(facts: Facts, proposed: Proposed, limits: Limits) -> Iterator[Finding]:
    """The prescription monitoring program: on the day of each new controlled prescription, else every 90 days."""
    last = facts.pdmp_on
    age = None if last is None else (facts.today - last).days
    if last is not None and age is not None and (age == 0 or (not proposed.starts and age < limits.pdmp_days)):
        return
    known = f"It was last looked up on {last:%b} {last.day}, {last.year}." if last else "Nobody has recorded a look-up."
    yield Finding(
        Level.ASK, "controlled.pdmp", "R-RX-10", "Prescription monitoring program not looked up",
        f"{known} Look it up and record it, or say here why not: asked before each new controlled prescription and "
        f"every {limits.pdmp_days} days.", ("Policy of the practice; ORS 431A.855 to 431A.900 (to confirm)",), "medium",
    )  # fmt: skip
