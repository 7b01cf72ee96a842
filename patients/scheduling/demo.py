"""The demo's schedule: the past in bulk, present and future by the desk's own bookings."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from clinic import clock
from clinic.demo import ZONE, Demo, data, stories
from clinic.outbox import actions as outbox
from clinic.outbox import queries as outbox_queries
from clinic.staff.models import User
from patients.scheduling import actions
from patients.scheduling.enums import Mode, Reason, Service, Status
from patients.scheduling.models import Attendance, AttendanceStep, Booking, Occupancy, Segment
from patients.timeline.enums import EntryKind
from patients.timeline.models import Entry

MODES = {"in person": Mode.IN_PERSON, "video": Mode.VIDEO, "phone": Mode.PHONE}
NOT_HELD = {
    "no-show": (Status.NO_SHOW, Reason.NO_WORD),
    "cancelled": (Status.CANCELLED, Reason.PATIENT_ASKED),
    "late cancel": (Status.CANCELLED, Reason.UNWELL),
}
HOURS = [time(hour) for hour in (9, 10, 11, 13, 14, 15, 16)]
AHEAD_DAYS = 12  # working days with a filled board
BOOKED_BEFORE = timedelta(days=8)
SHOWN = "maren"  # whose chart people open first: her clinicians have not seen her for two weeks, so it has news
UNSEEN = timedelta(days=13)


@dataclass
class Visit:
    """A visit of the data, and the rows made of it: an attendance for each patient."""

    row: dict[str, Any]
    day: date
    starts_at: datetime
    clinician: User
    attendances: dict[str, Attendance]


class Diary:
    """Who is taken when, so that nobody is in two places."""

    def __init__(self) -> None:
        self.taken: set[tuple[object, datetime]] = set()

    def first(self, day: date, *who: object, after: int = 0) -> datetime | None:
        """An hour of the day that is free for all of `who`, tried from the `after`-th on; it is taken then."""
        start = after % len(HOURS)
        for hour in HOURS[start:] + HOURS[:start]:
            moment = datetime.combine(day, hour, ZONE)
            if not any((one, moment) in self.taken for one in who):
                self.taken |= {(one, moment) for one in who}
                return moment
        return None


def load_past(demo: Demo) -> str:
    """Every visit of the stories and of the other patients up to yesterday."""
    diary: Diary = demo.extra.setdefault("diary", Diary())
    visits = [_place(demo, diary, row, day) for row, day in _told(demo)]
    demo.extra["visits"] = sorted((v for v in visits if v), key=lambda v: v.starts_at)
    _write(demo, demo.extra["visits"])
    return f"{len(demo.extra['visits'])} visits up to yesterday"


def _told(demo: Demo) -> Iterator[tuple[dict[str, Any], date]]:
    for story in stories():
        for row in story["sessions"]:
            clinician = row["clinician"] or story["therapist"]
            day = demo.day(story["start_date"], row["week"], row["day"])
            if SHOWN not in row["patients"] or day < demo.today - UNSEEN:
                yield {**row, "clinician": clinician}, day
    monday = demo.today - timedelta(days=demo.today.weekday())
    for number, person in enumerate(data()["patients"]):
        for score in person.get("phq9_recent", []):
            day = monday - timedelta(weeks=score["weeks_ago"]) + timedelta(days=number % 4)
            yield _plain(person, person["therapist"], "CBT", 45, score["weeks_ago"]), day
        for weeks in (13, 5) if person["prescriber"] and person["story"] is None else ():
            yield (
                _plain(person, person["prescriber"], "medication", 30, weeks),
                monday - timedelta(weeks=weeks - 1, days=4),
            )


def _plain(person: dict[str, Any], clinician: str, modality: str, minutes: int, weeks: int) -> dict[str, Any]:
    return {
        "clinician": clinician, "patients": [person["key"]], "modality": modality, "minutes": minutes,
        "mode": "video" if _by_video(person) else "in person",
        "status": "completed", "topic": None, "objectives": ["o1"], "techniques": [], "homework": None,
        "last_homework": None, "response": "engaged", "code": None, "weeks_ago": weeks,
    }  # fmt: skip


def _by_video(person: dict[str, Any]) -> bool:
    about = person["about"] or ""
    return "video" in about or "telehealth" in about


def _place(demo: Demo, diary: Diary, row: dict[str, Any], day: date) -> Visit | None:
    if day >= demo.today:
        return None
    clinician = demo.users[row["clinician"]]
    starts_at = diary.first(day, clinician.pk, *(demo.patients[key].pk for key in row["patients"]))
    return Visit(row, day, starts_at, clinician, {}) if starts_at else None


def _service(row: dict[str, Any]) -> Service:
    if row["code"] in ("90791", "90792"):
        return Service.INTAKE
    if row["mode"] == "phone":
        return Service.TELEPHONE if row["modality"] != "medication" else Service.MEDICATION
    return Service.MEDICATION if row["modality"] == "medication" else Service.THERAPY


def _write(demo: Demo, visits: list[Visit]) -> None:
    """Bookings, segments, attendances, their steps, who was occupied, and the line of a visit not held: COPY-like."""
    bookings, segments, attendances, steps, taken, lines = [], [], [], [], [], []
    for visit in visits:
        row = visit.row
        minutes = row["minutes"] or 30
        ends_at = visit.starts_at + timedelta(minutes=minutes)
        booking = Booking(
            site=visit.clinician.site, mode=MODES.get(row["mode"] or "", Mode.IN_PERSON),
            booked_at=visit.starts_at - BOOKED_BEFORE,
        )  # fmt: skip
        segment = Segment(
            booking=booking, clinician=visit.clinician, service=_service({**row, "mode": row["mode"] or ""}),
            starts_at=visit.starts_at, ends_at=ends_at,
        )  # fmt: skip
        bookings.append(booking)
        segments.append(segment)
        held = row["status"] == "completed"
        for key in row["patients"]:
            attendance = Attendance(segment=segment, patient=demo.patients[key])
            status, reason = (Status.COMPLETED, "") if held else NOT_HELD[row["status"]]
            attendance.status, attendance.reason = status, reason
            if held:
                attendance.arrived_at = visit.starts_at - timedelta(minutes=6)
                attendance.started_at, attendance.ended_at = visit.starts_at, ends_at
            else:
                attendance.reason_words = (row.get("reason") or "")[:200]
                lines.append(_line(attendance, visit))
            attendances.append(attendance)
            visit.attendances[key] = attendance
            steps += _steps(attendance, visit.starts_at, ends_at)
        if held:
            span = {"segment": segment, "starts_at": visit.starts_at, "ends_at": ends_at}
            taken.append(Occupancy(clinician=visit.clinician, **span))
            taken += [Occupancy(patient_id=one.patient_id, **span) for one in visit.attendances.values()]
    Booking.objects.bulk_create(bookings)
    Segment.objects.bulk_create(segments)
    Attendance.objects.bulk_create(attendances)
    AttendanceStep.objects.bulk_create(steps)
    Occupancy.objects.bulk_create(taken)
    Entry.objects.bulk_create(lines)


def _steps(attendance: Attendance, starts_at: datetime, ends_at: datetime) -> list[AttendanceStep]:
    if attendance.status != Status.COMPLETED:
        return [AttendanceStep(attendance=attendance, status=attendance.status, at=starts_at)]
    return [
        AttendanceStep(attendance=attendance, status=status, at=at)
        for status, at in (
            (Status.ARRIVED, starts_at - timedelta(minutes=6)),
            (Status.IN_SESSION, starts_at),
            (Status.COMPLETED, ends_at),
        )
    ]


def _line(attendance: Attendance, visit: Visit) -> Entry:
    label = Reason(attendance.reason).label
    return Entry(
        patient_id=attendance.patient_id, kind=EntryKind.MISSED, occurred_at=visit.starts_at,
        recorded_at=visit.starts_at + timedelta(minutes=20), label=label, object_kind="patients_scheduling.attendance",
        object_id=attendance.pk,
    )  # fmt: skip


def load_present(demo: Demo) -> str:
    """Boards from today on, booked by the desk eight days ago; what lies before this moment has happened."""
    diary: Diary = demo.extra["diary"]
    desk = demo.users["fd_kealoha"]
    made: list[Booking] = []
    days = _working_days(demo.today, AHEAD_DAYS)
    with clock.at(datetime.combine(demo.today, time(10), ZONE) - BOOKED_BEFORE):
        for number, person in enumerate(data()["patients"]):
            for week in range(0, len(days), 4):
                day = days[(week + number) % len(days)]
                booking = _book(demo, diary, person, day, desk, with_prescriber=number % 3 == 0)
                made += [booking] if booking else []
    send_reminders()
    _live_through(made, desk)
    return f"{len(made)} bookings from today on"


def send_reminders() -> None:
    """Reminders that were due up to this moment leave, each at its own time, as the worker would have sent them."""
    now = clock.now()
    while item := outbox_queries.claimable(now).first():
        with clock.at(item.due_at):
            outbox.deliver_due()


def _working_days(today: date, count: int) -> list[date]:
    """Today (on a weekend the next working day) and those after it; Monday to Thursday, as both sites are open."""
    found: list[date] = []
    day = today
    while len(found) < count:
        if day.weekday() < 4 or (day.weekday() == 4 and not found):
            found.append(day)
        day += timedelta(days=1)
    return found


def _book(
    demo: Demo, diary: Diary, person: dict[str, Any], day: date, desk: User, *, with_prescriber: bool
) -> Booking | None:
    patient, therapist = demo.patients[person["key"]], demo.users[person["therapist"]]
    who = [patient.pk, therapist.pk]
    prescriber = demo.users[person["prescriber"]] if with_prescriber and person["prescriber"] else None
    if prescriber is not None and prescriber.site_id != therapist.site_id:
        prescriber = None
    if prescriber is not None:
        who.append(prescriber.pk)
    if day.weekday() == 4 and therapist.site_id != demo.sites["portland"].pk:
        return None
    starts_at = diary.first(day, *who, after=2 * day.day + len(who) + patient.number)
    if starts_at is None or (day.weekday() == 4 and starts_at.hour > 14):
        return None
    middle = starts_at + timedelta(minutes=45 if prescriber is None else 35)
    parts = [actions.Part(therapist, Service.THERAPY, starts_at, middle)]
    if prescriber is not None:
        parts.append(actions.Part(prescriber, Service.MEDICATION, middle, middle + timedelta(minutes=20)))
    about = person["about"] or ""
    mode = (
        Mode.VIDEO if "video" in about or "telehealth" in about else Mode.PHONE if "phone" in about else Mode.IN_PERSON
    )
    return actions.book(patient=patient, site=therapist.site, parts=parts, mode=mode, by=desk)


def _live_through(made: list[Booking], desk: User) -> None:
    """What has begun by now went its way: arrived, in session, completed, one not come; half of the next confirmed."""
    now = clock.now()
    rows = Attendance.objects.filter(segment__booking__in=made).select_related("segment").order_by("segment__starts_at")
    for number, attendance in enumerate(rows):
        starts_at, ends_at = attendance.segment.starts_at, attendance.segment.ends_at
        if starts_at - timedelta(minutes=12) > now:
            if number % 2 and starts_at - now < timedelta(days=3):
                actions.confirm(attendance, by=desk)
            continue
        if number % 9 == 4 and starts_at + timedelta(minutes=20) < now:
            with clock.at(starts_at + timedelta(minutes=20)):
                actions.no_show(attendance, reason=Reason.NO_WORD, by=desk)
            continue
        with clock.at(max(starts_at - timedelta(minutes=8), now - timedelta(minutes=12))):
            attendance = actions.arrive(attendance, by=desk)
        if starts_at < now:
            with clock.at(starts_at):
                attendance = actions.start(attendance, by=attendance.segment.clinician)
        if ends_at < now:
            with clock.at(ends_at):
                actions.complete(attendance, by=attendance.segment.clinician)
