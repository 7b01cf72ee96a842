"""What the actions share: locks, history, timeline, tasks, steps written and moved."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID

from clinic import clock
from clinic.audit import actions as audit
from clinic.audit.enums import Kind as AuditKind
from clinic.refusal import Conflict
from clinic.staff.enums import Role
from medications.prescribing.actions.common import locked_patient, today_of
from medications.prescribing.calc import short
from medications.prescribing.checks import Override
from medications.prescribing.queries import generic_name
from medications.safety.enums import Level
from medications.safety.facts import Finding
from medications.tapers import calc, queries
from medications.tapers.calc import Stair, Unit
from medications.tapers.enums import EventKind, Kind, State
from medications.tapers.models import TaperEvent, TaperPlan, TaperStep
from patients.inbox import actions as inbox
from patients.record.access import members
from patients.record.models import Patient
from patients.record.queries import team_users
from patients.timeline import actions as timeline
from patients.timeline.enums import EntryKind

if TYPE_CHECKING:
    from clinic.staff.models import User

CHANGED = "Somebody changed this plan meanwhile. What you typed is kept: look at it as it is now, then go on."
PAGE = "tapers:taper"


def locked(plan: TaperPlan) -> tuple[TaperPlan, Patient]:
    """The plan and its patient as they are now, locked (the patient first, always)."""
    patient = locked_patient(plan.patient_id)
    rows = queries.with_steps(TaperPlan.objects.select_for_update(of=("self",)))
    return rows.get(pk=plan.pk), patient


def unchanged(plan: TaperPlan, based_on: int | None) -> None:
    """Raise Conflict where the form knew an older state."""
    if based_on is not None and based_on != plan.revision:
        raise Conflict(CHANGED)


def touch(plan: TaperPlan, *fields: str) -> None:
    """Save these fields, and that something changed."""
    plan.revision += 1
    plan.save(update_fields=["revision", *fields])


def note(
    plan: TaperPlan,
    kind: EventKind,
    words: str,
    label: str,
    *,
    detail: Mapping[str, Any] | None = None,
    audited: AuditKind = AuditKind.CHANGED,
    by: "User",
) -> TaperEvent:
    """One line of the plan's history, of the patient's timeline and of the audit."""
    now = clock.now()
    event = TaperEvent.objects.create(
        plan=plan, kind=kind, at=now, on_day=now.astimezone(plan.patient.zone).date(), by=by, words=words[:500],
        detail=dict(detail or {}), revision=plan.revision,
    )  # fmt: skip
    audit.record(audited, by=by, on=plan, patient_id=plan.patient_id, what=f"tapers.{kind}")
    if label:
        tell(plan, label, by=by)
    return event


def tell(plan: TaperPlan, label: str, *, by: "User") -> None:
    """One line of the patient's timeline."""
    at = clock.now()
    timeline.note(
        plan.patient_id, EntryKind.PLAN, on=plan, occurred_at=at, until=at, label=f"{name_of(plan)}: {label}", by=by,
        url_name=PAGE,
    )  # fmt: skip


def name_of(plan: TaperPlan) -> str:
    """Clonazepam taper; lamotrigine titration."""
    return f"{generic_name(plan.prescription).capitalize()} {plan.kind}"


def dose_words(stair: Stair | TaperStep) -> str:
    """1.5 mg; 25 mg every other day."""
    dose, every = (stair.dose, stair.every) if isinstance(stair, Stair) else (stair.dose_mg, stair.every_n_days)
    rhythm = "" if every == 1 else " every other day" if every == 2 else f" every {every} days"
    return f"{short(dose)}\u00a0mg{rhythm}"


def write(
    plan: TaperPlan, stairs: Sequence[Stair], units: Sequence[Unit], *, before: Decimal, after: int = 0
) -> list[TaperStep]:
    """Replace every step that is not confirmed by these, numbered from `after` + 1."""
    TaperStep.objects.filter(plan=plan, replaced_at=None, confirmed_at=None).update(replaced_at=clock.now())
    rows = []
    for number, one in enumerate(stairs, after + 1):
        made = calc.made_of(one.dose, units) if one.dose else None
        rows.append(
            TaperStep(
                plan=plan, number=number, on_day=one.day, dose_mg=one.dose, every_n_days=one.every, parts=one.parts,
                fall_percent=calc.fall_percent(before, one.average), product_id=UUID(made.key) if made else None,
                units=made.words if made else "", needs_liquid=bool(one.dose) and made is None, note=one.note[:200],
                revision=plan.revision,
            )
        )  # fmt: skip
        before = one.average
    TaperStep.objects.bulk_create(rows)
    return rows


