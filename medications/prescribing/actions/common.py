"""What the actions of prescribing share: locks, clean words, findings answered and stored, supplies voided."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING
from uuid import UUID

from clinic import clock
from clinic.audit import actions as audit
from clinic.audit.enums import Kind
from clinic.ports import load
from clinic.refusal import Conflict, Refused, refuse
from medications.prescribing import calc, rules
from medications.prescribing.checks import Override, Regimen, Step
from medications.prescribing.models import Authorisation, DoseOrder, Prescription, StoredFinding
from medications.safety.enums import Level
from medications.safety.facts import Finding
from patients.inbox import actions as inbox
from patients.plan.enums import VersionState
from patients.plan.models import PlanVersion
from patients.record.calc import clean_line
from patients.record.models import Patient
from patients.record.queries import team_users

if TYPE_CHECKING:
    from clinic.staff.models import User

CHANGED = "Somebody changed this meanwhile. What you typed is kept: look at the dose as it is now, then sign again."


def locked_patient(patient_id: UUID) -> Patient:
    """The patient, locked: two people who prescribe for one person see each other's orders in their checks."""
    return Patient.objects.select_for_update(no_key=True).get(pk=patient_id)


def locked(prescription: Prescription) -> tuple[Prescription, Patient]:
    """The prescription and its patient as they are now, locked (the patient first, always)."""
    patient = locked_patient(prescription.patient_id)
    found = Prescription.objects.select_for_update(of=("self",)).select_related("drug").get(pk=prescription.pk)
    return found, patient


def unchanged(prescription: Prescription, based_on: int | None) -> None:
    """Raise Conflict where the form knew an older state."""
    if based_on is not None and based_on != prescription.revision:
        raise Conflict(CHANGED)


def line(text: str, field: str, empty: str, *, most: int = 300) -> str:
    """One line of words that must say something."""
    cleaned = clean_line(text or "", most=most, field=field)
    if not cleaned:
        raise Refused(empty, field=field)
    return cleaned


def fit(regimen: Regimen, prescription: Prescription | None = None) -> Regimen:
    """The regimen with lines and maximum as they are stored; Refused in a sentence where they make no sense."""
    refuse(rules.product(regimen.product, prescription), "product")
    try:
        lines = calc.lines(regimen.lines, as_needed=regimen.as_needed)
        most = (
            calc.decimal(regimen.max_per_day, "The most per day") if regimen.as_needed and regimen.max_per_day else None
        )
    except calc.Unclear as unclear:
        raise Refused(str(unclear), field="lines") from None
    found = Regimen(regimen.product, lines, int(regimen.every_days), regimen.as_needed, most)
    refuse(rules.regimen(found), "lines")
    return found


def fit_steps(first: Regimen, then: Sequence[Step]) -> list[Step]:
    """The further steps of a titration pack as they are stored; Refused where they make no pack."""
    found = []
    for step in then:
        same = replace(step.regimen, product=first.product, every_days=1, as_needed=False, max_per_day=None)
        try:
            found.append(Step(int(step.after), fit(same)))
        except Refused as refused:
            raise Refused(refused.sentence, field="steps") from None
    if found:
        refuse(rules.pack(first, found), "steps")
    return found


def stand(findings: Sequence[Finding], answers: Mapping[str, Override]) -> None:
    """Refused while a finding waits for its reason; the field is the finding's code."""
    if against := rules.standing(findings, answers):
        raise Refused(against[0], field=f"answer:{against[1]}")


def keep(
    order: DoseOrder, findings: Sequence[Finding], answers: Mapping[str, Override], *, version: str, by: "User"
) -> None:
    """Store what was said at the signature, with the answers; going on against a finding is audited by its rule."""
    rows = []
    for one in findings:
        answer = answers.get(one.code, Override()) if one.level in (Level.STOP, Level.ASK) else Override()
        rows.append(
            StoredFinding(
                order=order,
                level=one.level,
                code=one.code[:60],
                rule_id=one.rule_id[:40],
                title=one.title[:200],
                sentence=one.sentence,
                source=list(one.source),
                confidence=one.confidence,
                knowledge_version=version,
                override_code=answer.code[:40] if one.level == Level.STOP else "",
                override_words=clean_line(answer.words, most=500, field=f"answer:{one.code}"),
            )
        )
    StoredFinding.objects.bulk_create(rows)
    for row in rows:
        if row.level in (Level.STOP, Level.ASK):
            audit.record(
                Kind.OVERRODE, by=by, on=order, patient_id=order.patient_id, what="prescribing.override",
                detail={"finding": row.pk, "level": row.level, "code": row.override_code},
            )  # fmt: skip


def ask_for_the_plan(prescription: Prescription, *, by: "User") -> None:
    """The plan in force does not show it yet: a task to the whole care team, never a delay of treatment (R-TP-08)."""
    if not PlanVersion.objects.filter(patient_id=prescription.patient_id, state=VersionState.SIGNED).exists():
        return
    inbox.ask(
        "prescribing.plan", sentence="A medicine that was started is not in the plan yet.",
        purpose=plan_purpose(prescription), patient_id=prescription.patient_id,
        users=team_users(prescription.patient_id), object_id=prescription.pk, by=by,
    )  # fmt: skip


def plan_purpose(prescription: Prescription) -> str:
    """What makes the task one."""
    return f"prescribing-plan:{prescription.pk}"


def plan_asked_no_more(prescription: Prescription, outcome: str, *, by: "User") -> None:
    """The task is over: linked, stopped or entered in error."""
    inbox.finish(plan_purpose(prescription), by=by, outcome=outcome)


def tell(patient_id: UUID, *, by: "User") -> None:
    """Rooms that follow the orders hear of the change, inside its transaction (port ORDER_CHANGED)."""
    for follow in load("ORDER_CHANGED"):
        follow(patient_id, by=by)


def void(prescription: Prescription, reason: str, *, by: "User") -> int:
    """Void what is left of every authorisation; returns how many (R-RX-11). Who follows them is told (DISPENSING)."""
    rows = list(Authorisation.objects.select_for_update().filter(prescription=prescription, voided_at=None))
    return void_these(rows, reason, by=by)


def void_these(rows: Sequence[Authorisation], reason: str, *, by: "User") -> int:
    """Void these, which the caller has locked and found live."""
    if not rows:
        return 0
    now = clock.now()
    Authorisation.objects.filter(pk__in=[row.pk for row in rows]).update(
        voided_at=now, voided_by=by, voided_reason=reason
    )
    for row in rows:
        row.voided_at, row.voided_by, row.voided_reason = now, by, reason
    for follower in load("DISPENSING"):
        follower.voided(rows, reason=reason, by=by)
    return len(rows)


def today_of(patient: Patient) -> date:
    """The day it is where the patient lives."""
    return clock.today(patient.zone)
