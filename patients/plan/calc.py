"""Arithmetic of the shared plan: what changed between two versions, how far an objective is, when a review is due."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum

from patients.notes.calc import Piece, word_diff

Number = Decimal | int


class What(StrEnum):
    """What happened to a row between two versions."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    SAME = "same"


@dataclass(frozen=True, slots=True)
class PlanRow:
    """A row of a plan version, ready to compare: the thing's lasting id, its kind, and its fields as words."""

    id: str
    kind: str  # "problem", "objective", "intervention" or another word
    fields: Mapping[str, str]  # in the order in which they are shown


@dataclass(frozen=True, slots=True)
class FieldChange:
    """A field that differs, with the difference word by word."""

    name: str
    was: str
    now: str
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class RowChange:
    """What happened to a row; `fields` lists what differs (all that hold words, for an added or removed row)."""

    what: What
    row: PlanRow  # as it is now; as it was, for a removed one
    fields: tuple[FieldChange, ...]


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an objective is. `fraction` of the way, 0 to 1; None: a number is not known. `back`: behind its start."""

    fraction: float | None
    met: bool
    back: bool


def diff(old: Sequence[PlanRow], new: Sequence[PlanRow], *, unchanged: bool = False) -> list[RowChange]:
    """What became of each row (R-TP-09): the rows of `new` in order, each removed row after the one it followed.

    Rows are the same when kind and id are; a row that only moved has not changed. `unchanged` also lists those.
    """
    before = {(row.kind, row.id): row for row in old}
    after = {(row.kind, row.id) for row in new}
    changes = [_change(before.get((row.kind, row.id)), row) for row in new]
    place = {(change.row.kind, change.row.id): change for change in changes}
    last: RowChange | None = None
    for row in old:
        key = (row.kind, row.id)
        if key in after:
            last = place[key]
            continue
        removed = RowChange(What.REMOVED, row, tuple(_fields(row.fields, {})))
        changes.insert(changes.index(last) + 1 if last else 0, removed)
        last = removed
    return [change for change in changes if unchanged or change.what is not What.SAME]


def progress(start: Number | None, now: Number | None, aim: Number | None, *, below: bool = False) -> Progress:
    """How far `now` is on the way from `start` to `aim`.

    `below`: the aim is to be under a number ("< 5"), not at it. Otherwise the way leads down if the aim lies under the
    start, else up. Without `now` or `aim` nothing is known; without `start`, only whether it is met.
    """
    if now is None or aim is None:
        return Progress(None, met=False, back=False)
    down = below or (start is not None and aim < start)
    met = now < aim if below else now <= aim if down else now >= aim
    if start is None:
        return Progress(1.0 if met else None, met=met, back=False)
    back = now > start if down else now < start
    whole = start - aim if down else aim - start
    if met or whole <= 0:  # a start at or beyond the aim: the way is to stay there
        return Progress(1.0 if met else 0.0, met=met, back=back)
    gone = start - now if down else now - start
    return Progress(min(1.0, max(0.0, float(gone / whole))), met=met, back=back)


def next_review(signed_on: date, every_days: int, events: Iterable[date] = ()) -> date:
    """The day by which the plan must be reviewed (R-TP-06): so many days after signing, or at the first event since.

    Events are new diagnoses, dose changes of class, high risk, hospital stays, reliable deterioration, objectives met
    and target dates passed; those up to the day of signing were seen by whoever signed. Raises ValueError for fewer
    than one day.
    """
    if every_days < 1:
        raise ValueError("A review is due after a day at least.")
    due = signed_on + timedelta(days=every_days)
    return min([due, *(event for event in events if event > signed_on)])


def days_overdue(due_on: date, today: date) -> int:
    """How many days a due day lies back; 0 on the day itself and before."""
    return max(0, (today - due_on).days)


def label(problem: int, position: int) -> str:
    """The name of an objective: "1a" is the first of the first problem."""
    return f"{problem}{chr(ord('a') + position % 26)}"


def _change(was: PlanRow | None, now: PlanRow) -> RowChange:
    if was is None:
        return RowChange(What.ADDED, now, tuple(_fields({}, now.fields)))
    fields = tuple(_fields(was.fields, now.fields))
    return RowChange(What.CHANGED if fields else What.SAME, now, fields)


def _fields(was: Mapping[str, str], now: Mapping[str, str]) -> list[FieldChange]:
    names = [*now, *(name for name in was if name not in now)]
    pairs = [(name, was.get(name, ""), now.get(name, "")) for name in names]
    return [FieldChange(name, old, new, word_diff(old, new)) for name, old, new in pairs if old != new]
