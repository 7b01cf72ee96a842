"""Every write of the schedule: booking, moving, cancelling; arriving, starting, ending; and who is occupied when."""

from patients.scheduling.actions.absent import ask_to_move, back_early
from patients.scheduling.actions.attending import (
    arrive,
    complete,
    confirm,
    no_show,
    reopen,
    running_late,
    start,
)
from patients.scheduling.actions.booking import book, cancel, in_error, move, telephone
from patients.scheduling.rules import Part

__all__ = [
    "Part",
    "arrive",
    "ask_to_move",
    "back_early",
    "book",
    "cancel",
    "complete",
    "confirm",
    "in_error",
    "move",
    "no_show",
    "reopen",
    "running_late",
    "start",
    "telephone",
]