def move(plan: TaperPlan, by: timedelta, *, after: int) -> None:
    """Put every step that is not confirmed so much later; the intervals stay. `after`: the last confirmed number."""
    if not by:
        return
    now = clock.now()
    ahead = list(TaperStep.objects.filter(plan=plan, replaced_at=None, confirmed_at=None, number__gt=after))
    TaperStep.objects.filter(pk__in=[one.pk for one in ahead]).update(replaced_at=now)
    fields = (
        "dose_mg", "every_n_days", "parts", "fall_percent", "product_id", "units", "needs_liquid", "note", "number",
    )  # fmt: skip
    TaperStep.objects.bulk_create(
        TaperStep(
            plan=plan, on_day=one.on_day + by, revision=plan.revision, **{name: getattr(one, name) for name in fields}
        )
        for one in ahead
    )


def staircase(steps: Sequence[TaperStep]) -> list[dict[str, Any]]:
    """Steps as the history keeps them."""
    return [
        {"number": one.number, "on": one.on_day.isoformat(), "mg": short(one.dose_mg), "every": one.every_n_days}
        for one in steps
    ]


def reasons(findings: Sequence[Finding], answers: Mapping[str, Override], *, plan: TaperPlan, by: "User") -> Any:
    """What was said and answered, as the history keeps it; going on against a finding is audited by its rule."""
    kept = []
    for one in findings:
        answer = answers.get(one.code, Override()) if one.level in (Level.STOP, Level.ASK) else Override()
        kept.append(
            {
                "level": str(one.level), "code": one.code, "rule": one.rule_id, "title": one.title,
                "sentence": one.sentence, "override": answer.code if one.level == Level.STOP else "",
                "words": answer.words[:500],
            }
        )  # fmt: skip
        if one.level in (Level.STOP, Level.ASK):
            audit.record(
                AuditKind.OVERRODE, by=by, on=plan, patient_id=plan.patient_id, what="tapers.override",
                detail={"level": str(one.level), "rule": one.rule_id},
            )  # fmt: skip
    return kept


def prescribers(patient_id: UUID) -> "list[User]":
    """The prescribers on the care team now. One query."""
    rows = members().filter(
        patient_id=patient_id, user__role_grants__role=Role.PRESCRIBER, user__role_grants__ended_at=None
    )
    return list({row.user_id: row.user for row in rows.select_related("user")}.values())


def purpose(plan: TaperPlan, what: str) -> str:
    """What makes a task one: one open check, one open step, one open pause a plan."""
    return f"taper-{what}:{plan.pk}"


def renew_tasks(plan: TaperPlan, *, outcome: str, by: "User") -> None:
    """What is to be done next for the plan: its check by either clinician, its step by a prescriber."""
    for what in ("check", "step"):
        inbox.finish(purpose(plan, what), by=by, outcome=outcome)
    if plan.state != State.PAUSED:
        inbox.finish(purpose(plan, "paused"), by=by, outcome=outcome)
    fresh = queries.with_steps(TaperPlan.objects.filter(pk=plan.pk)).get()
    now = queries.standing(fresh, today_of(plan.patient))
    if plan.state != State.ACTIVE or now.next is None:
        return
    names = {Kind.TAPER: "withdrawal", Kind.TITRATION: "tolerability"}
    if not now.ticked:
        inbox.ask(
            "tapers.check", sentence=f"A {names[Kind(plan.kind)]} check is due before the next step.",
            purpose=purpose(plan, "check"), patient_id=plan.patient_id, users=team_users(plan.patient_id),
            object_id=plan.pk, due_on=now.next.on_day, by=by,
        )  # fmt: skip
    inbox.ask(
        "tapers.step", sentence="A planned step waits to be confirmed.", purpose=purpose(plan, "step"),
        patient_id=plan.patient_id, users=prescribers(plan.patient_id), object_id=plan.pk, due_on=now.next.on_day,
        by=by,
    )  # fmt: skip


def day_after(plan: TaperPlan, today: date) -> date:
    """The first day on which a new step may begin: after the last confirmed one, and not in the past."""
    last = queries.standing(plan, today).last
    return max(today, last.on_day + timedelta(days=1)) if last else today
