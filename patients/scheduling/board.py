"""The day board as data: whose columns, what lies in them, who waits, who is late. A fixed number of queries."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import CharField
from django.db.models.functions import Cast

from clinic import permissions
from clinic.permissions import PRACTICE
from clinic.ports import load
from clinic.practice.models import Site
from clinic.staff.enums import Role
from clinic.staff.models import User
from patients.record import access
from patients.record.models import Patient
from patients.scheduling import calc, queries
from patients.scheduling.calc import Facts, Range
from patients.scheduling.enums import Service, Status
from patients.scheduling.models import Attendance

ROW = 5  # minutes
TODAY = timedelta(hours=12)  # somebody who has not come by then is no longer late
FREE_LEAST = 20  # a gap of fewer minutes is not offered
FIELDS = (
    "pk", "patient_id", "segment__booking_id", "segment__clinician_id", "segment__starts_at", "segment__ends_at",
    "status", "segment__service", "segment__booking__mode", "segment__booking__walk_in", "running_late_until",
    "arrived_at", "started_at", "reason", "patient__given_name", "patient__family_name", "patient__preferred_name",
    "telephone",
)  # fmt: skip


@dataclass(slots=True)
class Visit:
    """An attendance as the board draws it. `name` is "" for who may see that there is a visit, not whose."""

    pk: UUID
    patient_id: UUID
    booking_id: UUID
    clinician_id: UUID
    starts_at: datetime
    ends_at: datetime
    status: str
    service: str
    mode: str
    walk_in: bool
    late_until: datetime | None
    arrived_at: datetime | None
    started_at: datetime | None
    reason: str
    name: str
    phone: str
    may_open: bool = False
    stacked: bool = False
    forms: bool | None = None  # None: no room hands out forms, or none for this visit

    @property
    def waits(self) -> bool:
        """Whether somebody should still come."""
        return self.status in (Status.BOOKED, Status.CONFIRMED)

    def overdue(self, now: datetime) -> bool:
        """Whether they should be here today and are not."""
        return self.waits and self.starts_at <= now < self.starts_at + TODAY


@dataclass(slots=True)
class Column:
    """A clinician's day."""

    clinician: User
    visits: list[Visit] = field(default_factory=list)
    away: list[tuple[Range, str]] = field(default_factory=list)
    free: list[Range] = field(default_factory=list)

    @property
    def mark(self) -> str:
        """The discipline's mark; both for who holds both roles."""
        roles = self.clinician.held_roles()
        therapist, prescriber = Role.THERAPIST in roles, Role.PRESCRIBER in roles
        return "tm" if therapist and prescriber else ("m" if prescriber else "t")


@dataclass
class Board:
    """One day at one site, seen by one person at one moment."""

    site: Site
    day: date
    now: datetime
    columns: list[Column]
    facts: Facts
    first: int  # minutes after midnight, local, of the first row
    last: int
    may_book: bool

    @property
    def zone(self) -> ZoneInfo:
        """The site's zone."""
        return self.facts.zone

    @property
    def is_today(self) -> bool:
        """Whether the board shows the present day; nobody waits or is late on another."""
        return self.now.astimezone(self.zone).date() == self.day

    @cached_property
    def visits(self) -> list[Visit]:
        """All visits, by time."""
        return sorted((v for column in self.columns for v in column.visits), key=lambda v: (v.starts_at, str(v.pk)))

    @cached_property
    def parts(self) -> dict[tuple[UUID, UUID], list[Visit]]:
        """The visits of each booking and patient, by time: the parts of a stacked one lie together."""
        found: dict[tuple[UUID, UUID], list[Visit]] = defaultdict(list)
        for visit in self.visits:
            found[visit.booking_id, visit.patient_id].append(visit)
        return found

    @cached_property
    def names(self) -> dict[UUID, str]:
        """The clinicians' given names."""
        return {column.clinician.pk: column.clinician.given_name for column in self.columns}

    @property
    def counts(self) -> Counter[str]:
        """How many visits stand where."""
        return Counter(visit.status for visit in self.visits)

    @property
    def waiting(self) -> list[Visit]:
        """Who sits in the waiting room, longest first."""
        here = [visit for visit in self.visits if self.is_today and visit.status == Status.ARRIVED]
        return sorted(here, key=lambda visit: visit.arrived_at or visit.starts_at)

    @property
    def late(self) -> list[Visit]:
        """Who said that they come later, and who should be here and is not; each person once for a booking."""
        found: dict[tuple[UUID, UUID], Visit] = {}
        for visit in self.visits:
            if self.is_today and visit.waits and (visit.late_until or visit.overdue(self.now)):
                found.setdefault((visit.booking_id, visit.patient_id), visit)
        return list(found.values())

    def row(self, moment: datetime) -> int:
        """The grid row (1 is the first) in which a moment of the day lies."""
        local = moment.astimezone(self.zone)
        minutes = (local.date() - self.day).days * 1440 + local.hour * 60 + local.minute - self.first
        return max(0, min(minutes, self.last - self.first)) // ROW + 1

    def rows(self, span: Range) -> tuple[int, int]:
        """The first row of a stretch and how many it spans, at least two so that its time can be read."""
        start = self.row(span.starts_at)
        end = self.row(span.ends_at - timedelta(seconds=1))
        return start, max(2, end - start + 1)


