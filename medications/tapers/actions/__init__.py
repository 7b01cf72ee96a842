"""Every write of tapers: plans, checks, pauses, confirmed steps, ends, reviews. A job never confirms a step."""

from medications.tapers.actions.checking import pause, record_check, resume, retract_check
from medications.tapers.actions.ending import decide, end, watch
from medications.tapers.actions.planning import Design, against, draft, revise, start
from medications.tapers.actions.stepping import confirm_step, regimen_of, supply_for

__all__ = [
    "Design",
    "against",
    "confirm_step",
    "decide",
    "draft",
    "end",
    "pause",
    "record_check",
    "regimen_of",
    "resume",
    "retract_check",
    "revise",
    "start",
    "supply_for",
    "watch",
]
