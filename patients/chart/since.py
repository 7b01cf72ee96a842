"""“Since you last saw them”: the timeline's rows since then, one line a thing, the newest fact, who and when."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from patients.chart.lanes import amount_words
from patients.measures import calc, instruments
from patients.timeline.enums import EntryKind
from patients.timeline.models import Entry

DOSES = (EntryKind.DOSE, EntryKind.HOLD, EntryKind.STOP)
OBJECTIVE = "objective:"
FIRST = ("phq9", "gad7")
# kind: mark, name, place among the lines
KINDS: dict[str, tuple[str, str, int]] = {
    EntryKind.SCORE: ("s", "Score", 1),
    EntryKind.DOSE: ("m", "Dose", 2),
    EntryKind.MISSED: ("t mk-hollow", "Not held", 3),
    EntryKind.SESSION: ("t", "Session", 4),
    EntryKind.VISIT: ("m", "Medication visit", 4),
    EntryKind.HOMEWORK: ("t", "Homework", 5),
    EntryKind.EVENT: ("flag", "Event", 6),
    EntryKind.RISK: ("r", "Risk", 7),
    EntryKind.PLAN: ("tm", "Plan", 8),
    EntryKind.REFILL: ("m", "Refill", 9),
    EntryKind.RECORD: ("p", "Record", 10),
    EntryKind.MESSAGE: ("p", "Message", 11),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One thing and its newest fact. `was` and `now` are shown as a step; `tone` is "m" for a dose.

    `later`: the amounts that are signed to follow, and from when.
    """

    mark: str
    name: str
    said: str = ""
    was: str = ""
    now: str = ""
    tone: str = ""
    at: datetime | None = None
    by: str = ""
    url_name: str = ""
    object_id: object = None
    meta: str = ""
    url: str = ""
    later: tuple[tuple[str, datetime], ...] = ()
    place: tuple[int, str] = field(default=(99, ""))


@dataclass(frozen=True, slots=True)
class Before:
    """What was known before: the last amount or score of each series, the first score of the episode, sizes, units."""

    last: Mapping[str, Decimal] = field(default_factory=dict)
    baseline: Mapping[str, int] = field(default_factory=dict)
    reliable: Mapping[str, int] = field(default_factory=dict)
    units: Mapping[str, str] = field(default_factory=dict)


def lines(entries: Sequence[Entry], before: Before, now: datetime) -> list[Line]:
    """The lines of the entries (newest first), grouped by thing, an open new risk first."""
    groups: dict[tuple[str, str], list[Entry]] = {}
    for entry in sorted(entries, key=lambda one: (one.recorded_at, one.occurred_at), reverse=True):
        groups.setdefault(_thing(entry), []).append(entry)
    made = [_line(kind, series, found, before, now) for (kind, series), found in groups.items()]
    return sorted(made, key=lambda line: line.place)


def _thing(entry: Entry) -> tuple[str, str]:
    """What a row is about: a score or drug by its series, anything else by its kind."""
    if entry.kind in DOSES:
        return EntryKind.DOSE, entry.series
    if entry.kind == EntryKind.SCORE or entry.series.startswith(OBJECTIVE):
        return entry.kind, entry.series
    return entry.kind, ""


def _line(kind: str, series: str, found: Sequence[Entry], before: Before, now: datetime) -> Line:
    newest = found[0]
    mark, name, place = KINDS[kind]
    line = Line(
        mark=mark, name=name, said=_more(newest.label, len(found)), at=newest.occurred_at,
        by=newest.by.given_name if newest.by else "", url_name=newest.url_name, object_id=newest.object_id,
        place=(place, series),
    )  # fmt: skip
    if kind == EntryKind.SCORE:
        order = f"{FIRST.index(series)}" if series in FIRST else f"9{series}"
        return _with(_score(line, newest, before), place=(place, order))
    if kind == EntryKind.DOSE:
        return _dose(line, found, before, now)
    if series.startswith(OBJECTIVE):
        return _with(line, name="Objective", mark="s", **_step(newest, before.last.get(series)))
    if kind == EntryKind.MISSED:
        return _missed(line, found)
    if kind == EntryKind.RISK:
        still = newest.until is None
        return _with(line, mark="r" if still else "rh", place=(0 if still else place, ""))
    return line


def _with(line: Line, **changes: object) -> Line:
    values = {name: getattr(line, name) for name in Line.__slots__}
    return Line(**{**values, **changes})


def _more(label: str, count: int) -> str:
    return label if count == 1 else f"{label}, and {count - 1} more"


