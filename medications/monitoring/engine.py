"""What is due for one person: facts, medicines with their starts and changes, last results, protocols. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

from medications.monitoring import calc
from medications.monitoring.calc import ALWAYS, FIRST, Reading, Span
from medications.monitoring.enums import Anchor
from medications.monitoring.knowledge import AIMS, ANC, WINDOW, Item, Knowledge, Protocol, Rule
from medications.safety.knowledge import DrugFacts

HORIZON = 400  # days ahead; what comes later is nobody's work yet
TAIL = 28  # days after clozapine has stopped in which a low count is still followed (R-MO-CLZ)
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


@dataclass(frozen=True, slots=True)
class Choices:
    """What the practice has configured: the profile of each protocol, intervals of AIMS, days added to blocks."""

    profiles: Mapping[str, str] = field(default_factory=dict)
    aims_high: int = 180
    aims: int = 365
    later: int = 0
    questions_block: bool = False
    optional: bool = False


@dataclass(frozen=True)
class Plan:
    """The data as the practice has chosen them: for each drug what is asked, kept once found."""

    known: Knowledge
    choices: Choices = field(default_factory=Choices)
    kept: dict[str, tuple[tuple[Protocol, Item], ...]] = field(default_factory=dict, repr=False)

    def of(self, drug: DrugFacts) -> tuple[tuple[Protocol, Item], ...]:
        """Every item that the drug asks for, each with its protocol."""
        if drug.name not in self.kept:
            self.kept[drug.name] = tuple(
                (protocol, _as_chosen(item, self.choices))
                for protocol in self.known.of(drug)
                for item in protocol.by(self.choices.profiles.get(protocol.key, protocol.default))
                if self.choices.optional or not item.optional
            )
        return self.kept[drug.name]


@dataclass(frozen=True, slots=True)
class Asked:
    """One prescription that asks for something: since when it is due, why, and after how many days refills ask."""

    protocol: str
    prescription: str
    due_on: date
    anchor: str
    why: str
    blocks: int | None


@dataclass(frozen=True, slots=True)
class Due:
    """One thing that is due: everybody who asks for it, the earliest first; `since`: the last result that counts."""

    code: str
    item: Item
    asks: tuple[Asked, ...]
    since: date | None

    @property
    def due_on(self) -> date:
        """The earliest day."""
        return self.asks[0].due_on


@dataclass(frozen=True, slots=True)
class _Around:
    """One course with everything that its rules look at."""

    person: Person
    courses: Sequence[Course]
    course: Course
    results: Mapping[str, Sequence[Reading]]
    known: Knowledge
    today: date
    kept: dict[str, Span | None] = field(default_factory=dict)  # predicates that no item changes, once answered

    @property
    def change(self) -> date | None:
        """The last change of dose that has begun."""
        past = [day for day in self.course.changes if self.course.start < day <= self.today]
        return max(past, default=None)

    def readings(self, item: Item) -> Sequence[Reading]:
        """Results that count as the item, by day."""
        found = [one for code in item.counts for one in self.results.get(code, ())]
        return found if len(item.counts) == 1 else sorted(found, key=lambda one: one.on)

    def last(self, item: Item) -> date | None:
        """The day of the last result that counts."""
        days = [rows[-1].on for code in item.counts if (rows := self.results.get(code))]
        return max(days, default=None)


def looked_at(known: Knowledge) -> frozenset[str]:
    """The medical facts that a predicate of the data can ask for, directly or by their codes."""
    parts = [part for one in known.predicates.values() for parts in one["test"].values() for part in parts]
    return frozenset(FACT_CODES) | {part[name] for part in parts for name in ("state", "unasked") if name in part}


def due(
    person: Person, courses: Sequence[Course], results: Mapping[str, Sequence[Reading]], plan: Plan, today: date
) -> list[Due]:
    """Everything that is due or will be within a good year, one for each code, in the order of its day.

    `courses`: every medicine that is taken, from elsewhere too; only ours ask. `results`: by code, by day.
    """
    found: dict[str, tuple[Item, list[Asked], date | None]] = {}
    for course in courses:
        if not course.ours or (course.stopped is not None and course.stopped + timedelta(days=TAIL) <= today):
            continue
        over = course.stopped is not None and course.stopped <= today
        around = _Around(person, courses, course, results, plan.known, today)
        for protocol, item in plan.of(course.drug):
            asked = _asked(around, protocol, item, plan.choices, over=over)
            if asked is not None and (asked.due_on - today).days <= HORIZON:
                found.setdefault(item.code, (item, [], around.last(item)))[1].append(asked)
    rows = [
        Due(code, item, tuple(sorted(asks, key=lambda one: (one.due_on, one.protocol, one.prescription))), since)
        for code, (item, asks, since) in found.items()
    ]
    return sorted(rows, key=lambda one: (one.due_on, one.code))


def _asked(around: _Around, protocol: Protocol, item: Item, choices: Choices, *, over: bool) -> Asked | None:
    """The earliest day on which this course asks for the item; after its end only a low count is followed."""
    low = _low_count(around, item) if item.code == ANC and protocol.anc else None
    if over:
        candidates = [low] if low is not None else []
    elif low is not None:
        candidates = [low]
    else:
        candidates = list(_candidates(around, protocol, item))
    if not candidates:
        return None
    day, anchor, why = min(candidates)
    blocks = item.blocks if item.blocks is None or not item.question or choices.questions_block else None
    later = choices.later if item.code != ANC else 0
    return Asked(
        protocol.key, around.course.key, day, anchor, why, None if blocks is None else blocks + later
    )  # fmt: skip


def _as_chosen(item: Item, choices: Choices) -> Item:
    """AIMS by the practice's own intervals (R-MO-AIMS)."""
    if item.code != AIMS:
        return item
    days = {"td_high_risk": choices.aims_high, "td_standard_risk": choices.aims}
    rules = [
        replace(one, after=days[one.only_if], every=days[one.only_if]) if one.only_if in days else one
        for one in item.rules
    ]
    return replace(item, rules=tuple(rules))


