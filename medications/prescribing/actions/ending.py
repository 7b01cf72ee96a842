"""On hold (take none for now), resumed, stopped."""

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING

from django.db import transaction

from clinic import clock
from clinic.audit import actions as audit
from clinic.audit.enums import Kind
from clinic.refusal import check, refuse
from medications.prescribing import checks, queries, rules, story
from medications.prescribing.actions.common import (
    keep,
    line,
    locked,
    plan_asked_no_more,
    stand,
    tell,
    today_of,
    unchanged,
    void,
)
from medications.prescribing.actions.ordering import end_orders, sign
from medications.prescribing.checks import Override, Regimen
from medications.prescribing.models import DoseOrder, HoldPeriod, Prescription, StoredFinding
from medications.safety import knowledge
from medications.safety.enums import Level
from medications.safety.facts import Finding
from patients.record.models import Patient

if TYPE_CHECKING:
    from clinic.staff.models import User

NONE: Mapping[str, Override] = {}
RESUMED = "Resumed after a hold at the dose before it; the further steps of the titration pack are off."


@transaction.atomic
def hold(prescription: Prescription, *, reason: str, based_on: int | None = None, by: "User") -> Prescription:
    """Put on hold: take none, until resumed. The order stays; nothing is dispensed meanwhile."""
    prescription, patient = locked(prescription)
    check(rules.prescribe, by, patient.pk)
    unchanged(prescription, based_on)
    check(rules.hold, prescription)
    prescription.hold_reason = line(reason, "reason", "Write why none is taken for now.")
    prescription.held_at, prescription.held_by = clock.now(), by
    prescription.revision += 1
    prescription.save(update_fields=["held_at", "held_by", "hold_reason", "revision"])
    row = HoldPeriod.objects.create(
        prescription=prescription, from_day=today_of(patient), reason=prescription.hold_reason, by=by, at=clock.now()
    )
    audit.record(Kind.CHANGED, by=by, on=prescription, what="prescribing.hold")
    story.held(row, prescription, by=by)
    tell(patient.pk, by=by)
    return prescription


@transaction.atomic
def resume(
    prescription: Prescription, *, answers: Mapping[str, Override] = NONE, based_on: int | None = None, by: "User"
) -> Prescription:
    """Take it again as ordered. What has come to stand against it since the order was signed needs its answer now.

    The steps of a titration pack do not go on while none is taken: it is resumed at the dose of the hold's first day,
    and the further steps are off.
    """
    prescription, patient = locked(prescription)
    check(rules.prescribe, by, patient.pk)
    unchanged(prescription, based_on)
    check(rules.resume, prescription)
    order, step = (
        queries.last_order(prescription, today_of(patient)),
        queries.held_step(prescription, today_of(patient)),
    )
    if order is not None:
        checked = resuming(prescription, patient)
        stand(checked, answers)
        if step is not None:
            order = _without_its_steps(prescription, step, patient, by)
        version = knowledge.current().version
        keep(order, [one for one in checked if one.level in (Level.STOP, Level.ASK)], answers, version=version, by=by)
    _end_hold(prescription, patient)
    prescription.revision += 1
    prescription.save(update_fields=["held_at", "held_by", "hold_reason", "revision"])
    audit.record(Kind.CHANGED, by=by, on=prescription, what="prescribing.resume")
    tell(patient.pk, by=by)
    return prescription


def resuming(prescription: Prescription, patient: Patient) -> list[Finding]:
    """What stands against resuming: findings that the signature of the order did not answer already."""
    today = today_of(patient)
    order = queries.held_step(prescription, today) or queries.last_order(prescription, today)
    if order is None:
        return []
    regimen = Regimen(order.product, order.lines, order.every_days, order.as_needed, order.max_per_day)
    checked = checks.order(patient, regimen, None, from_day=today, prescription=prescription)
    answered = set(
        StoredFinding.objects.filter(
            order__in=[order.pk, order.pack_id], level__in=[Level.STOP, Level.ASK]
        ).values_list("level", "code")
    )  # fmt: skip
    return [one for one in checked.findings if (str(one.level), one.code) not in answered]


def _without_its_steps(prescription: Prescription, step: DoseOrder, patient: Patient, by: "User") -> DoseOrder:
    """The dose of a step of a titration pack from today on, until further notice."""
    today = today_of(patient)
    regimen = Regimen(step.product, step.lines, step.every_days)
    end_orders(prescription, patient, today)
    void(prescription, "Resumed without the further steps of its titration pack.", by=by)
    [order] = sign(prescription, regimen, (), today, RESUMED, "resume", by)
    audit.record(Kind.SIGNED, by=by, on=order, what="prescribing.resume")
    story.dose(order, patient, step, by=by)
    return order


@transaction.atomic
def stop(
    prescription: Prescription,
    *,
    on: date | None = None,
    reason: str,
    answers: Mapping[str, Override] = NONE,
    based_on: int | None = None,
    by: "User",
) -> Prescription:
    """Stop from a day on (its first day without). Orders end, supplies are void, a hold ends.

    What is not to be stopped abruptly needs `answers["stop.abrupt"]` (R-TA-05). Medicines from elsewhere are stopped by
    whoever may record them.
    """
    prescription, patient = locked(prescription)
    check(rules.prescribe if prescription.origin == "ours" else rules.report, by, patient.pk)
    unchanged(prescription, based_on)
    check(rules.live, prescription)
    today = today_of(patient)
    day = on or max(today, prescription.started_on)
    refuse(rules.stops(prescription, day, today), "on")
    words = line(reason, "reason", "Write why it stops.")
    checked = checks.stopping(prescription, day)
    stand(checked.findings, answers)
    order = queries.last_order(prescription, today)
    if order is not None:
        keep(order, checked.findings, answers, version=checked.version, by=by)
    end_orders(prescription, patient, day)
    void(prescription, "Stopped.", by=by)
    if prescription.held_at is not None:
        _end_hold(prescription, patient)
    prescription.stopped_on, prescription.stopped_by, prescription.stop_reason = day, by, words
    prescription.revision += 1
    prescription.save()
    plan_asked_no_more(prescription, "stopped", by=by)
    audit.record(Kind.CHANGED, by=by, on=prescription, what="prescribing.stop")
    story.stopped(prescription, patient, by=by)
    tell(patient.pk, by=by)
    return prescription


def _end_hold(prescription: Prescription, patient: Patient) -> None:
    """Close the open hold and clear its words; the caller saves."""
    prescription.held_at, prescription.held_by, prescription.hold_reason = None, None, ""
    for row in HoldPeriod.objects.filter(prescription=prescription, until_day=None):
        row.until_day = max(today_of(patient), row.from_day)
        row.save(update_fields=["until_day"])
        story.resumed(row)
