"""The page of the medication history: reads the courses, their pauses and the scores, and has them drawn."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import combinations
from typing import Any

from django.db.models import Prefetch
from django.utils.safestring import SafeString, mark_safe

from clinic import clock
from clinic.ports import FutureStep, load
from medications.prescribing import courses as told
from medications.prescribing import drawing, queries
from medications.prescribing.courses import Course, Dose, Fact, Overlap, Span
from medications.prescribing.models import DoseOrder, HoldPeriod, Prescription
from medications.safety import knowledge
from patients.chart import page as chart
from patients.chart import queries as past
from patients.chart import telling
from patients.chart.shapes import svg
from patients.chart.story import Story
from patients.record.models import Patient
from patients.timeline.enums import EntryKind

WINDOWS = {"year": (366, "a year"), "three": (1096, "three years"), "all": (0, "all")}
USUAL = "three"
LEAST = timedelta(days=60)


@dataclass(frozen=True)
class Picture:
    """The history, ready to show: wide, narrow, and its table."""

    wide: SafeString
    narrow: SafeString
    facts: Sequence[Fact]
    window: str
    start: date
    links: Sequence[tuple[str, str]]
    earlier: Sequence[str]  # medicines that ended before the window


def context(patient: Patient, asked: str) -> dict[str, Any]:
    """What the page needs. Eight queries, whatever the number of medicines."""
    today = clock.today(patient.zone)
    every = courses(patient)
    window = asked if asked in WINDOWS else USUAL
    return {"patient": patient, "picture": picture(patient, every, window, today) if every else None}


def courses(patient: Patient) -> list[Course]:
    """Every prescription that was not entered in error, the first begun first. Seven queries."""
    live = DoseOrder.objects.filter(retracted_at=None).order_by("from_day", "signed_at")
    rows = (
        Prescription.objects.filter(patient=patient, retracted_at=None)
        .select_related("drug")
        .prefetch_related(
            Prefetch("orders", live, to_attr="live_orders"), Prefetch("holds", HoldPeriod.objects.order_by("from_day"))
        )
        .order_by("started_on", "pk")
    )
    pauses = {pk: told.paused(found) for room in load("DOSE_PAUSES") for pk, found in room(patient.pk).items()}
    ahead = chart.future(patient.pk)
    found = []
    for row in rows:
        course = _course(row)
        steps = told.planned(ahead, course.name) if row.origin == "ours" and row.stopped_on is None else ()
        signed = {one.start for one in course.doses}  # these stand among the doses, with their reason
        steps = tuple(one for one in steps if one.start not in signed)
        found.append(replace(course, pauses=pauses.get(row.pk, ()), planned=steps))
    return [one for one in found if one.stopped is None or one.stopped > one.start]


def _course(row: Prescription) -> Course:
    orders = queries.orders_of(row)
    return Course(
        name=queries.generic_name(row), origin=row.origin, start=row.started_on, stopped=row.stopped_on,
        stop_reason=row.stop_reason, said=row.sig_text, as_needed=any(one.as_needed for one in orders),
        doses=tuple(Dose(one.from_day, one.until_day, *one.told, one.reason) for one in orders),
        holds=tuple(Span(one.from_day, one.until_day, one.reason) for one in row.holds.all()),
    )  # fmt: skip


def alike(found: Sequence[Course]) -> list[tuple[int, int]]:
    """Pairs of places whose drugs hold the same ingredient or are two of one kind. No query."""
    known = knowledge.current()
    drugs = [known.drug(one.name) for one in found]
    pairs = []
    for (first, one), (second, other) in combinations(enumerate(drugs), 2):
        if one is None or other is None:
            continue
        same = bool(one.tags & other.tags)
        if same or any(rule["kind"] == "duplicate" for rule, _ in known.between(one, other)):
            pairs.append((first, second))
    return pairs


def picture(patient: Patient, every: Sequence[Course], window: str, today: date) -> Picture:
    """The window that is asked for, drawn. One query."""
    start = _start(every, window, today)
    shown = [one for one in every if one.stopped is None or one.stopped > start]
    together = told.overlaps(shown, alike(shown))
    together = [one for one in together if one.start <= today and (one.until is None or one.until > start)]
    story = _story(patient, shown, start)
    title = told.sentence(shown, start, today)
    return Picture(
        wide=_drawn(story, shown, together, patient, title, "history"),
        narrow=_drawn(story, shown, together, patient, title, "history-narrow"),
        facts=_facts(story, shown, together, today), window=window, start=start,
        links=[(key, words) for key, (_, words) in WINDOWS.items()],
        earlier=[one.name for one in every if one.stopped is not None and one.stopped <= start],
    )  # fmt: skip


def _start(every: Sequence[Course], window: str, today: date) -> date:
    """The first day shown: never long before anything was taken, never so near that nothing can be read."""
    first = min(one.start for one in every)
    first = min(first, today - LEAST) - timedelta(days=max(4, (today - first).days // 40))
    days, _ = WINDOWS[window]
    return max(first, today - timedelta(days=days)) if days else first


def _story(patient: Patient, shown: Sequence[Course], start: date) -> Story:
    """The window and the symptom curves in it, as the chart tells them. One query."""
    begin = told.midnight(start, patient.zone)
    scores = [one for one in past.drawn(patient.pk, begin) if one.kind == EntryKind.SCORE]
    ahead = [
        FutureStep(one.name, step.start, f"{step.amount}", step.unit)
        for one in shown
        for step in (*one.planned, *one.doses)
    ]
    return telling.tell(scores, telling.Frame(begin, clock.now(), patient.zone), ahead)


def _facts(story: Story, shown: Sequence[Course], together: Sequence[Overlap], today: date) -> list[Fact]:
    """The table: every turn of what is shown, and the scores of the curves, newest first."""
    rows = told.facts(shown, together, today)
    rows += [Fact(one.at.date(), curve.name, str(one.value)) for curve in story.curves for one in curve.readings]
    return sorted(rows, key=lambda row: (row.on, row.what), reverse=True)


def _drawn(
    story: Story, shown: Sequence[Course], together: Sequence[Overlap], patient: Patient, title: str, key: str
) -> SafeString:
    size = drawing.NARROW if key.endswith("narrow") else drawing.WIDE
    found = drawing.draw(story, shown, together, patient.zone, size)
    markup = svg(found.shapes, width=found.width, height=found.height, title=title, key=key)
    return mark_safe(markup)  # noqa: S308 (shapes escape every word)
