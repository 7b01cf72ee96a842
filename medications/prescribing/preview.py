"""The picture beside a dose change: the score above, the staircase as it was, and the proposed step dashed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.utils.safestring import SafeString, mark_safe

from medications.prescribing import calc
from patients.chart.shapes import Dot, Path, Shape, Text, svg

WIDTH, HEIGHT = 520.0, 190.0
LEFT, RIGHT, FLOOR = 34.0, 434.0, 164.0
BEFORE, AFTER = timedelta(days=66), timedelta(days=59)
NAME_ROOM = 70.0
WORD_ROOM = 40.0
SCORE_TOP, SCORE_FLOOR, TALLEST = 26.0, 96.0, 46.0


@dataclass(frozen=True, slots=True)
class Step:
    """A dose a day from a day until another (the first day without), null: open."""

    start: date
    until: date | None
    amount: Decimal


def draw(
    steps: Sequence[Step],
    scores: Sequence[tuple[date, int]],
    *,
    today: date,
    proposed: Sequence[Step],
    unit: str,
    name: str,
    per: str = "a day",
) -> SafeString:
    """The picture, as SVG with its sentence as title. `proposed`: what is to be signed, the first step first.

    `per`: what an amount is for; of a long-acting injection not a day.
    """
    start, end = today - BEFORE, today + AFTER
    highest = max((step.amount for step in [*steps, *proposed]), default=Decimal(0)) or Decimal(1)
    shapes = [
        *_scores([(day, value) for day, value in scores if start <= day <= today], start, end),
        *_stairs(steps, start, end, today, highest, unit),
        *_proposal(steps, start, end, proposed, highest, unit),
        Path("base", (((LEFT, FLOOR), (RIGHT, FLOOR)),)),
        Path("today", (((_x(today, start, end), 6), (_x(today, start, end), FLOOR + 5)),)),
        *_days(start, end, today),
    ]
    title = _sentence(steps, scores, today, proposed, unit, name, per)
    return mark_safe(svg(shapes, width=WIDTH, height=HEIGHT, title=title, key="dose"))  # noqa: S308 (words are escaped)


def _x(day: date, start: date, end: date) -> float:
    inside = min(max(day, start), end)
    return LEFT + (RIGHT - LEFT) * ((inside - start).days / (end - start).days)


def _y(amount: Decimal, highest: Decimal) -> float:
    return FLOOR - TALLEST * float(amount / highest)


def _scores(scores: Sequence[tuple[date, int]], start: date, end: date) -> list[Shape]:
    if not scores:
        return []
    top = max(20, *(value for _, value in scores))
    points = [(_x(day, start, end), SCORE_FLOOR - (SCORE_FLOOR - SCORE_TOP) * value / top) for day, value in scores]
    ten = SCORE_FLOOR - (SCORE_FLOOR - SCORE_TOP) * 10 / top
    first, last = points[0], points[-1]
    near = last[0] - first[0] < NAME_ROOM  # the name beside a lone score would lie on it, and on today
    name = ("lab e", first[0] - 12, first[1] + 5) if near else ("lab", first[0] - 2, first[1] - 10)
    return [
        Path("grid", (((LEFT, ten), (RIGHT, ten)),)),
        Text("ax e", LEFT - 8, ten + 4, "10"),
        Path("s1", (tuple(points),)),
        *(Dot("p1", x, y, 4.5) for x, y in points),
        Text("big halo", last[0] + 9, last[1] + 5, str(scores[-1][1])),
        Text(*name, "PHQ-9"),
    ]


def _stairs(steps: Sequence[Step], start: date, end: date, today: date, highest: Decimal, unit: str) -> list[Shape]:
    shapes: list[Shape] = []
    for step in steps:
        until = min(step.until or today, today)
        if until <= start or step.start >= until:
            continue
        left, right, top = _x(step.start, start, end), _x(until, start, end), _y(step.amount, highest)
        shapes.append(Path("stair", (((left, FLOOR), (left, top), (right, top), (right, FLOOR)),), closed=True))
        shapes.append(Path("edge", (((left, top), (right, top)),)))
        if right - left > 44:
            shapes.append(Text("tm", left + 6, top - 6, f"{calc.short(step.amount)}\u00a0{unit}"))
    return shapes


def _proposal(
    steps: Sequence[Step], start: date, end: date, proposed: Sequence[Step], highest: Decimal, unit: str
) -> list[Shape]:
    """The dashed line of what is to be signed, with the amount on each step that has room for it."""
    if not proposed:
        return []
    first = proposed[0]
    before = [
        one.amount for one in steps if one.start <= first.start and (one.until is None or one.until >= first.start)
    ]
    points = [(_x(first.start, start, end), _y(before[-1], highest) if before else FLOOR)]
    words: list[Shape] = []
    for step in proposed:
        x, right, top = _x(step.start, start, end), _x(step.until or end, start, end), _y(step.amount, highest)
        points += [(x, top), (RIGHT if step.until is None else right, top)]
        text = f"{calc.short(step.amount)}\u00a0{unit}"
        if step is first:
            words.append(Text("tm halo", x + 8, top - 6, f"{text}, proposed" if step.until is None else text))
        elif x < RIGHT - WORD_ROOM and top < points[-3][1] - 1:
            words.append(Text("tm halo", x + 8, top - 6, text))
    return [Path("plan", (tuple(points),)), *words]


def _days(start: date, end: date, today: date) -> list[Shape]:
    shapes: list[Shape] = [Text("ax", _x(today, start, end) + 5, FLOOR + 18, f"today, {today:%b} {today.day}")]
    month = start.replace(day=1)
    while month <= end:
        x = _x(month, start, end)
        clear = not -40 < x - _x(today, start, end) < 92
        if month >= start and clear:
            shapes.append(Text("ax", x, FLOOR + 18, f"{month:%b}"))
        month = (month + timedelta(days=32)).replace(day=1)
    return shapes


def _sentence(
    steps: Sequence[Step],
    scores: Sequence[tuple[date, int]],
    today: date,
    proposed: Sequence[Step],
    unit: str,
    name: str,
    per: str,
) -> str:
    now = [step.amount for step in steps if step.start <= today and (step.until is None or step.until > today)]
    parts = [f"PHQ-9 was {scores[-1][1]} on {scores[-1][0]:%b} {scores[-1][0].day}"] if scores else []
    parts.append(f"{name} is {calc.short(now[-1])} {unit} {per}" if now else f"{name} is not taken yet")
    if proposed:
        said = [f"{calc.short(one.amount)} {unit} proposed from {one.start:%b} {one.start.day}" for one in proposed[:1]]
        said += [f"{calc.short(one.amount)} {unit} from {one.start:%b} {one.start.day}" for one in proposed[1:]]
        parts.append(", ".join(said))
    return f"{'; '.join(parts)}."
