"""“Asks for a refill call”: the front desk's part, which names no medicine (R-HP-08)."""

from typing import TYPE_CHECKING

from django.db import transaction

from clinic import clock
from clinic.audit import actions as audit
from clinic.audit.enums import Kind
from clinic.refusal import Refused, check
from medications.refills import queries, rules
from medications.refills.models import RefillCall
from patients.inbox import actions as inbox
from patients.record.calc import clean_line
from patients.record.models import Patient

if TYPE_CHECKING:
    from clinic.staff.models import User

MOST = 200


@transaction.atomic
def ask_for_call(patient: Patient, *, words: str = "", by: "User") -> RefillCall:
    """The desk notes that the patient asks for a refill call. One open call per patient: more words are added to it."""
    patient.hold()
    words = clean_line(words or "", most=MOST, field="words")
    call = RefillCall.objects.filter(patient=patient, done_at=None).first()
    if call is not None:
        return _add(call, words, by)
    prescribers = {member.user_id: member.user for member in queries.deciders([patient.pk])}
    if not prescribers:
        raise Refused("Nobody on this care team can decide about refills. Tell the practice manager.")
    call = RefillCall.objects.create(patient=patient, asked_at=clock.now(), taken_by=by, words=words)
    inbox.ask(
        "refills.call", sentence="Asks for a call about a refill.", purpose=f"refill-call:{call.pk}",
        patient_id=patient.pk, users=prescribers.values(), object_id=call.pk, by=by,
    )  # fmt: skip
    audit.record(Kind.CREATED, by=by, on=call, what="refills.ask_for_call")
    return call


def _add(call: RefillCall, words: str, by: "User") -> RefillCall:
    """What is said at the second asking joins the first; the same words again change nothing."""
    if words and words not in call.words:
        joined = f"{call.words}; {words}" if call.words else words
        if len(joined) > MOST:
            raise Refused("A call was asked for already and its words fill the line. Shorten these.", field="words")
        call.words = joined
        call.save(update_fields=["words"])
        audit.record(Kind.CHANGED, by=by, on=call, what="refills.ask_for_call")
    return call


@transaction.atomic
def call_done(call: RefillCall, *, by: "User") -> RefillCall:
    """The patient was called."""
    call = RefillCall.objects.select_for_update().get(pk=call.pk)
    check(rules.call, by, call.patient_id)
    if call.done_at is None:
        call.done_at, call.done_by = clock.now(), by
        call.save(update_fields=["done_at", "done_by"])
        audit.record(Kind.CHANGED, by=by, on=call, what="refills.call_done")
    inbox.finish(f"refill-call:{call.pk}", by=by, outcome="called")
    return call
