"""The staircase's words keep off the line of today and off each other, whatever the days."""

from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from medications.tapers import drawing
from medications.tapers.drawing import CHECKS, CLEAR, FLOOR, Mark, Scene, Tread
from patients.chart.shapes import Path, Text

TODAY = date(2026, 3, 2)
PAST, AHEAD = st.integers(-200, 0), st.integers(1, 200)
DOSES = st.sampled_from(["1", "0.75", "0.5", "0.375", "0.125"])
FOUND = st.tuples(PAST, st.sampled_from(["ok", "found"]), st.sampled_from(["mild", "significant"]))


def day(number: int) -> date:
    return TODAY + timedelta(days=number)


@st.composite
def scenes(draw: st.DrawFn) -> Scene:
    past = sorted(draw(st.sets(PAST, min_size=1, max_size=5)))
    ahead = sorted(draw(st.sets(st.one_of(AHEAD, st.integers(-20, 0)), max_size=5)))
    checks = [Mark(day(n), kind, words) for n, kind, words in sorted(draw(st.lists(FOUND, max_size=4)))]
    pause = draw(st.one_of(st.none(), st.integers(past[0], 0)))
    return Scene(
        name="clonazepam", today=TODAY, past=[Tread(day(n), Decimal(draw(DOSES))) for n in past],
        planned=[Tread(day(n), Decimal(draw(DOSES))) for n in ahead],
        pauses=[] if pause is None else [(day(pause), None)],
        checks=[*checks, *(Mark(day(n), "ahead") for n in ahead if n > 0)],
        made=[(day(n), "tablets or capsules") for n in ahead[:1]] + [(day(n), "needs a liquid") for n in ahead[3:4]],
    )  # fmt: skip


def texts(scene: Scene) -> list[Text]:
    frame = drawing._Frame(scene)
    return [one for one in (*frame.paused(), *frame.checks(), *frame.materials()) if isinstance(one, Text)]


@given(scenes())
def test_no_word_lies_over_the_line_of_today(scene: Scene) -> None:
    (line,) = [one for one in drawing._Frame(scene).now() if isinstance(one, Path)]
    x = line.lines[0][0][0]
    crossed = [one.words for one in texts(scene) if one.left + 0.1 < x < one.left + one.width - 0.1]
    assert crossed == []


@given(scenes())
def test_no_two_words_of_a_row_touch(scene: Scene) -> None:
    for y in (CHECKS - 1, FLOOR + 18):
        row = sorted((one.left, one.left + one.width) for one in texts(scene) if one.y == y)
        assert all(before[1] <= after[0] for before, after in pairwise(row))


def test_a_young_pause_has_its_word_before_the_line_and_clear_of_it() -> None:
    scene = Scene("clonazepam", [Tread(day(-60), Decimal(1))], [], TODAY, pauses=[(day(-2), None)])
    frame = drawing._Frame(scene)
    (word,) = [one for one in frame.paused() if isinstance(one, Text)]
    assert word.left + word.width <= frame.now_x - CLEAR + 0.1


def test_a_check_of_the_day_has_its_words_at_the_side_with_room() -> None:
    scene = Scene(
        "clonazepam", [Tread(day(-60), Decimal(1))], [], TODAY, checks=[Mark(day(-1), "found", "significant")]
    )
    (word,) = [one for one in drawing._Frame(scene).checks() if isinstance(one, Text) and one.words == "significant"]
    assert "e" in word.cls.split()
