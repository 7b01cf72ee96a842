"""Dose on score as geometry: inside its box, in the order of time, axes from 0, names apart, the table equal."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patients.chart import drawing, scales, telling
from patients.chart.drawing import NARROW, WIDE, Drawing, draw
from patients.chart.scales import Axis
from patients.chart.shapes import Dot, Path, Rect, Text, spread, svg
from patients.chart.story import Band, Curve, Lane, Mark, Reading, Story, Turn, Visit, stretches, unbroken

NOW = datetime(2026, 11, 23, 21, tzinfo=UTC)
SINCE = "since you last saw her"
START = NOW - timedelta(days=160)
END = NOW + timedelta(days=30)
BANDS = (Band(0, 4, "minimal"), Band(5, 9, "mild"), Band(10, 14, "moderate"), Band(15, 27, "severe"))

moments = st.integers(0, 160 * 24).map(lambda hours: START + timedelta(hours=hours))
words = st.text(st.characters(blacklist_categories=["Cs", "Cc"]), max_size=40)
readings = st.lists(st.builds(Reading, moments, st.integers(0, 27)), max_size=30).map(
    lambda found: tuple(sorted(found, key=lambda one: one.at))
)
curves = st.tuples(readings, readings).map(
    lambda found: tuple(
        Curve(name, one, heavy)
        for name, one, heavy in zip(("PHQ-9", "GAD-7"), found, (True, False), strict=True)
        if one
    )
)
amounts = st.decimals(Decimal("0.125"), Decimal(900), places=3)
turns = st.builds(
    lambda at, kind, amount, ends: Turn(
        at, kind, amount if kind == "dose" else None, "mg", at + timedelta(days=ends) if ends else None
    ),
    moments, st.sampled_from(["dose", "dose", "dose", "hold", "stop"]), amounts, st.sampled_from([0, 0, 0, 5, 40]),
)  # fmt: skip
lanes = st.lists(
    st.builds(lambda name, found: Lane(name, tuple(sorted(found, key=lambda one: one.at))), words,
              st.lists(turns, min_size=1, max_size=8)),
    max_size=6,
).map(tuple)  # fmt: skip
visits = st.lists(st.builds(Visit, moments, st.sampled_from(["session", "visit", "missed"]), words), max_size=40).map(
    tuple
)
marks = st.lists(st.builds(Mark, moments, st.sampled_from(["event", "risk"]), words), max_size=6).map(tuple)
stories = st.builds(
    Story, start=st.just(START), now=st.just(NOW), end=st.just(END), since=st.none() | moments,
    since_words=st.just(SINCE), curves=curves, lanes=lanes, visits=visits, marks=marks, bands=st.just(BANDS),
    baseline=st.none() | st.integers(0, 27),
)  # fmt: skip
sizes = st.sampled_from([WIDE, NARROW])


@given(stories, sizes)
def test_every_coordinate_lies_inside_the_box(story: Story, size: scales.Size) -> None:
    found = draw(story, size)
    outside = [
        (shape, x, y)
        for shape in found.shapes
        for x, y in shape.points()
        if not (-0.01 <= x <= found.width + 0.01 and -0.01 <= y <= found.height + 0.01)
    ]
    assert outside == []


@given(stories, sizes)
def test_time_runs_from_left_to_right(story: Story, size: scales.Size) -> None:
    axis = Axis(story.start, story.end, size)
    ticks = [axis.x(at) for at, _ in scales.ticks(axis)]
    assert ticks == sorted(ticks)
    for shape in draw(story, size).shapes:
        if isinstance(shape, Path) and shape.cls in ("s1", "s2", "edge", "plan"):
            for line in shape.lines:
                assert [x for x, _ in line] == sorted(x for x, _ in line)


@given(stories)
def test_each_reading_is_one_point_at_its_height(story: Story) -> None:
    found = draw(story)
    dots = [shape for shape in found.shapes if isinstance(shape, Dot)]
    assert len(dots) == sum(len(curve.readings) for curve in story.curves)
    axis = Axis(story.start, story.end, WIDE)
    for cls, heavy in (("p1", True), ("p2", False)):
        wanted = sorted(axis.x(one.at) for curve in story.curves if curve.heavy is heavy for one in curve.readings)
        assert sorted(dot.x for dot in dots if dot.cls == cls) == wanted
    levels = {(reading.value) for curve in story.curves for reading in curve.readings}
    assert len({dot.y for dot in dots}) == len(levels)


@given(stories)
def test_each_visit_is_drawn_in_its_form(story: Story) -> None:
    rects = [shape.cls for shape in draw(story).shapes if isinstance(shape, Rect)]
    for kind, cls in (("session", "tick"), ("visit", "rx"), ("missed", "miss")):
        assert rects.count(cls) == sum(visit.kind == kind for visit in story.visits)


@given(stories)
def test_the_table_says_what_the_picture_shows(story: Story) -> None:
    rows = telling.table(story)
    assert [row.at for row in rows] == sorted((row.at for row in rows), reverse=True)
    said = sorted((row.at, row.what, row.said) for row in rows if row.what in ("PHQ-9", "GAD-7"))
    assert said == sorted((one.at, curve.name, str(one.value)) for curve in story.curves for one in curve.readings)
    things = sum(len(curve.readings) for curve in story.curves) + sum(len(lane.turns) for lane in story.lanes)
    assert len(rows) == things + len(story.visits) + len(story.marks)


@given(stories)
def test_words_are_escaped_and_nothing_is_styled_inline(story: Story) -> None:
    found = draw(story)
    markup = svg(found.shapes, width=found.width, height=found.height, title=telling.sentence(story), key="dos")
    import xml.etree.ElementTree as ET

    tree = ET.fromstring(markup)
    names = {name for element in tree.iter() for name in element.attrib}
    assert names <= {
        "class", "viewBox", "role", "aria-labelledby", "id", "d", "x", "y", "width", "height", "cx", "cy", "r",
    }  # fmt: skip
    assert tree.attrib["role"] == "img"


@given(stories)
def test_names_at_the_ends_of_curves_do_not_lie_over_each_other(story: Story) -> None:
    ends = sorted(
        shape.y for shape in draw(story).shapes if isinstance(shape, Text) and shape.words in ("PHQ-9", "GAD-7")
    )
    assert all(below - above >= 18.9 for above, below in pairwise(ends))


def rows_of(found: Drawing, marks: tuple[Mark, ...]) -> dict[float, list[tuple[float, float]]]:
    rows: dict[float, list[tuple[float, float]]] = {}
    for shape in found.shapes:
        if isinstance(shape, Text) and shape.words in {mark.words for mark in marks} and shape.words:
            rows.setdefault(shape.y, []).append((shape.left, shape.left + shape.width))
    return rows


@given(marks)
def test_words_of_flags_do_not_lie_over_each_other(marks: tuple[Mark, ...]) -> None:
    found = draw(Story(START, NOW, END, marks=marks))
    for spans in rows_of(found, marks).values():
        assert all(end <= start for (_, end), (start, _) in pairwise(sorted(spans)))


@given(marks, sizes)
def test_words_of_flags_do_not_lie_over_today(marks: tuple[Mark, ...], size: scales.Size) -> None:
    """The words of a risk of yesterday began where “today” stands."""
    found = draw(Story(START, NOW, END, marks=marks), size)
    [today] = [one for one in found.shapes if isinstance(one, Text) and one.words == "today"]
    for height, spans in rows_of(found, marks).items():
        if height - today.y < 16:
            assert all(right < today.left or left > today.left + today.width for left, right in spans)


@given(st.lists(turns, min_size=1, max_size=10))
def test_a_staircase_never_has_two_amounts_at_once(found: list[Turn]) -> None:
    steps = stretches(found, START, END)
    assert all(one.start < one.end for one in steps)
    assert all(first.end <= second.start for first, second in pairwise(steps))


@given(st.lists(st.floats(0, 200), max_size=8), st.floats(1, 25))
def test_spread_keeps_order_and_distance(wanted: list[float], least: float) -> None:
    found = spread(wanted, least, 0, 250)
    order = sorted(range(len(wanted)), key=lambda i: (wanted[i], i))
    placed = [found[i] for i in order]
    assert all(b - a >= least - 1e-6 for a, b in pairwise(placed))
    if len(wanted) * least < 250:
        assert all(-1e-6 <= y <= 250 + 1e-6 for y in placed)


def day(n: int) -> datetime:
    return START + timedelta(days=n)


def test_a_silence_of_more_than_28_days_breaks_the_line() -> None:
    found = [Reading(day(n), 10) for n in (0, 14, 42, 71, 99)]
    assert [[(one.at - START).days for one in run] for run in unbroken(found)] == [[0, 14, 42], [71, 99]]


def test_on_hold_drops_to_nothing_and_is_hatched() -> None:
    lane = Lane("sertraline", (Turn(day(10), "dose", Decimal(100), "mg"), Turn(day(60), "hold", None, "", day(80))))
    found = draw(Story(START, NOW, END, lanes=(lane,)))
    (edge,) = [shape for shape in found.shapes if isinstance(shape, Path) and shape.cls == "edge"]
    axis = Axis(START, END, WIDE)
    floor = max(y for _, y in edge.points())
    held = [(x, y) for x, y in edge.points() if y == floor]
    assert [x for x, _ in held] == [axis.x(day(60)), axis.x(day(80))]
    (hatched,) = [shape for shape in found.shapes if isinstance(shape, Rect) and shape.cls == "hold"]
    assert (hatched.x, hatched.y + hatched.height) == (axis.x(day(60)), floor)
    assert hatched.y == min(y for _, y in edge.points())


@pytest.mark.parametrize("until", [None, 70])
def test_a_step_that_falls_into_a_hold_is_not_taken(until: int | None) -> None:
    """The next step of a titration pack was signed before the hold: its day passes, and none is taken."""
    ends = day(until) if until else None
    turns = (Turn(day(10), "dose", Decimal(25)), Turn(day(60), "hold", until=ends), Turn(day(65), "dose", Decimal(50)))
    found: list[object] = [
        ((one.start - START).days, (one.end - START).days, one.amount, one.held)
        for one in stretches(turns, START, day(80))
    ]
    assert found == [(10, 60, 25, False), (60, 65, 25, True), (65, until or 80, 50, True)] + (
        [(70, 80, 50, False)] if until else []
    )


def test_a_stop_ends_the_staircase_and_the_name_says_when() -> None:
    lane = Lane("sertraline", (Turn(day(10), "dose", Decimal(100), "mg"), Turn(day(60), "stop")))
    found = draw(Story(START, NOW, END, lanes=(lane,)))
    edges = [shape for shape in found.shapes if isinstance(shape, Path) and shape.cls == "edge"]
    assert max(x for edge in edges for x, _ in edge.points()) == Axis(START, END, WIDE).x(day(60))
    assert f"stopped {day(60):%b} {day(60).day}" in [s.words for s in found.shapes if isinstance(s, Text)]


def test_the_future_is_dashed_from_today_on() -> None:
    turned = (
        Turn(day(10), "dose", Decimal(10), "mg"),
        Turn(NOW + timedelta(days=9), "dose", Decimal(5), "mg", None, True),
    )
    found = draw(Story(START, NOW, END, lanes=(Lane("diazepam", turned),)))
    axis = Axis(START, END, WIDE)
    dashed = [point for s in found.shapes if isinstance(s, Path) and s.cls == "plan" for point in s.points()]
    solid = [point for s in found.shapes if isinstance(s, Path) and s.cls == "edge" for point in s.points()]
    assert min(x for x, _ in dashed) == max(x for x, _ in solid) == axis.x(NOW)
    assert len({y for _, y in dashed}) == 2


def test_four_lanes_are_drawn_the_rest_is_named() -> None:
    all_lanes = tuple(Lane(f"drug{n}", (Turn(day(n), "dose", Decimal(5), "mg"),)) for n in range(6))
    said = [shape.words for shape in draw(Story(START, NOW, END, lanes=all_lanes)).shapes if isinstance(shape, Text)]
    assert [f"Drug{n}" in said for n in range(6)] == [True] * 4 + [False] * 2
    assert "also taken, in the table: drug4, drug5" in said


def test_the_score_axis_begins_at_0() -> None:
    found = draw(Story(START, NOW, END, curves=(Curve("PHQ-9", (Reading(day(1), 12), Reading(day(9), 22)), True),)))
    assert [s.words for s in found.shapes if isinstance(s, Text) and s.cls == "ax e"][:6] == [
        "0", "5", "10", "15", "20", "25",
    ]  # fmt: skip


def test_dose_numbers_stand_on_their_step_first_with_the_unit() -> None:
    turned = tuple(Turn(day(20 * n), "dose", Decimal(a), "mg") for n, a in enumerate((50, 100, 100, 150)))
    found = draw(Story(START, NOW, END, lanes=(Lane("sertraline", turned),)))
    numbers = [s.words for s in found.shapes if isinstance(s, Text) and s.cls == "tm halo"]
    assert numbers == ["50\u00a0mg", "100", "150"]


def test_nice_tops() -> None:
    tops = {"150": "200", "10": "10", "6": "10", "0.5": "0.5", "0.75": "1", "30": "50", "225": "250", "1": "1"}
    assert {amount: f"{scales.nice(Decimal(amount)).normalize():f}" for amount in tops} == tops


def test_the_window_since_is_shaded_up_to_today() -> None:
    found = draw(Story(START, NOW, END, since=day(140), since_words=SINCE))
    axis = Axis(START, END, WIDE)
    (shade,) = [s for s in found.shapes if isinstance(s, Rect) and s.cls == "since"]
    assert (shade.x, shade.x + shade.width) == (axis.x(day(140)), axis.x(NOW))
    assert SINCE in [s.words for s in found.shapes if isinstance(s, Text)]


def test_sizes_leave_room_for_names() -> None:
    assert all(size.width - size.left - size.right > 500 for size in (drawing.WIDE, drawing.NARROW))
