"""What the schedule asks: the calendar of some days in one statement, free slots, who is in the way, visits."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet

from clinic import clock
from clinic.practice.models import Room, Site
from clinic.staff import queries as staff
from clinic.staff.models import Absence, User
from patients.scheduling import calc
from patients.scheduling.calc import Facts, Range, Stacked
from patients.scheduling.enums import MOVABLE, NOT_HELD, Reason, Status
from patients.scheduling.models import Attendance, Occupancy, Segment

DAYS_AHEAD = 28  # how far a search for the next slots looks
OPTIONS = 200  # slots shown at once at most

# One statement for everything that decides what is free: hours and opening as rules (expanded in local time, so that
# days of 23 and 25 hours come out right), absences, what is taken, closures. Each branch uses an index.
CALENDAR = """
SELECT 'hours', user_id, weekday, starts, ends, from_day, until_day, NULL::timestamptz, NULL::timestamptz, ''
  FROM clinic_staff_workinghours
 WHERE user_id = ANY(%(users)s::uuid[]) AND site_id = %(site)s AND from_day <= %(last)s
   AND (until_day IS NULL OR until_day >= %(first)s)
UNION ALL
SELECT 'opening', NULL, weekday, opens, closes, NULL, NULL, NULL, NULL, ''
  FROM clinic_practice_openinghours WHERE site_id = %(site)s
UNION ALL
SELECT 'closed', NULL, NULL, NULL, NULL, "on", NULL, NULL, NULL, reason
  FROM clinic_practice_closure WHERE site_id = %(site)s AND "on" BETWEEN %(first)s AND %(last)s
UNION ALL
SELECT 'absence', user_id, NULL, NULL, NULL, NULL, NULL, starts_at, ends_at, reason
  FROM clinic_staff_absence
 WHERE user_id = ANY(%(users)s::uuid[]) AND during && tstzrange(%(from)s, %(until)s)
UNION ALL
SELECT 'taken', clinician_id, NULL, NULL, NULL, NULL, NULL, starts_at, ends_at, ''
  FROM patients_scheduling_occupancy
 WHERE clinician_id = ANY(%(users)s::uuid[]) AND during && tstzrange(%(from)s, %(until)s)
UNION ALL
SELECT 'patient', NULL, NULL, NULL, NULL, NULL, NULL, starts_at, ends_at, ''
  FROM patients_scheduling_occupancy
 WHERE patient_id = %(patient)s AND during && tstzrange(%(from)s, %(until)s)
"""


@dataclass(frozen=True)
class Wish:
    """What a slot is looked for: a clinician and so many minutes."""

    clinician: User
    minutes: int


def calendar(site: Site, users: Iterable[UUID], first: date, last: date, *, patient_id: UUID | None = None) -> Facts:
    """The calendar of `users` (and one patient) at the site over the days, both included. One statement."""
    zone, days = site.zone, [first + timedelta(days=n) for n in range((last - first).days + 1)]
    values: dict[str, Any] = {
        "users": [str(user) for user in users], "site": site.pk, "first": first, "last": last,
        "from": calc.day_bounds(first, zone).starts_at, "until": calc.day_bounds(last, zone).ends_at,
        "patient": patient_id,
    }  # fmt: skip
    hours, absences, taken = (defaultdict(list) for _ in range(3))  # type: ignore[var-annotated]
    opening: list[Range] = []
    closed: list[tuple[Range, str]] = []
    own: list[Range] = []
    with connection.cursor() as cursor:
        cursor.execute(CALENDAR, values)
        for kind, user, weekday, starts, ends, from_day, until_day, starts_at, ends_at, reason in cursor:
            if kind in ("hours", "opening"):
                found = [
                    calc.hours_on(day, starts, ends, zone) for day in days
                    if day.weekday() == weekday and (not from_day or from_day <= day)
                    and (not until_day or day <= until_day)
                ]  # fmt: skip
                (hours[user] if kind == "hours" else opening).extend(found)
            elif kind == "closed":
                closed.append((calc.day_bounds(from_day, zone), reason))
            elif kind == "absence":
                absences[user].append((Range(starts_at, ends_at), reason))
            elif kind == "taken":
                taken[user].append(Range(starts_at, ends_at))
            else:
                own.append(Range(starts_at, ends_at))
    return Facts(zone, hours, absences, taken, calc.merge(opening), closed, own)


def free_time(facts: Facts, user_id: UUID, after: datetime | None = None) -> list[Range]:
    """What is free of a person's time: in their hours, site open, not away, not taken, the patient not elsewhere."""
    open_hours = calc.intersect(facts.hours.get(user_id, ()), facts.opening)
    away = [span for span, _ in facts.absences.get(user_id, ())] + [span for span, _ in facts.closed]
    taken = [*facts.occupied.get(user_id, ()), *facts.patient]
    if after is not None and open_hours:
        taken.append(Range(min(open_hours[0].starts_at, after), after))
    return calc.free(open_hours, away, taken)


