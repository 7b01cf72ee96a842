"""From time and amount to places on the picture, and where the axes carry words."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

LEAST_APART = 64  # pixels between two words of the time axis


@dataclass(frozen=True, slots=True)
class Size:
    """How wide the picture is, and how much of it the names at the left and right take."""

    width: float
    left: float
    right: float


@dataclass(frozen=True, slots=True)
class Axis:
    """The time axis that all lanes share."""

    start: datetime
    stop: datetime
    size: Size

    @property
    def end(self) -> float:
        """Where the axis ends at the right."""
        return self.size.width - self.size.right

    def x(self, at: datetime) -> float:
        """The place of a moment; what lies outside the window is drawn at its edge."""
        whole = (self.stop - self.start).total_seconds()
        gone = (min(max(at, self.start), self.stop) - self.start).total_seconds()
        return self.size.left + (self.end - self.size.left) * (gone / whole if whole > 0 else 0)


@dataclass(frozen=True, slots=True)
class Scale:
    """An upright axis from `low` at `bottom` to `high` at `top`."""

    low: float
    high: float
    bottom: float
    top: float

    def at(self, value: float | Decimal) -> float:
        """The height of a value; beyond the ends it is drawn at the end."""
        inside = min(max(float(value), self.low), self.high)
        return self.bottom - (self.bottom - self.top) * (inside - self.low) / (self.high - self.low)


def score_axis(most: int) -> int:
    """The top of the score axis: 20, or the next five above the highest score."""
    return max(20, -(-most // 5) * 5)


def nice(amount: Decimal) -> Decimal:
    """The top of a dose lane: the next of 1, 2, 2.5, 5 times a power of ten."""
    if amount <= 0:
        return Decimal(1)
    power = Decimal(10) ** amount.adjusted()
    return next(step * power for step in map(Decimal, ("1", "2", "2.5", "5", "10")) if step * power >= amount)


def ticks(axis: Axis) -> list[tuple[datetime, str]]:
    """The words of the time axis: weeks, months, quarters or years, whichever is closest without crowding."""
    span = (axis.stop - axis.start).days or 1
    width = (axis.end - axis.size.left) / span
    if span <= 45 and width * 7 >= LEAST_APART:
        found = [(at, f"{at:%b} {at.day}") for at in _weeks(axis)]
    else:
        step = next((n for n in (1, 2, 3, 6, 12, 24, 60) if width * 30 * n >= LEAST_APART), 120)
        found = [(at, _month(at, step)) for at in _months(axis, step)]
    if found and span <= 400:
        found[0] = (found[0][0], f"{found[0][1]} {found[0][0].year}")
    room = axis.size.width - 40
    return [(at, words) for at, words in found if axis.x(at) < room]


def _month(at: datetime, step: int) -> str:
    if step >= 12:
        return str(at.year)
    return f"{at:%b}" if at.month != 1 else f"{at:%b} {at.year}"


def _weeks(axis: Axis) -> Iterator[datetime]:
    day = axis.start.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    day += timedelta(days=(-day.weekday()) % 7)
    while day < axis.stop:
        yield day
        day += timedelta(days=7)


def _months(axis: Axis, step: int) -> Iterator[datetime]:
    months = axis.start.year * 12 + axis.start.month  # the month after the start
    months += -months % step
    while True:
        at = datetime(months // 12, months % 12 + 1, 1, tzinfo=axis.start.tzinfo)
        if at >= axis.stop:
            return
        if at > axis.start:
            yield at
        months += step
