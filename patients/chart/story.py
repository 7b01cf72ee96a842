"""What a picture of dose on score tells: curves, doses, visits, events, risk on one axis. Plain values, no models."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Literal, NamedTuple

GAP = timedelta(days=28)  # a longer silence breaks the line
MOST_LANES = 4


class Told(NamedTuple):
    """What the picture needs of an Entry; a course of ten years has a thousand."""

    kind: str
    occurred_at: datetime
    until: datetime | None
    series: str
    label: str
    value: Decimal | None
    unit: str


@dataclass(frozen=True, slots=True)
class Reading:
    """A score on a day."""

    at: datetime
    value: int


@dataclass(frozen=True, slots=True)
class Curve:
    """The scores of one questionnaire, oldest first; `heavy` is the one that leads."""

    name: str
    readings: tuple[Reading, ...]
    heavy: bool = False


@dataclass(frozen=True, slots=True)
class Turn:
    """A change of what is taken: a dose from a moment on, on hold (none), or stopped. `until`: where known, its end."""

    at: datetime
    kind: Literal["dose", "hold", "stop"]
    amount: Decimal | None = None
    unit: str = ""
    until: datetime | None = None
    planned: bool = False


@dataclass(frozen=True, slots=True)
class Stretch:
    """A time in which one amount is taken. On hold: none, and `amount` is what would be taken otherwise."""

    start: datetime
    end: datetime
    amount: Decimal
    held: bool = False
    planned: bool = False


@dataclass(frozen=True, slots=True)
class Lane:
    """One drug's staircase, oldest turn first."""

    name: str
    turns: tuple[Turn, ...]

    @property
    def unit(self) -> str:
        """The unit of its amounts."""
        return next((turn.unit for turn in reversed(self.turns) if turn.unit), "")


@dataclass(frozen=True, slots=True)
class Visit:
    """Somebody was seen, or was not."""

    at: datetime
    kind: Literal["session", "visit", "missed"]
    words: str = ""


@dataclass(frozen=True, slots=True)
class Mark:
    """A life event (flag) or a risk (triangle), with its few words."""

    at: datetime
    kind: Literal["event", "risk"]
    words: str


@dataclass(frozen=True, slots=True)
class Band:
    """A range of scores by its word."""

    least: int
    most: int
    word: str


@dataclass(frozen=True, slots=True)
class Story:
    """Everything that one picture shows. `lanes` are in the order of their importance."""

    start: datetime
    now: datetime
    end: datetime
    since: datetime | None = None
    since_words: str = ""
    curves: tuple[Curve, ...] = ()
    lanes: tuple[Lane, ...] = ()
    visits: tuple[Visit, ...] = ()
    marks: tuple[Mark, ...] = ()
    bands: tuple[Band, ...] = field(default_factory=tuple)
    baseline: int | None = None  # of the heavy curve: half of it is the response line


def stretches(turns: Sequence[Turn], start: datetime, end: datetime) -> list[Stretch]:
    """What is taken when, between `start` and `end`: each turn lasts until its own end or the next turn.

    A hold lasts until its own end or a stop: a dose that was signed to begin meanwhile is not taken.
    """
    found: list[Stretch] = []
    amount: Decimal | None = None
    free: datetime | None = None  # when the last hold ends
    ordered = sorted(turns, key=lambda turn: (turn.at, turn.kind != "dose"))
    for n, turn in enumerate(ordered):
        following = min(ordered[n + 1].at if n + 1 < len(ordered) else end, end)
        if turn.kind == "dose":
            amount = turn.amount
        else:
            amount = None if turn.kind == "stop" else amount
            free = (turn.until or end) if turn.kind == "hold" else None
        if amount is None:
            continue
        stop = min(following, turn.until) if turn.until and turn.kind == "dose" else following
        held = max(turn.at, min(stop, free)) if free else turn.at
        found.append(Stretch(turn.at, held, amount, held=True, planned=turn.planned))
        found.append(Stretch(held, stop, amount, planned=turn.planned))
    clipped = [
        Stretch(max(one.start, start), min(one.end, end), one.amount, one.held, one.planned)
        for one in found
        if one.end > max(one.start, start) and one.start < end
    ]
    return _joined(clipped)


def unbroken(readings: Sequence[Reading]) -> list[list[Reading]]:
    """The readings in runs; a silence of more than 28 days starts a new run."""
    runs: list[list[Reading]] = []
    for reading in sorted(readings, key=lambda one: one.at):
        if runs and reading.at - runs[-1][-1].at <= GAP:
            runs[-1].append(reading)
        else:
            runs.append([reading])
    return runs


def _joined(found: Sequence[Stretch]) -> list[Stretch]:
    """Neighbours that say the same become one."""
    joined: list[Stretch] = []
    for one in found:
        last = joined[-1] if joined else None
        if last and (last.end, last.amount, last.held, last.planned) == (one.start, one.amount, one.held, one.planned):
            joined[-1] = Stretch(last.start, one.end, one.amount, one.held, one.planned)
        else:
            joined.append(one)
    return joined
