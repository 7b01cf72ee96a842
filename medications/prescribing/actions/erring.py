"""Entered in error: struck through, gone from checks and timeline, and what it replaced goes on."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.db import transaction

from clinic import clock
from clinic.audit import actions as audit
from clinic.audit.enums import Kind
from clinic.refusal import Refused, check
from medications.prescribing import rules, story
from medications.prescribing.actions.common import line, locked, plan_asked_no_more, tell, void
from medications.prescribing.models import DoseOrder, HoldPeriod, Prescription
from patients.record.models import Patient
from patients.timeline import actions as timeline

if TYPE_CHECKING:
    from clinic.staff.models import User

EMPTY = "Write what was wrong."


@transaction.atomic
def retract_order(order: DoseOrder, *, reason: str, by: "User") -> DoseOrder:
    """Mark an order as entered in error. The order that it ended goes on, until where this one would have lasted.

    With the first order of a titration pack its further steps go: they are one signature.
    Supplies are void and do not come back: they were cancelled. Without any order left the prescription goes as well.
    """
    prescription, patient = locked(order.prescription)
    check(rules.prescribe, by, patient.pk)
    order = DoseOrder.objects.select_for_update().get(pk=order.pk, prescription=prescription)
    check(rules.retract, order)
    words = line(reason, "reason", EMPTY)
    steps = DoseOrder.objects.select_for_update().filter(pack=order, retracted_at=None).order_by("from_day")
    gone = [order, *steps]
    for one in gone:
        _mark(one, words, by)
        timeline.retract(one)
    void(prescription, "The order was entered in error.", by=by)
    if not DoseOrder.objects.filter(prescription=prescription, retracted_at=None).exists():
        _retract_whole(prescription, words, by)
    else:
        _go_on(gone, patient)
        prescription.revision += 1
        prescription.save(update_fields=["revision"])
    for one in gone:
        audit.record(Kind.RETRACTED, by=by, on=one, what="prescribing.retract_order", why=words)
    tell(patient.pk, by=by)
    return order


@transaction.atomic
def retract_prescription(prescription: Prescription, *, reason: str, by: "User") -> Prescription:
    """Mark a whole prescription, ours or from elsewhere, as entered in error, with its orders."""
    prescription, patient = locked(prescription)
    check(rules.prescribe if prescription.origin == "ours" else rules.report, by, patient.pk)
    if prescription.retracted_at is not None:
        raise Refused("This was marked as entered in error already.")
    words = line(reason, "reason", EMPTY)
    for order in DoseOrder.objects.select_for_update().filter(prescription=prescription, retracted_at=None):
        _mark(order, words, by)
        timeline.retract(order)
    void(prescription, "The prescription was entered in error.", by=by)
    _retract_whole(prescription, words, by)
    audit.record(Kind.RETRACTED, by=by, on=prescription, what="prescribing.retract", why=words)
    tell(patient.pk, by=by)
    return prescription


def _mark(row: DoseOrder | Prescription, reason: str, by: "User") -> None:
    row.retracted_at, row.retracted_by, row.retracted_reason = clock.now(), by, reason
    row.save(update_fields=["retracted_at", "retracted_by", "retracted_reason"])


def _retract_whole(prescription: Prescription, reason: str, by: "User") -> None:
    prescription.revision += 1
    prescription.save(update_fields=["revision"])
    _mark(prescription, reason, by)
    plan_asked_no_more(prescription, "entered in error", by=by)
    timeline.retract(prescription)
    for hold in HoldPeriod.objects.filter(prescription=prescription):
        timeline.retract(hold)


def _go_on(gone: Sequence[DoseOrder], patient: Patient) -> None:
    """Give the time of the retracted orders back to the one before them, unless that was ended by something else."""
    order = gone[0]
    before = (
        DoseOrder.objects.select_for_update()
        .filter(prescription_id=order.prescription_id, retracted_at=None, until_day=order.from_day)
        .filter(from_day__lte=order.from_day, signed_at__lte=order.signed_at)
        .order_by("-signed_at", "-pk")
        .first()
    )
    if before is None:
        return
    before.until_day = gone[-1].until_day
    before.save(update_fields=["until_day"])
    story.restored(before, patient)
