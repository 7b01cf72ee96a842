"""Medication history: each prescription's lane under the symptom curves, drawn from rows, and its table."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.urls import reverse

from clinic import clock
from clinic.ports import DosePause
from medications.prescribing import actions, courses, drawing, history
from medications.prescribing.courses import Course, Dose, Fact, Overlap, Span
from medications.tapers import actions as tapers
from medications.tapers import panels
from patients.chart.shapes import Path, Rect, Shape, Text
from patients.chart.story import Curve, Reading, Story
from tests.cast import Cast, at, client
from tests.medications.prescribing.given import TODAY, changed, pack, regimen, started
from tests.medications.tapers.given import EVERYTHING, clonazepam, running

ZONE = ZoneInfo("America/Los_Angeles")
JAN = date(2026, 1, 1)
NOW = datetime(2026, 3, 2, 9, 30, tzinfo=ZONE)
STORY = Story(start=datetime(2026, 1, 1, tzinfo=ZONE), now=NOW, end=NOW + timedelta(days=20))
MG = "mg"


def dose(day: date, amount: str, until: date | None = None) -> Dose:
    return Dose(day, until, Decimal(amount), MG)


def drawn(*found: Course, together: tuple[Overlap, ...] = (), story: Story = STORY) -> tuple[Shape, ...]:
    return drawing.draw(story, found, together, ZONE, drawing.WIDE).shapes


def boxes(shapes: tuple[Shape, ...], cls: str) -> list[Rect]:
    return [one for one in shapes if isinstance(one, Rect) and one.cls == cls]


def words(shapes: tuple[Shape, ...]) -> list[str]:
    return [one.words for one in shapes if isinstance(one, Text)]


def areas(shapes: tuple[Shape, ...]) -> list[Path]:
    return [one for one in shapes if isinstance(one, Path) and one.cls == "stair"]


def url(cast: Cast) -> str:
    return reverse("prescribing:history", args=[cast.ana.pk])


# --- geometry from rows --------------------------------------------------------------------


def test_dose_is_height() -> None:
    """Twice the dose stands twice as high above the floor."""
    (area,) = areas(drawn(Course("sertraline", "ours", JAN, doses=(
        dose(JAN, "50", date(2026, 2, 1)), dose(date(2026, 2, 1), "100"),
    ))))  # fmt: skip
    heights = sorted({y for _, y in area.lines[0]}, reverse=True)
    floor, low, high = heights
    assert floor - high == pytest.approx(2 * (floor - low))


def test_on_hold_drops_to_nothing_and_is_hatched() -> None:
    hold = Span(date(2026, 2, 1), date(2026, 2, 11))
    shapes = drawn(Course("sertraline", "ours", JAN, doses=(dose(JAN, "50"),), holds=(hold,)))
    (hatched,) = boxes(shapes, "hold")
    (area,) = areas(shapes)
    floor = max(y for _, y in area.lines[0])
    inside = [y for x, y in area.lines[0] if hatched.x < x < hatched.x + hatched.width]
    edges = {y for x, y in area.lines[0] if x in (hatched.x, hatched.x + hatched.width)}
    assert (inside, floor in edges) == ([], True)
    assert boxes(shapes, "pause") == []
    assert "on hold" in words(shapes)


def test_a_paused_taper_stays_filled_and_is_marked() -> None:
    pause = Span(date(2026, 2, 1), None)
    shapes = drawn(Course("clonazepam", "ours", JAN, doses=(dose(JAN, "1"),), pauses=(pause,)))
    (marked,) = boxes(shapes, "pause")
    (area,) = areas(shapes)
    top = min(y for _, y in area.lines[0])
    assert marked.y == pytest.approx(top)  # as high as the dose that stays
    assert marked.height == pytest.approx(max(y for _, y in area.lines[0]) - top)
    assert boxes(shapes, "hold") == []
    assert words(shapes).count("paused") == 1


def test_the_word_of_a_young_pause_ends_before_the_line_of_today() -> None:
    pause = Span(date(2026, 3, 1), None)
    shapes = drawn(Course("clonazepam", "ours", JAN, doses=(dose(JAN, "1"),), pauses=(pause,)))
    (line,) = [one for one in shapes if isinstance(one, Path) and one.cls == "today"]
    (word,) = [one for one in shapes if isinstance(one, Text) and one.words == "paused"]
    assert word.left + word.width < line.lines[0][0][0]


def test_what_is_told_from_elsewhere_is_a_hollow_band_with_its_words() -> None:
    course = Course("ibuprofen", "outside", date(2026, 1, 11), stopped=date(2026, 1, 31), said="as needed")
    shapes = drawn(course)
    (band,) = boxes(shapes, "told")
    whole = (STORY.end - STORY.start) / timedelta(days=1)
    assert band.width == pytest.approx((drawing.WIDE.width - drawing.WIDE.left - drawing.WIDE.right) * 20 / whole, 0.01)
    assert areas(shapes) == []
    assert {"as needed", "Ibuprofen", "stopped Jan 31"} <= set(words(shapes))


def test_two_of_a_kind_at_once_are_named_under_each_other() -> None:
    one = Course("sertraline", "ours", JAN, stopped=date(2026, 2, 15), doses=(dose(JAN, "50", date(2026, 2, 15)),))
    later, end = date(2026, 2, 1), date(2026, 2, 25)
    other = Course("escitalopram", "ours", later, stopped=end, doses=(dose(later, "5", end),))
    found = courses.overlaps([one, other], [(0, 1)])
    assert found == [Overlap(0, 1, date(2026, 2, 1), date(2026, 2, 15))]
    shapes = drawn(one, other, together=tuple(found))
    lines = [shape.lines[0] for shape in shapes if isinstance(shape, Path) and shape.cls == "both"]
    assert [x for x, _ in lines[0]] == [x for x, _ in lines[1]]
    assert {"with escitalopram", "with sertraline"} <= set(words(shapes))


def test_one_after_the_other_is_no_overlap() -> None:
    one = Course("sertraline", "ours", JAN, stopped=date(2026, 2, 1))
    other = Course("escitalopram", "ours", date(2026, 2, 1))
    assert courses.overlaps([one, other], [(0, 1)]) == []


def test_curves_lanes_and_today_share_one_axis() -> None:
    reading = Reading(datetime(2026, 2, 1, tzinfo=ZONE), 14)
    story = Story(STORY.start, NOW, STORY.end, curves=(Curve("PHQ-9", (reading,), heavy=True),))
    shapes = drawn(Course("sertraline", "ours", date(2026, 2, 1), doses=(dose(date(2026, 2, 1), "50"),)), story=story)
    (point,) = [one for one in shapes if getattr(one, "cls", "") == "p1"]
    (area,) = areas(shapes)
    (line,) = [one for one in shapes if isinstance(one, Path) and one.cls == "today"]
    assert point.points()[0][0] + 4.5 == pytest.approx(area.lines[0][0][0])
    assert line.lines[0][0][0] == pytest.approx(max(x for x, _ in area.lines[0]))
    assert line.lines[0][1][1] > max(y for _, y in area.lines[0])


def test_the_table_tells_every_turn_newest_first() -> None:
    course = Course(
        "clonazepam", "ours", JAN, stopped=date(2026, 2, 20), stop_reason="Done.",
        doses=(Dose(JAN, date(2026, 2, 20), Decimal(1), MG, "Sleep."),), holds=(Span(JAN, date(2026, 1, 3), "Ill."),),
        pauses=(Span(date(2026, 2, 1), None, "Sweating."),),
    )  # fmt: skip
    assert courses.facts([course], [], TODAY) == [
        Fact(date(2026, 2, 20), "Clonazepam", "stopped", "Done."),
        Fact(date(2026, 2, 1), "Clonazepam", "taper paused, the dose stays, still", "Sweating."),
        Fact(JAN, "Clonazepam", "1\u00a0mg", "Sleep."),
        Fact(JAN, "Clonazepam", "on hold, none taken until Jan 3, 2026", "Ill."),
    ]


def test_the_sentence_says_where_each_stands() -> None:
    held = Course(
        "sertraline", "ours", JAN, doses=(dose(JAN, "50", TODAY), dose(TODAY, "100")), holds=(Span(JAN, None),)
    )
    told = Course("ibuprofen", "reported", JAN)
    assert courses.sentence([held, told], JAN, TODAY) == (
        "Medication from Jan 1, 2026 to Mar 2, 2026: sertraline 50 → 100 mg, on hold; ibuprofen as reported."
    )


# --- from the database ---------------------------------------------------------------------


def test_courses_come_from_the_orders_holds_and_pauses(cast: Cast) -> None:
    plan = running(clonazepam(cast.ana, by=cast.priya), by=cast.priya)
    tapers.pause(plan, reason="Sweating.", by=cast.tess)
    assert panels.pauses(cast.ana.pk) == {plan.prescription_id: [DosePause(TODAY, None, "Sweating.")]}
    order = started(cast.ana, by=cast.priya, answers=EVERYTHING)
    actions.hold(order.prescription, reason="Vomiting.", by=cast.priya)
    wrong = started(cast.ana, by=cast.priya, regimen=regimen("buspirone", 10), answers=EVERYTHING)
    actions.retract_order(wrong, reason="Wrong chart.", by=cast.priya)
    actions.report(cast.ana, drug_text="Advil", origin="reported", started_on=JAN, by=cast.tess)
    found = {one.name: one for one in history.courses(cast.ana)}
    assert found["clonazepam"].pauses == (Span(TODAY, None, "Sweating."),)
    assert found["sertraline"].holds == (Span(TODAY, None, "Vomiting."),)
    assert [(one.amount, one.unit) for one in found["sertraline"].doses] == [(Decimal(50), "mg")]
    assert found["ibuprofen"].doses == ()
    assert "buspirone" not in found


def test_the_steps_of_a_titration_pack_are_told_once_with_their_reason(cast: Cast) -> None:
    """They are signed orders, and also what the chart is told as planned."""
    started(cast.ana, by=cast.priya, drug="lamotrigine", regimen=regimen("lamotrigine", 25), **pack())
    found = history.courses(cast.ana)
    rows = [(one.on, one.said, one.why) for one in courses.facts(found, [], TODAY)]
    assert rows == [
        (TODAY + timedelta(days=14), "50\u00a0mg, planned", "First episode, agreed."),
        (TODAY, "25\u00a0mg", "First episode, agreed."),
    ]


def test_planned_steps_are_dashed_while_the_taper_runs(cast: Cast) -> None:
    plan = running(clonazepam(cast.ana, by=cast.priya), by=cast.priya)
    (course,) = history.courses(cast.ana)
    assert [one.amount for one in course.planned] == [Decimal(n) for n in ("0.75", "0.5", "0.375", "0")]
    tapers.pause(plan, reason="Sweating.", by=cast.tess)
    (course,) = history.courses(cast.ana)
    assert course.planned == ()


def test_only_two_of_one_kind_are_named(cast: Cast) -> None:
    """Sertraline with escitalopram are both SSRIs; with buspirone they are not."""
    found = [Course(name, "ours", JAN) for name in ("sertraline", "buspirone", "escitalopram", "Sleep gummies")]
    assert history.alike(found) == [(0, 2)]


@pytest.mark.parametrize("who", ["tess", "priya"])
def test_therapist_and_prescriber_see_it(cast: Cast, who: str) -> None:
    first = started(cast.ana, by=cast.priya)
    with clock.at(at("2026-03-20 09:30")):
        changed(first.prescription, by=cast.priya, answers=EVERYTHING)
        page = client(getattr(cast, who)).get(url(cast))
    assert page.status_code == 200
    body = page.content.decode()
    for said in ("chart-history", "sertraline 50 → 100 mg", "Partial response.", "Mar 20, 2026"):
        assert said in body
    assert 'href="?window=year"' in body


@pytest.mark.parametrize("who", ["fran", "max", "olga", "theo", "paul"])
def test_nobody_else_does(cast: Cast, who: str) -> None:
    started(cast.ana, by=cast.priya)
    assert client(getattr(cast, who)).get(url(cast)).status_code == 404


def test_without_a_medicine_it_says_so(cast: Cast) -> None:
    assert "No medicine was ever on the list" in client(cast.tess).get(url(cast)).content.decode()


@pytest.mark.parametrize("window", ["year", "all", "x" * 200, ""])
def test_what_ended_long_ago_is_named_not_drawn(cast: Cast, window: str) -> None:
    told = actions.report(cast.ana, drug_text="Advil", origin="reported", started_on=date(2019, 1, 1), by=cast.tess)
    actions.stop(told, reason="No pain.", on=TODAY - timedelta(days=730), by=cast.tess)
    started(cast.ana, by=cast.priya, answers=EVERYTHING)
    page = client(cast.priya).get(url(cast), {"window": window} if window else {}).content.decode()
    assert ("Before Mar" in page) == (window == "year")
    assert ("No pain." in page) == (window != "year")


def test_the_chart_s_panel_leads_there(cast: Cast) -> None:
    page = client(cast.tess).get(reverse("chart:chart", args=[cast.ana.pk])).content.decode()
    assert f'href="{url(cast)}">History</a>' in page


@pytest.mark.parametrize("number", [1, 4])
def test_a_fixed_number_of_queries(cast: Cast, django_assert_num_queries: Any, number: int) -> None:
    for name, strength in (("sertraline", 50), ("buspirone", 10), ("bupropion", 75), ("hydroxyzine", 25))[:number]:
        started(cast.ana, by=cast.priya, regimen=regimen(name, strength), answers=EVERYTHING)
    history.alike([])  # the knowledge is read once
    with django_assert_num_queries(12):
        history.context(cast.ana, "three")


def test_hidden_names_stay_text(cast: Cast, client: Client) -> None:
    actions.report(cast.ana, drug_text="<b>x</b>", origin="reported", started_on=JAN, by=cast.tess)
    client.force_login(cast.tess)
    page = client.get(url(cast)).content.decode()
    assert "<b>x</b>" not in page
    assert "&lt;b&gt;x&lt;/b&gt;" in page


def test_a_dose_of_last_week_has_its_figure_before_the_line_of_today() -> None:
    shapes = drawn(Course("zolpidem", "ours", date(2026, 2, 28), doses=(dose(date(2026, 2, 28), "5"),)))
    (line,) = [one for one in shapes if isinstance(one, Path) and one.cls == "today"]
    (figure,) = [one for one in shapes if isinstance(one, Text) and one.words == "5\u00a0mg" and "tm" in one.cls]
    assert figure.left + figure.width < line.lines[0][0][0]
