"""An attendance's way: confirmed, arrived, in session, completed; not held; one step back. Each step has its author."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.db import transaction

from clinic import clock
from clinic.audit import actions as audit
from clinic.audit.enums import Kind
from clinic.ports import load
from clinic.refusal import check, refuse
from patients.inbox import actions as inbox
from patients.record.calc import clean_line
from patients.record.models import CareTeamMember
from patients.scheduling import queries, reminders, rules
from patients.scheduling.actions import absent, occupying
from patients.scheduling.enums import NOT_HELD, Reason, Service, Status
from patients.scheduling.models import Attendance, AttendanceStep, Booking
from patients.timeline import actions as timeline
from patients.timeline.enums import EntryKind

if TYPE_CHECKING:
    from clinic.staff.models import User

MISSED_DAYS = timedelta(days=30)  # R-RE-08
MISSED_MOST = 2


def check_reason(reason: str, words: str) -> None:
    """Why a visit is not held, said beside the field that lacks it."""
    refuse(rules.not_held_reason(reason, words), field="words" if reason == Reason.OTHER else "reason")


def append(attendances: Iterable[Attendance], status: Status, *, by: "User | None") -> None:
    """Write the step that each of the attendances took."""
    now = clock.now()
    AttendanceStep.objects.bulk_create(
        [AttendanceStep(attendance=a, status=status, at=now, by=by) for a in attendances]
    )


@transaction.atomic
def confirm(attendance: Attendance, *, by: "User") -> Attendance:
    """The patient said that they come."""
    return _go(attendance, Status.CONFIRMED, by=by)


@transaction.atomic
def arrive(attendance: Attendance, *, by: "User") -> Attendance:
    """The patient is here."""
    return _go(attendance, Status.ARRIVED, by=by, arrived_at=clock.now(), running_late_until=None)


@transaction.atomic
def start(attendance: Attendance, *, by: "User", at: datetime | None = None) -> Attendance:
    """The visit begins, now or at the moment that the clinician gives."""
    return _go(attendance, Status.IN_SESSION, by=by, started_at=at or clock.now(), running_late_until=None)


@transaction.atomic
def complete(attendance: Attendance, *, by: "User", at: datetime | None = None) -> Attendance:
    """The visit is over."""
    locked = _locked(attendance)
    ended = at or clock.now()
    return _go(locked, Status.COMPLETED, by=by, ended_at=max(ended, locked.started_at or ended))


@transaction.atomic
def no_show(attendance: Attendance, *, reason: str, words: str = "", by: "User") -> Attendance:
    """Nobody came, with the reason (R-RE-08). The time is free; the care team is told where the rule asks it."""
    words = clean_line(words, most=200, field="words")
    check_reason(reason, words)
    attendance = _locked(attendance)
    if attendance.status == Status.NO_SHOW:
        return attendance
    check(rules.step, attendance, Status.NO_SHOW, clock.now(), attendance.segment.booking.site.zone)
    not_held(attendance, Status.NO_SHOW, reason=reason, words=words, by=by)
    _tell_team(attendance, by=by)
    return attendance


@transaction.atomic
def running_late(attendance: Attendance, *, until: datetime | None, by: "User") -> Attendance:
    """The patient said that they come later, at about `until`; None takes it back."""
    attendance = _locked(attendance)
    refuse(rules.late(attendance, until, attendance.segment.booking.site.zone), field="until")
    attendance.running_late_until = until
    attendance.save(update_fields=["running_late_until"])
    audit.record(Kind.CHANGED, by=by, on=attendance, what="scheduling.late", detail={"until": until})
    return attendance


@transaction.atomic
def reopen(attendance: Attendance, *, by: "User") -> Attendance:
    """Undo the last step: arrived by mistake, not held after all. Refused if the time was given to somebody else."""
    attendance = _locked(attendance)
    path = rules.path(list(attendance.steps.order_by("at", "id").values_list("status", flat=True)))
    check(rules.reopen, attendance, path)
    undone, back = Status(path[-1]), Status(path[-2])
    attendance.status = back
    if undone in NOT_HELD:
        _occupy_again(attendance)
        attendance.reason, attendance.reason_words = "", ""
        timeline.retract(attendance)
        forget_missed(attendance.segment.booking, by=by)
    if undone is Status.ARRIVED:
        attendance.arrived_at = None
    if undone is Status.IN_SESSION:
        attendance.started_at = None
    if undone is Status.COMPLETED:
        attendance.ended_at = None
    attendance.save()
    append([attendance], back, by=by)
    audit.record(Kind.CHANGED, by=by, on=attendance, what="scheduling.reopen", detail={"from": undone, "to": back})
    if undone is Status.CANCELLED:
        reminders.plan(attendance.segment.booking)
    return attendance


def not_held(attendance: Attendance, status: Status, *, reason: str, words: str, by: "User") -> None:
    """What no-show and cancelling share: status, reason, free time, the timeline's hollow tick."""
    attendance.status, attendance.reason, attendance.reason_words = status, reason, words
    attendance.running_late_until = None
    attendance.save()
    segment = attendance.segment
    occupying.release(segment, patient_id=attendance.patient_id)
    absent.settled(attendance.pk, by=by, outcome=status.label)
    append([attendance], status, by=by)
    timeline.note(
        attendance.patient_id, EntryKind.MISSED, on=attendance, occurred_at=segment.starts_at, by=by,
        series=segment.service, label=f"{Service(segment.service).label} {status.label}: {Reason(reason).label}",
    )  # fmt: skip
    audit.record(
        Kind.CHANGED, by=by, on=attendance, what=f"scheduling.{status.value}", why=words, detail={"reason": reason}
    )


