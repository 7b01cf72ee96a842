"""Why the schedule says no. Every sentence says what to do; none names a patient."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from clinic.staff.enums import Role
from patients.scheduling.calc import Facts, Range, subtract
from patients.scheduling.enums import MOVABLE, NOT_HELD, OPEN, SEEING, Mode, Reason, Service, Status
from patients.scheduling.wording import day_words, range_words, time_words

if TYPE_CHECKING:
    from clinic.practice.models import Room, Site
    from clinic.staff.models import User
    from patients.scheduling.models import Attendance

LONGEST = timedelta(hours=8)
SHORTEST = timedelta(minutes=5)
FARTHEST = timedelta(days=550)  # about eighteen months ahead
GRACE = timedelta(minutes=10)  # a slot may have begun while the desk was typing

# The lawful ways of an attendance; whatever is not here is refused. `reopen` goes one step back.
WAYS: dict[Status, tuple[Status, ...]] = {
    Status.BOOKED: (Status.CONFIRMED, Status.ARRIVED, Status.IN_SESSION, *NOT_HELD),
    Status.CONFIRMED: (Status.ARRIVED, Status.IN_SESSION, *NOT_HELD),
    Status.ARRIVED: (Status.IN_SESSION, *NOT_HELD),
    Status.IN_SESSION: (Status.COMPLETED,),
    Status.COMPLETED: (),
    Status.NO_SHOW: (),
    Status.CANCELLED: (),
}

WHY_NOT: dict[Status, str] = {
    Status.IN_SESSION: "The visit is under way; complete it, or undo the start first.",
    Status.COMPLETED: "The visit is over; undo its last step first if that is wrong.",
    Status.NO_SHOW: "The visit is marked as not held; undo that first.",
    Status.CANCELLED: "The visit is cancelled; undo that first, or book a new one.",
}


@dataclass(frozen=True)
class Part:
    """What is asked for: one clinician's time in a booking."""

    clinician: "User"
    service: str
    starts_at: datetime
    ends_at: datetime
    room: "Room | None" = None

    @property
    def range(self) -> Range:
        """Its time."""
        return Range(self.starts_at, self.ends_at)


def words(span: Range, zone: ZoneInfo) -> str:
    """When, in a sentence: "from 2:00 to 2:45"."""
    return "from {} to {}".format(*local_range(span, zone).split("–"))


def local_range(span: Range, zone: ZoneInfo) -> str:
    """When, in short: "2:00–2:45"."""
    return range_words(span.starts_at.astimezone(zone).time(), span.ends_at.astimezone(zone).time())


def moments(parts: Sequence[Part], zone: ZoneInfo, now: datetime, *, walk_in: bool) -> str | None:
    """The times themselves: ends after starts, sensible lengths, not gone by, of one day, one after the other."""
    if not 1 <= len(parts) <= 2:
        return "A booking has one clinician, or two one after the other."
    for part in parts:
        if part.starts_at.tzinfo is None or part.ends_at.tzinfo is None:
            return "A time needs a time zone."
        if part.ends_at <= part.starts_at:
            return "The visit ends before it begins. Choose an end after the beginning."
        if not SHORTEST <= part.ends_at - part.starts_at <= LONGEST:
            return "A visit lasts from 5 minutes to 8 hours. Choose another length."
        if part.starts_at > now + FARTHEST:
            return "That is more than eighteen months ahead. Choose an earlier day."
        if not walk_in and part.starts_at < now - GRACE:
            return "That time has gone by. Choose a later one, or book a walk-in."
        if walk_in and part.starts_at.astimezone(zone).date() != now.astimezone(zone).date():
            return "A walk-in is seen today. Book another day as a visit."
    if len({part.starts_at.astimezone(zone).date() for part in parts}) > 1:
        return "Both parts of a booking are on one day. Book two visits for two days."
    if any(later.starts_at < earlier.ends_at for earlier, later in pairwise(parts)):
        return "The second part begins before the first one ends. Choose a later time for it."
    if len({part.clinician.pk for part in parts}) < len(parts):
        return "Both parts are with the same clinician. Choose one longer visit, or another clinician."
    return None


def people(parts: Sequence[Part], site: "Site", mode: str) -> str | None:
    """Who and where: people who work here and see patients, services that they give, rooms of this site."""
    if not site.active:
        return f"{site.name} is not in use any more. Choose another site."
    if mode not in Mode.values:
        return "Choose how you meet: in person, by video or by telephone."
    for part in parts:
        who, roles = part.clinician, part.clinician.held_roles()
        if not who.is_active:
            return f"{who.name} does not work here any more. Choose another clinician."
        if not roles & SEEING:
            return f"{who.name} does not see patients. Choose a clinician."
        if part.service not in Service.values:
            return "Choose what the visit is for."
        if part.service == Service.MEDICATION and Role.PRESCRIBER not in roles:
            return f"{who.name} gives no medication visits. Choose a prescriber, or another kind of visit."
        if part.service in (Service.THERAPY, Service.GROUP) and Role.THERAPIST not in roles:
            return f"{who.name} gives no therapy sessions. Choose a therapist, or another kind of visit."
        if part.room and (part.room.site_id != site.pk or not part.room.active):
            return f"{part.room.name} is not a room of {site.name} in use. Choose another room."
    return None


