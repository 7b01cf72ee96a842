"""What every message to a patient needs: the channel they chose, the hours, the limits, and the words for "call us".

Handlers decide under a lock on the patient's open messages (so that two workers see each other), then send outside.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Q

from clinic import clock
from clinic.outbox import actions as outbox
from clinic.outbox.enums import Channel, State
from clinic.outbox.models import OutboxItem
from clinic.outbox.results import Later
from clinic.practice import config
from clinic.practice.models import Practice
from patients.record.models import MessageConsent, Patient
from patients.scheduling.calc import Hours, local, may_send, next_allowed

if TYPE_CHECKING:
    from clinic.staff.models import User

REMINDER, NOTE = "scheduling.reminder", "patient.message"
COUNTED = (REMINDER, NOTE)  # kinds that the limits of R-RE-04 count
NOTE_WAITS = timedelta(days=2)  # a note moves by so much for the limits, then it goes
TEXT_END, EMAIL_END = "STOP to opt out.", "To get no more of these, say so when you call."


@dataclass(frozen=True)
class Message:
    """Ready to leave."""

    channel: str
    to: str
    subject: str
    body: str


def channel_of(patient: Patient) -> tuple[str, str]:
    """The channel the patient agreed to and the address there (R-RE-02); ("", "") where there is none. One query."""
    consent = MessageConsent.objects.filter(patient=patient, revoked_at=None).first()
    return chosen(patient, consent)


def chosen(patient: Patient, consent: MessageConsent | None) -> tuple[str, str]:
    """The same, from a consent that is loaded already."""
    to = {Channel.TEXT: str(patient.phone or ""), Channel.EMAIL: patient.email}
    address = to.get(Channel(consent.channel), "") if consent and consent.channel in Channel.values else ""
    return (consent.channel, address) if consent and address else ("", "")


def window(on: date) -> Hours:
    """The practice's hours for messages (R-RE-05), in the patient's own time."""
    first, last = config.value("reminder_window", on)
    return time.fromisoformat(first), time.fromisoformat(last)


def call_back(practice: Practice) -> str:
    """The number that messages offer: 503-555-0100."""
    digits = str(practice.phone.national_number)
    return f"{digits[:3]}-{digits[3:6]}-{digits[6:]}" if len(digits) == 10 else str(practice.phone)


def as_email(message: str, subject: str, to: str) -> Message:
    """A text's words as an e-mail: nobody reads answers there, so it says to call."""
    return Message(Channel.EMAIL, to, subject, message.removesuffix(TEXT_END) + EMAIL_END)


def open_messages(patient_id: UUID) -> list[OutboxItem]:
    """The patient's messages that wait or are being sent, locked until the end of the transaction."""
    return list(
        OutboxItem.objects.select_for_update()
        .filter(patient_id=patient_id, kind__in=COUNTED, state__in=[State.DUE, State.CLAIMED])
        .order_by("pk")
    )


def patient_of(item: OutboxItem) -> Patient:
    """Whom the message is for."""
    return Patient.objects.get(pk=str(item.patient_id))


def save_args(item: OutboxItem, **changes: Any) -> None:
    """Keep ids, days and numbers that a later attempt needs."""
    item.args = {**item.args, **changes}
    OutboxItem.objects.filter(pk=item.pk).update(args=item.args)


def over_limit(item: OutboxItem, zone: ZoneInfo) -> datetime | None:
    """If the limits of R-RE-04 are used up: the next moment at which a text may leave; None: now is fine.

    Counts texts by the day they were decided (`day`), also those that another worker is sending at this moment.
    """
    now = clock.now()
    today = now.astimezone(zone).date()
    per_day, per_week = config.value("texts_per_day", today), config.value("texts_per_week", today)
    sent = OutboxItem.objects.filter(
        Q(state=State.DONE) | Q(state=State.CLAIMED), patient_id=item.patient_id, kind__in=COUNTED,
        args__channel=Channel.TEXT, args__day__gt=(today - timedelta(days=7)).isoformat(),
    ).exclude(pk=item.pk)  # fmt: skip
    days = sorted(date.fromisoformat(day) for day in sent.values_list("args__day", flat=True))
    tomorrow = local(today + timedelta(days=1), window(today)[0], zone)
    if len(days) >= per_week:
        free = days[len(days) - per_week] + timedelta(days=7)
        return max(tomorrow, local(free, window(today)[0], zone))
    return tomorrow if days.count(today) >= per_day else None


