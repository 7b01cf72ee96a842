"""Arithmetic of refills: when a supply runs out, when what is authorised runs out, and what each gate answers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

Period = tuple[date, date | None]  # from a day on; until: the first day no more, None: still


class Answer(StrEnum):
    """What a gate says: in order, needs a reason, refused by rule, not known."""

    IN_ORDER = "in_order"
    ASK = "ask"
    REFUSE = "refuse"
    NOT_KNOWN = "not_known"


@dataclass(frozen=True, slots=True)
class Filled:
    """A supply that was dispensed: the day, and the days it lasts."""

    on: date
    days: int


@dataclass(frozen=True, slots=True)
class Lost:
    """What the patient no longer has since a day: so many days of it; None: all that was left."""

    on: date
    days: int | None = None


@dataclass(frozen=True, slots=True)
class Authorised:
    """What might be dispensed: days a fill, refills after the first, the fills it is known to have had.

    `expires_on`: the last day on which it may be filled. `ended_on`: the day it was voided; None: it is live.
    """

    issued_on: date
    days: int
    refills: int
    fills: int = 0
    expires_on: date | None = None
    ended_on: date | None = None


@dataclass(frozen=True, slots=True)
class Forecast:
    """The first day without supply; the first when nothing authorised is left; fills left; whether all are known."""

    supply_end: date
    authorised_end: date
    remaining: int
    confirmed: bool


@dataclass(frozen=True, slots=True)
class Gate:
    """One question of the desk (R-RX-12), its answer, the sentence that says why, and the same in a few words."""

    gate: str
    label: str
    answer: str
    sentence: str
    brief: str = ""
    rule: str = "R-RX-12"

    def stored(self) -> dict[str, str]:
        """As the request keeps it."""
        return {
            "gate": self.gate, "label": self.label, "answer": str(self.answer), "sentence": self.sentence,
            "brief": self.brief, "rule": self.rule,
        }  # fmt: skip


def forecast(
    fills: Sequence[Filled],
    authorised: Sequence[Authorised],
    *,
    from_day: date,
    today: date,
    holds: Sequence[Period] = (),
    losses: Sequence[Lost] = (),
) -> Forecast:
    """When one dose runs out (R-RX-11). `authorised` stands in the order of issue; on `holds` none is taken.

    Supply end: each fill adds its days to what is left over, each loss takes from it. An authorisation of which no
    fill is known is assumed filled when it was due, the first when the dose began, until today; the answer then is not
    confirmed.
    Authorised end: supply end and the fills that remain, as far as they are due before the authorisation expires.
    """
    pauses = sorted(holds, key=lambda one: one[0])
    known = sorted(fills, key=lambda one: one.on)
    used: dict[int, int] = {}
    for place, one in enumerate(authorised):
        used[place] = one.fills or _assume(known, one, from_day, today, pauses, losses)
    end = _end(known, from_day, pauses, losses)
    confirmed = bool(fills) and len(known) == len(fills)
    authorised_end, total = end, 0  # several are live only in a series (R-RX-02): they follow one another
    for place, one in enumerate(authorised):
        if one.ended_on is None:
            left = _left(one, used[place], authorised_end, today)
            authorised_end += timedelta(days=one.days * left)
            total += left
    return Forecast(end, authorised_end, total, confirmed)


def _assume(
    known: list[Filled], one: Authorised, from_day: date, today: date, holds: Sequence[Period], losses: Sequence[Lost]
) -> int:
    """Add to `known` the fills of an authorisation that nobody told of, each when it was due; returns how many."""
    count = 0
    while count <= one.refills:
        before = [fill for fill in known if one.ended_on is None or fill.on < one.ended_on]
        gone = [loss for loss in losses if one.ended_on is None or loss.on < one.ended_on]
        due = max(_end(before, from_day, holds, gone), one.issued_on)
        if due > min(today, one.expires_on or today) or (one.ended_on is not None and due >= one.ended_on):
            break
        known.append(Filled(due, one.days))
        known.sort(key=lambda fill: fill.on)
        count += 1
    return count


def _left(one: Authorised, used: int, end: date, today: date) -> int:
    """How many fills remain that can still be had, each when the one before has run out."""
    left = max(0, one.refills + 1 - used)
    if one.expires_on is None:
        return left
    first = max(end, today)
    return sum(1 for number in range(left) if first + timedelta(days=one.days * number) <= one.expires_on)


def _end(fills: Sequence[Filled], from_day: date, holds: Sequence[Period], losses: Sequence[Lost]) -> date:
    """The first day without supply. A day on hold uses nothing, so it pushes the end by a day."""
    end = from_day
    events = [(fill.on, True, fill.days) for fill in fills] + [(loss.on, False, loss.days or 0) for loss in losses]
    for on, had, days in sorted(events, key=lambda event: event[:2]):  # a fill of the day of a loss replaces it
        if had:
            end = _pushed(max(end, on), days, holds)
        elif end > on:
            left = _taken(on, end, holds) - days if days else 0
            end = _pushed(on, left, holds) if left > 0 else on
    return end


def _taken(start: date, end: date, holds: Sequence[Period]) -> int:
    """The days from `start` to the day before `end` on which it is taken."""
    on_hold = (min(until, end) - max(begin, start) for begin, until in holds if until is not None)
    return (end - start).days - sum(max(0, length.days) for length in on_hold)


def _pushed(start: date, days: int, holds: Sequence[Period]) -> date:
    """The day after `days` days of taking it, counted from `start`, days on hold left out."""
    end = start + timedelta(days=days)
    for begin, until in holds:
        if until is None or begin >= end:
            continue
        end += timedelta(days=max(0, (until - max(begin, start)).days))
    return end


def opens_on(
    authorised_end: date, schedule: str, *, lead_days: int, lead_days_ii: int, last_step: date | None = None
) -> date:
    """The day on which the desk is asked: so many days before the authorised end, fewer for Schedule II (R-RX-11).

    Of a titration pack not before its last step has begun (`last_step`): it is that dose which goes on.
    """
    day = authorised_end - timedelta(days=lead_days_ii if schedule == "II" else lead_days)
    return day if last_step is None else max(day, last_step)


def days_left(supply_end: date, today: date) -> int:
    """Days of supply from today on; negative: out for so many."""
    return (supply_end - today).days
