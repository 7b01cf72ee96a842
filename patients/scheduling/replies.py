"""Texts that patients send us: STOP is honoured at once (R-RE-03), everything else goes to the front desk unread."""

from clinic import clock
from clinic.outbox import actions as outbox
from clinic.outbox.enums import Channel
from clinic.outbox.models import InboundText, OutboxItem
from clinic.ports import TaskKind
from clinic.practice.models import Practice
from clinic.staff.enums import Role
from patients.inbox import actions as inbox
from patients.record.models import MessageConsent, Patient
from patients.scheduling.messages import Message, call_back, patient_of, send
from patients.scheduling.wording import is_stop

STOPPED = "patient.stop_confirmation"
TEXT_RECEIVED = TaskKind(
    "scheduling.text", "Text received", "Call back", "scheduling:patient", "patient.contacts", by_hand=True
)
UNKNOWN_NUMBER = TaskKind(
    "scheduling.unknown_text", "Text from an unknown number", "Find the patient", "record:find", "patient.find",
    by_hand=True,
)  # fmt: skip


class Replies:
    """Acts on every text that comes in (port INBOUND_TEXT)."""

    def receive(self, inbound: InboundText) -> str | None:
        """Revoke for every patient with this number, or ask the desk to call; the task holds none of the words."""
        patients = list(Patient.objects.select_for_update().filter(phone=inbound.from_number).order_by("pk"))
        stop = is_stop(inbound.body)
        if stop and self._revoke(patients, inbound):
            return "stop"
        if not stop or not patients:
            self._tell_desk(inbound, patients, stop)
        return "stop" if stop else ""

    def _revoke(self, patients: list[Patient], inbound: InboundText) -> bool:
        """Take back every live consent and confirm once; False if none of them had one."""
        from patients.record.actions import revoke_messages

        live = MessageConsent.objects.filter(patient__in=patients, revoked_at=None).exclude(channel="none")
        ids = set(live.values_list("patient_id", flat=True))
        stopping = [patient for patient in patients if patient.pk in ids]
        for patient in stopping:
            revoke_messages(patient, how="text", by=None)
        if stopping:  # one text, within five minutes
            first = stopping[0].pk
            outbox.enqueue(STOPPED, purpose=f"stop:{inbound.pk}", due_at=clock.now(), patient_id=first)
        return bool(stopping)

    def _tell_desk(self, inbound: InboundText, patients: list[Patient], stop: bool) -> None:
        known = patients[0] if len(patients) == 1 else None
        if known:
            kind, purpose = TEXT_RECEIVED, f"text:{known.pk}"
            sentence = "A text came from this patient’s number. Call back and ask what is needed."
        elif patients:
            kind, purpose = UNKNOWN_NUMBER, f"text:{patients[0].pk}"
            sentence = "A text came from a number that several patients share. Find out who needs a call."
        else:
            kind, purpose = UNKNOWN_NUMBER, "text:unknown-stop" if stop else "text:unknown"
            sentence = "A text came from a number that no record has. See whether a record should have it."
        inbox.ask(
            kind.key, sentence=sentence, purpose=purpose, patient_id=known.pk if known else None,
            roles=[Role.FRONT_DESK], object_id=known.pk if known else None, by=None,
        )  # fmt: skip


class StopConfirmations:
    """Handler of `patient.stop_confirmation`: the one text after a STOP, whatever the hour."""

    kind = STOPPED
    words = "Confirmations of STOP"

    def deliver(self, item: OutboxItem) -> str:
        """Confirm to the number, once."""
        patient, practice = patient_of(item), Practice.objects.get()
        if not patient.phone:
            return "dropped: there is no number any more"
        words = f"{practice.display_name}: you will get no more messages from us. Call {call_back(practice)} any time."
        return send(item, Message(Channel.TEXT, str(patient.phone), "", words))
