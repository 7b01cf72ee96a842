"""What is due for one person: facts, medicines with their starts and changes, last results, protocols. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cache
from typing import NamedTuple

from medications.monitoring import calc
from medications.monitoring.calc import ALWAYS, FIRST, Reading, Span
from medications.monitoring.enums import Anchor
from medications.monitoring.knowledge import AIMS, ANC, Item, Knowledge, Protocol, Rule
from medications.monitoring.predicates import BEN, INDIVIDUAL, Around, Course, Person, Today, holds
from medications.safety.knowledge import DrugFacts

HORIZON = timedelta(days=400)  # what comes later is nobody's work yet
TAIL = timedelta(days=28)  # after clozapine has stopped, in which a low count is still followed (R-MO-CLZ)


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


class Asked(NamedTuple):
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


def due(
    person: Person, courses: Sequence[Course], results: Mapping[str, Sequence[Reading]], plan: Plan, today: date
) -> list[Due]:
    """Everything that is due or will be within a good year, one for each code, in the order of its day.

    `courses`: every medicine that is taken, from elsewhere too; only ours ask. `results`: by code, by day.
    """
    return look(person, courses, results, plan, today)[0]


def look(
    person: Person, courses: Sequence[Course], results: Mapping[str, Sequence[Reading]], plan: Plan, day: date
) -> tuple[list[Due], date]:
    """What is due, and the first later day on which the passing of time alone could change that answer."""
    today = Today(day)
    last_on = {code: rows[-1].on for code, rows in results.items() if rows}
    found: dict[str, tuple[Item, list[Asked], date | None]] = {}
    for course in courses:
        if not course.ours or (course.stopped is not None and today.reached(course.stopped + TAIL)):
            continue
        over = course.stopped is not None and today.reached(course.stopped)
        around = Around(person, courses, course, results, last_on, plan.known, today)
        for protocol, item in plan.of(course.drug):
            if over and item.code != ANC:
                continue
            last = around.last(item)
            asked = _asked(around, protocol, item, last, plan.choices, over=over)
            if asked is not None and today.reached(asked.due_on - HORIZON):
                found.setdefault(item.code, (item, [], last))[1].append(asked)
    rows = [
        Due(code, item, tuple(sorted(asks, key=_order)) if len(asks) > 1 else tuple(asks), since)
        for code, (item, asks, since) in found.items()
    ]
    return sorted(rows, key=lambda one: (one.due_on, one.code)), today.turns


def _order(one: Asked) -> tuple[date, str, str]:
    return one.due_on, one.protocol, one.prescription


def _asked(
    around: Around, protocol: Protocol, item: Item, last: date | None, choices: Choices, *, over: bool
) -> Asked | None:
    """The earliest day on which this course asks for the item; after its end only a low count is followed."""
    low = _low_count(around, item) if item.code == ANC and protocol.anc else None
    if over:
        candidates = [low] if low is not None else []
    elif low is not None:
        candidates = [low]
    else:
        candidates = list(_candidates(around, protocol, item, last))
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


def _candidates(around: Around, protocol: Protocol, item: Item, last: date | None) -> Iterator[tuple[date, str, str]]:
    start, window = around.course.start, protocol.window(item.code)
    if not item.question and (item.baseline or item.baseline_if):
        wanted = ALWAYS if item.baseline else holds(item.baseline_if or "", around, item)
        if wanted is not None:
            day = calc.missing_first(start, last=last, window=window, span=wanted)
            if day is not None:
                yield day, Anchor.BASELINE, "a first value, before or at the start"
    if item.code == ANC:
        start = _restarted(around.course, around.today)
        if (decided := around.person.flags.get(INDIVIDUAL)) is not None:
            yield from _individual(around, protocol, item, start, decided, last)
            return
    for rule in item.rules:
        span = holds(rule.only_if, around, item) if rule.only_if else ALWAYS
        if span is not None and (found := _by(rule, around, item, start, window, span, last)) is not None:
            yield found


def _by(
    rule: Rule, around: Around, item: Item, start: date, window: int, span: Span, last: date | None
) -> tuple[date, str, str] | None:
    """The day by one rule."""
    if rule.anchor == "last_result":
        day = calc.after_last(start, rule.after, rule.until, last=last, window=window, span=span)
        counts = last is not None and last >= start - timedelta(days=window)
        return None if day is None else (day, Anchor.LAST_RESULT, _after(rule.after, "last one" if counts else "start"))
    change = around.change
    anchor, name = start, Anchor.START
    if rule.anchor != "start":
        if change is None and rule.anchor == "dose_change":
            return None
        if change is not None:
            anchor, name = change, Anchor.DOSE_CHANGE
    moot = _moot(rule, item)
    lapsed = FIRST if moot is None else around.today.day - timedelta(days=moot)
    day = calc.on_a_grid(anchor, rule.after, rule.every, rule.until, last=last, span=span, lapsed=lapsed)
    if day is None:
        return None
    if moot is not None:
        around.today.reached(day + timedelta(days=moot + 1))
    if rule.after == 0 and rule.only_if:
        return day, name, _text(around.known, rule.only_if)
    return day, name, _after((day - anchor).days, "start" if name is Anchor.START else "change of dose")


def _moot(rule: Rule, item: Item) -> int | None:
    """After how many days a demand of the rule is moot; None: never. A question is asked again, not made up for."""
    if rule.every is not None and item.question and rule.until is None:
        return rule.every
    first_weeks = item.kind in ("question", "scale") and (rule.every is None or rule.until is not None)
    return calc.LAPSE if first_weeks else None


def _individual(
    around: Around, protocol: Protocol, item: Item, start: date, decided: date, last: date | None
) -> Iterator[tuple[date, str, str]]:
    """A named prescriber's decision: every 4 weeks after 18 weeks, no more after 2 years (R-MO-CLZ)."""
    for rule in protocol.profiles["ASCP_INDIVIDUAL"][item.code]:
        if (found := _by(rule, around, item, start, protocol.window(item.code), ALWAYS, last)) is not None:
            day, anchor, why = found
            yield day, anchor, f"{why}, as decided on {decided:%b} {decided.day}, {decided.year}"


def _low_count(around: Around, item: Item) -> tuple[date, str, str] | None:
    found = calc.after_low_count(
        around.readings(item), ben=BEN in around.person.flags,
        since=around.course.start - timedelta(days=around.known.protocols["clozapine"].window(ANC)),
    )  # fmt: skip
    return None if found is None else (found.on, Anchor.LOW_COUNT, found.why)


def _restarted(course: Course, today: Today) -> date:
    """Where the rhythm of counts begins: anew after a pause of more than thirty days (R-MO-CLZ)."""
    ends = [
        until for begun, until in course.holds
        if until is not None and (until - begun).days > calc.RESTART and today.reached(until)
    ]  # fmt: skip
    return max([course.start, *ends])


@cache
def _after(count: int, what: str) -> str:
    return f"{_days(count)} after the {what}"


def _days(count: int) -> str:
    return "1 day" if count == 1 else f"{count} days"


def _text(known: Knowledge, key: str) -> str:
    text = str(known.predicates[key]["text"]).split(":")[0].rstrip(".")
    return text[:1].lower() + text[1:]
