"""What the refill room offers to the ports: its task kinds, the lines of the day, the prescriber's tab count."""

from datetime import date
from typing import TYPE_CHECKING

from django.urls import reverse

from clinic import permissions
from clinic.ports import ChartTab, DayLine, TaskKind
from medications.refills import queries

if TYPE_CHECKING:
    from clinic.staff.models import User

SOON_DAYS = 3
TAB = ChartTab("refill-call", "Refill call", "refills:ask", "refill.ask")  # the front desk's; it names no medicine


def task_kinds() -> list[TaskKind]:
    """Port TASK_KINDS: the desk waits; somebody asks for a call; a visit to book (the front desk's)."""
    return [
        TaskKind("refills.desk", "Refills wait", "Open the refill desk", "refills:desk", "refill.decide", "m"),
        TaskKind("refills.overdue", "Supply run out", "Open the refill desk", "refills:desk", "refill.decide", "m"),
        TaskKind("refills.visit", "Visit to book", "Book the visit", "scheduling:book", "schedule.book", by_hand=True),
        TaskKind("refills.call", "Refill call", "Call the patient", "refills:call", "refill.decide", "m"),
    ]


def my_day(user: "User", day: date) -> list[DayLine]:
    """Port MY_DAY_LINES: open requests for supplies that end within three days. One query, none without the right."""
    if not permissions.may(user.held_roles(), "refill.decide"):
        return []
    return [
        DayLine(
            row.patient_id, "m", _words(row.supply_end, day),
            reverse("refills:decide", kwargs={"patient_id": row.patient_id, "pk": row.pk}),
        )
        for row in queries.desk(user)
        if (row.supply_end - day).days <= SOON_DAYS
    ]  # fmt: skip


def nav_count(user: "User") -> dict[str, int]:
    """Port NAV_COUNTS: how many requests wait at the person's desk. One query, none without the right."""
    if not permissions.may(user.held_roles(), "refill.decide"):
        return {}
    return {"refills:desk": queries.desk(user).count()}


def _words(supply_end: date, day: date) -> str:
    left = (supply_end - day).days
    if left <= 0:
        return "A supply has run out; the refill waits at your desk."
    return f"A supply runs out in {left} day{'s' if left != 1 else ''}; the refill waits at your desk."