def _step(entry: Entry, was: Decimal | None) -> dict[str, object]:
    """was → now, with the unit behind the new one."""
    if entry.value is None:
        return {}
    now = amount_words(entry.value, entry.unit)
    return {"was": amount_words(was) if was is not None and was != entry.value else "", "now": now}


def _score(line: Line, entry: Entry, before: Before) -> Line:
    found = instruments.everything().get(entry.series)
    name = found.short_name if found else entry.series
    if entry.value is None or found is None:
        return _with(line, name=name)
    said = meaning(found, before.baseline.get(entry.series), int(entry.value), before.reliable.get(entry.series))
    was = before.last.get(entry.series)
    if was == entry.value:
        said = f"as before; {said}" if said else "as before"
    return _with(line, name=name, said=said, **_step(entry, was))


def meaning(instrument: instruments.Instrument, baseline: int | None, now: int, reliable: int | None = None) -> str:
    """What a total says of the first of the episode (R-MB-03, R-MB-04): nothing that is not published."""
    if baseline is None:
        return f"first score: {calc.band(instrument, now) or 'no band'}"
    if baseline == now:
        return calc.band(instrument, now) or ""
    change = calc.change(instrument, baseline, now, reliable=reliable)
    below = instrument.sizes.remission_below
    if change.remission and change.points:
        return f"remission: under {below}; {baseline} at the start"
    if change.response and change.percent is not None:
        return f"response: {abs(change.percent)} % below {baseline}" + (f", not yet under {below}" if below else "")
    if change.deteriorated:
        return f"a reliable change for the worse since {baseline} at the start"
    if change.reliable:
        return f"reliable change from {baseline}"
    if change.reliable is False:
        return f"no reliable change from {baseline}"
    return f"{baseline} at the start"


def _dose(line: Line, found: Sequence[Entry], before: Before, now: datetime) -> Line:
    newest = _telling(found, now)
    if not newest.series:
        return _with(line, name="Medicine")
    name = newest.series[:1].upper() + newest.series[1:]
    was = before.last.get(newest.series)
    unit = next((one.unit for one in found if one.unit), before.units.get(newest.series, ""))
    if newest.kind != EntryKind.DOSE:
        doses = [one for one in found if one.kind == EntryKind.DOSE and one.value is not None]
        taken = [one for one in doses if one.occurred_at <= newest.occurred_at] or doses
        last = taken[0].value if taken else was
        return _with(line, name=name, said=_none_taken(newest, last, unit, now), at=newest.occurred_at)
    doses = sorted((one for one in found if one.kind == EntryKind.DOSE), key=lambda one: one.occurred_at)
    begun = [one for one in doses if one.occurred_at <= now]
    told = begun[-1] if begun else doses[0]
    later = tuple(
        (amount_words(one.value, one.unit), one.occurred_at)
        for one in doses
        if one.occurred_at > told.occurred_at and one.value is not None
    )
    said = "started" if was is None else "the same amount again" if was == told.value else ""
    if told.occurred_at > now:
        said = f"{said}, from then on".removeprefix(", ")
    return _with(
        line, name=name, said=said, tone="m", at=told.occurred_at, url_name=told.url_name, object_id=told.object_id,
        later=later, by=told.by.given_name if told.by else "", **_step(told, was),
    )  # fmt: skip


def _telling(found: Sequence[Entry], now: datetime) -> Entry:
    """The row that says what holds: an open hold, whatever is signed to follow; one that is over only where alone."""
    held = [one for one in found if one.kind == EntryKind.HOLD]
    still = [one for one in held if one.until is None or one.until > now]
    rest = still or [one for one in found if one.kind != EntryKind.HOLD] or held
    return max(rest, key=lambda one: (one.occurred_at, one.recorded_at))


def _none_taken(entry: Entry, amount: Decimal | None, unit: str, now: datetime) -> str:
    """What a hold or a stop says, with what was taken before it."""
    words = amount_words(amount, unit) if amount is not None else ""
    if entry.kind == EntryKind.HOLD and entry.until is not None and entry.until <= now:
        return f"{words} again, after a hold".strip()
    said = "on hold" if entry.kind == EntryKind.HOLD else "stopped"
    return f"{said}, was {words}" if words else said


def _missed(line: Line, found: Sequence[Entry]) -> Line:
    newest = max(found, key=lambda one: one.occurred_at)
    mark = "m mk-hollow" if newest.series == "medication" else "t mk-hollow"
    return _with(line, mark=mark, said=_more(newest.label, len(found)), at=newest.occurred_at)