def _candidates(around: _Around, protocol: Protocol, item: Item) -> Iterator[tuple[date, str, str]]:
    start, last, window = around.course.start, around.last(item), protocol.window(item.code)
    wanted = ALWAYS if item.baseline else holds(item.baseline_if, around, item) if item.baseline_if else None
    if wanted is not None and not item.question:
        day = calc.missing_first(start, last=last, window=window, span=wanted)
        if day is not None:
            yield day, Anchor.BASELINE, "a first value, before or at the start"
    if item.code == ANC:
        start = _restarted(around.course, around.today)
        if (decided := around.person.flags.get(INDIVIDUAL)) is not None:
            yield from _individual(around, protocol, item, start, decided)
            return
    for rule in item.rules:
        span = holds(rule.only_if, around, item) if rule.only_if else ALWAYS
        if span is not None and (found := _by(rule, around, item, start, window, span)) is not None:
            yield found


def _by(rule: Rule, around: _Around, item: Item, start: date, window: int, span: Span) -> tuple[date, str, str] | None:
    """The day by one rule."""
    last = around.last(item)
    if rule.anchor == Anchor.LAST_RESULT:
        day = calc.after_last(start, rule.after, rule.until, last=last, window=window, span=span)
        counts = last is not None and last >= start - timedelta(days=window)
        why = f"{_days(rule.after)} after the last one" if counts else f"{_days(rule.after)} after the start"
        return None if day is None else (day, Anchor.LAST_RESULT, why)
    change = around.change
    anchor, name = start, Anchor.START
    if rule.anchor != "start":
        if change is None and rule.anchor == "dose_change":
            return None
        if change is not None:
            anchor, name = change, Anchor.DOSE_CHANGE
    first_weeks = item.kind in ("question", "scale") and (rule.every is None or rule.until is not None)
    lapsed = around.today - timedelta(days=calc.LAPSE) if first_weeks else FIRST
    if rule.every is not None and item.question and rule.until is None:
        lapsed = around.today - timedelta(days=rule.every)  # a question is asked again, not made up for
    day = calc.on_a_grid(anchor, rule.after, rule.every, rule.until, last=last, span=span, lapsed=lapsed)
    if day is None:
        return None
    if rule.after == 0 and rule.only_if:
        return day, name, _text(around.known, rule.only_if)
    what = "the start" if name == Anchor.START else "the change of dose"
    return day, name, f"{_days((day - anchor).days)} after {what}"


