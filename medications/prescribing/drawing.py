"""Medication history as shapes: symptom curves above, one lane a prescription below, on one time axis. Pure."""

from collections.abc import Sequence
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from medications.prescribing.courses import ORIGIN_WORDS, Course, Overlap, amount_on, lane, midnight
from patients.chart import lanes
from patients.chart.drawing import Drawing, days, scores, today
from patients.chart.scales import Axis, Size
from patients.chart.shapes import Path, Rect, Shape, Text, text_width
from patients.chart.story import Story, stretches

WIDE = Size(width=1376, left=118, right=170)
NARROW = Size(width=760, left=112, right=140)
SCORES = 178  # the height of the curves
LANE = 50
ABOVE = 34  # room for the words over a lane
BESIDE = 20  # room for “with …” under a lane
TOLD = 18  # the height of a lane whose dose nobody knows


def draw(story: Story, courses: Sequence[Course], together: Sequence[Overlap], zone: ZoneInfo, size: Size) -> Drawing:
    """The whole picture. `story` gives window and curves; the lanes stand in the order of `courses`."""
    axis = Axis(story.start, story.end, size)
    shapes: list[Shape] = []
    floor = 40.0
    if any(curve.readings for curve in story.curves):
        shapes += scores(story, axis, floor + 12, floor + 12 + SCORES)
        floor += 12 + SCORES
    for place, course in enumerate(courses):
        known = bool(course.doses)
        floor += ABOVE + (LANE if known else TOLD)
        shapes += _staircase(course, story, axis, floor, zone) if known else _told(course, story, axis, floor, zone)
        mine = [one for one in together if place in (one.first, one.second)]
        beside = _beside(mine, place, courses, story, axis, floor, zone)
        if beside:
            shapes += beside
            floor += BESIDE
    foot = floor + 22
    shapes += days(axis, foot)
    shapes += today(story, axis, foot)
    return Drawing(size.width, foot + 26, tuple(shapes))


def _staircase(course: Course, story: Story, axis: Axis, floor: float, zone: ZoneInfo) -> list[Shape]:
    """A staircase with its pauses: the dose stays filled, the time has an edge and its word."""
    mine = lane(course, zone, story.now.date())
    shapes = lanes.draw_lane(mine, story, axis, floor)
    origin = ORIGIN_WORDS.get(course.origin, "") or ("as needed, at most" if course.as_needed else "")
    if origin:
        shapes.append(Text("ax", axis.end + 8, floor - 37, origin))
    scale = lanes.scale_of(stretches(mine.turns, story.start, story.end), floor)
    for one in course.pauses:
        left, right = _places(one.start, one.until, story, axis, zone)
        amount = amount_on(course, one.start)
        if left is None or amount is None:
            continue
        top = scale.at(amount)
        shapes.append(Rect("pause", left, top, max(right - left, 3), floor - top))
        shapes.append(_inside("tm halo", "paused", left, right, floor - 7, axis))
    return shapes


def _told(course: Course, story: Story, axis: Axis, floor: float, zone: ZoneInfo) -> list[Shape]:
    """A medicine whose dose we do not order: a hollow band over its time, with how it is taken in words."""
    shapes: list[Shape] = [Path("base", (((axis.size.left, floor), (axis.end, floor)),))]
    left, right = _places(course.start, course.stopped, story, axis, zone)
    if left is not None:
        shapes.append(Rect("told", left, floor - TOLD, max(right - left, 3), TOLD))
        words = lanes.fit(course.said or "dose not known", axis.end - left)
        shapes.append(Text("tm soft-step halo", left + 4, floor - TOLD - 6, words))
    width = axis.size.right - 10
    shapes.append(Text("tm", axis.end + 8, floor - 18, lanes.fit(course.title, width)))
    state = ORIGIN_WORDS.get(course.origin, "")
    if course.stopped is not None and course.stopped <= story.now.date():
        state = f"stopped {course.stopped:%b} {course.stopped.day}"
    shapes.append(Text("ax", axis.end + 8, floor - 1, state))
    return shapes


def _beside(
    mine: Sequence[Overlap], place: int, courses: Sequence[Course], story: Story, axis: Axis, floor: float,
    zone: ZoneInfo,
) -> list[Shape]:  # fmt: skip
    """Under a lane, the times in which another of its kind was taken too, with the other's name."""
    shapes: list[Shape] = []
    room = axis.size.left
    for one in sorted(mine, key=lambda both: both.start):
        left, right = _places(one.start, one.until, story, axis, zone)
        if left is None:
            continue
        y = floor + 6
        shapes.append(Path("both", (((left, y), (max(right, left + 3), y)),)))
        other = courses[one.second if place == one.first else one.first]
        words = f"with {other.name}"
        text = _inside("ax halo", words, left, right, y + 14, axis)
        if text.left >= room:
            shapes.append(text)
            room = text.left + text_width(words) + 8
    return shapes


def _places(
    start: date, until: date | None, story: Story, axis: Axis, zone: ZoneInfo
) -> tuple[float, float] | tuple[None, float]:
    """Where a time begins and ends on the axis; still going on: until today. None where it lies outside."""
    first, last = midnight(start, zone), midnight(until, zone) if until else story.now
    last = min(last, story.now)
    if last < story.start or first > story.now:
        return None, 0.0
    return axis.x(first), axis.x(max(last, first + timedelta(hours=1)))


def _inside(cls: str, words: str, left: float, right: float, y: float, axis: Axis) -> Text:
    """Words in the middle of a time, moved to stay on the picture, and to end where a short time ends."""
    half = text_width(words) / 2
    middle = min((left + right) / 2, right - half - 5)
    middle = min(max(middle, axis.size.left + half), axis.end - half)
    return Text(f"{cls} c", middle, y, words)
