"""Between the form of a plan and its staircase: what is known of the prescription, what the numbers build."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from medications.prescribing import queries as prescribing
from medications.prescribing.actions.common import today_of
from medications.prescribing.calc import Unclear, decimal, short
from medications.prescribing.models import DoseOrder, Prescription
from medications.safety.knowledge import DrugFacts
from medications.tapers import calc, queries, staircases, templates
from medications.tapers.calc import Stair, Unit
from medications.tapers.enums import Kind, State
from medications.tapers.models import TaperPlan
from medications.tapers.templates import Template
from patients.record.models import Patient

BLANKS = {"blank-taper": Kind.TAPER, "blank-titration": Kind.TITRATION}


@dataclass(frozen=True)
class Ground:
    """What a plan stands on: the prescription, the dose as it is, what the catalogue offers, which templates fit."""

    patient: Patient
    prescription: Prescription
    order: DoseOrder | None
    drug: DrugFacts | None
    units: tuple[Unit, ...]
    start: Decimal
    today: date
    earliest: date
    templates: Sequence[Template]
    plan: TaperPlan | None = None

    @property
    def choices(self) -> list[tuple[str, str]]:
        """The templates that fit, by kind, then blank."""
        found = [(one.key, one.title) for one in self.templates]
        kinds = {self.plan.kind} if self.plan else set(Kind.values)
        blanks = [(key, f"Blank {kind.value}") for key, kind in BLANKS.items() if kind in kinds]
        return found + blanks

    def kind(self, key: str) -> Kind:
        """The kind of a chosen template, or of a blank one."""
        found = templates.get(key)
        return found.kind if found else BLANKS.get(key, Kind.TAPER)


def ground(patient: Patient, prescription: Prescription, plan: TaperPlan | None = None) -> Ground:
    """Loaded once for a page. Eight queries."""
    today = today_of(patient)
    row = prescribing.with_orders(Prescription.objects.filter(pk=prescription.pk)).get()
    order = prescribing.last_order(row, today)
    drug = queries.drug_of(row)
    fitting = templates.for_drug(drug, queries.taking(patient.pk, today)) if drug else []
    start, earliest = queries.daily_mg(order), max(today, order.from_day if order else today)
    if plan is not None:
        fitting = [one for one in fitting if one.kind == plan.kind]
        now = queries.standing(plan, today)
        if plan.state != State.DRAFT:
            start = now.dose
        earliest = max(today, now.last.on_day + timedelta(days=1)) if now.last else earliest
    return Ground(
        patient, row, order, drug, queries.units(row, order), start, today, earliest, fitting, plan
    )  # fmt: skip


def usual(on: Ground, key: str) -> dict[str, Any]:
    """The numbers that a template suggests for this drug."""
    found = templates.get(key)
    name = on.drug.name if on.drug else ""
    return {
        "template": key, "template_was": key, "floor": short(calc.lowest(on.units)) if on.units else "",
        "starts_on": on.earliest, "interval": 28, **(found.beginnings(name) if found else {}),
    }  # fmt: skip


def build(on: Ground, numbers: Mapping[str, Any], *, restart: bool = False) -> list[Stair]:
    """The staircase of the chosen template; none for a blank one. Raises Unclear."""
    found = templates.get(numbers["template"])
    if found is None:
        return []
    first: date = numbers.get("starts_on") or on.earliest
    if not on.today <= first <= on.today + timedelta(days=366):
        raise Unclear("The first step lies today or later, within a year.")
    wish = staircases.Wish(
        start=on.start, first_day=first, units=on.units, floor=_amount(numbers, "floor", "The dose to stop from"),
        interval=int(numbers.get("interval") or 28), percent=_maybe(numbers, "percent", "Percent"),
        step_mg=_maybe(numbers, "step_mg", "The step"), total_days=numbers.get("total_days"),
        count=numbers.get("count"), emax=_maybe(numbers, "emax", "Emax"), k=_maybe(numbers, "k", "K"),
        limit=templates.fall_limit(on.drug),
    )  # fmt: skip
    if found.kind == Kind.TAPER and on.start <= 0:
        raise Unclear("Nothing is taken now, so there is nothing to taper.")
    stairs = staircases.build(found.data, wish)
    return stairs if found.kind == Kind.TAPER or restart else _going_on(stairs, on, first)


def _going_on(stairs: list[Stair], on: Ground, first: date) -> list[Stair]:
    """A titration goes on from the dose as it is: what was reached is left out, the intervals count from that dose."""
    reached = [place for place, one in enumerate(stairs) if one.average == on.start]
    if not reached or on.order is None:
        return stairs
    place = reached[-1]
    ahead = stairs[place + 1 :]
    if not ahead:
        return []
    since = on.order.from_day + (ahead[0].day - stairs[place].day)
    return calc.shifted(ahead, max(since, first))


def _amount(numbers: Mapping[str, Any], name: str, what: str) -> Decimal:
    return decimal(numbers.get(name) or "", what)


def _maybe(numbers: Mapping[str, Any], name: str, what: str) -> Decimal | None:
    return decimal(numbers[name], what) if str(numbers.get(name) or "").strip() else None
