"""Where bookings meet their reminders."""

from importlib import import_module
from importlib.util import find_spec
from typing import Any

from patients.scheduling.models import Booking


def _reminders() -> Any:
    name = "patients.scheduling.reminders"
    return import_module(name) if find_spec(name) else None


def plan(booking: Booking) -> None:
    """Write the reminders that are due for the booking's visits."""
    if reminders := _reminders():
        reminders.plan(booking)


def withdraw(booking: Booking) -> None:
    """Take back the reminders that have not left yet."""
    if reminders := _reminders():
        reminders.withdraw(booking)
