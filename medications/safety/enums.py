"""The five words in which a check speaks, worst first."""

from enum import StrEnum


class Level(StrEnum):
    """REFUSE: no way past. STOP: override with code and words. ASK: a reason. NOTE: listed. NOT_CHECKED: unknown."""

    REFUSE = "refuse"
    STOP = "stop"
    ASK = "ask"
    NOTE = "note"
    NOT_CHECKED = "not_checked"


RANK = {level: place for place, level in enumerate(Level)}
BY_SEVERITY = {"contraindicated": Level.STOP, "major": Level.ASK, "moderate": Level.NOTE}
# Why a prescriber goes on against a stop.
OVERRIDES = {
    "cross_taper": "a planned cross-taper",
    "benefit": "benefit outweighs the risk, discussed with the patient",
    "tolerated": "taken before and tolerated",
    "not_taken": "the patient does not take the other one",
    "specialist": "agreed with a specialist",
    "emergency": "urgent, nothing else is possible",
    "other": "another reason",
}


def lowered(level: Level, rule_id: str, rules: frozenset[str]) -> Level:
    """The degree after the practice's tuning: an “ask” of a rule it lowered is a note; nothing else ever changes."""
    return Level.NOTE if level == Level.ASK and rule_id in rules else level