def calendar(parts: Sequence[Part], facts: Facts) -> str | None:
    """Closures, the site's hours, each clinician's hours and absences. Walk-ins are not asked."""
    for part in parts:
        span, name = part.range, part.clinician.given_name
        for day, reason in facts.closed:
            if day.overlaps(span):
                when = day_words(day.starts_at.astimezone(facts.zone).date())
                return f"The site is closed on {when} ({reason}). Choose another day."
        for away, reason in facts.absences.get(part.clinician.pk, ()):
            if away.overlaps(span):
                return f"{name} is away {words(away, facts.zone)} ({reason}). Choose another time."
        if subtract([span], facts.opening):
            return f"The site is not open {words(span, facts.zone)}. Choose another time, or book a walk-in."
        if subtract([span], facts.hours.get(part.clinician.pk, ())):
            return f"{name} does not work {words(span, facts.zone)}. Choose another time, or book a walk-in."
    return None


def step(attendance: "Attendance", to: Status, now: datetime, zone: ZoneInfo) -> str | None:
    """Whether the attendance may go to `to` now: the state table, and the day it is on."""
    status, segment = Status(attendance.status), attendance.segment
    if to not in WAYS[status]:
        return WHY_NOT.get(status, f"A visit that is {status.label} cannot become {to.label}.")
    day = segment.starts_at.astimezone(zone).date()
    if to in (Status.ARRIVED, Status.IN_SESSION) and day > now.astimezone(zone).date():
        return f"The visit is on {day_words(day)}. Check in on the day, or move it to today."
    if to is Status.NO_SHOW and now < segment.starts_at:
        begins = time_words(segment.starts_at.astimezone(zone).time())
        return f"The visit begins at {begins}. Wait until then, or cancel it."
    if to is Status.CONFIRMED and now >= segment.ends_at:
        return "The visit's time has gone by; mark it as held or not held."
    return None


def not_held_reason(reason: str, words: str) -> str | None:
    """Why a visit is not held is always stored (R-RE-08)."""
    if reason not in Reason.values or reason in (Reason.IN_ERROR, Reason.MOVED):
        return "Choose why the visit is not held."
    if reason == Reason.OTHER and not words:
        return "Write in a few words why the visit is not held."
    return None


def move(attendances: Sequence["Attendance"], parts: Sequence[Part]) -> str | None:
    """Only what nobody has come for yet is moved, part by part."""
    still = {attendance.segment_id for attendance in attendances if attendance.status in MOVABLE}
    if not still and any(attendance.status in OPEN for attendance in attendances):
        return "Somebody has arrived for this visit already. Undo that first, or book a new one."
    if not still:
        return "There is nothing left to move in this booking. Book a new visit."
    if len(parts) != len(still):
        return "A moved booking keeps its number of parts. Cancel it and book anew to change that."
    return None


def cancel(attendances: Sequence["Attendance"]) -> str | None:
    """There must be something that has not begun."""
    if any(a.status in OPEN and a.status != Status.IN_SESSION for a in attendances):
        return None
    statuses = {Status(a.status) for a in attendances}
    return WHY_NOT[Status.IN_SESSION if Status.IN_SESSION in statuses else sorted(statuses)[0]]


def late(attendance: "Attendance", until: datetime | None, zone: ZoneInfo) -> str | None:
    """Running late is for somebody who has not come yet, and until a later moment of the same day."""
    if attendance.status not in (Status.BOOKED, Status.CONFIRMED):
        return "Only somebody who has not arrived can be running late."
    starts = attendance.segment.starts_at
    if until is not None and (until <= starts or until.astimezone(zone).date() != starts.astimezone(zone).date()):
        return f"Choose a time after {time_words(starts.astimezone(zone).time())} on the same day."
    return None


def reopen(attendance: "Attendance", path: Sequence[str]) -> str | None:
    """There must be a step to undo; what was entered in error stays so."""
    if attendance.reason == Reason.IN_ERROR:
        return "The booking was entered in error. Book it anew."
    if len(path) < 2:
        return "Nothing has happened to this visit yet that could be undone."
    return None


def retract(words: str, *, signed: bool) -> str | None:
    """A reason, and no signed note that hangs on the visit."""
    if not words:
        return "Write why the booking is an error."
    if signed:
        return "A signed note stands on this visit. Its author marks the note as entered in error first."
    return None


def path(statuses: Sequence[str]) -> list[str]:
    """The steps as they stand, without those that were undone: a step back to the one before takes the last away."""
    found: list[str] = []
    for status in statuses:
        if len(found) >= 2 and found[-2] == status:
            found.pop()
        elif not found or found[-1] != status:
            found.append(status)
    return found
