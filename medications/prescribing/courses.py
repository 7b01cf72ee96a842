"""Prescriptions as courses over time: what was taken when, on hold, paused, beside what. Plain values, no models."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import combinations
from zoneinfo import ZoneInfo

from clinic.ports import DosePause, FutureStep
from patients.chart.lanes import amount_words
from patients.chart.story import Lane, Turn

ORIGIN_WORDS = {"ours": "", "outside": "from elsewhere", "reported": "as reported"}


@dataclass(frozen=True, slots=True)
class Dose:
    """An amount a day from a day on; `until`: the first day without, None: until further notice."""

    start: date
    until: date | None
    amount: Decimal
    unit: str
    why: str = ""


@dataclass(frozen=True, slots=True)
class Span:
    """A time: from a day until the first day after it (None: still), and why."""

    start: date
    until: date | None
    why: str = ""


@dataclass(frozen=True, slots=True)
class Course:
    """One prescription. `said` is how it is taken where no dose is known; `stopped`: the first day without."""

    name: str
    origin: str
    start: date
    stopped: date | None = None
    stop_reason: str = ""
    said: str = ""
    as_needed: bool = False
    doses: tuple[Dose, ...] = ()
    holds: tuple[Span, ...] = ()
    pauses: tuple[Span, ...] = ()
    planned: tuple[Dose, ...] = ()

    @property
    def title(self) -> str:
        """Its name as a heading."""
        return self.name[:1].upper() + self.name[1:]


@dataclass(frozen=True, slots=True)
class Overlap:
    """Two courses of one kind at the same time: places in the list, from, until (None: still)."""

    first: int
    second: int
    start: date
    until: date | None


@dataclass(frozen=True, slots=True)
class Fact:
    """One line of the table: when, which medicine, what, why."""

    on: date
    what: str
    said: str
    why: str = ""


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """When a day begins where the patient lives."""
    return datetime(day.year, day.month, day.day, tzinfo=zone)


def lane(course: Course, zone: ZoneInfo, today: date) -> Lane:
    """The staircase of a course, as the chart draws it: doses, holds (none is taken), the stop, planned steps."""
    turns = [
        Turn(
            midnight(one.start, zone), "dose", one.amount, one.unit,
            midnight(one.until, zone) if one.until else None, planned=one.start > today,
        )
        for one in course.doses
        if one.until is None or one.until > one.start
    ]  # fmt: skip
    for one in course.holds:
        until = midnight(one.until, zone) if one.until else None
        turns.append(Turn(midnight(one.start, zone), "hold", until=until))
    if course.stopped is not None:
        turns.append(Turn(midnight(course.stopped, zone), "stop", planned=course.stopped > today))
    known = {turn.at for turn in turns}
    for step in course.planned:
        at = midnight(step.start, zone)
        if at not in known and step.start > today:
            kind: str = "dose" if step.amount else "stop"
            turns.append(Turn(at, kind, step.amount, step.unit, planned=True))  # type: ignore[arg-type]
    return Lane(course.name, tuple(sorted(turns, key=lambda turn: (turn.at, turn.kind != "dose"))))


def amount_on(course: Course, day: date) -> Decimal | None:
    """What the order of the day gives, on hold or not."""
    held = [one for one in course.doses if one.start <= day and (one.until is None or one.until > day)]
    return held[-1].amount if held else None


def paused(found: Iterable[DosePause]) -> tuple[Span, ...]:
    """What tapers tell (port DOSE_PAUSES) as spans."""
    return tuple(Span(one.start, one.until, one.why) for one in found)


def planned(steps: Iterable[FutureStep], name: str) -> tuple[Dose, ...]:
    """The planned steps of a drug (port CHART_LANES)."""
    return tuple(Dose(one.from_day, None, Decimal(one.amount), one.unit) for one in steps if one.series == name)


def overlaps(courses: Sequence[Course], alike: Iterable[tuple[int, int]]) -> list[Overlap]:
    """When two courses of one kind (`alike`: pairs of places) were taken together, in the order of the list."""
    wanted = set(alike)
    found = []
    for first, second in combinations(range(len(courses)), 2):
        if (first, second) not in wanted:
            continue
        one, other = courses[first], courses[second]
        start = max(one.start, other.start)
        ends = [end for end in (one.stopped, other.stopped) if end is not None]
        until = min(ends) if ends else None
        if until is None or until > start:
            found.append(Overlap(first, second, start, until))
    return found


def facts(courses: Sequence[Course], together: Sequence[Overlap], today: date) -> list[Fact]:
    """Every turn of every course in words, newest first."""
    rows: list[Fact] = []
    for course in courses:
        rows += _facts(course, today)
    for both in together:
        one, other = courses[both.first], courses[both.second]
        end = f"until {_day(both.until)}" if both.until else "still"
        rows.append(Fact(both.start, f"{one.title} and {other.name}", f"both, {end}", "two of one kind"))
    return sorted(rows, key=lambda row: (row.on, row.what), reverse=True)


def _facts(course: Course, today: date) -> Iterable[Fact]:
    origin = ORIGIN_WORDS.get(course.origin, "")
    if not course.doses:
        yield Fact(course.start, course.title, ", ".join(filter(None, (course.said or "dose not known", origin))))
    for one in (*course.doses, *(dose for dose in course.planned if dose.start > today and dose.amount)):
        words = amount_words(one.amount, one.unit) + (" at most, as needed" if course.as_needed else "")
        if one.until is not None and one.until <= one.start:
            continue
        yield Fact(one.start, course.title, f"{words}, planned" if one.start > today else words, one.why)
    for hold in course.holds:
        yield Fact(hold.start, course.title, f"on hold, none taken{_end(hold)}", hold.why)
    for pause in course.pauses:
        yield Fact(pause.start, course.title, f"taper paused, the dose stays{_end(pause)}", pause.why)
    if course.stopped is not None:
        words = "stop planned" if course.stopped > today else "stopped"
        yield Fact(course.stopped, course.title, words, course.stop_reason)
    for one in course.planned:
        if one.start > today and not one.amount:
            yield Fact(one.start, course.title, "stop planned")


def _end(one: Span) -> str:
    return f" until {_day(one.until)}" if one.until else ", still"


def _day(day: date | None) -> str:
    return f"{day:%b} {day.day}, {day.year}" if day else ""


def sentence(courses: Sequence[Course], start: date, today: date) -> str:
    """The picture in one sentence, for whoever cannot see it."""
    parts = []
    for course in courses:
        amounts = [amount_words(one.amount) for one in course.doses if one.start <= today and one.until != one.start]
        steps = [one for place, one in enumerate(amounts) if place == 0 or amounts[place - 1] != one]
        words = f"{course.name} {' → '.join(steps)} {course.doses[0].unit}" if steps else course.name
        state = ""
        if course.stopped is not None and course.stopped <= today:
            state = f", stopped {_day(course.stopped)}"
        elif course.holds and course.holds[-1].until is None:
            state = ", on hold"
        elif course.pauses and course.pauses[-1].until is None:
            state = ", taper paused"
        origin = ORIGIN_WORDS.get(course.origin, "")
        parts.append(f"{words}{f' {origin}' if origin else ''}{state}")
    span = f"Medication from {_day(start)} to {_day(today)}"
    return f"{span}: {'; '.join(parts)}." if parts else f"{span}: none is on the list."
