"""Every write of the handoffs room."""

from typing import TYPE_CHECKING
from uuid import UUID

from django.db import transaction

from clinic import clock
from clinic.audit import actions as audit
from clinic.audit.enums import Kind
from clinic.refusal import Refused, check
from patients.handoffs import rules
from patients.handoffs.models import Handoff
from patients.inbox import actions as inbox
from patients.record.calc import clean_line, clean_text
from patients.record.models import Patient

if TYPE_CHECKING:
    from clinic.staff.models import User

MOST_WORDS = 4_000


@transaction.atomic
def send(
    patient: Patient, *, to_user: "User", words: str, by: "User", answer_to: Handoff | None = None,
    handoff_id: UUID | None = None,
) -> Handoff:  # fmt: skip
    """Hand a line to somebody on the care team, who gets a task; an answer takes note of the line it answers.

    `handoff_id`: the key of the line to be, so that a repeated submit sends once.
    """
    words = clean_text(words, most=MOST_WORDS, field="words").strip()
    if sentence := rules.send(patient, to_user, words, answer_to, by):
        raise Refused(sentence, field="" if words else "words")
    patient.hold()
    if handoff_id is not None and (there := Handoff.objects.filter(pk=handoff_id).first()):
        if (there.patient_id, there.from_user_id) != (patient.pk, by.pk):
            raise Refused("This page was used already. Open it again and write the line anew.")
        return there
    handoff = Handoff(
        patient=patient, from_user=by, to_user=to_user, words=words, answer_to=answer_to, recorded_at=clock.now(),
        recorded_by=by,
    )  # fmt: skip
    if handoff_id is not None:
        handoff.pk = handoff_id
    handoff.save(force_insert=True)
    audit.record(Kind.CREATED, by=by, on=handoff, what="handoffs.send")
    inbox.ask(
        "handoffs.line", sentence=f"{by.name} hands you a line.", purpose=_purpose(handoff), patient_id=patient.pk,
        users=[to_user], object_id=handoff.pk, by=by,
    )  # fmt: skip
    if answer_to is not None:
        mark_read(answer_to, by=by)
    return handoff


@transaction.atomic
def mark_read(handoff: Handoff, *, by: "User") -> Handoff:
    """The receiver has taken note; the task ends. Asking twice changes nothing."""
    handoff = Handoff.objects.select_for_update().get(pk=handoff.pk)
    check(rules.mark_read, handoff, by)
    if handoff.read_at is None:
        handoff.read_at = clock.now()
        handoff.save(update_fields=["read_at"])
        audit.record(Kind.CHANGED, by=by, on=handoff, what="handoffs.mark_read")
    inbox.finish(_purpose(handoff), by=by, outcome="read")
    return handoff


@transaction.atomic
def retract(handoff: Handoff, *, reason: str, by: "User") -> Handoff:
    """The sender marks a line as entered in error; it stays, struck through, and its task ends."""
    handoff = Handoff.objects.select_for_update().get(pk=handoff.pk)
    reason = clean_line(reason, most=300, field="reason")
    if sentence := rules.retract(handoff, reason, by):
        raise Refused(sentence, field="reason")
    handoff.retracted_at, handoff.retracted_by, handoff.retracted_reason = clock.now(), by, reason
    handoff.save(update_fields=["retracted_at", "retracted_by", "retracted_reason"])
    audit.record(Kind.RETRACTED, by=by, on=handoff, what="handoffs.retract", why=reason)
    inbox.finish(_purpose(handoff), by=by, outcome="entered in error")
    return handoff


def _purpose(handoff: Handoff) -> str:
    return f"handoff:{handoff.pk}"
