"""The staircases of dose on score: one lane a drug, on hold dropped to nothing and hatched, the future dashed."""

from collections.abc import Sequence
from decimal import Decimal

from patients.chart.scales import Axis, Scale, nice
from patients.chart.shapes import Path, Point, Rect, Shape, Text
from patients.chart.story import MOST_LANES, Lane, Story, Stretch, stretches

HEIGHT = 50
GAP = 28


def draw(story: Story, axis: Axis, top: float) -> tuple[list[Shape], float]:
    """The lanes below `top`, and where they end. More than four are named, not drawn."""
    shapes: list[Shape] = []
    floor = top
    for lane in story.lanes[:MOST_LANES]:
        floor += GAP + HEIGHT
        shapes += draw_lane(lane, story, axis, floor)
    rest = [lane.name for lane in story.lanes[MOST_LANES:]]
    if rest:
        floor += 26
        shapes.append(Text("ax", axis.size.left, floor, f"also taken, in the table: {_short(rest, axis)}"))
    return shapes, floor


def amount_words(value: Decimal, unit: str = "") -> str:
    """150 mg: no trailing zero, a no-break space before the unit."""
    number = f"{value:f}"
    number = number.rstrip("0").rstrip(".") if "." in number else number
    return f"{number}\u00a0{unit}" if unit else number


def scale_of(found: Sequence[Stretch], floor: float) -> Scale:
    """The upright scale of a lane that stands on `floor`, its top the next round amount."""
    return Scale(0, float(nice(max((one.amount for one in found), default=Decimal(0)))), floor, floor - HEIGHT + 8)


def draw_lane(lane: Lane, story: Story, axis: Axis, floor: float) -> list[Shape]:
    """One drug's staircase above `floor`: what was taken filled, on hold hatched at nothing, the future dashed."""
    found = stretches(lane.turns, story.start, story.end)
    past = [one for one in (_cut(one, story, past=True) for one in found if not one.planned) if one]
    future = [one for one in (_cut(one, story, past=False) for one in found) if one]
    most = max((one.amount for one in found), default=Decimal(0))
    top_amount = nice(most)
    scale = scale_of(found, floor)
    shapes: list[Shape] = [Path("base", (((axis.size.left, floor), (axis.end, floor)),))]
    for run in _runs(past):
        line = _steps(run, axis, scale)
        shapes.append(Path("stair", ((*line, (line[-1][0], floor), (line[0][0], floor)),), closed=True))
        shapes.append(Path("edge", (line,)))
    for run in _runs(future):
        shapes.append(Path("plan", (_steps(run, axis, scale),)))
    shapes += _holds(past, axis, scale, floor)
    shapes += _figures([*past, *future], lane.unit, axis, scale, axis.x(story.now))
    if most:
        top = amount_words(top_amount, lane.unit.partition(" ")[0])  # “mg every 4 weeks” has no room there
        shapes.append(Text("ax e", axis.size.left - 10, scale.top + 4, top))
    shapes.append(Text("ax e", axis.size.left - 10, floor + 4, "0"))
    name = lane.name[:1].upper() + lane.name[1:]
    shapes.append(Text("tm", axis.end + 8, floor - 20, fit(name, axis.size.right - 10)))
    shapes.append(Text("ax", axis.end + 8, floor - 3, _now(past, future, lane)))
    return shapes


def _cut(one: Stretch, story: Story, *, past: bool) -> Stretch | None:
    """The part of a stretch before today, or after it."""
    start, end = (one.start, min(one.end, story.now)) if past else (max(one.start, story.now), one.end)
    return Stretch(start, end, one.amount, one.held, one.planned) if end > start else None


def _runs(found: Sequence[Stretch]) -> list[list[Stretch]]:
    """Stretches that follow each other without a pause."""
    runs: list[list[Stretch]] = []
    for one in found:
        if runs and runs[-1][-1].end == one.start:
            runs[-1].append(one)
        else:
            runs.append([one])
    return runs


def _steps(run: Sequence[Stretch], axis: Axis, scale: Scale) -> tuple[Point, ...]:
    line: list[Point] = []
    for one in run:
        y = scale.at(0 if one.held else one.amount)
        line += [(axis.x(one.start), y), (axis.x(one.end), y)]
    return tuple(line)


def _holds(found: Sequence[Stretch], axis: Axis, scale: Scale, floor: float) -> list[Shape]:
    shapes: list[Shape] = []
    for one in found:
        if one.held:
            left, right, top = axis.x(one.start), axis.x(one.end), scale.at(one.amount)
            shapes.append(Rect("hold", left, top, right - left, floor - top))
            if right - left > 24:
                shapes.append(Text("tm halo c", (left + right) / 2, top - 6, "on hold"))
    return shapes


def _figures(found: Sequence[Stretch], unit: str, axis: Axis, scale: Scale, now: float) -> list[Shape]:
    """Each new amount on its step, the first with its unit; where two would touch, the later one stays.

    One that the line of today would cross ends before it.
    """
    wanted: list[Text] = []
    last: Decimal | None = None
    for one in found:
        if one.held or one.amount == last:
            continue
        words = amount_words(one.amount, "" if wanted else unit)
        cls = "tm soft-step halo" if one.planned else "tm halo"
        text = Text(cls, axis.x(one.start) + 5, scale.at(one.amount) - 6, words)
        if text.left < now < text.left + text.width:
            text = Text(f"{cls} e", now - 5, text.y, words)
        wanted.append(text)
        last = one.amount
    kept: list[Text] = []
    room = axis.end
    for text in reversed(wanted):
        if text.left + text.width <= room:
            kept.append(text)
            room = text.left - 4
    return list(reversed(kept))


def _now(past: Sequence[Stretch], future: Sequence[Stretch], lane: Lane) -> str:
    """What is taken today, in two or three words."""
    last = lane.turns[-1] if lane.turns else None
    ongoing = past[-1] if past and future and past[-1].end == future[0].start else None
    if ongoing is not None:
        return "on hold" if ongoing.held else f"{amount_words(ongoing.amount, lane.unit)} now"
    if last is not None and last.kind == "stop":
        return f"stopped {last.at:%b} {last.at.day}"
    if future:
        return f"from {future[0].start:%b} {future[0].start.day}"
    return "ended" if past else ""


def fit(words: str, width: float) -> str:
    """As many letters as there is room for."""
    most = int(width / 7.2)
    return words if len(words) <= most else words[: most - 1] + "…"


def _short(names: Sequence[str], axis: Axis) -> str:
    return fit(", ".join(names), axis.end - axis.size.left - 180)
