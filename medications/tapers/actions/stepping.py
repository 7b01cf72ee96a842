"""Confirming a step: only then it becomes an order, by prescribing's own action, with every safety check speaking."""

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING

from django.db import transaction

from clinic import clock
from clinic.refusal import Refused, check, refuse
from medications.prescribing import actions as prescribing_actions
from medications.prescribing import queries as prescribing
from medications.prescribing import rules as prescribing_rules
from medications.prescribing.actions.common import keep, stand, today_of
from medications.prescribing.checks import Override, Regimen, Supply
from medications.prescribing.models import DoseOrder, Prescription
from medications.safety import knowledge
from medications.tapers import calc, facts, queries, rules, stepping
from medications.tapers.actions.common import dose_words, locked, move, note, renew_tasks, touch, unchanged
from medications.tapers.actions.ending import finished
from medications.tapers.calc import Stair
from medications.tapers.enums import EventKind, Kind, Outcome
from medications.tapers.models import TaperPlan, TaperStep
from patients.record.calc import clean_line

if TYPE_CHECKING:
    from clinic.staff.models import User

NONE: Mapping[str, Override] = {}


@transaction.atomic
def confirm_step(
    plan: TaperPlan,
    *,
    on: date | None = None,
    supply: Supply | None = None,
    reason: str = "",
    answers: Mapping[str, Override] = NONE,
    based_on: int | None = None,
    by: "User",
) -> TaperStep:
    """Make the next step an ordinary order (or, at zero, a stop) from a day on; what lies later is pushed with it.

    Raises Refused while the plan is paused, while a finding waits for its reason, or where nothing makes the dose.
    """
    plan, patient = locked(plan)
    check(prescribing_rules.prescribe, by, patient.pk)
    unchanged(plan, based_on)
    today = today_of(patient)
    now = queries.standing(plan, today)
    check(rules.confirm, now, today)
    step = now.next
    assert step is not None
    day = on or max(step.on_day, today)
    refuse(rules.confirm_day(now, day), "on")
    known = facts.around(patient, plan.prescription, day=day, today=today, by=by)
    found = stepping.standing_against(now, known, day)
    stand(found, answers)
    words = clean_line(reason or "", most=300, field="reason") or _usual_reason(plan, step, len(now.steps))
    order = _ordered(plan, step, day, words, supply, answers, by)
    held_by = order or prescribing.last_order(plan.prescription, today)
    if held_by is not None:
        keep(held_by, found, answers, version=knowledge.current().version, by=by)
    touch(plan)
    later = day - step.on_day
    if later:
        move(plan, later, after=now.taken_number)
        step = TaperStep.objects.get(plan=plan, number=step.number, replaced_at=None)
    step.confirmed_at, step.confirmed_by, step.order = clock.now(), by, order
    step.save(update_fields=["confirmed_at", "confirmed_by", "order"])
    note(plan, EventKind.CONFIRMED, words, "", detail={"step": step.number, "on": day.isoformat()}, by=by)
    if len(now.steps) == step.number:
        _finish(plan, step, day, by)
    else:
        renew_tasks(plan, outcome="step confirmed", by=by)
    return step


def _usual_reason(plan: TaperPlan, step: TaperStep, count: int) -> str:
    return f"{plan.kind.capitalize()}, step {step.number} of {count}: {plan.guideline}."


def _ordered(
    plan: TaperPlan,
    step: TaperStep,
    day: date,
    words: str,
    supply: Supply | None,
    answers: Mapping[str, Override],
    by: "User",
) -> DoseOrder | None:
    """The order that prescribing makes of the step; None for the stop at zero."""
    if step.dose_mg == 0:
        prescribing_actions.stop(plan.prescription, on=day, reason=words, answers=answers, by=by)
        return None
    regimen = regimen_of(plan.prescription, step, prescribing.last_order(plan.prescription, day))
    return prescribing_actions.change_dose(
        plan.prescription, regimen=regimen, supply=supply, reason=words, from_day=day, answers=answers, by=by
    )


def regimen_of(prescription: Prescription, step: TaperStep, order: DoseOrder | None) -> Regimen:
    """How the step is taken: its product, at the times as now (or as many a day as the step says)."""
    units = queries.units(prescription, order)
    made = calc.made_of(step.dose_mg, units)
    if step.product is None or made is None or made.key != str(step.product_id):
        raise Refused("The catalogue makes this dose no longer as planned. Write the steps anew.")
    unit = next(one for one in units if one.key == made.key)
    whens = tuple(line["when"] for line in order.lines) if order and not order.as_needed else ("bedtime",)
    if step.parts and step.parts != len(whens):
        whens = calc.WHENS.get(step.parts, whens)
    return Regimen(step.product, calc.spread(made.quantity, whens, unit.part), every_days=step.every_n_days)


def supply_for(plan: TaperPlan, step: TaperStep, steps: list[TaperStep], *, most: int = 30) -> Supply | None:
    """What is suggested to be dispensed: enough until the next step, a month at most. Two queries."""
    order = prescribing.last_order(plan.prescription, step.on_day)
    made = calc.made_of(step.dose_mg, queries.units(plan.prescription, order)) if step.dose_mg else None
    if made is None:
        return None
    after = next((one.on_day for one in steps if one.number == step.number + 1), None)
    days = min((after - step.on_day).days, most) if after else most
    return Supply(calc.pieces(made, Stair(step.on_day, step.dose_mg, step.every_n_days), days), days)


def _finish(plan: TaperPlan, step: TaperStep, day: date, by: "User") -> None:
    """The last step is confirmed: zero, a lower dose, or the dose that was to be reached."""
    if step.dose_mg == 0:
        finished(plan, Outcome.STOPPED, "", day=day, label=f"reached zero on {day:%b} {day.day}", by=by)
    elif plan.kind == Kind.TAPER:
        finished(plan, Outcome.LOWER_DOSE, "", day=day, label=f"stays at {dose_words(step)}", by=by)
    else:
        finished(plan, Outcome.TARGET, "", day=day, label=f"reached {dose_words(step)}", by=by)
