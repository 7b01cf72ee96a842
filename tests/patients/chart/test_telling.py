"""From the timeline's rows to the story: what becomes a curve, a lane, a visit, a mark; planned doses once."""

from datetime import date, timedelta
from decimal import Decimal

from clinic.ports import FutureStep
from patients.chart import queries, telling
from patients.chart.story import Story
from patients.timeline.enums import EntryKind
from tests.cast import Cast, at
from tests.patients.chart.course import NOW, entry, josie


def story(cast: Cast, *future: FutureStep) -> Story:
    entries = queries.drawn(cast.ana.pk, at("2026-06-10 00:00"))
    frame = telling.Frame(at("2026-06-10 00:00"), at(NOW), cast.ana.zone, at("2026-11-09 14:00"), "her")
    return telling.tell(entries, frame, future, 19)


def test_a_course(cast: Cast) -> None:
    josie(cast)
    found = story(cast)
    assert [(curve.name, len(curve.readings), curve.heavy) for curve in found.curves] == [
        ("PHQ-9", 11, True), ("GAD-7", 11, False),
    ]  # fmt: skip
    assert [(lane.name, [turn.kind for turn in lane.turns]) for lane in found.lanes] == [
        ("diazepam", ["dose", "dose", "dose", "dose", "hold", "dose"]), ("sertraline", ["dose"] * 3),
    ]  # fmt: skip
    assert [sum(visit.kind == kind for visit in found.visits) for kind in ("session", "visit", "missed")] == [17, 4, 2]
    assert [(mark.kind, mark.words) for mark in found.marks] == [
        ("event", "back at work"), ("event", "mother in hospital"), ("risk", "PHQ-9 item 9 was 1, closed Oct 6"),
        ("event", "her mother is home again; wedding…"),
    ]  # fmt: skip
    assert [band.word for band in found.bands] == ["minimal", "mild", "moderate", "mod. severe", "severe"]


def test_the_sentence_for_whoever_cannot_see_it(cast: Cast) -> None:
    josie(cast)
    assert telling.sentence(story(cast)) == (
        "Between June 10 and November 23, 2026: PHQ-9 went from 19 to 7; GAD-7 went from 15 to 8;"
        " diazepam 10 → 9 → 8 → 7 → 6 mg; sertraline 50 → 100 → 150 mg; 21 visits held, 2 not."
    )


def test_gad_7_alone_leads(cast: Cast) -> None:
    entry(cast.ana, EntryKind.SCORE, "2026-11-01 09:00", series="gad7", value=8)
    entry(cast.ana, EntryKind.SCORE, "2026-11-01 09:00", series="phq9")  # not complete: no total
    entry(cast.ana, EntryKind.SCORE, "2026-11-01 09:00", series="who5", value=40)
    assert [(curve.name, curve.heavy) for curve in story(cast).curves] == [("GAD-7", True)]


def test_what_is_planned_is_drawn_once(cast: Cast) -> None:
    entry(
        cast.ana,
        EntryKind.DOSE,
        "2026-11-01 09:00",
        series="diazepam",
        value=6,
        unit="mg",
        until=at("2026-12-01 00:00"),
    )
    entry(cast.ana, EntryKind.DOSE, "2026-12-01 00:00", series="diazepam", value=5, unit="mg")
    found = story(
        cast,
        FutureStep("diazepam", date(2026, 12, 1), "5", "mg"),
        FutureStep("diazepam", date(2026, 12, 15), "0", ""),
        FutureStep("diazepam", date(2026, 11, 1), "9", "mg"),  # not to come
        FutureStep("diazepam", date(2026, 12, 20), "many", "mg"),
    )
    (lane,) = found.lanes
    assert [(turn.at.date().isoformat(), turn.kind, turn.amount, turn.planned) for turn in lane.turns] == [
        ("2026-11-01", "dose", Decimal(6), False),
        ("2026-12-01", "dose", Decimal(5), True),
        ("2026-12-15", "stop", Decimal(0), True),
    ]


def test_only_what_belongs_to_a_drug_is_a_lane(cast: Cast) -> None:
    entry(cast.ana, EntryKind.STOP, "2026-11-01 09:00", label="Ibuprofen stopped")  # from elsewhere: no series
    assert story(cast).lanes == ()


def test_the_four_lanes_that_matter(cast: Cast) -> None:
    for n in range(6):
        start = at("2026-07-01 09:00") + timedelta(days=n)
        entry(cast.ana, EntryKind.DOSE, start, series=f"drug{n}", value=5, unit="mg")
    entry(cast.ana, EntryKind.STOP, "2026-11-20 09:00", series="drug5")
    entry(cast.ana, EntryKind.DOSE, "2026-11-20 09:00", series="drug0", value=7, unit="mg")
    assert [lane.name for lane in story(cast).lanes] == ["drug0", "drug2", "drug3", "drug4", "drug1", "drug5"]


def test_an_entry_of_the_future_is_no_visit(cast: Cast) -> None:
    entry(cast.ana, EntryKind.MISSED, "2026-12-07 14:00", series="therapy", recorded=NOW)
    assert story(cast).visits == ()
