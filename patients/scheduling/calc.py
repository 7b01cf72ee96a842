"""Arithmetic of the schedule: local hours as moments, what is free, stacked visits, when a reminder may leave.

A Range is half open: its end belongs to the next. All moments are aware and in UTC; local time comes in as a day, a
time and a zone, so that days of 23 and 25 hours come out right.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

Hours = tuple[time, time]

STEP = 15  # minutes; visits begin at full quarter hours
WINDOW: Hours = (time(8), time(21))  # R-RE-05
# A message due at the very end of the window would be sent after it: the latest moment is this much before.
MARGIN = timedelta(minutes=30)


@dataclass(frozen=True, slots=True, order=True)
class Range:
    """A stretch of time from `starts_at` up to, not including, `ends_at`."""

    starts_at: datetime
    ends_at: datetime

    @property
    def minutes(self) -> int:
        """Its length in whole minutes."""
        return int((self.ends_at - self.starts_at).total_seconds() // 60)

    def overlaps(self, other: "Range") -> bool:
        """Whether both have a moment in common; ranges that only touch have none."""
        return self.starts_at < other.ends_at and other.starts_at < self.ends_at


@dataclass(frozen=True, slots=True)
class Stacked:
    """Two visits in one coming: `first` with one clinician, then `second` with the other."""

    first: Range
    second: Range

    @property
    def gap(self) -> int:
        """Minutes of waiting between the two."""
        return Range(self.first.ends_at, self.second.starts_at).minutes


@dataclass(frozen=True, slots=True)
class Sending:
    """When a message leaves, or why it does not."""

    at: datetime | None
    why: str = ""


@dataclass(frozen=True)
class Facts:
    """What the calendar holds over some days at one site: each person's hours and absences, the site's own hours."""

    zone: ZoneInfo
    hours: Mapping[UUID, Sequence[Range]] = field(default_factory=dict)
    absences: Mapping[UUID, Sequence[tuple[Range, str]]] = field(default_factory=dict)
    occupied: Mapping[UUID, Sequence[Range]] = field(default_factory=dict)
    opening: Sequence[Range] = ()
    closed: Sequence[tuple[Range, str]] = ()
    patient: Sequence[Range] = ()


def local(day: date, at: time, zone: ZoneInfo) -> datetime:
    """The moment of a local time on a day. A time that the clocks skip counts as if they had not been changed yet."""
    return datetime.combine(day, at, zone).astimezone(UTC)


def hours_on(day: date, starts: time, ends: time, zone: ZoneInfo) -> Range:
    """Local hours on a day as a range; `ends` at midnight means the end of the day."""
    last = day + timedelta(days=1) if ends == time(0) else day
    return Range(local(day, starts, zone), local(last, ends, zone))


def day_bounds(day: date, zone: ZoneInfo) -> Range:
    """A local day from midnight to midnight: 23, 24 or 25 hours."""
    return hours_on(day, time(0), time(0), zone)


def merge(ranges: Iterable[Range]) -> list[Range]:
    """The same time in as few ranges as possible, in order; those that overlap or touch become one."""
    merged: list[Range] = []
    for found in sorted(r for r in ranges if r.starts_at < r.ends_at):
        if merged and found.starts_at <= merged[-1].ends_at:
            merged[-1] = Range(merged[-1].starts_at, max(merged[-1].ends_at, found.ends_at))
        else:
            merged.append(found)
    return merged


def subtract(ranges: Iterable[Range], taken: Iterable[Range]) -> list[Range]:
    """What is left of `ranges` without `taken`."""
    left = merge(ranges)
    for away in merge(taken):
        left = [piece for found in left for piece in _without(found, away)]
    return left


def intersect(some: Iterable[Range], others: Iterable[Range]) -> list[Range]:
    """The time that lies in both."""
    both = (
        Range(max(a.starts_at, b.starts_at), min(a.ends_at, b.ends_at))
        for a in merge(some)
        for b in merge(others)
        if a.overlaps(b)
    )
    return merge(both)


def free(hours: Iterable[Range], absences: Iterable[Range], occupied: Iterable[Range]) -> list[Range]:
    """Working hours without absences and without what is taken already."""
    return subtract(hours, [*absences, *occupied])


def slots(free_time: Iterable[Range], minutes: int, *, step: int = STEP) -> list[Range]:
    """Every visit of `minutes` that fits, beginning at full steps of the hour. Raises ValueError for no length."""
    if minutes <= 0 or step <= 0:
        raise ValueError("A visit and a step last at least a minute.")
    length, found = timedelta(minutes=minutes), []
    for piece in merge(free_time):
        start = _next_step(piece.starts_at, step)
        while start + length <= piece.ends_at:
            found.append(Range(start, start + length))
            start += timedelta(minutes=step)
    return found


def stack(
    free_a: Iterable[Range], free_b: Iterable[Range], minutes_a: int, minutes_b: int, gap_max: int, *, step: int = 5
) -> list[Stacked]:
    """Visits of both, a then b, with at most `gap_max` minutes between; for each start of a, the earliest b.

    a begins at quarter hours; b at full `step`s, since it follows a visit of 45 or 50 minutes.
    """
    second = slots(free_b, minutes_b, step=step)
    pairs, position = [], 0
    for first in slots(free_a, minutes_a):
        while position < len(second) and second[position].starts_at < first.ends_at:
            position += 1
        if position < len(second) and Range(first.ends_at, second[position].starts_at).minutes <= gap_max:
            pairs.append(Stacked(first, second[position]))
    return pairs


def week_of(day: date) -> tuple[date, ...]:
    """The seven days of the week that `day` lies in, Monday first."""
    monday = day - timedelta(days=day.weekday())
    return tuple(monday + timedelta(days=n) for n in range(7))


def next_open_day(day: date, weekdays: Collection[int], closed: Collection[date] = ()) -> date | None:
    """`day`, or the first one after it within a year on which the practice is open; weekday 0 is Monday."""
    days = (day + timedelta(days=n) for n in range(366))
    return next((d for d in days if d.weekday() in weekdays and d not in closed), None)


def send_at(
    starts_at: datetime,
    offset_days: int,
    zone: ZoneInfo,
    *,
    window: Hours = WINDOW,
    quiet: Hours | None = None,
    now: datetime | None = None,
) -> Sending:
    """When the reminder `offset_days` before a visit leaves (R-RE-05).

    It is due at the visit's own local time so many days earlier, in the patient's zone. Outside the window, or inside
    the patient's quiet hours (which may run over midnight), it moves to the latest allowed moment before; never later.
    With `now`, a moment that has gone by is dropped. `at` is None where nothing is left, and `why` says so.
    """
    visit = starts_at.astimezone(zone)
    target = datetime.combine(visit.date() - timedelta(days=offset_days), visit.time(), zone)
    allowed = _allowed(window, quiet)
    if not allowed:
        return Sending(None, "The quiet hours leave no time for messages.")
    found = _latest(target, allowed, zone)
    if now is not None and found < now:
        return Sending(None, "The time for this message had gone by when it was planned.")
    return Sending(
        found, "" if found == target.astimezone(UTC) else "Moved earlier, out of the hours without messages."
    )


def may_send(now: datetime, zone: ZoneInfo, *, window: Hours = WINDOW, quiet: Hours | None = None) -> bool:
    """Whether a message may leave at this moment (R-RE-05); asked again when it is sent."""
    at = now.astimezone(zone).time()
    return any(first <= at < last for first, last in _allowed(window, quiet))


def next_allowed(now: datetime, zone: ZoneInfo, *, window: Hours = WINDOW, quiet: Hours | None = None) -> datetime:
    """The first moment after `now` at which a message may leave; a day later where the hours leave no time."""
    here = now.astimezone(zone)
    for day in (here.date(), here.date() + timedelta(days=1)):
        for first, _ in _allowed(window, quiet):
            begins = local(day, first, zone)
            if begins > now:
                return begins
    return now + timedelta(days=1)


def _latest(target: datetime, allowed: Sequence[Hours], zone: ZoneInfo) -> datetime:
    """The last allowed moment that is not after `target`, with the margin before the end of each stretch."""
    wanted = target.astimezone(UTC)
    for days_back in range(3):
        day = target.date() - timedelta(days=days_back)
        for first, last in reversed(allowed):
            opens, closes = local(day, first, zone), local(day, last, zone)
            latest = min(wanted, max(opens, closes - MARGIN))
            if latest >= opens:
                return latest
    raise AssertionError("An allowed stretch comes round every day.")


def _allowed(window: Hours, quiet: Hours | None) -> list[Hours]:
    """The stretches of a day in which messages may leave, in order."""
    if quiet is None or quiet[0] == quiet[1]:
        return [window] if window[0] < window[1] else []
    if quiet[0] < quiet[1]:
        stretches = [(window[0], min(window[1], quiet[0])), (max(window[0], quiet[1]), window[1])]
    else:  # over midnight: allowed from the end of the quiet hours to their beginning
        stretches = [(max(window[0], quiet[1]), min(window[1], quiet[0]))]
    return [stretch for stretch in stretches if stretch[0] < stretch[1]]


def _without(found: Range, away: Range) -> list[Range]:
    if not found.overlaps(away):
        return [found]
    pieces = [Range(found.starts_at, away.starts_at), Range(away.ends_at, found.ends_at)]
    return [piece for piece in pieces if piece.starts_at < piece.ends_at]


def _next_step(moment: datetime, step: int) -> datetime:
    """The first full step at or after the moment, counted from the full hour (no zone lies off by less than 15)."""
    past = timedelta(minutes=moment.minute % step, seconds=moment.second, microseconds=moment.microsecond)
    return moment if not past else moment - past + timedelta(minutes=step)
