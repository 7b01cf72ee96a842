"""Supplies that the patient no longer has: lost, stolen, spoilt."""

from datetime import date
from typing import TYPE_CHECKING

from django.db import transaction

from clinic import clock
from clinic.audit import actions as audit
from clinic.audit.enums import Kind
from clinic.refusal import Refused, check
from medications.prescribing import rules
from medications.prescribing.actions.common import line, locked, today_of
from medications.prescribing.models import LostSupply, Prescription

if TYPE_CHECKING:
    from clinic.staff.models import User


@transaction.atomic
def record_loss(
    prescription: Prescription, *, lost_on: date, days: int | None = None, reason: str, by: "User"
) -> LostSupply:
    """Record that medicine is gone: so many days of it, or all that was left; it runs out so much sooner (R-RX-11).

    Authorises nothing. The same loss told twice is one.
    """
    prescription, patient = locked(prescription)
    check(rules.report, by, patient.pk)
    if against := rules.loss(prescription, lost_on, today_of(patient), days):
        raise Refused(against[0], field=against[1])
    words = line(reason, "reason", "Write what happened, in a line.")
    known = LostSupply.objects.filter(prescription=prescription, lost_on=lost_on, retracted_at=None).first()
    if known is not None:
        if (known.days, known.reason) == (days, words):
            return known
        raise Refused("A loss of that day is recorded already. Mark it as entered in error first.", field="lost_on")
    row = LostSupply.objects.create(
        prescription=prescription, patient=patient, lost_on=lost_on, days=days, reason=words,
        recorded_at=clock.now(), recorded_by=by,
    )  # fmt: skip
    audit.record(Kind.CREATED, by=by, on=row, what="prescribing.record_loss", detail={"days": days})
    return row


@transaction.atomic
def retract_loss(loss: LostSupply, *, reason: str, by: "User") -> LostSupply:
    """Mark a loss as entered in error: the run-out is counted without it."""
    prescription, patient = locked(loss.prescription)
    check(rules.report, by, patient.pk)
    row = LostSupply.objects.select_for_update().get(pk=loss.pk, prescription=prescription)
    if row.retracted_at is not None:
        raise Refused("This was marked as entered in error already.")
    row.retracted_reason = line(reason, "reason", "Write what was wrong.")
    row.retracted_at, row.retracted_by = clock.now(), by
    row.save(update_fields=["retracted_at", "retracted_by", "retracted_reason"])
    audit.record(Kind.RETRACTED, by=by, on=row, what="prescribing.retract_loss", why=row.retracted_reason)
    return row
