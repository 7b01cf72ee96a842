"""The one clock. Everything that asks the time asks here, so that only tests and the demo loader can set it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from django.conf import settings

# What the clock is set ahead (or back) by, and where it stands still; process-wide on purpose:
# a test's browser talks to a server thread that must read the same time.
_shift = timedelta(0)
_stands_at: datetime | None = None


def now() -> datetime:
    """The present moment, aware, in UTC."""
    return _stands_at or datetime.now(UTC) + _shift


def today(zone: str | ZoneInfo) -> date:
    """The calendar day of the present moment in `zone` (an IANA name such as "America/Boise")."""
    return now().astimezone(ZoneInfo(zone) if isinstance(zone, str) else zone).date()


@cache
def zones() -> frozenset[str]:
    """The names of all time zones. Reading them walks through hundreds of files, so it is done once."""
    return frozenset(available_timezones())


def _may_move() -> None:
    if not settings.CLOCK_MAY_MOVE:
        raise RuntimeError("In production the clock only tells the time.")


@contextmanager
def at(moment: datetime) -> Iterator[None]:
    """Let the clock stand at `moment` (aware) inside the block, as tests and the demo loader do."""
    global _stands_at
    _may_move()
    if moment.tzinfo is None:
        raise ValueError("A moment needs a time zone.")
    before, _stands_at = _stands_at, moment.astimezone(UTC)
    try:
        yield
    finally:
        _stands_at = before


def set_to(moment: datetime | None) -> None:
    """Let the clock stand at `moment` until set again; None lets it run. For long browser journeys."""
    global _stands_at
    _may_move()
    _stands_at = moment.astimezone(UTC) if moment else None
