"""Bookings: made, moved, cancelled, marked as entered in error."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import IntegrityError, transaction

from clinic import clock
from clinic.audit import actions as audit
from clinic.audit.enums import Kind
from clinic.refusal import Conflict, check
from patients.record.calc import clean_line
from patients.scheduling import queries, reminders, rules
from patients.scheduling.actions import absent, attending, occupying
from patients.scheduling.enums import MOVABLE, OPEN, Mode, Reason, Service, Status
from patients.scheduling.models import Attendance, Booking, Segment
from patients.scheduling.rules import Part
from patients.timeline import actions as timeline

if TYPE_CHECKING:
    from clinic.practice.models import Site
    from clinic.staff.models import User
    from patients.record.models import Patient


@transaction.atomic
def book(
    *, patient: "Patient", site: "Site", parts: Sequence[Part], mode: str = Mode.IN_PERSON, by: "User",
    walk_in: bool = False, desk_note: str = "", request_key: UUID | None = None,
) -> Booking:  # fmt: skip
    """Book one clinician's time, or two one after the other, for the patient.

    Two desks that want the same time: one booking, and one sentence for the other. The same `request_key` again gives
    the booking it made. Walk-ins may lie outside hours and absences, never over another visit.
    """
    if request_key and (before := _made_with(request_key, patient)):
        return before
    desk_note = clean_line(desk_note, most=200, field="desk_note")
    parts = sorted(parts, key=lambda part: part.starts_at)
    _check(parts, site, mode, walk_in=walk_in)
    occupying.lock(
        clinicians=[part.clinician.pk for part in parts], patients=[patient.pk],
        rooms=[part.room.pk if part.room else None for part in parts],
    )  # fmt: skip
    booking = Booking(
        site=site, mode=mode, walk_in=walk_in, desk_note=desk_note, booked_at=clock.now(), booked_by=by,
        request_key=request_key,
    )  # fmt: skip
    try:
        with transaction.atomic():
            booking.save(force_insert=True)
    except IntegrityError:
        if request_key and (before := _made_with(request_key, patient)):
            return before
        raise
    segments = [_segment(booking, part) for part in parts]
    Segment.objects.bulk_create(segments)
    attendances = [Attendance(segment=segment, patient=patient) for segment in segments]
    Attendance.objects.bulk_create(attendances)
    attending.append(attendances, Status.BOOKED, by=by)
    occupying.occupy(segments, [patient.pk])
    audit.record(Kind.CREATED, by=by, on=booking, patient_id=patient.pk, what="scheduling.book", detail=_detail(parts))
    reminders.plan(booking)
    return booking


@transaction.atomic
def telephone(
    *, patient: "Patient", site: "Site", clinician: "User", starts_at: datetime, minutes: int, by: "User",
    desk_note: str = "", request_key: UUID | None = None,
) -> Booking:  # fmt: skip
    """Record a telephone contact of today that needed no earlier booking: booked, begun and ended in one."""
    part = Part(clinician, Service.TELEPHONE, starts_at, starts_at + timedelta(minutes=minutes))
    booking = book(
        patient=patient, site=site, parts=[part], mode=Mode.PHONE, by=by, walk_in=True, desk_note=desk_note,
        request_key=request_key,
    )  # fmt: skip
    for attendance in Attendance.objects.filter(segment__booking=booking, status=Status.BOOKED):
        begun = attending.start(attendance, at=part.starts_at, by=by)
        attending.complete(begun, at=part.ends_at, by=by)
    return booking


@transaction.atomic
def move(booking: Booking, *, parts: Sequence[Part], by: "User") -> Booking:
    """Give the booking other times, clinicians or rooms. Attendances and their history stay; reminders are new.

    A confirmation was for the old time: the visit is booked again, not confirmed.
    """
    booking, attendances = _locked(booking)
    check(rules.move, attendances, parts)
    standing = [a for a in attendances if a.status in MOVABLE]
    parts = sorted(parts, key=lambda part: part.starts_at)
    _check(parts, booking.site, booking.mode, walk_in=False)
    segments = sorted({a.segment_id: a.segment for a in standing}.values(), key=lambda s: s.starts_at)
    patients = list({a.patient_id for a in standing})
    occupying.lock(
        clinicians=[part.clinician.pk for part in parts], patients=patients,
        rooms=[part.room.pk if part.room else None for part in parts],
    )  # fmt: skip
    before = {"from": [segment.starts_at for segment in segments]}
    for segment, part in zip(segments, parts, strict=True):
        occupying.release(segment)
        _fill(segment, part)
        segment.save()
    occupying.occupy(segments, patients)
    for attendance in standing:
        attendance.status, attendance.running_late_until = Status.BOOKED, None
        attendance.save(update_fields=["status", "running_late_until"])
        absent.settled(attendance.pk, by=by, outcome="moved")
    attending.append(standing, Status.BOOKED, by=by)
    for patient in patients:
        audit.record(
            Kind.CHANGED, by=by, on=booking, patient_id=patient, what="scheduling.move", detail=_detail(parts) | before
        )
    reminders.withdraw(booking)
    reminders.plan(booking)
    return booking


@transaction.atomic
def cancel(booking: Booking, *, reason: str, words: str = "", by: "User", only: Attendance | None = None) -> Booking:
    """Cancel what has not begun, the whole booking or `only` one part, with its reason (R-RE-08). Times are free."""
    words = clean_line(words, most=200, field="words")
    attending.check_reason(reason, words)
    booking, attendances = _locked(booking)
    wanted = [a for a in attendances if only is None or a.pk == only.pk]
    check(rules.cancel, wanted)
    for attendance in wanted:
        if attendance.status in OPEN and attendance.status != Status.IN_SESSION:
            attending.not_held(attendance, Status.CANCELLED, reason=reason, words=words, by=by)
    reminders.withdraw(booking)
    if only is not None:
        reminders.plan(booking)
    return booking


@transaction.atomic
def in_error(booking: Booking, *, words: str, by: "User") -> Booking:
    """Mark the booking as entered in error: gone from board and timeline, kept with its reason."""
    words = clean_line(words, most=200, field="words")
    booking, attendances = _locked(booking)
    check(rules.retract, words, signed=queries.has_signed_note(attendances))
    standing = [a for a in attendances if not queries.in_error(a)]
    for attendance in standing:
        attendance.status, attendance.reason, attendance.reason_words = Status.CANCELLED, Reason.IN_ERROR, words
        attendance.running_late_until = None
        attendance.save()
        occupying.release(attendance.segment, patient_id=attendance.patient_id)
        timeline.retract(attendance)
        absent.settled(attendance.pk, by=by, outcome="entered in error")
        audit.record(Kind.RETRACTED, by=by, on=attendance, what="scheduling.in_error", why=words)
    attending.append(standing, Status.CANCELLED, by=by)
    attending.forget_missed(booking, by=by)
    reminders.withdraw(booking)
    return booking


def _made_with(request_key: UUID, patient: "Patient") -> Booking | None:
    """The booking that an earlier submit of the same form made."""
    found = Booking.objects.filter(request_key=request_key).select_related("site").first()
    if found and not Attendance.objects.filter(segment__booking=found, patient=patient).exists():
        raise Conflict("This form was sent before, for another visit. Reload the page and book again.")
    return found


def _check(parts: Sequence[Part], site: "Site", mode: str, *, walk_in: bool) -> None:
    """All that can be known before the database decides."""
    check(rules.moments, parts, site.zone, clock.now(), walk_in=walk_in)
    check(rules.people, parts, site, mode)
    if not walk_in:
        day = parts[0].starts_at.astimezone(site.zone).date()
        last = parts[-1].ends_at.astimezone(site.zone).date()
        check(rules.calendar, parts, queries.calendar(site, [part.clinician.pk for part in parts], day, last))


def _locked(booking: Booking) -> tuple[Booking, list[Attendance]]:
    """The booking and its attendances, locked, as they are now."""
    booking = Booking.objects.select_for_update(of=("self",)).select_related("site").get(pk=booking.pk)
    rows = Attendance.objects.filter(segment__booking=booking).select_related("segment").order_by("segment__starts_at")
    attendances = list(rows.select_for_update(of=("self",)))
    for attendance in attendances:
        attendance.segment.booking = booking
    return booking, attendances


def _segment(booking: Booking, part: Part) -> Segment:
    segment = Segment(booking=booking)
    _fill(segment, part)
    return segment


def _fill(segment: Segment, part: Part) -> None:
    segment.clinician, segment.room, segment.service = part.clinician, part.room, part.service
    segment.starts_at, segment.ends_at = part.starts_at, part.ends_at


def _detail(parts: Sequence[Part]) -> dict[str, list[str]]:
    return {
        "clinicians": [str(part.clinician.pk) for part in parts],
        "to": [part.starts_at.isoformat() for part in parts],
    }
