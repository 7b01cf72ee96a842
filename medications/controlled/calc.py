"""The days of a series, and months. Pure."""

from collections.abc import Sequence
from datetime import date, timedelta

MOST_DAYS = 90  # R-RX-02


def earliest_fills(written_on: date, days: Sequence[int]) -> list[date | None]:
    """The earliest fill date of each prescription of a series: none for the first, then when the ones before end."""
    found: list[date | None] = []
    passed = 0
    for number, one in enumerate(days):
        found.append(written_on + timedelta(days=passed) if number else None)
        passed += one
    return found


def month_of(day: date) -> date:
    """The first day of the day's month."""
    return day.replace(day=1)


def before(month: date) -> date:
    """The first day of the month before."""
    return month_of(month - timedelta(days=1))


def after(month: date) -> date:
    """The first day of the month after."""
    return month_of(month + timedelta(days=31))
