"""The check before a step, pausing and going on. Either clinician records and pauses; only a prescriber resumes."""

from datetime import date
from typing import TYPE_CHECKING

from django.db import transaction

from clinic import clock
from clinic.audit import actions as audit
from clinic.audit.enums import Kind as AuditKind
from clinic.refusal import Refused, check, refuse
from medications.prescribing.actions.common import line, today_of
from medications.prescribing.calc import short
from medications.tapers import queries, rules
from medications.tapers.actions.common import (
    locked,
    move,
    note,
    prescribers,
    purpose,
    renew_tasks,
    tell,
    touch,
    unchanged,
)
from medications.tapers.enums import EventKind, Kind, Severity, State
from medications.tapers.models import StepCheck, TaperPlan
from patients.inbox import actions as inbox
from patients.record.calc import clean_line

if TYPE_CHECKING:
    from clinic.staff.models import User

NAMES = {Kind.TAPER: "withdrawal check", Kind.TITRATION: "tolerability check"}


@transaction.atomic
def record_check(
    plan: TaperPlan, *, severity: str, words: str = "", missed_days: int | None = None, by: "User"
) -> StepCheck:
    """Record what was found before the next step; significant symptoms pause the plan at once (R-TA-02)."""
    plan, patient = locked(plan)
    check(rules.record, by, patient.pk)
    now = queries.standing(plan, today_of(patient))
    check(rules.check_now, now)
    words = clean_line(words or "", most=500, field="words")
    refuse(rules.check_words(severity, words, missed_days), "words" if severity in Severity.values else "severity")
    assert now.next is not None
    row = StepCheck.objects.create(
        plan=plan, step=now.next, severity=severity, words=words, missed_days=missed_days, recorded_at=clock.now(),
        recorded_by=by,
    )  # fmt: skip
    audit.record(AuditKind.CREATED, by=by, on=row, patient_id=patient.pk, what="tapers.check")
    tell(plan, f"{NAMES[Kind(plan.kind)]}, {severity}", by=by)
    if severity == Severity.SIGNIFICANT and plan.state == State.ACTIVE:
        _pause(plan, f"Significant symptoms: {words}"[:300], by=by)
        renew_tasks(plan, outcome="check recorded", by=by)
        return row
    touch(plan)
    renew_tasks(plan, outcome="check recorded", by=by)
    if severity != Severity.NONE:
        _ask_prescribers(plan, "A check before the next step found symptoms. Pause, or say why it goes on.", by=by)
    return row


@transaction.atomic
def retract_check(found: StepCheck, *, reason: str, by: "User") -> StepCheck:
    """Mark a check as entered in error: it stays, struck through, and counts no more. A pause stays paused."""
    plan, patient = locked(found.plan)
    check(rules.record, by, patient.pk)
    row = StepCheck.objects.select_for_update().get(pk=found.pk)
    check(rules.retract, row)
    row.retracted_reason = line(reason, "reason", "Write why this was an error.")
    row.retracted_at, row.retracted_by = clock.now(), by
    row.save(update_fields=["retracted_at", "retracted_by", "retracted_reason"])
    touch(plan)
    why = row.retracted_reason
    audit.record(AuditKind.RETRACTED, by=by, on=row, patient_id=patient.pk, what="tapers.check", why=why)
    tell(plan, f"a {NAMES[Kind(plan.kind)]} was entered in error", by=by)
    renew_tasks(plan, outcome="entered in error", by=by)
    return row


@transaction.atomic
def pause(plan: TaperPlan, *, reason: str, based_on: int | None = None, by: "User") -> TaperPlan:
    """Stay at this dose, at once; a therapist may do it too, and the prescribers are told."""
    plan, patient = locked(plan)
    check(rules.record, by, patient.pk)
    unchanged(plan, based_on)
    check(rules.pause, plan)
    _pause(plan, line(reason, "reason", "Write why the dose stays for now."), by=by)
    renew_tasks(plan, outcome="paused", by=by)
    return plan


def _pause(plan: TaperPlan, reason: str, *, by: "User") -> None:
    plan.state, plan.paused_at, plan.paused_by, plan.pause_reason = State.PAUSED, clock.now(), by, reason
    touch(plan, "state", "paused_at", "paused_by", "pause_reason")
    dose = queries.standing(plan, today_of(plan.patient)).dose
    note(plan, EventKind.PAUSED, reason, f"paused, stays at {short(dose)}\u00a0mg", by=by)
    _ask_prescribers(plan, "A planned change of dose was paused. Look at it, then resume or change it.", by=by)


def _ask_prescribers(plan: TaperPlan, sentence: str, *, by: "User") -> None:
    inbox.finish(purpose(plan, "paused"), by=by, outcome="something new")
    inbox.ask(
        "tapers.look", sentence=sentence, purpose=purpose(plan, "paused"), patient_id=plan.patient_id,
        users=[user for user in prescribers(plan.patient_id) if user.pk != by.pk], object_id=plan.pk, urgent=True,
        by=by,
    )  # fmt: skip


@transaction.atomic
def resume(plan: TaperPlan, *, next_on: date, reason: str, based_on: int | None = None, by: "User") -> TaperPlan:
    """Go on from the dose as it is: the next step on that day, the others pushed by as much. Only a prescriber."""
    plan, patient = locked(plan)
    check(rules.plan, by, plan.prescription)
    unchanged(plan, based_on)
    check(rules.resume, plan)
    today = today_of(patient)
    refuse(rules.next_on(next_on, today), "next_on")
    now = queries.standing(plan, today)
    if now.next is not None and now.last is not None and next_on <= now.last.on_day:
        raise Refused("The next step comes after the one before it. Choose a later day.", field="next_on")
    words = line(reason, "reason", "Write why it goes on now.")
    plan.state, plan.paused_at, plan.paused_by, plan.pause_reason = State.ACTIVE, None, None, ""
    touch(plan, "state", "paused_at", "paused_by", "pause_reason")
    if now.next is not None:
        move(plan, next_on - now.next.on_day, after=now.taken_number)
    note(plan, EventKind.RESUMED, words, f"resumed, next step {next_on:%b} {next_on.day}", by=by)
    renew_tasks(plan, outcome="resumed", by=by)
    return plan
