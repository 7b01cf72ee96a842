"""Checks against habits that are no medicines: alcohol, and smoking that began or ended."""

from collections.abc import Iterator

from medications.safety.enums import BY_SEVERITY, RANK, lowered
from medications.safety.facts import Facts, Finding, Limits
from medications.safety.knowledge import DrugFacts, Knowledge

TITLES = {
    "alcohol_use": "Drinks alcohol", "smoking_stopped": "Stopped smoking lately",
    "smoking_started": "Began smoking lately",
}  # fmt: skip


def habits(facts: Facts, drug: DrugFacts, knowledge: Knowledge, limits: Limits) -> Iterator[Finding]:
    """Of each event the rule that weighs most speaks."""
    rows = [row for row in knowledge.about("lifestyle", drug) if row["event"] in facts.events]
    for event in sorted({row["event"] for row in rows}):
        ranked = sorted(
            ((lowered(BY_SEVERITY[row["severity"]], row["id"], limits.lowered), row) for row in rows
             if row["event"] == event),
            key=lambda one: (RANK[one[0]], one[1]["id"]),
        )  # fmt: skip
        level, row = ranked[0]
        yield Finding(
            level, f"lifestyle:{event}", row["id"], f"{TITLES.get(event, event)}: {drug.name}"[:200],
            f"{row['effect']} {row['action']}", tuple(row["source"]), row["confidence"], row["tell_therapist"] or "",
        )  # fmt: skip
