"""Reminders of visits (R-RE-01 to R-RE-07): planned with the booking, checked again and worded when they are sent.

The row's `args` hold the attendance, its start, the offset in days and the channel; its purpose is unique by the same
(R-RE-07), so that a moved visit gets a reminder of its own. All visits of one day are one message: the first item that
is handled carries them (`covers`), the others are dropped as merged.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Prefetch

from clinic import clock
from clinic.outbox import actions as outbox
from clinic.outbox.enums import Channel
from clinic.outbox.models import OutboxItem
from clinic.outbox.results import Later
from clinic.practice import config
from clinic.practice.models import Practice
from patients.record.models import MessageConsent, Patient
from patients.scheduling.calc import may_send, send_at
from patients.scheduling.enums import Status
from patients.scheduling.messages import (
    REMINDER,
    Message,
    as_email,
    call_back,
    channel_of,
    chosen,
    merge,
    mine,
    open_messages,
    over_limit,
    patient_of,
    save_args,
    send,
    send_note,
    window,
)  # fmt: skip
from patients.scheduling.models import Attendance, Booking
from patients.scheduling.wording import day_words, reminder_text

if TYPE_CHECKING:
    from django.db.models import QuerySet

__all__ = ["Reminders", "plan", "plan_coming", "send_note", "withdraw"]

REMINDED = (Status.BOOKED, Status.CONFIRMED)
BEFORE_VISIT = timedelta(hours=2)  # a reminder that moves for the limits leaves at least so long before


def plan(booking: Booking) -> list[OutboxItem]:
    """Ask for one reminder per attendance and offset, by the patient's channel; inside the booking's transaction.

    Asking again changes nothing. An offset whose moment has gone by, for a visit booked late, gets none (R-RE-05).
    """
    asked = _missing(Attendance.objects.filter(segment__booking=booking))
    outbox.enqueue_all(asked)
    return list(OutboxItem.objects.filter(purpose__in=[item.purpose for item in asked]).order_by("due_at", "id"))


def withdraw(booking: Booking) -> int:
    """Take back what waits for visits of this booking that were moved or cancelled; returns how many.

    Reminders of visits that still stand as planned stay.
    """
    withdrawn = 0
    for attendance in Attendance.objects.filter(segment__booking=booking).select_related("segment"):
        stands = _purpose(attendance) if attendance.status in REMINDED else ""
        withdrawn += outbox.withdraw(
            f"reminder:{attendance.pk}:", but=stands, why="the visit was moved, cancelled or is over"
        )
    return withdrawn


def plan_coming() -> int:
    """Job: plan what is missing for coming visits, after a change of channel, consent or settings; three statements."""
    now = clock.now()
    days = max(config.value("reminder_offsets_days", now.date()), default=0) + 2
    return outbox.enqueue_all(
        _missing(Attendance.objects.filter(segment__starts_at__range=(now, now + timedelta(days=days))))
    )


def _missing(attendances: "QuerySet[Attendance]") -> list[OutboxItem]:
    """The reminders that these attendances should have, as rows not saved. Three queries, whatever the number."""
    now = clock.now()
    offsets, hours = config.value("reminder_offsets_days", now.date()), window(now.date())
    live = Prefetch("patient__message_consents", MessageConsent.objects.filter(revoked_at=None), to_attr="live")
    open_rows = attendances.filter(status__in=REMINDED, segment__starts_at__gt=now)
    found: list[OutboxItem] = []
    for attendance in open_rows.select_related("segment", "patient").prefetch_related(live).order_by("pk"):
        patient, starts_at = attendance.patient, attendance.segment.starts_at
        channel, _ = chosen(patient, next(iter(getattr(patient, "live", [])), None))
        for offset in sorted(set(offsets), reverse=True) if channel else []:
            leaves = send_at(starts_at, offset, patient.zone, window=hours, quiet=patient.quiet, now=now).at
            if leaves and leaves < starts_at:
                found.append(_item(attendance, offset, channel, leaves))
    return found


def _purpose(attendance: Attendance) -> str:
    """Attendance and start; offset and channel follow (R-RE-07)."""
    return f"reminder:{attendance.pk}:{attendance.segment.starts_at.astimezone(UTC):%Y%m%dT%H%M}:"


def _item(attendance: Attendance, offset: int, channel: str, due_at: datetime) -> OutboxItem:
    starts_at = attendance.segment.starts_at.astimezone(UTC)
    return OutboxItem(
        kind=REMINDER, due_at=due_at, patient_id=attendance.patient_id, created_at=clock.now(),
        purpose=f"{_purpose(attendance)}{offset}:{channel}",
        args={
            "attendance": str(attendance.pk), "starts_at": starts_at.isoformat(), "offset": offset, "channel": channel,
        },
    )  # fmt: skip


class Reminders:
    """Handler of `scheduling.reminder`."""

    kind = REMINDER
    words = "Reminders of visits"

    def deliver(self, item: OutboxItem) -> str:
        """Decide under the lock, send outside of it."""
        decided = self._decide(item)
        return decided if isinstance(decided, str) else send(item, decided)

    @transaction.atomic
    def _decide(self, item: OutboxItem) -> Message | str:
        """The message, or why there is none: the state is asked again now (R-RE-07)."""
        waiting = open_messages(item.patient_id) if item.patient_id else []
        if not mine(item, waiting):
            return "dropped: merged into another message"
        patient = patient_of(item)
        channel, to = channel_of(patient)
        if why := self._stands_against(item, patient, channel):
            return f"dropped: {why}"
        if channel != item.args["channel"]:
            return self._by_other_channel(item, channel)
        day = _day(item, patient)
        same_day = [other for other in waiting if other.pk != item.pk and self._merges(other, item, patient)]
        free = over_limit(item, patient.zone) if channel == Channel.TEXT else None
        if free and (why := self._move(item, waiting, free)):
            return f"dropped: {why}"
        merge(same_day)
        covers = {other.args["attendance"]: other.args["starts_at"] for other in same_day}
        save_args(item, covers=item.args.get("covers", {}) | covers, day=clock.today(patient.zone).isoformat())
        return _worded(patient, _visits(patient, day), channel, to)

    def _stands_against(self, item: OutboxItem, patient: Patient, channel: str) -> str:
        """Why nothing may leave: cancelled, moved or over, opted out, outside the hours."""
        now = clock.now()
        if not channel:
            return "the patient gets no messages"
        held = _as_planned(item)
        if not held:
            return "the visit was moved, cancelled or is over"
        if all(attendance.segment.starts_at <= now for attendance in held):
            return "the visit has begun"
        if not may_send(now, patient.zone, window=window(clock.today(patient.zone)), quiet=patient.quiet):
            return "too late for the hours in which messages may leave"
        return ""

    def _by_other_channel(self, item: OutboxItem, channel: str) -> str:
        """The patient chose another channel since: the reminder goes there."""
        offset, now = item.args["offset"], clock.now()
        outbox.enqueue_all([_item(attendance, offset, channel, now) for attendance in _as_planned(item)])
        return "dropped: the patient chose another channel, it goes there"

    def _merges(self, other: OutboxItem, item: OutboxItem, patient: Patient) -> bool:
        """Whether one message does for both: the same day and channel, the same offset or due by tonight.

        What was tried before goes by itself, under its own key: it may have arrived.
        """
        if other.kind != REMINDER or other.args["channel"] != item.args["channel"] or "day" in other.args:
            return False
        tonight = other.due_at.astimezone(patient.zone).date() <= clock.today(patient.zone)
        together = other.args["offset"] == item.args["offset"] or tonight
        return together and _day(other, patient) == _day(item, patient)

    def _move(self, item: OutboxItem, waiting: Iterable[OutboxItem], free: datetime) -> str:
        """The day's or week's texts are used up (R-RE-04): wait, or leave it to the next reminder of the same visit.

        Neither possible: it goes now; a reminder is never dropped for the quota.
        """
        later = [
            other for other in waiting
            if other.kind == REMINDER and other.args["attendance"] == item.args["attendance"]
            and other.args["starts_at"] == item.args["starts_at"] and other.args["offset"] < item.args["offset"]
        ]  # fmt: skip
        last = min([other.due_at for other in later] or [datetime.fromisoformat(item.args["starts_at"]) - BEFORE_VISIT])
        if free < last:
            raise Later(free, "moved: the patient has had the messages of the day or week")
        return "merged into the next reminder of the same visit" if later else ""


def _day(item: OutboxItem, patient: Patient) -> date:
    """The visit's day where the patient lives."""
    return datetime.fromisoformat(item.args["starts_at"]).astimezone(patient.zone).date()


