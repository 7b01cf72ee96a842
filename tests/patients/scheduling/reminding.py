"""What the tests of reminders share: consent, bookings made at a moment, what arrived."""

from datetime import datetime
from typing import Any

from clinic import clock
from clinic.outbox import actions as outbox
from clinic.outbox.models import LocalDelivery, OutboxItem
from patients.record.models import MessageConsent, Patient
from patients.scheduling.enums import Reason, Status
from patients.scheduling.models import Attendance, Booking, Segment
from patients.scheduling.reminders import plan
from tests.cast import BEGINNING, Cast, at

VISIT = "2026-03-12 14:00"  # a Thursday, after the change to summer time
BOOKED = at("2026-03-02 09:00")


def consent(patient: Patient, channel: str = "text") -> MessageConsent:
    """The patient's live choice of channel."""
    MessageConsent.objects.filter(patient=patient, revoked_at=None).update(
        revoked_at=clock.now(), revoked_how="changed"
    )
    return MessageConsent.objects.create(patient=patient, channel=channel, text_version="1", given_at=BEGINNING)


def visit(
    cast: Cast, *starts: str, patient: Patient | None = None, patients: Any = (), now: datetime = BOOKED,
    zone: str = "America/Los_Angeles",
) -> Booking:  # fmt: skip
    """A booking of the patient (or of several) with Tess, planned at `now`; rows made directly."""
    from zoneinfo import ZoneInfo

    booking = Booking.objects.create(site=cast.site, booked_at=now)
    for text in starts or (VISIT,):
        moment = datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))
        segment = Segment.objects.create(
            booking=booking, clinician=cast.tess, service="therapy", starts_at=moment, ends_at=moment.replace(minute=45)
        )
        for someone in patients or [patient or cast.ana]:
            Attendance.objects.create(segment=segment, patient=someone)
    with clock.at(now):
        plan(booking)
    return booking


def cancel(booking: Booking) -> None:
    """Without the actions: the reminder finds it so when it is sent."""
    Attendance.objects.filter(segment__booking=booking).update(status=Status.CANCELLED, reason=Reason.UNWELL)


def due() -> list[tuple[str, int]]:
    """What waits: when (Portland) and with which offset."""
    rows = OutboxItem.objects.filter(state="due").order_by("due_at", "id")
    return [(f"{row.due_at.astimezone(at(VISIT).tzinfo):%m-%d %H:%M}", row.args["offset"]) for row in rows]


def run(when: str | datetime) -> list[str]:
    """Let the worker run at that moment; the bodies that arrived in this run."""
    before = set(LocalDelivery.objects.values_list("pk", flat=True))
    with clock.at(at(when) if isinstance(when, str) else when):
        outbox.deliver_due()
    return list(LocalDelivery.objects.exclude(pk__in=before).order_by("at", "id").values_list("body", flat=True))


def outcomes() -> list[tuple[str, str]]:
    """State and outcome of every item, in the order of due times."""
    return list(OutboxItem.objects.order_by("due_at", "id").values_list("state", "outcome"))
