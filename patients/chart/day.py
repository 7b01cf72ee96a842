"""My day: the bookings of a clinician's day in order, and what to know before each person comes in."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Q
from django.urls import reverse

from clinic import clock
from clinic.ports import DayLine, load
from clinic.staff.models import Absence
from patients.chart.lanes import amount_words
from patients.measures import instruments
from patients.notes.models import Note
from patients.record.models import Patient
from patients.scheduling.enums import NOT_HELD, Status
from patients.scheduling.models import Attendance
from patients.timeline.enums import EntryKind
from patients.timeline.models import Entry

if TYPE_CHECKING:
    from clinic.staff.models import User

NEWS = timedelta(days=14)
TOGETHER = timedelta(seconds=30)  # rows of one signature
EARLIER = timedelta(days=90)  # how far back the number before is looked for
MOST_LINES = 4
MEDICATION = "medication"
ORDER = (EntryKind.RISK, EntryKind.SCORE, EntryKind.DOSE, EntryKind.HOLD, EntryKind.STOP, EntryKind.MISSED)


@dataclass
class Slot:
    """One booking of the day."""

    attendance: Attendance
    has_note: bool = True
    lines: list[DayLine] = field(default_factory=list)

    @property
    def waiting(self) -> bool:
        """Whether the visit can still begin."""
        return self.attendance.status in (Status.BOOKED, Status.CONFIRMED, Status.ARRIVED)

    @property
    def held_or_called_off(self) -> bool:
        """Whether nothing remains to be done with it."""
        return self.attendance.status in (*NOT_HELD, Status.COMPLETED)

    @property
    def unwritten(self) -> bool:
        """Whether the visit is over and nobody has begun its note."""
        return self.attendance.status == Status.COMPLETED and not self.has_note

    @property
    def medication(self) -> bool:
        """Whether it is a medication visit."""
        return self.attendance.segment.service == MEDICATION


@dataclass(frozen=True)
class Waiting:
    """A line about somebody who does not come that day, and whom it is about."""

    line: DayLine
    name: str


@dataclass
class Day:
    """A clinician's day."""

    on: date
    zone: ZoneInfo
    slots: list[Slot]
    notes: list[Waiting]
    tasks: int
    next_on: date | None
    covers: list[Absence]  # of others, for whom the person stands in that day

    @property
    def first_open(self) -> Slot | None:
        """The visit that goes on, else the first that can begin: its button is the page's one solid one."""
        going = (slot for slot in self.slots if slot.attendance.status == Status.IN_SESSION)
        return next(going, None) or next((slot for slot in self.slots if slot.waiting), None)


def day_of(viewer: "User", on: date | None = None) -> Day:
    """The day `on`, or today, where the viewer works. Seven queries and those of port MY_DAY_LINES."""
    zone = ZoneInfo(viewer.site.time_zone if viewer.site else "America/Los_Angeles")
    day = on or clock.today(zone)
    attendances = _attendances(viewer, day, zone)
    mine = Note.objects.filter(attendance__in=attendances, author=viewer, retracted_at=None)
    noted = set(mine.values_list("attendance_id", flat=True)) if attendances else set()
    slots = [Slot(attendance, attendance.pk in noted) for attendance in attendances]
    by_patient: dict[UUID, list[Slot]] = {}
    for slot in slots:
        by_patient.setdefault(slot.attendance.patient_id, []).append(slot)
    others = []
    for line in [*news(by_patient, viewer), *(line for room in load("MY_DAY_LINES") for line in room(viewer, day))]:
        known = by_patient.get(line.patient_id) if line.patient_id else None
        if known:
            known[0].lines.append(line)
        else:
            others.append(line)
    covers = _covers(viewer, day, zone)
    return Day(day, zone, slots, _named(others), _open_tasks(viewer), _next_day(viewer, day, zone), covers)


def _covers(viewer: "User", day: date, zone: ZoneInfo) -> list[Absence]:
    """The absences that the viewer covers on the day, whose patients' charts are open to them then. One query."""
    start = datetime.combine(day, time(), tzinfo=zone)
    rows = Absence.objects.filter(covered_by=viewer, starts_at__lt=start + timedelta(days=1), ends_at__gt=start)
    return list(rows.select_related("user").order_by("starts_at"))


def _named(lines: Sequence[DayLine]) -> list[Waiting]:
    """The lines with their people's names. One query, none without lines."""
    people = Patient.objects.in_bulk([line.patient_id for line in lines if line.patient_id]) if lines else {}
    return [Waiting(line, people[line.patient_id].called if line.patient_id in people else "") for line in lines]