def board(viewer: User, site: Site, day: date, now: datetime) -> Board:
    """The board of a day. Queries: clinicians and their roles, calendar, visits, own patients (clinicians only), and
    one for each room that hands out forms; whatever the number of clinicians and visits."""
    bounds = calc.day_bounds(day, site.zone)
    people = {user.pk: user for user in queries.clinicians()}
    facts = queries.calendar(site, people, day, day)
    visits = _visits(viewer, site, bounds)
    columns = _columns(viewer, people, site, facts, visits, now)
    first, last = _frame(day, facts, visits)
    may_book = permissions.may(viewer.held_roles(), "schedule.book")
    return Board(site, day, now, columns, facts, first, last, may_book)


def _visits(viewer: User, site: Site, bounds: Range) -> list[Visit]:
    rows = (
        Attendance.objects.filter(
            segment__booking__site=site,
            segment__starts_at__gte=bounds.starts_at,
            segment__starts_at__lt=bounds.ends_at,
        )
        .exclude(status=Status.CANCELLED)
        .annotate(telephone=Cast("patient__phone", CharField()))  # as it is stored: parsing each takes longer than all
        .order_by("segment__starts_at", "pk")
        .values_list(*FIELDS)
    )
    named = permissions.may(viewer.held_roles(), "patient.find")
    visits = []
    for *plain, given, family, preferred, phone in rows:
        name = f"{preferred or given} {family}" if named else ""
        visits.append(Visit(*(*plain, name, str(phone or ""))))
    together = Counter(visit.booking_id for visit in visits if visit.service != Service.GROUP)
    mine, forms = _openable(viewer, visits), _forms(visits)
    for visit in visits:
        visit.stacked = together[visit.booking_id] > 1
        visit.may_open = mine is None or visit.patient_id in mine
        visit.forms = None if forms is None else visit.pk in forms
    return visits


def _openable(viewer: User, visits: Iterable[Visit]) -> Collection[UUID] | None:
    """Whose visits the viewer may open: everybody's (None), or those of their own patients."""
    if PRACTICE in permissions.scopes(viewer.held_roles(), "patient.contacts"):
        return None
    if not permissions.may(viewer.held_roles(), "patient.contacts"):
        return frozenset()
    own = Patient.objects.filter(access.visible_patients(viewer, "patient.contacts"))
    return frozenset(own.filter(pk__in={visit.patient_id for visit in visits}).values_list("pk", flat=True))


def _forms(visits: Iterable[Visit]) -> Collection[UUID] | None:
    """The attendances whose forms are complete; None when no room hands out forms."""
    providers = load("VISIT_FORMS")
    ids = [visit.pk for visit in visits]
    found = [frozenset(complete(ids)) for complete in providers]
    return frozenset.intersection(*found) if found else None


def _columns(
    viewer: User, people: dict[UUID, User], site: Site, facts: Facts, visits: list[Visit], now: datetime
) -> list[Column]:
    """A column for who works here that day, has a visit here, or belongs here and is away; one's own first."""
    booked = defaultdict(list)
    for visit in visits:
        booked[visit.clinician_id].append(visit)
    shown = [
        user for user in people.values()
        if user.pk in booked or facts.hours.get(user.pk) or (user.site_id == site.pk and facts.absences.get(user.pk))
    ]  # fmt: skip
    missing = set(booked) - set(people)  # somebody who left since; their visits must still be found
    if missing:
        shown += list(User.objects.filter(pk__in=missing).prefetch_related("role_grants"))
    shown.sort(key=lambda u: (u.pk != viewer.pk, Role.THERAPIST not in u.held_roles(), u.family_name, u.given_name))
    return [
        Column(user, booked[user.pk], list(facts.absences.get(user.pk, ())), _gaps(facts, user.pk, now))
        for user in shown
    ]


def _gaps(facts: Facts, user_id: UUID, now: datetime) -> list[Range]:
    """What can still be offered today, beginning at the next row."""
    start = now + timedelta(minutes=-now.minute % ROW, seconds=-now.second, microseconds=-now.microsecond)
    return [gap for gap in queries.free_time(facts, user_id, start) if gap.minutes >= FREE_LEAST]


def _frame(day: date, facts: Facts, visits: list[Visit]) -> tuple[int, int]:
    """The first and the last minute drawn, at full hours: the site's hours, and visits outside them."""
    spans = [*facts.opening, *(Range(v.starts_at, v.ends_at) for v in visits)]
    spans += [span for hours in facts.hours.values() for span in hours]
    if not spans:
        return 8 * 60, 17 * 60
    begins = min(span.starts_at for span in spans).astimezone(facts.zone)
    ends = max(span.ends_at for span in spans).astimezone(facts.zone)
    first = begins.hour * 60
    last = 1440 if ends.date() > day else (ends.hour + (ends.minute > 0)) * 60
    return first, max(last, first + 60)