def forget_missed(booking: Booking, *, by: "User") -> None:
    """Close the tasks that a missed visit opened, since it was not missed after all."""
    inbox.finish(f"missed:{booking.pk}", by=by, outcome="undone")


def _locked(attendance: Attendance) -> Attendance:
    rows = Attendance.objects.select_related("segment__booking__site", "segment__clinician")
    return rows.select_for_update(of=("self",)).get(pk=attendance.pk)


def _go(attendance: Attendance, to: Status, *, by: "User", **fields: datetime | None) -> Attendance:
    """One lawful step forward; taking it twice is taking it once."""
    attendance = _locked(attendance)
    if attendance.status == to:
        return attendance
    before = attendance.status
    check(rules.step, attendance, to, clock.now(), attendance.segment.booking.site.zone)
    attendance.status = to
    for name, value in fields.items():
        setattr(attendance, name, value)
    attendance.save(update_fields=["status", *fields])
    append([attendance], to, by=by)
    audit.record(Kind.CHANGED, by=by, on=attendance, what=f"scheduling.{to.value}", detail={"from": before})
    return attendance


def _occupy_again(attendance: Attendance) -> None:
    """Take the time back that was given up, if nobody else has it by now."""
    segment = attendance.segment
    occupying.lock(clinicians=[segment.clinician_id], patients=[attendance.patient_id], rooms=[segment.room_id])
    others = list(segment.occupancies.filter(patient__isnull=False).values_list("patient_id", flat=True))
    occupying.release(segment)
    occupying.occupy([segment], [attendance.patient_id, *others])


def _tell_team(attendance: Attendance, *, by: "User") -> None:
    """R-RE-08: the second missed visit in 30 days, or what MISSED_VISIT names, is a task for both clinicians."""
    segment, reasons = attendance.segment, []
    missed = queries.missed_bookings(attendance.patient_id, segment.starts_at - MISSED_DAYS, segment.starts_at)
    if missed >= MISSED_MOST:
        reasons.append(f"{missed} visits missed in 30 days")
    reasons += [why for reason in load("MISSED_VISIT") if (why := reason(attendance.patient_id))]
    if not reasons:
        return
    now = clock.now()
    team = CareTeamMember.objects.filter(patient_id=attendance.patient_id, starts_at__lte=now).exclude(ends_at__lte=now)
    inbox.ask(
        "missed_visit", sentence=f"Missed a visit ({'; '.join(reasons)}): get in touch.",
        purpose=f"missed:{segment.booking_id}", patient_id=attendance.patient_id,
        users=[member.user for member in team.select_related("user")], object_id=attendance.pk, by=by,
    )  # fmt: skip
