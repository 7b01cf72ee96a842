"""What is known of a person and a course, and the days on which a predicate of the data holds for them. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from medications.monitoring import calc
from medications.monitoring.calc import ALWAYS, FIRST, LAST, Reading, Span
from medications.monitoring.knowledge import WINDOW, Item, Knowledge
from medications.safety.knowledge import DrugFacts

BEN = "benign_ethnic_neutropenia"
INDIVIDUAL = "clozapine_individual"  # a named decision for one person, in place of the label's rhythm
OF_THE_ITEM = frozenset({"lithium_not_yet_stable"})  # asks for results of the item itself
# What a "yes" to a medical fact stands for among the codes of the predicates.
FACT_CODES = {
    "kidney": ("N18",), "liver": ("K70", "K71", "K72", "K73", "K74"), "heart_qt": ("I45.81",), "pregnant": ("Z33.1",),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Course:
    """One prescription: its drug, its first day, the days on which the dose changed, pauses, the day it stopped."""

    key: str
    drug: DrugFacts
    start: date
    changes: tuple[date, ...] = ()
    holds: tuple[tuple[date, date | None], ...] = ()
    stopped: date | None = None
    ours: bool = True


@dataclass(frozen=True, slots=True)
class Person:
    """What is known of somebody. `conditions` and `flags` with the day since; `answers`: medical facts, yes or no."""

    born: date
    sex: str = ""
    conditions: tuple[tuple[str, date], ...] = ()
    answers: Mapping[str, str] = field(default_factory=dict)
    flags: Mapping[str, date] = field(default_factory=dict)


class Today:
    """A day, and the first one after it on which a question that was asked of it is answered otherwise.

    Whatever depends on what day it is asks here and nowhere else: so an answer knows how long it holds.
    """

    __slots__ = ("day", "turns")

    def __init__(self, day: date) -> None:
        self.day, self.turns = day, LAST

    def reached(self, day: date) -> bool:
        """Whether it is that day or later; if not, the answer turns on that day."""
        if day <= self.day:
            return True
        if day < self.turns:
            self.turns = day
        return False


class Around:
    """One course with everything that its rules look at. `last_on`: the day of the last result of each code."""

    __slots__ = ("change", "course", "courses", "kept", "known", "last_on", "person", "results", "today")

    def __init__(
        self, person: Person, courses: Sequence[Course], course: Course, results: Mapping[str, Sequence[Reading]],
        last_on: Mapping[str, date], known: Knowledge, today: Today,
    ) -> None:  # fmt: skip
        self.person, self.courses, self.course = person, courses, course
        self.results, self.last_on, self.known, self.today = results, last_on, known, today
        self.kept: dict[str, Span | None] = {}  # predicates that no item changes, once answered
        # The last change of dose that has begun.
        self.change = max((day for day in course.changes if course.start < day and today.reached(day)), default=None)

    def readings(self, item: Item) -> Sequence[Reading]:
        """Results that count as the item, by day."""
        found = [one for code in item.counts for one in self.results.get(code, ())]
        return found if len(item.counts) == 1 else sorted(found, key=lambda one: one.on)

    def last(self, item: Item) -> date | None:
        """The day of the last result that counts."""
        days = [day for code in item.counts if (day := self.last_on.get(code)) is not None]
        return max(days) if days else None


def looked_at(known: Knowledge) -> frozenset[str]:
    """The medical facts that a predicate of the data can ask for, directly or by their codes."""
    parts = [part for one in known.predicates.values() for parts in one["test"].values() for part in parts]
    return frozenset(FACT_CODES) | {part[name] for part in parts for name in ("state", "unasked") if name in part}


def holds(key: str, around: Around, item: Item) -> Span | None:
    """The days on which a predicate of the data holds for the person and the course, as far as is recorded."""
    if key not in around.kept:
        found = _tested(key, around, item)
        if key in OF_THE_ITEM:
            return found
        around.kept[key] = found
    return around.kept[key]


def _tested(key: str, around: Around, item: Item) -> Span | None:
    test = around.known.predicates[key]["test"]
    if "all_of" in test:
        spans = [_part(part, around, item) for part in test["all_of"]]
        return None if any(one is None for one in spans) else _both([one for one in spans if one is not None])
    return _either([one for part in test["any_of"] if (one := _part(part, around, item)) is not None])


def _either(spans: Sequence[Span]) -> Span | None:
    if not spans:
        return None
    ends = [one.until for one in spans]
    return Span(min(one.since for one in spans), None if None in ends else max(e for e in ends if e is not None))


def _both(spans: Iterable[Span]) -> Span:
    found = ALWAYS
    for one in spans:
        ends = [end for end in (found.until, one.until) if end is not None]
        found = Span(max(found.since, one.since), min(ends, default=None))
    return found


def _part(part: Mapping[str, Any], around: Around, item: Item) -> Span | None:
    """One part of a test; what stands together in it must hold together."""
    if "not" in part:
        other = holds(part["not"], around, item)
        if other is None:
            return ALWAYS
        return None if around.today.reached(other.since) else Span(FIRST, other.since)
    if "not_two_in_range_at_same_dose" in part:
        after = max([around.course.start, *([around.change] if around.change else [])])
        return calc.steady(around.readings(item), after, item.limits.low, item.limits.high)
    spans = [_single(name, part[name], part, around) for name in part if name not in ("age_max", "sex_at_birth")]
    if "age_max" in part and "age_min" not in part:
        spans.append(Span(FIRST, _birthday(around.person.born, part["age_max"] + 1)))
    if "sex_at_birth" in part:
        spans.append(ALWAYS if around.person.sex == "female" else None)
    return None if any(one is None for one in spans) else _both([one for one in spans if one is not None])


def _single(name: str, wanted: Any, part: Mapping[str, Any], around: Around) -> Span | None:
    person, course = around.person, around.course
    match name:
        case "age_min":
            most = part.get("age_max")
            until = None if most is None else _birthday(person.born, most + 1)
            return Span(_birthday(person.born, wanted), until)
        case "sex":
            return ALWAYS if person.sex == {"F": "female", "M": "male"}[wanted] else None
        case "icd10_prefixes":
            return _coded(wanted, person)
        case "taking" | "taking_other":
            others = [
                one.start for one in around.courses
                if one.stopped is None and (name == "taking" or one.key != course.key)
                and any(one.drug.is_a(what) for what in wanted)
            ]  # fmt: skip
            return Span(min(others)) if others else None
        case "flag" | "genotype":
            return Span(person.flags[wanted]) if wanted in person.flags else None
        case "state":
            return ALWAYS if person.answers.get(wanted) == "yes" else None
        case "unasked":
            return ALWAYS if wanted not in person.answers else None
        case "days_since_start_max":
            return Span(FIRST, course.start + timedelta(days=wanted + 1))
        case "days_since_start_min":
            return Span(course.start + timedelta(days=wanted))
        case "last_value":
            return _last_value(wanted, around)
        case "rise_from_baseline_pct":
            since = calc.gained(around.results.get(wanted["code"], ()), course.start, WINDOW, wanted["value"])
            return None if since is None else Span(since)
    raise KeyError(name)


def _coded(prefixes: Sequence[str], person: Person) -> Span | None:
    """Since the first recorded condition at or below one of the prefixes; a medical fact stands for its codes."""
    days = [since for code, since in person.conditions if code.startswith(tuple(prefixes))]
    for key, codes in FACT_CODES.items():
        if person.answers.get(key) == "yes" and any(code.startswith(tuple(prefixes)) for code in codes):
            days.append(FIRST)
    return Span(min(days)) if days else None


def _last_value(wanted: Mapping[str, Any], around: Around) -> Span | None:
    rows = [one for one in around.results.get(wanted["code"], ()) if one.value is not None]
    if not rows or rows[-1].value is None:
        return None
    value, limit = float(rows[-1].value), wanted["value"]
    said = {">=": value >= limit, "<": value < limit, ">": value > limit, "<=": value <= limit}[wanted["op"]]
    return Span(rows[-1].on) if said else None


def _birthday(born: date, years: int) -> date:
    """The day on which somebody is so old; of February 29, March 1 in a common year."""
    try:
        return born.replace(year=born.year + years)
    except ValueError:
        return date(born.year + years, 3, 1)