def send(item: OutboxItem, message: Message) -> str:
    """Hand it to the gateway under the item's key."""
    outbox.send(
        message.channel, message.to, subject=message.subject, body=message.body, key=item.idempotency_key,
        patient_id=item.patient_id,
    )  # fmt: skip
    return "sent"


def send_note(patient: Patient, *, key: str, by: "User | None", wait: timedelta = timedelta(0)) -> OutboxItem:
    """Ask the patient to call: neutral words, no reason. Once per `key`; inside the caller's transaction.

    At night it waits for the morning; it waits `wait` in any case, as long as what it tells of can be undone. Whether
    the patient wants messages is asked when it is sent.
    """
    now, hours = clock.now() + wait, window(clock.today(patient.zone))
    free = may_send(now, patient.zone, window=hours, quiet=patient.quiet)
    due = now if free else next_allowed(now, patient.zone, window=hours, quiet=patient.quiet)
    args = {"asked": now.isoformat(), "by": str(by.pk) if by else None}
    return outbox.enqueue(NOTE, purpose=f"note:{key}", due_at=due, patient_id=patient.pk, args=args)


class Notes:
    """Handler of `patient.message`: “we have news for you, call …”."""

    kind = NOTE
    words = "Requests to call the practice"

    def deliver(self, item: OutboxItem) -> str:
        """Check again, then send; several notes that wait are one message."""
        decided = self._decide(item)
        return decided if isinstance(decided, str) else send(item, decided)

    @transaction.atomic
    def _decide(self, item: OutboxItem) -> Message | str:
        waiting = open_messages(item.patient_id) if item.patient_id else []
        patient = patient_of(item)
        channel, to = channel_of(patient)
        if not mine(item, waiting):
            return "dropped: merged into another message"
        if not channel:
            return "dropped: the patient gets no messages"
        now, hours = clock.now(), window(clock.today(patient.zone))
        if not may_send(now, patient.zone, window=hours, quiet=patient.quiet):
            later = next_allowed(now, patient.zone, window=hours, quiet=patient.quiet)
            raise Later(later, "outside the hours in which messages may leave")
        free = over_limit(item, patient.zone) if channel == Channel.TEXT else None
        if free and free <= datetime.fromisoformat(item.args["asked"]) + NOTE_WAITS:
            raise Later(free, "moved: the patient has had the messages of the day or week")
        merge(other for other in waiting if other.kind == NOTE and other.pk != item.pk)
        save_args(item, channel=channel, day=now.astimezone(patient.zone).date().isoformat())
        return note_message(channel, to, patient)


def mine(item: OutboxItem, waiting: Iterable[OutboxItem]) -> bool:
    """Whether the item is still open: another worker may have merged it into its own message."""
    return any(other.pk == item.pk for other in waiting)


def merge(others: Iterable[OutboxItem]) -> None:
    """Close items whose content another message carries."""
    OutboxItem.objects.filter(pk__in=[other.pk for other in others]).update(
        state=State.DROPPED, lease_until=None, finished_at=clock.now(), outcome="merged into another message"
    )


def note_message(channel: str, to: str, patient: Patient) -> Message:
    """“Alder Street: Annie, we have news for you. Call 503-555-0100. STOP to opt out.”"""
    practice = Practice.objects.get()
    name = patient.first_called[:40]
    words = f"{practice.display_name}: {name}, we have news for you. Call {call_back(practice)}. {TEXT_END}"
    if channel == Channel.EMAIL:
        return as_email(words, f"{practice.display_name}: news for you", to)
    return Message(channel, to, "", words)
