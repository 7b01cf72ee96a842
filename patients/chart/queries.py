"""What the chart reads: since when, what happened since and before, the past that is drawn, what today holds."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Literal
from uuid import UUID

from django.db.models import Max, Q
from django.db.models.functions import Coalesce

from clinic import clock
from clinic.practice import config
from patients.chart.since import DOSES, OBJECTIVE, Before
from patients.chart.story import Told
from patients.inbox.models import Task
from patients.measures.models import Score
from patients.notes.models import Note
from patients.record import access
from patients.record.models import Patient
from patients.scheduling.enums import NOT_HELD, Status
from patients.scheduling.models import Attendance
from patients.timeline.enums import EntryKind
from patients.timeline.models import Entry

if TYPE_CHECKING:
    from clinic.staff.models import User

SAME_CONTACT = timedelta(hours=12)  # what the viewer wrote down so soon after belongs to the contact itself
LOOK_BACK = timedelta(days=30)  # for viewers who have never seen the patient and are not on the team
PAUSE = timedelta(days=180)  # a longer silence ends an episode
REACH = timedelta(days=760)
WHOLE = timedelta(days=570)  # an episode so long is shown whole when the chart opens: eighteen months and a little
DAYS = {"30": 30, "90": 90}
WINDOWS = ("30", "90", "episode", "all")
COURSE = (EntryKind.SCORE, EntryKind.SESSION, EntryKind.VISIT)


@dataclass(frozen=True, slots=True)
class Since:
    """The moment from which everything is new to the viewer, and what it was."""

    at: datetime
    how: Literal["visit", "team", "days"]


@dataclass(frozen=True, slots=True)
class Window:
    """The part of the past that is drawn."""

    key: str
    start: datetime


def since(viewer: "User", patient_id: UUID) -> Since:
    """When the viewer last saw the patient: their last held visit or signed note. Three queries at most.

    A contact of the last hours is the present one: what was new when it began stays readable until the day is over.
    Before the first contact: when they joined the care team; for others the last 30 days.
    """
    now = clock.now()
    over = now - SAME_CONTACT
    visit = Attendance.objects.filter(
        patient_id=patient_id, segment__clinician=viewer, status=Status.COMPLETED, segment__starts_at__lte=over
    ).aggregate(at=Max(Coalesce("ended_at", "segment__ends_at")))["at"]
    note = Note.objects.filter(
        patient_id=patient_id, author=viewer, signed_at__isnull=False, retracted_at=None, started_at__lte=over
    ).aggregate(at=Max(Coalesce("ended_at", "started_at")))["at"]
    seen = [min(at, now) for at in (visit, note) if at]
    if seen:
        return Since(max(seen), "visit")
    joined = access.members().filter(patient_id=patient_id, user=viewer).order_by("starts_at").first()
    return Since(joined.starts_at, "team") if joined else Since(now - LOOK_BACK, "days")


def new_entries(patient_id: UUID, since: datetime, viewer: "User") -> list[Entry]:
    """The rows recorded since, newest first, without what the viewer wrote down in that contact itself. One query."""
    own = Q(by=viewer) & (Q(recorded_at__lte=since + SAME_CONTACT) | Q(kind__in=[EntryKind.SESSION, EntryKind.VISIT]))
    rows = Entry.objects.filter(patient_id=patient_id, recorded_at__gt=since, retracted_at=None).exclude(own)
    return list(rows.select_related("by").order_by("-recorded_at")[:500])


def before(patient_id: UUID, since: datetime, entries: Iterable[Entry], first: Mapping[str, int]) -> Before:
    """What was known before of the series that changed: last amounts and sizes; `first` scores. Two queries at most."""
    found = list(entries)
    scores = {entry.series for entry in found if entry.kind == EntryKind.SCORE}
    kept = {entry.series for entry in found if entry.kind in DOSES or entry.series.startswith(OBJECTIVE)}
    if not scores and not kept:
        return Before()
    rows = (
        Entry.objects.filter(
            patient_id=patient_id, series__in=scores | kept, recorded_at__lte=since, retracted_at=None,
            value__isnull=False,
        )
        .order_by("series", "-occurred_at", "-recorded_at")
        .distinct("series")
        .values_list("series", "value", "unit")
    )  # fmt: skip
    told = list(rows)
    last = {series: value for series, value, _ in told if value is not None}
    units = {series: unit for series, _, unit in told if unit}
    values = config.values(clock.today("UTC")) if scores else {}
    sizes = {key: values.get(f"{key}_reliable_change") for key in scores}
    return Before(last, first, {key: int(size) for key, size in sizes.items() if size}, units)


def baselines(patient_id: UUID, start: datetime) -> dict[str, int]:
    """The first total of each instrument from `start` on, not entered in error. One query."""
    rows = Score.objects.filter(patient_id=patient_id, retracted_at=None, total__isnull=False, answered_at__gte=start)
    first = rows.order_by("instrument", "answered_at").distinct("instrument").values_list("instrument", "total")
    return {key: total for key, total in first if total is not None}


def episode_start(patient_id: UUID, now: datetime, *, everything: bool = False) -> datetime | None:
    """When the present course began: after the last silence of more than 180 days. One query.

    None: nothing yet, or it began before what is looked at (760 days, unless `everything`).
    """
    rows = Entry.objects.filter(patient_id=patient_id, kind__in=COURSE, retracted_at=None, occurred_at__lte=now)
    if not everything:
        rows = rows.filter(occurred_at__gt=now - REACH)
    last: datetime | None = None
    for at in rows.order_by("-occurred_at").values_list("occurred_at", flat=True):
        if last is not None and last - at > PAUSE:
            return last
        last = at
    if last is not None and not everything and last - (now - REACH) <= PAUSE:
        return None
    return last


def window(patient_id: UUID, asked: str, now: datetime, episode: datetime | None) -> Window:
    """The window asked for; without a wish the episode, or 90 days of one that is longer than eighteen months.

    One query where everything, or an episode beyond reach, is asked for.
    """
    if asked in DAYS:
        return Window(asked, now - timedelta(days=DAYS[asked]))
    if asked == "all":
        first = Entry.objects.filter(patient_id=patient_id, retracted_at=None, occurred_at__lte=now)
        at = first.order_by("occurred_at").values_list("occurred_at", flat=True).first()
        return Window("all", (at or now - timedelta(days=90)) - timedelta(days=4))
    start = episode or (episode_start(patient_id, now, everything=True) if asked == "episode" else None)
    if start is not None and (asked == "episode" or now - start <= WHOLE):
        span = max(now - start, timedelta(days=21))
        return Window("episode", now - span - max(timedelta(days=4), span * 0.03))
    return Window("90", now - timedelta(days=90))


def drawn(patient_id: UUID, start: datetime) -> list[Told]:
    """The past that is drawn, oldest first, with the doses that were being taken when it begins. One index scan."""
    running = Q(kind__in=DOSES) & (Q(until=None) | Q(until__gt=start))
    rows = Entry.objects.filter(
        Q(occurred_at__gte=start) | running, patient_id=patient_id, retracted_at=None,
        kind__in=[
            EntryKind.SCORE, EntryKind.SESSION, EntryKind.VISIT, EntryKind.MISSED, EntryKind.EVENT, EntryKind.RISK,
            *DOSES,
        ],
    )  # fmt: skip
    told = rows.order_by("occurred_at", "recorded_at").values_list(*Told._fields)
    return [Told(*row) for row in told]


def bookings_today(patient: Patient) -> list[Attendance]:
    """The patient's visits of today that are not called off, with who and when. One query."""
    first, last = day_of(patient)
    rows = Attendance.objects.filter(
        patient=patient, segment__starts_at__gte=first, segment__starts_at__lt=last
    ).exclude(status__in=NOT_HELD)
    return list(rows.select_related("segment__clinician", "segment__room").order_by("segment__starts_at"))


def day_of(patient: Patient) -> tuple[datetime, datetime]:
    """Midnight to midnight of today where the patient lives."""
    today = clock.today(patient.zone)
    first = datetime.combine(today, time.min, tzinfo=patient.zone)
    return first, datetime.combine(today + timedelta(days=1), time.min, tzinfo=patient.zone)


def tasks_for(viewer: "User", patient_id: UUID, *, days: int = 14) -> list[Task]:
    """What the viewer has to do for this patient, now or within two weeks. One query."""
    mine = Q(for_user=viewer) | Q(for_role__in=[str(role) for role in viewer.held_roles()])
    until = clock.today("UTC") + timedelta(days=days)
    rows = Task.objects.filter(mine, Q(due_on=None) | Q(due_on__lte=until), patient_id=patient_id, done_at=None)
    return list(rows[:20])