def _as_planned(item: OutboxItem) -> list[Attendance]:
    """Of the item's attendance and those merged into it, the ones still to come at the time they were planned for."""
    planned = {item.args["attendance"]: item.args["starts_at"], **item.args.get("covers", {})}
    found = Attendance.objects.filter(pk__in=planned, status__in=REMINDED).select_related("segment")
    return [a for a in found if a.segment.starts_at == datetime.fromisoformat(planned[str(a.pk)])]


def _visits(patient: Patient, day: date) -> list[datetime]:
    """All coming visits of the patient on that day, in the patient's time."""
    around = [datetime.combine(day + timedelta(days=n), datetime.min.time(), patient.zone) for n in (0, 1)]
    starts = Attendance.objects.filter(
        patient=patient, status__in=REMINDED, segment__starts_at__gte=max(around[0], clock.now()),
        segment__starts_at__lt=around[1],
    ).values_list("segment__starts_at", flat=True)  # fmt: skip
    return sorted(start.astimezone(patient.zone) for start in starts)


def _worded(patient: Patient, visits: Sequence[datetime], channel: str, to: str) -> Message:
    practice = Practice.objects.get()
    text = reminder_text(practice.display_name, patient.first_called, visits, call_back(practice))
    if channel == Channel.EMAIL:
        return as_email(text, f"{practice.display_name}: {day_words(visits[0].date())}", to)
    return Message(channel, to, "", text)
