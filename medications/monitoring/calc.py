"""Arithmetic of due days, units and small series. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation

MOST_GRACE = 14  # days
LAPSE = 28  # days after which a question of the first weeks is moot
EPISODE = 28  # days of weekly counts after a low neutrophil count has recovered
RESTART = 30  # a clozapine pause of more days: counts begin as for a new patient (R-MO-CLZ)
FIRST, LAST = date.min, date.max


@dataclass(frozen=True, slots=True)
class Span:
    """The days on which something holds: from `since`, up to the day before `until` (None: still)."""

    since: date = FIRST
    until: date | None = None

    def covers(self, day: date) -> bool:
        """Whether it holds on the day."""
        return self.since <= day and (self.until is None or day < self.until)


ALWAYS = Span()


@dataclass(frozen=True, slots=True)
class Reading:
    """A result: the day it was taken; its number in the unit of the data, if it has one; the laboratory's range."""

    on: date
    value: Decimal | None = None
    low: Decimal | None = None
    high: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """How a prescription stands to what is measured for it, for the gate of a refill (R-MO-99).

    `asked`: something that is measured for it can stop a silent refill. `on_record`: a result of that is known.
    `overdue`: days of the worst of the `count` that are over their limit.
    """

    asked: bool = False
    on_record: bool = False
    overdue: int | None = None
    count: int = 0


