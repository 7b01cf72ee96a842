"""Why the chart says no."""

from datetime import date

from patients.chart.models import LifeEvent


def event(words: str, on: date, born_on: date, today: date) -> str | None:
    """A life event has words and lies between birth and today."""
    if not words:
        return "Write what happened, in a few words."
    if on > today:
        return "The day lies in the future. Enter events that have happened."
    return "The day lies before the birth date." if on < born_on else None


def retract(row: LifeEvent, reason: str) -> str | None:
    """An event is marked once, with a reason."""
    if row.in_error:
        return "This event is marked as entered in error already."
    return None if reason else "Say why the event is marked as entered in error."
