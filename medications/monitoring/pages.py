"""What the pages and panels of monitoring show: due lines with their words, courses with picture and table."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from clinic import clock
from medications.monitoring import knowledge, pictures, queries
from medications.monitoring.actions.results import said
from medications.monitoring.alerts import number
from medications.monitoring.calc import Reading, shown_unit
from medications.monitoring.knowledge import AIMS, PHQ9, PHQ9_ITEM_9, Item
from medications.monitoring.models import DueItem, Result
from medications.monitoring.pictures import Picture
from medications.prescribing.queries import generic_name
from patients.record.models import Patient

# Kept by the measures: recorded there, shown here.
MEASURES = {AIMS: "aims", PHQ9: "phq9", PHQ9_ITEM_9: "phq9"}


@dataclass(frozen=True)
class Line:
    """One thing that is due, in words."""

    row: DueItem
    item: Item
    days: int  # overdue for so many; negative: due in so many
    today: date

    @property
    def name(self) -> str:
        """Lithium level."""
        return self.item.title

    @property
    def drug(self) -> str:
        """The medicine that asks for it."""
        return generic_name(self.row.prescription)

    @property
    def when(self) -> str:
        """overdue 41 days; due today; due in 12 days."""
        if self.days > 0:
            return f"overdue {counted(self.days)}"
        return "due today" if self.days == 0 else f"due in {counted(-self.days)}"

    @property
    def blocking(self) -> bool:
        """Whether refills ask for a reason because of it (R-MO-99)."""
        return self.row.refill_asks_on is not None and self.row.refill_asks_on <= self.today

    @property
    def watch(self) -> str:
        """What to look out for meanwhile, in plain words (R-MO-99)."""
        protocol = knowledge.current().protocols.get(self.row.protocol)
        return protocol.watch[0] if protocol and protocol.watch else ""

    @property
    def measured_elsewhere(self) -> str:
        """The questionnaire of the measures that it is, if it is one."""
        return MEASURES.get(self.row.code, "")


@dataclass(frozen=True)
class Course:
    """Everything measured of one code: its picture, and its table, the newest first."""

    item: Item
    rows: Sequence[Any]
    picture: Picture | None

    @property
    def name(self) -> str:
        """Lithium level."""
        return self.item.title

    @property
    def unit(self) -> str:
        """As people read it."""
        return shown_unit(self.item.unit)


@dataclass(frozen=True)
class Measured:
    """A value that another room keeps: a vital sign of a visit, a score."""

    on: date
    shown: str
    where: str


def counted(days: int) -> str:
    """1 day; 41 days."""
    return "1 day" if days == 1 else f"{days} days"


def line(row: DueItem, today: date) -> Line | None:
    """The words of a due item; None for what the data no longer know."""
    item = knowledge.current().item(row.code)
    return None if item is None else Line(row, item, (today - row.due_on).days, today)


def lines(rows: Sequence[DueItem], today: date) -> list[Line]:
    """Due items in words: what stops refills first, then the longest overdue."""
    found = [one for row in rows if (one := line(row, today))]
    return sorted(found, key=lambda one: (not one.blocking, one.item.question and one.days > 0, -one.days, one.name))


def due_of(patient: Patient) -> list[Line]:
    """What is open for the patient, the most dangerous first. One query."""
    return lines(queries.open_items(patient.pk), clock.today(patient.zone))


def watch_signs(found: Sequence[Line], most: int = 4) -> list[str]:
    """The signs to look out for, of the protocols of these lines, each once."""
    known = knowledge.current().protocols
    signs = [sign for one in found if one.row.protocol in known for sign in known[one.row.protocol].watch]
    return list(dict.fromkeys(signs))[:most]


def courses(patient: Patient, results: Sequence[Result], readings: dict[str, list[Reading]]) -> list[Course]:
    """Everything measured, code by code, in the order of the data; what other rooms keep stands beside ours."""
    known = knowledge.current()
    mine: dict[str, list[Result]] = {}
    for row in results:
        mine.setdefault(row.code, []).append(row)
    found = []
    for code, item in known.codes().items():
        rows, numbers = mine.get(code, []), readings.get(code, [])
        where = "measures" if code in MEASURES else "visit"
        own = {row.taken_at.astimezone(queries.ZONE).date() for row in rows if row.retracted_at is None}
        others = [
            Measured(one.on, f"{number(one.value)} {shown_unit(item.unit)}".strip(), where)
            for one in numbers if one.on not in own and one.value is not None
        ]  # fmt: skip
        table = [*rows, *others]
        if table:
            table.sort(key=_when, reverse=True)
            found.append(Course(item, table, pictures.picture(item, numbers, patient.sex)))
    return found


def _when(row: Any) -> date:
    return row.on if isinstance(row, Measured) else row.taken_at.astimezone(queries.ZONE).date()


def alert_lines(rows: Sequence[Result], *, plain: bool) -> list[dict[str, Any]]:
    """What waits for an answer: for a prescriber as the data say it, for a therapist in plain words."""
    return [
        {"row": row, "said": said(row), "sentences": [one["plain" if plain else "sentence"] for one in row.alerts]}
        for row in rows
    ]  # fmt: skip


def recordable(patient_id: UUID, found: Sequence[Line]) -> list[tuple[str, str]]:
    """What can be recorded here, what is due first."""
    due = [one.row.code for one in found if not one.measured_elsewhere]
    known = knowledge.current().codes()
    rest = [code for code, item in known.items() if code not in MEASURES and not item.question]
    return [(code, known[code].short) for code in dict.fromkeys([*due, *rest]) if code in known]
