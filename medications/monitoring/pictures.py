"""Courses of numbers as small pictures with the range that is safe. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

from medications.monitoring.alerts import number
from medications.monitoring.calc import Reading, shown_unit
from medications.monitoring.knowledge import Item

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 640, 132, 64, 72, 14, 22
GAP_DAYS = 190  # laboratory values come months apart; a longer silence breaks the line
ROOM = Decimal("1.08")


@dataclass(frozen=True, slots=True)
class Point:
    """One number in the picture; `outside`: not in the safe range."""

    x: float
    y: float
    label: str
    outside: bool

    @property
    def left(self) -> float:
        """Where its square begins, if it lies outside."""
        return round(self.x - 4.5, 1)

    @property
    def top(self) -> float:
        """The same, from above."""
        return round(self.y - 4.5, 1)


@dataclass(frozen=True, slots=True)
class Picture:
    """A line of numbers: pieces, points, the band of the safe range with its two ends, the ends of the time axis."""

    title: str
    pieces: tuple[str, ...]
    points: tuple[Point, ...]
    band_y: float
    band_height: float
    ends: tuple[tuple[float, str], ...]
    zero_y: float
    most: str
    first: date
    last: date


def picture(item: Item, readings: Sequence[Reading], sex: str = "") -> Picture | None:
    """The numbers over time, oldest first; None where a line says nothing: fewer than two, or no number."""
    mine = [one for one in readings if one.value is not None]
    if len(mine) < 2:
        return None
    limits = item.by_sex.get({"female": "F", "male": "M"}.get(sex, ""), item.limits)
    low, high = limits.low, limits.high
    if item.lab_range or (low is None and high is None):
        low, high = mine[-1].low, mine[-1].high
    values = [one.value for one in mine if one.value is not None]
    most = max([*values, *([high] if high is not None else [])]) * ROOM or Decimal(1)
    first, last = mine[0].on, mine[-1].on
    days = max((last - first).days, 1)

    def place(one: Reading) -> Point:
        assert one.value is not None
        x = LEFT + (WIDTH - LEFT - RIGHT) * (one.on - first).days / days
        out = (low is not None and one.value < low) or (high is not None and one.value >= high)
        return Point(round(x, 1), _y(one.value, most), number(one.value), out)

    points = [place(one) for one in mine]
    pieces: list[list[Point]] = [[points[0]]]
    for (before, one), point in zip(pairwise(mine), points[1:], strict=True):
        if one.on - before.on > timedelta(days=GAP_DAYS):
            pieces.append([])
        pieces[-1].append(point)
    top, bottom = _y(high if high is not None else most, most), _y(low if low is not None else Decimal(0), most)
    ends = [(_y(end, most), number(end)) for end in (low, high) if end is not None]
    unit = shown_unit(item.unit)
    safe = " to ".join(text for _, text in ends) or "no range known"
    title = f"{item.short}, {len(mine)} results: {points[0].label} at first, {points[-1].label} {unit} last; {safe}"
    return Picture(
        title, tuple(" ".join(f"{p.x},{p.y}" for p in piece) for piece in pieces if len(piece) > 1), tuple(points),
        top if ends else 0, round(bottom - top, 1) if ends else 0, tuple(ends), _y(Decimal(0), most), number(most),
        first, last,
    )  # fmt: skip


def _y(value: Decimal, most: Decimal) -> float:
    return round(HEIGHT - BOTTOM - float((HEIGHT - TOP - BOTTOM) * value / most), 1)
