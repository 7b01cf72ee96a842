"""What the refill room offers to the ports: its task kinds, the lines of the day, the prescriber's tab count."""

from datetime import date
from typing import TYPE_CHECKING

from django.urls import reverse

from clinic import permissions
from clinic.ports import DayLine, TaskKind
from medications.refills import queries

if TYPE_CHECKING:
    from clinic.staff.models import User

SOON_DAYS = 3


def task_kinds() -> list[TaskKind]:
    """Port TASK_KINDS: the desk waits; somebody asks for a call."""
    return [
        TaskKind("refills.desk", "Refills wait", "Open the refill desk", "refills:desk", "refill.decide", "m"),
        TaskKind("refills.call", "Refill call", "Call the patient", "refills:call", "refill.decide", "m"),
    ]


def my_day(user: "User", day: date) -> list[DayLine]:
    """Port MY_DAY_LINES: supplies of the person's patients that end within three days. One query."""
    if not permissions.may(user.held_roles(), "refill.decide"):
        return []
    rows = queries.desk(user)
    return [
        DayLine(row.patient_id, "m", _words(row.supply_end, day), reverse("refills:desk"))
        for row in rows
        if (row.supply_end - day).days <= SOON_DAYS
    ]


def _words(supply_end: date, day: date) -> str:
    left = (supply_end - day).days
    if left <= 0:
        return "A supply has run out; the refill waits at your desk."
    return f"A supply runs out in {left} day{'s' if left != 1 else ''}; the refill waits at your desk."
