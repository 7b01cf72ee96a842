"""Circumstances that change what is due: recorded with words, and ended."""

from datetime import date
from typing import TYPE_CHECKING

from django.db import transaction

from clinic import clock
from clinic.audit import actions as audit
from clinic.audit.enums import Kind
from clinic.refusal import Refused, check
from medications.monitoring import rules
from medications.monitoring.actions.due import renew
from medications.monitoring.circumstances import KNOWN
from medications.monitoring.models import Circumstance
from patients.record import access
from patients.record.calc import clean_line
from patients.record.models import Patient

if TYPE_CHECKING:
    from clinic.staff.models import User


@transaction.atomic
def note(patient: Patient, *, key: str, words: str, since: date | None = None, by: "User") -> Circumstance:
    """Record that something holds since a day (today); what is due follows. Some are a prescriber's own decision."""
    patient = Patient.objects.select_for_update(no_key=True).get(pk=patient.pk)
    check(rules.record, by, patient.pk)
    today = clock.today(patient.zone)
    words = clean_line(words or "", most=300, field="words")
    known = KNOWN.get(key)
    if sentence := rules.circumstance(known is not None, since or today, today, words):
        raise Refused(sentence, field="words" if known is not None and (since or today) <= today else "since")
    if known is not None and known.decision and not access.may(by, "results.handle", patient.pk):
        raise Refused("A prescriber on the care team decides this, by name.", field="key")
    row = Circumstance.objects.filter(patient=patient, key=key, ended_at=None).first()
    if row is not None:
        raise Refused("This is on record already. End it before you record it anew.", field="key")
    row = Circumstance.objects.create(
        patient=patient, key=key, words=words, since=since or today, recorded_at=clock.now(), recorded_by=by
    )
    audit.record(Kind.CREATED, by=by, on=row, what="monitoring.note")
    renew([patient.pk], by=by)
    return row


@transaction.atomic
def end(found: Circumstance, *, by: "User") -> Circumstance:
    """It holds no longer."""
    patient = Patient.objects.select_for_update(no_key=True).get(pk=found.patient_id)
    check(rules.record, by, patient.pk)
    row = Circumstance.objects.select_for_update().get(pk=found.pk)
    check(rules.end, row)
    row.ended_at, row.ended_by = clock.now(), by
    row.save(update_fields=["ended_at", "ended_by"])
    audit.record(Kind.CHANGED, by=by, on=row, what="monitoring.end")
    renew([patient.pk], by=by)
    return row
