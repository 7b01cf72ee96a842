"""Starting a drug and changing its dose: a change is a new order, the old one ends the day before and is kept."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import transaction

from clinic import clock
from clinic.audit import actions as audit
from clinic.audit.enums import Kind
from clinic.refusal import Refused, check, refuse
from medications.catalogue.models import Product
from medications.prescribing import checks, packs, queries, rules, story
from medications.prescribing.actions.common import (
    ask_for_the_plan,
    fit,
    fit_steps,
    keep,
    line,
    locked,
    locked_patient,
    stand,
    tell,
    today_of,
    unchanged,
    void,
)
from medications.prescribing.actions.supplying import issue, record_fill
from medications.prescribing.checks import Override, Regimen, Step, Supply
from medications.prescribing.models import DoseOrder, Prescription, PrescriptionTarget
from medications.safety import actions as safety
from patients.plan.models import Problem
from patients.record.calc import clean_line
from patients.record.models import Patient

if TYPE_CHECKING:
    from clinic.staff.models import User

NONE: Mapping[str, Override] = {}


@transaction.atomic
def prescribe(
    patient: Patient,
    *,
    regimen: Regimen,
    supply: Supply | None,
    target_symptom: str,
    reason: str,
    from_day: date | None = None,
    problem: Problem | None = None,
    answers: Mapping[str, Override] = NONE,
    key: UUID | None = None,
    seen: str = "",
    then: Sequence[Step] = (),
    sample: str | None = None,
    by: "User",
) -> DoseOrder:
    """Start a drug. `answers` by finding code; `key`: sent twice, prescribed once; no `supply`: nothing dispensed.

    `seen`: how the patient is seen today; in person counts as an examination for what is controlled (R-RX-09).
    `then`: further steps of a titration pack, each an order of its own that this supply covers. Returns the first.
    `sample`: the lot of a sample that is handed out in place of a prescription.
    """
    patient = locked_patient(patient.pk)
    check(rules.prescribe, by, patient.pk)
    if key is not None and (known := Prescription.objects.filter(pk=key).first()):
        return _sent_before(known, patient, by)
    day, today = from_day or today_of(patient), today_of(patient)
    regimen = fit(_loaded(regimen))
    then = fit_steps(regimen, then)
    refuse(rules.starts(day, today), "from_day")
    if supply is not None:
        refuse(rules.supply(supply, regimen, then), "quantity")
    if problem is not None and problem.patient_id != patient.pk:
        raise Refused("That problem belongs to another record.", field="problem")
    symptom = clean_line(target_symptom or "", most=200, field="target_symptom")
    if not symptom and problem is None:
        raise Refused("Say what it is for: a problem of the plan, or the symptom.", field="target_symptom")
    words = line(reason, "reason", "Write why, in a line: the care team reads it.", most=500)
    if seen == "in_person" and regimen.product.drug.schedule:
        safety.record_exam(patient, by=by)
    checked = checks.order(patient, regimen, supply, from_day=day, seen=seen, then=then)
    stand(checked.findings, answers)
    prescription = Prescription(
        patient=patient, drug=regimen.product.drug, prescriber=by, target_symptom=symptom, started_on=day,
        recorded_at=clock.now(), recorded_by=by,
    )  # fmt: skip
    if key is not None:
        prescription.pk = key
    prescription.save(force_insert=True)
    order, *steps = sign(prescription, regimen, then, day, words, "start", by)
    if problem is not None:
        PrescriptionTarget.objects.create(prescription=prescription, problem=problem, created_at=clock.now())
    keep(order, checked.findings, answers, version=checked.version, by=by)
    _supplied(prescription, [order, *steps], supply, sample, today, by)
    ask_for_the_plan(prescription, by=by)
    _told("prescribing.prescribe", order, steps, patient, None, by)
    return order


@transaction.atomic
def change_dose(
    prescription: Prescription,
    *,
    regimen: Regimen,
    supply: Supply | None,
    reason: str,
    from_day: date | None = None,
    based_on: int | None = None,
    answers: Mapping[str, Override] = NONE,
    then: Sequence[Step] = (),
    sample: str | None = None,
    by: "User",
) -> DoseOrder:
    """Replace the dose from a day on (today); the old order is kept, what is left of its supplies is void.

    `based_on` is the revision that the form showed: another in force meanwhile raises Conflict and loses nothing.
    `then`: further steps of a titration pack. Returns the first order. `sample`: as in `prescribe`.
    The dose as it is may be signed where another is signed to follow: it stays, and what was to follow is off.
    """
    prescription, patient = locked(prescription)
    check(rules.prescribe, by, patient.pk)
    unchanged(prescription, based_on)
    check(rules.change, prescription)
    day, today = from_day or today_of(patient), today_of(patient)
    day = max(day, prescription.started_on) if from_day is None else day
    regimen = fit(_loaded(regimen), prescription)
    then = fit_steps(regimen, then)
    refuse(rules.starts(day, today), "from_day")
    if day < prescription.started_on:
        raise Refused("That is before the first dose. Choose a later day.", field="from_day")
    if supply is not None:
        refuse(rules.supply(supply, regimen, then), "quantity")
    words = line(reason, "reason", "Write why now, in a line: the care team reads it.", most=500)
    before = queries.current_order(prescription, day)
    if before and not then and _same(before, regimen) and queries.next_order(prescription, day) is None:
        raise Refused("This is the dose as it is. Change it, or leave it.", field="lines")
    checked = checks.order(patient, regimen, supply, from_day=day, prescription=prescription, then=then)
    stand(checked.findings, answers)
    end_orders(prescription, patient, day)
    void(prescription, "The dose changed.", by=by)
    order, *steps = sign(prescription, regimen, then, day, words, "change", by)
    keep(order, checked.findings, answers, version=checked.version, by=by)
    _supplied(prescription, [order, *steps], supply, sample, today, by)
    prescription.revision += 1
    prescription.save(update_fields=["revision"])
    _told("prescribing.change_dose", order, steps, patient, before, by)
    return order


def end_orders(prescription: Prescription, patient: Patient, day: date) -> None:
    """End every order that would still hold on `day` or begin later; what never began keeps an empty range."""
    for order in DoseOrder.objects.filter(prescription=prescription, retracted_at=None):
        if order.until_day is None or order.until_day > max(day, order.from_day):
            order.until_day = max(day, order.from_day)
            order.save(update_fields=["until_day"])
            story.ended(order, day, patient)


def _sent_before(known: Prescription, patient: Patient, by: "User") -> DoseOrder:
    order = DoseOrder.objects.filter(prescription=known, kind="start").first()
    if order is None or known.patient_id != patient.pk or order.signed_by_id != by.pk:
        raise Refused("This form was sent already. Open it anew.")
    return order


def _loaded(regimen: Regimen) -> Regimen:
    """The product as it is in the catalogue now, with its drug."""
    product = Product.objects.select_related("drug").filter(pk=regimen.product.pk).first()
    if product is None:
        raise Refused("This product is no longer in the catalogue. Choose another.", field="product")
    return Regimen(product, regimen.lines, regimen.every_days, regimen.as_needed, regimen.max_per_day)


def _same(order: DoseOrder, regimen: Regimen) -> bool:
    return (order.product_id, order.lines, order.every_days, order.as_needed, order.max_per_day) == (
        regimen.product.pk, list(regimen.lines), regimen.every_days, regimen.as_needed, regimen.max_per_day,
    )  # fmt: skip


def sign(
    prescription: Prescription, first: Regimen, then: Sequence[Step], day: date, reason: str, kind: str, by: "User"
) -> list[DoseOrder]:
    """The orders, one for each step, each ending where the next begins."""
    now, orders = clock.now(), list[DoseOrder]()
    days = packs.days_of(day, [step.after for step in then])
    for regimen, (begins, until) in zip((first, *(step.regimen for step in then)), days, strict=True):
        order = DoseOrder.objects.create(
            prescription=prescription, patient_id=prescription.patient_id, product=regimen.product,
            kind="change" if orders else kind, lines=list(regimen.lines), every_days=regimen.every_days,
            as_needed=regimen.as_needed, max_per_day=regimen.max_per_day, daily_amount=regimen.daily,
            unit=regimen.product.unit, sig=regimen.sig, from_day=begins, until_day=until,
            pack=orders[0] if orders else None, reason=reason, signed_at=now, signed_by=by, signature=by.signature,
            recorded_at=now, recorded_by=by,
        )  # fmt: skip
        orders.append(order)
    return orders


def _supplied(
    prescription: Prescription, orders: Sequence[DoseOrder], supply: Supply | None, sample: str | None, today: date,
    by: "User",
) -> None:  # fmt: skip
    """What the patient gets of it: a prescription, a sample (its lot), or nothing."""
    if sample is not None:
        refuse(rules.as_sample(supply, orders[0].from_day, today), "sample")
        assert supply is not None
        record_fill(
            prescription, filled_on=today, quantity=supply.quantity, days_supply=supply.days, told_by="sample",
            lot=sample, by=by,
        )  # fmt: skip
    elif supply is not None:
        directions = packs.directions(orders[0], orders[1:])
        issue(prescription, orders[0], supply, by=by, today=today, directions=directions)


def _told(
    what: str, order: DoseOrder, steps: Sequence[DoseOrder], patient: Patient, before: DoseOrder | None, by: "User"
) -> None:
    """Audit and timeline of what was signed; who follows the orders hears of it."""
    for one in (order, *steps):
        audit.record(Kind.SIGNED, by=by, on=one, what=what)
        story.dose(one, patient, before, by=by)
        before = one
    tell(patient.pk, by=by)