def _individual(
    around: _Around, protocol: Protocol, item: Item, start: date, decided: date
) -> Iterator[tuple[date, str, str]]:
    """A named prescriber's decision: every 4 weeks after 18 weeks, no more after 2 years (R-MO-CLZ)."""
    for rule in protocol.profiles["ASCP_INDIVIDUAL"][item.code]:
        if (found := _by(rule, around, item, start, protocol.window(item.code), ALWAYS)) is not None:
            day, anchor, why = found
            yield day, anchor, f"{why}, as decided on {decided:%b} {decided.day}, {decided.year}"


def _low_count(around: _Around, item: Item) -> tuple[date, str, str] | None:
    found = calc.after_low_count(
        around.readings(item), ben=BEN in around.person.flags,
        since=around.course.start - timedelta(days=around.known.protocols["clozapine"].window(ANC)),
    )  # fmt: skip
    return None if found is None else (found.on, Anchor.LOW_COUNT, found.why)


def _restarted(course: Course, today: date) -> date:
    """Where the rhythm of counts begins: anew after a pause of more than thirty days (R-MO-CLZ)."""
    ends = [
        until for begun, until in course.holds
        if until is not None and until <= today and (until - begun).days > calc.RESTART
    ]  # fmt: skip
    return max([course.start, *ends])


def holds(key: str, around: _Around, item: Item) -> Span | None:
    """The days on which a predicate of the data holds for the person and the course, as far as is recorded."""
    if key not in around.kept:
        found = _tested(key, around, item)
        if key in OF_THE_ITEM:
            return found
        around.kept[key] = found
    return around.kept[key]


def _tested(key: str, around: _Around, item: Item) -> Span | None:
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


def _part(part: Mapping[str, Any], around: _Around, item: Item) -> Span | None:
    """One part of a test; what stands together in it must hold together."""
    if "not" in part:
        other = holds(part["not"], around, item)
        return ALWAYS if other is None else Span(FIRST, other.since) if other.since > around.today else None
    if "not_two_in_range_at_same_dose" in part:
        after = max([around.course.start, *([around.change] if around.change else [])])
        return calc.steady(around.readings(item), after, item.limits.low, item.limits.high)
    spans = [_single(name, part[name], part, around) for name in part if name not in ("age_max", "sex_at_birth")]
    if "age_max" in part and "age_min" not in part:
        spans.append(Span(FIRST, _birthday(around.person.born, part["age_max"] + 1)))
    if "sex_at_birth" in part:
        spans.append(ALWAYS if around.person.sex == "female" else None)
    return None if any(one is None for one in spans) else _both([one for one in spans if one is not None])


def _single(name: str, wanted: Any, part: Mapping[str, Any], around: _Around) -> Span | None:
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


def _last_value(wanted: Mapping[str, Any], around: _Around) -> Span | None:
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


def _days(count: int) -> str:
    return "1 day" if count == 1 else f"{count} days"


def _text(known: Knowledge, key: str) -> str:
    text = str(known.predicates[key]["text"]).split(":")[0].rstrip(".")
    return text[:1].lower() + text[1:]