def slots(
    site: Site,
    wishes: Sequence[Wish],
    from_day: date,
    *,
    now: datetime,
    days: int = DAYS_AHEAD,
    most: int = OPTIONS,
    gap_max: int = 15,
    patient_id: UUID | None = None,
) -> list[Range] | list[Stacked]:
    """The next options for one clinician, or for two one after the other in one coming. One statement.

    Ranges for one wish, Stacked for two. `gap_max`: minutes of waiting between the two at most.
    """  # fmt: skip
    last = from_day + timedelta(days=days - 1)
    facts = calendar(site, [wish.clinician.pk for wish in wishes], from_day, last, patient_id=patient_id)
    free = [free_time(facts, wish.clinician.pk, now) for wish in wishes]
    if len(wishes) == 1:
        return calc.slots(free[0], wishes[0].minutes)[:most]
    return calc.stack(free[0], free[1], wishes[0].minutes, wishes[1].minutes, gap_max)[:most]


def clinicians() -> list[User]:
    """Active people who see patients, by name, roles loaded. Two queries."""
    return list(staff.clinicians().prefetch_related("role_grants"))


def sites() -> list[Site]:
    """Sites in use, by name."""
    return list(Site.objects.filter(active=True).order_by("name"))


def free_room(site: Site, clinician: User, span: Range) -> Room | None:
    """The clinician's usual room if it is free over `span`, else another free one of the site, else None."""
    rooms = Room.objects.filter(site=site, active=True).exclude(
        pk__in=Occupancy.objects.filter(
            room__isnull=False, starts_at__lt=span.ends_at, ends_at__gt=span.starts_at
        ).values("room_id")
    )
    found = list(rooms.order_by("name"))
    usual = [room for room in found if room.pk == clinician.usual_room_id]
    return next(iter([*usual, *found]), None)


def in_the_way(rows: Iterable[Occupancy], *, segments: Iterable[UUID] = ()) -> Occupancy | None:
    """What takes the time of one of `rows` already, other than these segments themselves."""
    for row in rows:
        things = {"clinician": row.clinician_id, "room": row.room_id, "patient": row.patient_id}
        thing = {name: key for name, key in things.items() if key}
        taken = Occupancy.objects.filter(starts_at__lt=row.ends_at, ends_at__gt=row.starts_at, **thing)
        taken = taken.exclude(segment_id__in=list(segments))
        found = taken.select_related("clinician", "room").order_by("starts_at").first()
        if found:
            return found
    return None


def visits(patient_id: UUID) -> QuerySet[Attendance]:
    """A patient's visits, whatever became of them, with clinician, room, site; newest first."""
    return (
        Attendance.objects.filter(patient_id=patient_id)
        .select_related("segment__booking__site", "segment__clinician", "segment__room")
        .order_by("-segment__starts_at")
    )


def booked_in(absence: Any) -> QuerySet[Attendance]:
    """The visits still to be held that are booked in an absence of their clinician, from now on. One query."""
    return (
        Attendance.objects.filter(
            segment__clinician_id=absence.user_id, status__in=MOVABLE, segment__ends_at__gt=absence.starts_at,
            segment__starts_at__lt=absence.ends_at, segment__starts_at__gte=clock.now(),
        )
        .select_related("segment__clinician", "segment__booking__site")
        .order_by("segment__starts_at", "pk")
    )  # fmt: skip


def away(attendance: Attendance) -> Absence | None:
    """The absence in which a visit that is still to be held is booked. One query, none for what is over."""
    if attendance.status not in MOVABLE:
        return None
    segment = attendance.segment
    return Absence.objects.filter(
        user_id=segment.clinician_id, starts_at__lt=segment.ends_at, ends_at__gt=segment.starts_at
    ).first()


def next_visit(patient_id: UUID, *, now: datetime, clinician: User | None = None) -> Attendance | None:
    """The patient's next visit (with a clinician, where given) that is still to be held, or None."""
    found = visits(patient_id).filter(segment__ends_at__gt=now).exclude(status__in=[*NOT_HELD, Status.COMPLETED])
    if clinician is not None:
        found = found.filter(segment__clinician=clinician)
    return found.order_by("segment__starts_at").first()


def day_of(user: User, bounds: Range) -> QuerySet[Attendance]:
    """The user's own visits that begin in the range, patients loaded, cancelled ones left out; by time."""
    return (
        Attendance.objects.filter(
            segment__clinician=user, segment__starts_at__gte=bounds.starts_at, segment__starts_at__lt=bounds.ends_at
        )
        .exclude(status=Status.CANCELLED)
        .select_related("segment__booking__site", "segment__room", "patient")
        .order_by("segment__starts_at")
    )


def missed_bookings(patient_id: UUID, since: datetime, until: datetime) -> int:
    """How many bookings of the patient were not held without word in the time; a stacked one counts once (R-RE-08)."""
    return (
        Segment.objects.filter(
            attendances__patient_id=patient_id, attendances__status=Status.NO_SHOW,
            starts_at__gt=since, starts_at__lte=until,
        ).values("booking_id").distinct().count()
    )  # fmt: skip


def has_signed_note(attendances: Iterable[Attendance]) -> bool:
    """Whether a signed note, not in error, stands on one of them."""
    return Attendance.objects.filter(
        pk__in=[a.pk for a in attendances], notes__signed_at__isnull=False, notes__retracted_at=None
    ).exists()


def in_error(attendance: Attendance) -> bool:
    """Whether the booking was entered in error."""
    return attendance.reason == Reason.IN_ERROR
