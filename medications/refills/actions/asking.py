"""A pharmacy asks for a refill: what came by telephone or fax becomes a request at the desk, due or not."""

from datetime import date, timedelta
from typing import TYPE_CHECKING

from django.db import transaction

from clinic import clock
from clinic.audit import actions as audit
from clinic.audit.enums import Kind
from clinic.refusal import Refused, check
from medications.pharmacies.models import Pharmacy
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
    # Locked: the night, which withdraws what nobody asks for, sees the question or has withdrawn before it came.
    waiting = RefillRequest.objects.select_for_update().filter(prescription=prescription, state="requested")
    request = waiting.first()
    request = request or _opened(prescription, today, by)
    row, made = PharmacyAsk.objects.get_or_create(
        request=request, pharmacy=pharmacy,
        defaults={
            "patient": patient, "asked_on": asked_on, "words": words, "recorded_at": clock.now(), "recorded_by": by
        },
    )  # fmt: skip
    if made:
        audit.record(Kind.CREATED, by=by, on=row, what="refills.pharmacy_asks")
        ask_prescribers(today)
    return request


def _opened(prescription: Prescription, today: date, by: "User") -> RefillRequest:
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