def grace(days: int) -> int:
    """How many days early a measurement may be and still count for its day: a seventh of the interval."""
    return min(days // 7, MOST_GRACE)


def on_a_grid(
    anchor: date, after: int, every: int | None, until: int | None, *, last: date | None, span: Span,
    lapsed: date = FIRST,
) -> date | None:  # fmt: skip
    """The earliest day of `anchor + after (+ every …)`, `until` days after the anchor at most, that no result meets.

    A result meets every day up to its own, and those that come within the grace after it. `span`: days outside do not
    count; a single day before it moves to its beginning. `lapsed`: days before it are moot.
    """
    first, early = anchor + timedelta(days=after), grace(every or after)
    if every is None:
        day = max(first, span.since)
        met = last is not None and last >= day - timedelta(days=early)
        return None if met or day < lapsed or not span.covers(day) else day
    steps = 0
    if last is not None:
        steps = max(0, (last - first).days + early + every) // every
    for earliest in (span.since, lapsed):
        if earliest > first:
            steps = max(steps, -(-(earliest - first).days // every))
    day = first + timedelta(days=steps * every)
    return None if (until is not None and (day - anchor).days > until) or not span.covers(day) else day


def after_last(
    start: date, after: int, until: int | None, *, last: date | None, window: int, span: Span
) -> date | None:
    """So many days after the last result, or after the start if none counts; `until` days after the start at most."""
    base = last if last is not None and last >= start - timedelta(days=window) else start
    day = base + timedelta(days=after)
    if until is not None and (day - start).days > until:
        return None
    day = max(day, span.since)
    return day if span.covers(day) else None


def missing_first(start: date, *, last: date | None, window: int, span: Span) -> date | None:
    """The start, if nothing was measured from `window` days before it on."""
    if last is not None and last >= start - timedelta(days=window):
        return None
    day = max(start, span.since)
    return day if span.covers(day) else None


def steady(readings: Sequence[Reading], after: date, low: Decimal | None, high: Decimal | None) -> Span | None:
    """When a level is not steady yet: fewer than two readings in a row in range since the dose (after `after`).

    The laboratory's own range decides where a reading has one. None: it is steady.
    """
    mine = [one for one in readings if one.on > after and one.value is not None]
    if len(mine) >= 2 and all(within(one, low, high) for one in mine[-2:]):
        return None
    wrong = [one.on for one in mine if not within(one, low, high)]
    return Span(max([after, *wrong[-1:]]))


def within(one: Reading, low: Decimal | None, high: Decimal | None) -> bool:
    """Whether the number lies in its range; low is in, high is out, as alerts fire."""
    low, high = (one.low, one.high) if one.low is not None and one.high is not None else (low, high)
    assert one.value is not None
    return (low is None or one.value >= low) and (high is None or one.value < high)


def gained(readings: Sequence[Reading], start: date, window: int, percent: int) -> date | None:
    """The day of the last weight, if it is so many percent above the first one that counts for the start."""
    mine = [one for one in readings if one.value is not None and one.on >= start - timedelta(days=window)]
    if len(mine) < 2 or not mine[0].value:
        return None
    first, last = mine[0].value, mine[-1].value
    assert last is not None
    return mine[-1].on if last * 100 >= first * (100 + percent) else None


@dataclass(frozen=True, slots=True)
class CountDue:
    """When the next neutrophil count is due because of a low one, and why."""

    on: date
    why: str


def after_low_count(readings: Sequence[Reading], *, ben: bool, since: date = FIRST) -> CountDue | None:
    """R-MO-CLZ: when the count is due after a low one; None: the normal rhythm holds.

    General: the first below 1500 is confirmed within a day; 1000 to 1499 three times a week; below 1000 daily until
    1000, three times a week until 1500, then weekly for 4 weeks. Benign ethnic neutropenia: below 1000 three times a
    week until 1000, then weekly for 4 weeks; below 500 daily until 500.
    """
    mine = [one for one in readings if one.value is not None and one.on >= since]
    if not mine:
        return None
    normal, daily = (Decimal(1000), Decimal(500)) if ben else (Decimal(1500), Decimal(1000))
    last = mine[-1]
    assert last.value is not None
    if last.value < normal:
        first = len(mine) == 1 or (mine[-2].value or normal) >= normal
        if first:
            return CountDue(last.on + timedelta(days=1), "the first low count is confirmed within 24 hours")
        if last.value < daily:
            return CountDue(last.on + timedelta(days=1), f"daily until it is {daily:,} or more")
        return CountDue(last.on + timedelta(days=2), f"three times a week until it is {normal:,} or more")
    recovered, nadir = last, None
    for one in reversed(mine):
        assert one.value is not None
        if one.value < normal:
            nadir = one.value if nadir is None else min(nadir, one.value)
        elif nadir is None:
            recovered = one
        else:
            break
    if nadir is None or (nadir >= daily and not ben):
        return None
    day = last.on + timedelta(days=7)
    if (day - recovered.on).days > EPISODE:
        return None
    return CountDue(day, "weekly for 4 weeks after a low count")


# How one of another unit becomes one of the data's: times a number, per code where it depends on the substance.
PER: Mapping[tuple[str, str], Decimal] = {
    ("10*3/uL", "/uL"): Decimal(1000), ("/uL", "10*3/uL"): Decimal("0.001"), ("meq/L", "mmol/L"): Decimal(1),
    ("[lb_av]", "kg"): Decimal("0.45359237"), ("[in_i]", "cm"): Decimal("2.54"), ("g/L", "mg/dL"): Decimal(100),
    ("ug/L", "ng/mL"): Decimal(1), ("mg/L", "ug/mL"): Decimal(1), ("mg/dL", "mg/L"): Decimal(10),
}  # fmt: skip
BY_CODE: Mapping[tuple[str, str], Decimal] = {
    ("1558-6", "mmol/L"): Decimal("18.016"), ("17861-6", "mmol/L"): Decimal("4.008"),
    ("19123-9", "mmol/L"): Decimal("2.431"), ("2160-0", "umol/L"): Decimal("0.01131"),
    ("4086-5", "umol/L"): Decimal("0.14421"), ("3432-2", "umol/L"): Decimal("0.23627"),
    ("1975-2", "umol/L"): Decimal("0.05848"),
}  # fmt: skip
SPELLED = {
    "meq/l": "meq/L", "mmol/l": "mmol/L", "mg/dl": "mg/dL", "ug/ml": "ug/mL", "mcg/ml": "ug/mL", "µg/ml": "ug/mL",
    "ng/ml": "ng/mL", "k/ul": "10*3/uL", "10^3/ul": "10*3/uL", "x10e3/ul": "10*3/uL", "thousand/ul": "10*3/uL",
    "10*3/ul": "10*3/uL", "10e3/ul": "10*3/uL", "10*9/l": "10*3/uL", "x10^9/l": "10*3/uL", "10^9/l": "10*3/uL",
    "cells/ul": "/uL", "/ul": "/uL", "cells/mcl": "/uL", "/mm3": "/uL", "u/l": "U/L", "iu/l": "U/L",
    "lb": "[lb_av]", "lbs": "[lb_av]", "in": "[in_i]", "inches": "[in_i]", "mmhg": "mm[Hg]", "bpm": "/min",
    "ml/min/1.73m2": "mL/min/{1.73_m2}", "ml/min/1.73 m2": "mL/min/{1.73_m2}", "ml/min": "mL/min/{1.73_m2}",
    "ml/min/{1.73_m2}": "mL/min/{1.73_m2}", "miu/l": "m[IU]/L", "uiu/ml": "m[IU]/L", "m[iu]/l": "m[IU]/L",
    "umol/l": "umol/L", "µmol/l": "umol/L", "mg/l": "mg/L", "c": "Cel", "°c": "Cel", "f": "[degF]", "°f": "[degF]",
    "msec": "ms", "g/l": "g/L", "ug/l": "ug/L", "kg/m2": "kg/m2", "points": "{score}", "score": "{score}",
}  # fmt: skip
SHOWN = {
    "mL/min/{1.73_m2}": "mL/min/1.73 m²", "m[IU]/L": "mIU/L", "10*3/uL": "10³/µL", "/uL": "cells/µL", "mm[Hg]": "mmHg",
    "Cel": "°C", "[degF]": "°F", "{score}": "points", "[lb_av]": "lb", "[in_i]": "in", "ug/mL": "µg/mL",
    "umol/L": "µmol/L", "meq/L": "mEq/L", "ug/L": "µg/L", "kg/m2": "kg/m²",
}  # fmt: skip
PLACES = Decimal("0.0001")


def spelled(unit: str) -> str:
    """A unit as the data spell it, whatever a laboratory writes."""
    text = "".join(unit.split()) if unit.strip().lower() not in SPELLED else unit.strip()
    return SPELLED.get(text.lower(), text)


def shown_unit(unit: str) -> str:
    """A unit as people read it."""
    return SHOWN.get(unit, unit)


def units_for(code: str, unit: str) -> list[str]:
    """The units in which something may be given, the data's own first."""
    found = [unit]
    found += [other for other, own in PER if own == unit]
    found += [other for own, other in BY_CODE if own == code]
    if unit == "Cel":
        found.append("[degF]")
    return list(dict.fromkeys(one for one in found if one))


def converted(code: str, value: Decimal, unit: str, to: str) -> Decimal | None:
    """The number in the data's unit, exact to four places; None: nothing known leads from one to the other."""
    if unit == to:
        return value
    if (unit, to) == ("[degF]", "Cel"):
        return ((value - 32) * 5 / 9).quantize(Decimal("0.01"))
    factor = BY_CODE.get((code, unit)) or PER.get((unit, to))
    if factor is None:
        return None
    try:
        return (value * factor).quantize(PLACES)
    except InvalidOperation:
        return None


def slip(value: Decimal, low: Decimal, high: Decimal) -> Decimal | None:
    """The factor of ten to a thousand that would make an implausible number plausible, if one does."""
    for factor in (Decimal(10), Decimal(100), Decimal(1000)):
        for tried in (factor, 1 / factor):
            if low <= value * tried <= high:
                return tried
    return None