def news(patients: Iterable[UUID], viewer: "User") -> list[DayLine]:
    """New risk, changed scores and doses of these people in the last two weeks, not by the viewer. One query."""
    now = clock.now()
    rows = (
        Entry.objects.filter(
            Q(kind=EntryKind.RISK, until=None)
            | Q(
                kind__in=[EntryKind.SCORE, EntryKind.DOSE, EntryKind.HOLD, EntryKind.STOP, EntryKind.MISSED],
                recorded_at__gt=now - EARLIER,
            ),
            patient_id__in=list(patients),
            retracted_at=None,
        )
        .order_by("patient_id", "-recorded_at")
        .select_related("by")
    )
    said: dict[tuple[UUID, str, str], Entry] = {}
    earlier: dict[tuple[UUID, str, str], Entry] = {}
    for entry in rows:
        key = (entry.patient_id, entry.kind, entry.series if entry.kind != EntryKind.RISK else str(entry.object_id))
        known = said.get(key)
        if known is None:
            said[key] = entry
        elif entry.kind == EntryKind.DOSE and known.recorded_at - entry.recorded_at < TOGETHER:
            said[key] = min(known, entry, key=lambda one: one.occurred_at)  # a titration pack: its first step is news
        else:
            earlier.setdefault(key, entry)
    counted: dict[UUID, int] = {}
    lines = []
    for key, entry in sorted(
        said.items(), key=lambda pair: (ORDER.index(EntryKind(pair[1].kind)), pair[0][2] != "phq9")
    ):
        if entry.kind != EntryKind.RISK and (entry.recorded_at <= now - NEWS or entry.by_id == viewer.pk):
            continue
        counted[entry.patient_id] = counted.get(entry.patient_id, 0) + 1
        if counted[entry.patient_id] <= MOST_LINES:
            lines.append(_line(entry, earlier.get(key)))
    return lines


def _line(entry: Entry, earlier: Entry | None) -> DayLine:
    address = reverse("chart:chart", kwargs={"patient_id": entry.patient_id})
    if entry.kind == EntryKind.RISK:
        return DayLine(entry.patient_id, "r", f"Open risk: {entry.label}", address)
    when = f"{entry.occurred_at:%b} {entry.occurred_at.day}"
    if entry.kind == EntryKind.SCORE:
        found = instruments.everything().get(entry.series)
        name = found.short_name if found else entry.series
        changed = earlier is not None and earlier.value is not None and earlier.value != entry.value
        was = f"{earlier.value:.0f} → " if earlier is not None and changed else ""
        now = f"{entry.value:.0f}" if entry.value is not None else "not complete"
        return DayLine(entry.patient_id, "s", f"{name} {was}{now}, {when}", address)
    if entry.kind == EntryKind.MISSED:
        mark = "m mk-hollow" if entry.series == MEDICATION else "t mk-hollow"
        return DayLine(entry.patient_id, mark, f"{entry.label[:1].upper()}{entry.label[1:]}, {when}", address)
    who = f", {entry.by.given_name}" if entry.by else ""
    over = entry.until is not None and entry.until <= clock.now()
    held = "taken again after a hold" if over else "on hold"
    words = {EntryKind.HOLD: held, EntryKind.STOP: "stopped"}.get(EntryKind(entry.kind), "")
    was = amount_words(earlier.value) if earlier is not None and earlier.value is not None else ""
    amount = amount_words(entry.value, entry.unit) if entry.value is not None and not words else words
    if was and not words and earlier is not None and earlier.value != entry.value:
        amount = f"{was} → {amount}"
    return DayLine(entry.patient_id, "m", f"{entry.series.capitalize()} {amount}, {when}{who}", address)


def _attendances(viewer: "User", day: date, zone: ZoneInfo) -> list[Attendance]:
    first = datetime.combine(day, time.min, tzinfo=zone)
    last = datetime.combine(day + timedelta(days=1), time.min, tzinfo=zone)
    rows = Attendance.objects.filter(
        segment__clinician=viewer, segment__starts_at__gte=first, segment__starts_at__lt=last
    ).exclude(reason="in_error")
    return list(
        rows.select_related("segment__room", "segment__booking", "patient").order_by("segment__starts_at", "pk")
    )


def _open_tasks(viewer: "User") -> int:
    from patients.inbox.queries import nav_count

    return nav_count(viewer)["inbox:tasks"]


def _next_day(viewer: "User", day: date, zone: ZoneInfo) -> date | None:
    """The next day with a booking of the viewer's."""
    after = datetime.combine(day + timedelta(days=1), time.min, tzinfo=zone)
    at = (
        Attendance.objects.filter(segment__clinician=viewer, segment__starts_at__gte=after)
        .exclude(status__in=NOT_HELD)
        .order_by("segment__starts_at")
        .values_list("segment__starts_at", flat=True)
        .first()
    )
    return at.astimezone(zone).date() if at else None
