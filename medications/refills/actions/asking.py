"""A pharmacy asks for a refill: what came by telephone or fax becomes a request at the desk, due or not."""

from datetime import date, timedelta
from typing import TYPE_CHECKING

from django.db import transaction

from clinic import clock
from clinic.audit import actions as audit
from clinic.audit.enums import Kind
from clinic.refusal import Refused, check
from medications.pharmacies import actions as pharmacies
from medications.pharmacies.models import InboundMessage, Pharmacy
from medications.prescribing.models import Prescription
from medications.prescribing.queries import practice_today
from medications.refills import queries, rules
from medications.refills.actions.opening import answer, ask_prescribers
from medications.refills.models import PharmacyAsk, RefillRequest
from patients.record.calc import clean_line
from patients.record.models import Patient

if TYPE_CHECKING:
    from clinic.staff.models import User

MOST = 200


@transaction.atomic
def pharmacy_asks(
    prescription: Prescription, *, pharmacy: Pharmacy, asked_on: date, words: str = "", by: "User"
) -> RefillRequest:
    """Note that a pharmacy asks; the request that waits for a prescriber, opened with every gate's answer if need be.

    It stays until somebody decides, even where nothing runs out yet. The same pharmacy asks once a request.
    """
    patient = Patient.objects.select_for_update(no_key=True).get(pk=prescription.patient_id)
    check(rules.note_ask, by, patient.pk)
    today = practice_today()
    if not today - timedelta(days=rules.OLDEST_ASK) <= asked_on <= today:
        raise Refused("Write the day on which it asked, at most a month ago.", field="asked_on")
    words = clean_line(words or "", most=MOST, field="words")
    request = _waiting(prescription, today, by)
    row, made = PharmacyAsk.objects.get_or_create(
        request=request, pharmacy=pharmacy, via="person",
        defaults={
            "patient": patient, "asked_on": asked_on, "words": words, "recorded_at": clock.now(), "recorded_by": by
        },
    )  # fmt: skip
    if made:
        audit.record(Kind.CREATED, by=by, on=row, what="refills.pharmacy_asks")
        ask_prescribers(today)
    return request


@transaction.atomic
def renewal_asked(message: InboundMessage) -> str:
    """Port RENEWAL_ASKED: the same, as a message of the network says; nobody has written it down.

    Returns why it cannot be decided, "" where it waits at the desk now. Called once a message.
    """
    assert message.transmission is not None
    assert message.pharmacy is not None
    prescription, today = message.transmission.authorisation.prescription, practice_today()
    patient = Patient.objects.select_for_update(no_key=True).get(pk=prescription.patient_id)
    try:
        request = _waiting(prescription, today, None)
    except Refused as refused:
        return refused.sentence
    row = PharmacyAsk.objects.create(
        request=request, patient=patient, pharmacy=message.pharmacy, asked_on=today, recorded_at=clock.now(),
        words=f"Rx {message.rx_number}" if message.rx_number else "", via="network", message=message,
    )  # fmt: skip
    audit.record(Kind.CREATED, by=None, on=row, what="refills.renewal_asked")
    ask_prescribers(today)
    return ""


def reply(request: RefillRequest, *, by: "User | None") -> None:
    """Whoever asked for it by a message is answered: with what was authorised since, else no."""
    for ask in request.pharmacy_asks.filter(via="network").select_related("message__transmission"):
        if ask.message is not None:
            pharmacies.reply(ask.message, authorisation=request.authorisation, by=by)


def _waiting(prescription: Prescription, today: date, by: "User | None") -> RefillRequest:
    """The request that waits, else a new one.

    Locked: the night, which withdraws what nobody asks for, sees the question or has withdrawn before it came.
    """
    waiting = RefillRequest.objects.select_for_update().filter(prescription=prescription, state="requested")
    return waiting.first() or _opened(prescription, today, by)


def _opened(prescription: Prescription, today: date, by: "User | None") -> RefillRequest:
    """A new request, with forecast and gates of this moment; one that the night opened meanwhile stands for it."""
    found = queries.running(today, only=[prescription.pk])
    if not found or found[0].facts.on_hold:
        raise Refused("No dose of this is in force today, so nothing can be refilled. Ask the prescriber.")
    now = clock.now()
    row = RefillRequest(
        prescription=prescription, patient_id=prescription.patient_id, opened_at=now, opened_by=by, source="pharmacy"
    )
    answer(row, found[0].answered, now)
    RefillRequest.objects.bulk_create([row], ignore_conflicts=True)
    opened = RefillRequest.objects.get(prescription=prescription, state="requested")
    if opened.pk == row.pk:
        audit.record(Kind.CREATED, by=by, on=row, what="refills.open")
    return opened
