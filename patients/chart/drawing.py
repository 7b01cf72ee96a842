"""Dose on score as shapes: one time axis, curves above, staircases below, visits at the foot. Pure functions."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from patients.chart import lanes, scales
from patients.chart.scales import Axis, Size
from patients.chart.shapes import Dot, Path, Rect, Shape, Text, spread, text_width
from patients.chart.story import Mark, Reading, Story, Visit, unbroken

WIDE = Size(width=1376, left=118, right=142)
NARROW = Size(width=760, left=112, right=118)
SCORE_HEIGHT = 178
FLAG_ROW = 16
MOST_FLAG_ROWS = 3
NEAR = 130  # this far from today a name still stands at today


@dataclass(frozen=True)
class Drawing:
    """A finished picture."""

    width: float
    height: float
    shapes: tuple[Shape, ...]


def draw(story: Story, size: Size = WIDE) -> Drawing:
    """The whole picture of a story."""
    axis = Axis(story.start, story.end, size)
    flags, rows = _flag_rows(story.marks, axis, story.now)
    top = 34 + FLAG_ROW * max(rows, 1)
    curves = [curve for curve in story.curves if curve.readings]
    bottom = top + 16 + (SCORE_HEIGHT if curves else 0)
    shapes: list[Shape] = []
    if curves:
        shapes += scores(story, axis, top + 16, bottom)
    shapes += _flags(flags, axis, bottom)
    staircases, foot = lanes.draw(story, axis, bottom)
    shapes += staircases
    shapes += _visits(story, axis, foot + 36)
    floor = foot + 58
    shapes += days(axis, floor)
    shade = _since(story, axis, floor)
    shapes += today(story, axis, floor)
    return Drawing(size.width, floor + 26, tuple(shade + shapes))


# --- scores --------------------------------------------------------------------------------


def scores(story: Story, axis: Axis, top: float, bottom: float) -> list[Shape]:
    """The curves between `top` and `bottom`, with their axis, bands and names. At least one has readings."""
    values = [reading.value for curve in story.curves for reading in curve.readings]
    most = scales.score_axis(max(values))
    scale = scales.Scale(0, most, bottom, top)
    shapes: list[Shape] = []
    for value in range(0, most + 1, 5):
        y = scale.at(value)
        shapes.append(Path("grid" if value else "base", (((axis.size.left, y), (axis.end, y)),)))
        shapes.append(Text("ax e", axis.size.left - 10, y + 4, str(value)))
    for band in story.bands:
        if band.least <= most:
            middle = scale.at((band.least + min(band.most + 1, most)) / 2)
            shapes.append(Text("ax e", axis.size.left - 36, middle + 4, band.word))
    shapes += _response(story, axis, scale)
    for curve in sorted(story.curves, key=lambda curve: curve.heavy):
        shapes += _curve(curve.readings, curve.heavy, axis, scale)
    return [*shapes, *_names(story, axis, scale)]


def _response(story: Story, axis: Axis, scale: scales.Scale) -> list[Shape]:
    heavy = next((curve for curve in story.curves if curve.heavy and curve.readings), None)
    if heavy is None or not story.baseline or story.baseline < 2:
        return []
    y = scale.at(story.baseline / 2)
    first = max(axis.x(heavy.readings[0].at), axis.size.left)
    return [
        Path("goal", (((first, y), (axis.end, y)),)),
        Text("ax", axis.end + 8, y + 4, f"response: half of {story.baseline}"),
    ]


def _curve(readings: Iterable[Reading], heavy: bool, axis: Axis, scale: scales.Scale) -> list[Shape]:
    runs = unbroken(list(readings))
    placed = [tuple((axis.x(one.at), scale.at(one.value)) for one in run) for run in runs]
    lines = tuple(run for run in placed if len(run) > 1)
    shapes: list[Shape] = [Path("s1" if heavy else "s2", lines)] if lines else []
    radius = 4.5 if heavy else 3.5
    shapes += [Dot("p1" if heavy else "p2", x, y, radius) for run in placed for x, y in run]
    if heavy:
        shapes += [
            Text("lab halo c", axis.x(one.at), scale.at(one.value) - 11, str(one.value))
            for one in _spoken([reading for run in runs for reading in run], axis)
        ]
    return shapes


def _spoken(readings: list[Reading], axis: Axis) -> list[Reading]:
    """The first reading, and the highest after it if it stands apart from the first and the last."""
    first, last = readings[0], readings[-1]
    if first is last:
        return []
    rest = readings[1:-1]
    spoken = [first] if axis.x(last.at) - axis.x(first.at) > 40 else []
    peak = max(rest, key=lambda one: (one.value, one.at), default=None)
    if peak and min(abs(axis.x(peak.at) - axis.x(other.at)) for other in (first, last)) > 60:
        local = rest.index(peak) + 1
        if readings[local - 1].value < peak.value:
            spoken.append(peak)
    return spoken


def _names(story: Story, axis: Axis, scale: scales.Scale) -> list[Shape]:
    """The names at the ends of the curves, apart from each other, with a thread to their point.

    Where the last score is old the name stands beside it: a thread up to today would look like a score.
    """
    curves = [curve for curve in story.curves if curve.readings]
    ends = [(axis.x(curve.readings[-1].at), scale.at(curve.readings[-1].value)) for curve in curves]
    today = min(axis.x(story.now) + 9, axis.end - 4)
    places = spread([y for _, y in ends], 19, scale.top + 6, scale.bottom - 6)
    shapes: list[Shape] = []
    for curve, (end_x, end_y), y in zip(curves, ends, places, strict=True):
        x = today if today - end_x < NEAR else end_x + 12
        if x - end_x > 14:
            shapes.append(Path("stem thread", (((end_x + 6, end_y), (x - 3, y)),)))
        figure = str(curve.readings[-1].value)
        cls, figure_cls = ("lab halo", "big") if curve.heavy else ("halo", "fig2")
        shapes.append(Text(cls, x, y + 5, curve.name, figure, figure_cls))
    return shapes


# --- events, risk --------------------------------------------------------------------------


@dataclass(frozen=True)
class _Flag:
    mark: Mark
    row: int | None  # None: no room in any row
    right: bool  # words stand at the right of the flag
    said: bool  # there is room for its words


def _flag_rows(marks: Iterable[Mark], axis: Axis, now: datetime) -> tuple[list[_Flag], int]:
    """Rows for flags and their words so that none lies over another or over “today”; how many rows that takes.

    Words that find no room beside their flag are left out: the table below has them.
    """
    label = _today_label(axis, now)
    rows: list[list[tuple[float, float]]] = [[(label.left, label.left + label.width)]]
    placed = []
    waiting = sorted(marks, key=lambda one: one.at)
    for n, mark in enumerate(waiting):
        x, width = axis.x(mark.at), text_width(mark.words) + 22
        right = mark.kind == "risk" or x - width < axis.size.left
        if right and x + width > axis.size.width:
            right = x - width < 0
        low, high = (x - 8, x + width) if right else (x - width, x + 8)
        said = mark.kind == "event" or not _followed(mark, waiting[n + 1 :], high, axis)
        row = _free(rows, low, high) if said else None
        if row is None:  # the flag alone, where it hides least
            low, high, said = x - 12, x + 8, False
            row = _free(rows, low, high)
        if row is not None:
            rows[row].append((low, high))
        placed.append(_Flag(mark, row, right, said))
    return placed, len(rows) if waiting else 0


def _followed(mark: Mark, later: Iterable[Mark], high: float, axis: Axis) -> bool:
    """Whether the words of a risk would run into the next risk: of several close together the last one speaks."""
    following = next((one for one in later if one.kind == "risk"), None)
    return following is not None and axis.x(following.at) - 8 < high


def _free(rows: list[list[tuple[float, float]]], low: float, high: float) -> int | None:
    """The first row with room between two places, a new one while there may be more."""
    found = next((n for n, taken in enumerate(rows) if all(high < a or low > b for a, b in taken)), None)
    if found is None and len(rows) < MOST_FLAG_ROWS:
        rows.append([])
        return len(rows) - 1
    return found


def _flags(flags: Iterable[_Flag], axis: Axis, bottom: float) -> list[Shape]:
    shapes: list[Shape] = []
    for flag in flags:
        x, y = axis.x(flag.mark.at), 34.0 + FLAG_ROW * (flag.row or 0)
        if flag.mark.kind == "risk":
            shapes.append(Path("risk", (((x - 6.5, y + 11), (x, y - 1), (x + 6.5, y + 11)),), closed=True))
            cls = "tr"
        else:
            shapes.append(Path("stem dotted", (((x, y), (x, bottom)),)))
            corners = ((x, y), (x - 11, y), (x - 8, y + 4.5), (x - 11, y + 9), (x, y + 9))
            shapes.append(Path("flag", (corners,), closed=True))
            cls = ""
        if flag.said:
            place = (x + 11, f"{cls} halo") if flag.right else (x - 16, f"{cls} e halo")
            shapes.append(Text(place[1].strip(), place[0], y + 10, flag.mark.words))
    return shapes


# --- visits, days, today -------------------------------------------------------------------


def _visits(story: Story, axis: Axis, top: float) -> list[Shape]:
    """Ticks for sessions, hollow ones for what was not held, squares for medication visits."""
    floor = top + 22
    shapes: list[Shape] = [Path("grid", (((axis.size.left, floor), (axis.end, floor)),))]
    shapes.append(Text("ax e", axis.size.left - 10, floor - 6, "visits"))
    ticks = [axis.x(visit.at) for visit in story.visits if visit.kind != "visit"]
    for visit in story.visits:
        x = axis.x(visit.at)
        if visit.kind == "session":
            shapes.append(Rect("tick", x - 2, top, 4, 22))
        elif visit.kind == "missed":
            shapes.append(Rect("miss", x - 2.25, top + 0.75, 4.5, 20.5))
        else:
            aside = 4 if any(abs(tick - x) < 8 for tick in ticks) else -5
            shapes.append(Rect("rx", min(x + aside, axis.end - 10), floor - 10, 10, 10))
    return [*shapes, *_counts(story.visits, axis, top)]


def _counts(visits: Iterable[Visit], axis: Axis, top: float) -> list[Shape]:
    number = {kind: sum(visit.kind == kind for visit in visits) for kind in ("session", "visit", "missed")}
    lines: list[tuple[str, str]] = []
    if number["session"]:
        lines.append(("tt", f"{number['session']} session{'s' * (number['session'] > 1)}"))
    if number["visit"]:
        lines.append(("tm", f"{number['visit']} medication"))
    if number["missed"]:
        lines.append(("ax", f"{number['missed']} not held (hollow)"))
    first = top + 24 - 16 * len(lines) + 14
    return [Text(cls, axis.end + 8, first + 16 * n, words) for n, (cls, words) in enumerate(lines)]


def days(axis: Axis, floor: float) -> list[Shape]:
    """The words of the time axis below `floor`."""
    shapes: list[Shape] = []
    for at, words in scales.ticks(axis):
        x = axis.x(at)
        shapes.append(Path("base", (((x, floor), (x, floor + 6)),)))
        shapes.append(Text("ax", x, floor + 20, words))
    return shapes


def _since(story: Story, axis: Axis, floor: float) -> list[Shape]:
    if story.since is None or story.since >= story.now:
        return []
    left, right = axis.x(max(story.since, story.start)), axis.x(story.now)
    half = text_width(story.since_words) / 2
    middle = min(max((left + right) / 2, axis.size.left + half), axis.end - half)
    return [Rect("since", left, 26, right - left, floor - 22), Text("ax c", middle, 18, story.since_words)]


def today(story: Story, axis: Axis, floor: float) -> list[Shape]:
    """The line of today through every lane."""
    x = axis.x(story.now)
    return [Path("today", (((x, 26), (x, floor + 6)),)), _today_label(axis, story.now)]


def _today_label(axis: Axis, now: datetime) -> Text:
    """The word beside the top of that line, at its left where there is no room at the right."""
    x = axis.x(now)
    fits = x + 45 < axis.size.width
    return Text("lab halo" if fits else "lab halo e", x + 7 if fits else x - 7, 34, "today")
