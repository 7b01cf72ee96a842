"""Arithmetic of refills: when a supply runs out, when what is authorised runs out, and what each gate answers."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
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
class Authorised:
    """What may still be dispensed: days a fill, refills, how many fills it has had, its first and last day."""

    issued_on: date
    days: int
    refills: int
    fills: int
    expires_on: date | None = None


@dataclass(frozen=True, slots=True)
class Forecast:
    """The first day without supply, the first day when nothing authorised is left, whether fills are known."""

    supply_end: date
    authorised_end: date
    remaining: int
    confirmed: bool


@dataclass(frozen=True, slots=True)
class Gate:
    """One question of the desk (R-RX-12), its answer and the sentence that says why."""

    gate: str
    label: str
    answer: str
    sentence: str
    rule: str = "R-RX-12"

    def stored(self) -> dict[str, str]:
        """As the request keeps it."""
        return {key: str(value) for key, value in asdict(self).items()}


def forecast(
    fills: Sequence[Filled], authorised: Authorised | None, *, from_day: date, holds: Sequence[Period] = ()
) -> Forecast:
    """When it runs out (R-RX-11). `fills` of this dose, `from_day` its first day, `holds` days on which none is taken.

    Supply end: each fill adds its days to what is left over. No fill known: assumed filled when it began, and said so.
    Authorised end: supply end and the refills that remain, never past the day the authorisation expires and its last
    possible fill has lasted.
    """
    confirmed = bool(fills)
    if not confirmed:
        begin = max(from_day, authorised.issued_on) if authorised else from_day
        fills = [Filled(begin, authorised.days if authorised else 0)]
    end = _end(sorted(fills, key=lambda one: one.on), sorted(holds, key=lambda one: one[0]))
    if authorised is None:
        return Forecast(end, end, 0, confirmed)
    remaining = authorised.refills if not authorised.fills else max(0, authorised.refills + 1 - authorised.fills)
    last = end + timedelta(days=authorised.days * remaining)
    if authorised.expires_on is not None:
        last = max(end, min(last, authorised.expires_on + timedelta(days=authorised.days)))
    return Forecast(end, last, remaining, confirmed)


def _end(fills: Sequence[Filled], holds: Sequence[Period]) -> date:
    """The first day without supply. A day on hold uses nothing, so it pushes the end by a day."""
    end = fills[0].on
    for fill in fills:
        end = _pushed(max(end, fill.on), fill.days, holds)
    return end


def _pushed(start: date, days: int, holds: Sequence[Period]) -> date:
    """The day after `days` days of taking it, counted from `start`, days on hold left out."""
    end = start + timedelta(days=days)
    for begin, until in holds:
        if until is None or begin >= end:
            continue
        end += timedelta(days=max(0, (until - max(begin, start)).days))
    return end


def opens_on(authorised_end: date, schedule: str, *, lead_days: int, lead_days_ii: int) -> date:
    """The day on which the desk is asked: so many days before the authorised end, fewer for Schedule II (R-RX-11)."""
    return authorised_end - timedelta(days=lead_days_ii if schedule == "II" else lead_days)


def days_left(supply_end: date, today: date) -> int:
    """Days of supply from today on; negative: out for so many."""
    return (supply_end - today).days
