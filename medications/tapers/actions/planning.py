"""Drafting a plan, changing its steps, starting it. Nothing here is an order."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import transaction

from clinic import clock
from clinic.audit.enums import Kind as AuditKind
from clinic.refusal import Refused, check, refuse
from medications.prescribing import queries as prescribing
from medications.prescribing.actions.common import line, locked_patient, stand, today_of
from medications.prescribing.checks import Override
from medications.prescribing.models import Prescription
from medications.safety.facts import Finding
from medications.tapers import calc, facts, findings, queries, rules, templates
from medications.tapers.actions.common import (
    day_after,
    dose_words,
    locked,
    note,
    reasons,
    renew_tasks,
    staircase,
    touch,
    unchanged,
    write,
)
from medications.tapers.calc import Stair
from medications.tapers.enums import EventKind, Kind, State
from medications.tapers.findings import Proposal
from medications.tapers.models import TaperPlan
from patients.record.calc import clean_line
from patients.record.models import Patient

if TYPE_CHECKING:
    from clinic.staff.models import User

NONE: Mapping[str, Override] = {}
BLANK = "No guideline: steps written by the prescriber"


@dataclass(frozen=True)
class Design:
    """What a prescriber designed: kind, template ("" = blank), the stairs, and the dose from which zero follows."""

    kind: Kind
    template: str
    stairs: Sequence[Stair]
    floor: Decimal
    constants: Mapping[str, str] = field(default_factory=dict)


@transaction.atomic
def draft(prescription: Prescription, *, design: Design, key: UUID | None = None, by: "User") -> TaperPlan:
    """Write a plan down, as a draft. `key`: sent twice, drafted once."""
    patient = locked_patient(prescription.patient_id)
    prescription = Prescription.objects.select_related("drug").get(pk=prescription.pk)
    check(rules.plan, by, prescription)
    known = TaperPlan.objects.filter(pk=key, prescription=prescription, created_by=by).first() if key else None
    if known is not None:
        return known
    if queries.open_plan(prescription.pk) is not None:
        raise Refused("There is a plan for this already. Change it, or end it first.")
    today = today_of(patient)
    order = prescribing.last_order(prescription, today)
    plan = TaperPlan(
        patient=patient, prescription=prescription, kind=design.kind, start_mg=queries.daily_mg(order),
        created_at=clock.now(), created_by=by, floor_mg=design.floor,
    )  # fmt: skip
    if key is not None:
        plan.pk = key
    _designed(plan, design)
    refuse(rules.stairs(design.kind, design.stairs, plan.start_mg, today, today), "steps")
    plan.save(force_insert=True)
    rows = write(plan, design.stairs, queries.units(prescription, order), before=plan.start_mg)
    note(plan, EventKind.DRAFTED, "", "", detail={"steps": staircase(rows)}, audited=AuditKind.CREATED, by=by)
    return plan


@transaction.atomic
def revise(
    plan: TaperPlan,
    *,
    design: Design,
    reason: str = "",
    answers: Mapping[str, Override] = NONE,
    based_on: int | None = None,
    by: "User",
) -> TaperPlan:
    """Write the steps that are not confirmed anew; of a plan under way with its reason and every finding answered."""
    plan, patient = locked(plan)
    check(rules.plan, by, plan.prescription)
    unchanged(plan, based_on)
    check(rules.revise, plan)
    if design.kind != plan.kind:
        raise Refused("This plan is of another kind. End it, and plan anew.")
    today = today_of(patient)
    now = queries.standing(plan, today)
    order = prescribing.last_order(plan.prescription, today)
    before = now.dose if plan.state != State.DRAFT else queries.daily_mg(order)
    refuse(rules.stairs(plan.kind, design.stairs, before, day_after(plan, today), today), "steps")
    detail: dict[str, object] = {}
    words = clean_line(reason or "", most=300, field="reason")
    if plan.state != State.DRAFT:
        words = line(reason, "reason", "Write why the steps change: the care team reads it.")
        found = standing_against(plan, patient, design, by=by, care_level=plan.care_level)
        stand(found, answers)
        detail["findings"] = reasons(found, answers, plan=plan, by=by)
    _designed(plan, design)
    touch(plan, "template", "guideline", "source", "template_version", "floor_mg", "constants")
    rows = write(plan, design.stairs, queries.units(plan.prescription, order), before=before, after=now.taken_number)
    label = "" if plan.state == State.DRAFT else f"steps changed, next {dose_words(rows[0])}"
    note(plan, EventKind.REVISED, words, label, detail={**detail, "steps": staircase(rows)}, by=by)
    renew_tasks(plan, outcome="steps changed", by=by)
    return plan


@transaction.atomic
def start(
    plan: TaperPlan,
    *,
    answers: Mapping[str, Override] = NONE,
    care_level: str = "",
    care_words: str = "",
    based_on: int | None = None,
    by: "User",
) -> TaperPlan:
    """Put a draft under way: from now on both clinicians see it, and its first step can be confirmed."""
    plan, patient = locked(plan)
    check(rules.plan, by, plan.prescription)
    unchanged(plan, based_on)
    check(rules.start, plan)
    words = clean_line(care_words or "", most=300, field="care_words")
    refuse(rules.care(care_level, words), "care_words")
    today = today_of(patient)
    check(rules.nothing_ahead, plan.prescription, today)
    stairs = queries.stairs_of(queries.live_steps(plan))
    order = prescribing.last_order(plan.prescription, today)
    if queries.daily_mg(order).quantize(calc.PLACES) != plan.start_mg.quantize(calc.PLACES):
        raise Refused("The dose has changed since these steps were written. Write them anew from the dose as it is.")
    refuse(rules.stairs(plan.kind, stairs, plan.start_mg, today, today), "steps")
    design = Design(Kind(plan.kind), plan.template, stairs, plan.floor_mg)
    found = standing_against(plan, patient, design, by=by, care_level=care_level)
    stand(found, answers)
    plan.state, plan.started_at, plan.started_by = State.ACTIVE, clock.now(), by
    plan.care_level, plan.care_words = care_level, words
    touch(plan, "state", "started_at", "started_by", "care_level", "care_words")
    detail = {"findings": reasons(found, answers, plan=plan, by=by)}
    label = f"started, {len(stairs)} steps, the first {dose_words(stairs[0])}"
    note(plan, EventKind.STARTED, plan.guideline, label, detail=detail, audited=AuditKind.SIGNED, by=by)
    renew_tasks(plan, outcome="started", by=by)
    return plan


def standing_against(
    plan: TaperPlan, patient: Patient, design: Design, *, by: "User", care_level: str = ""
) -> list[Finding]:
    """What stands against a design from the dose as it is."""
    return against(plan.prescription, patient, design, by=by, care_level=care_level)


def against(
    prescription: Prescription, patient: Patient, design: Design, *, by: "User", care_level: str = ""
) -> list[Finding]:
    """What stands against a design for a prescription. Fourteen queries."""
    today = today_of(patient)
    order = prescribing.last_order(prescription, today)
    units = queries.units(prescription, order)
    made = [calc.made_of(one.dose, units) if one.dose else None for one in design.stairs]
    first = design.stairs[0].day if design.stairs else today
    known = facts.around(patient, prescription, day=first, today=today, by=by)
    proposal = Proposal(
        design.kind, templates.get(design.template), queries.daily_mg(order), design.stairs, made, design.floor,
        care_level,
    )  # fmt: skip
    return findings.planning(proposal, known)


def _designed(plan: TaperPlan, design: Design) -> None:
    """The guideline named, with its source and version, and the floor."""
    found = templates.get(design.template)
    if design.template and (found is None or found.kind != design.kind):
        raise Refused("Choose a template of the list, or start blank.", field="template")
    if design.floor <= 0:
        raise Refused("The dose to stop from is more than 0.", field="floor")
    plan.template = design.template
    plan.guideline = found.title if found else BLANK
    plan.source = (found.words if found else "")[:400]
    plan.template_version = templates.version() if found else ""
    plan.floor_mg, plan.constants = design.floor, dict(design.constants)
    if found is not None and found.mode == "hyperbolic_occupancy" and not plan.constants.get("source"):
        raise Refused("Name the paper that Emax and K come from.", field="source")
