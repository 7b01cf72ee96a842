"""What may be dispensed, and what was."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q

from clinic import clock
from clinic.audit import actions as audit
from clinic.audit.enums import Kind
from clinic.ports import load
from clinic.practice import config
from clinic.refusal import Refused, check, refuse
from medications.prescribing import calc, checks, queries, remainders, rules
from medications.prescribing.actions.common import keep, line, locked, stand, today_of, void, void_these
from medications.prescribing.checks import Override, Regimen, Supply
from medications.prescribing.models import Authorisation, DoseOrder, Fill, Prescription
from medications.safety import queries as safety
from patients.record.calc import clean_line

if TYPE_CHECKING:
    from clinic.staff.models import User

NONE: Mapping[str, Override] = {}
OF_SUPPLY = ("schedule.", "supply.")


@transaction.atomic
def authorise(
    prescription: Prescription,
    *,
    supply: Supply,
    bridge: bool = False,
    answers: Mapping[str, Override] = NONE,
    by: "User",
) -> Authorisation:
    """Authorise a supply of the dose in force; what was left of an older authorisation is void.

    Checked again: schedule, arithmetic, and supply while a risk is open, whose reason is `answers["supply.risk"]`.
    In the middle of a titration pack it covers, and says, the further steps that begin within its days.
    """
    prescription, patient = locked(prescription)
    check(rules.prescribe, by, patient.pk)
    check(rules.ours, prescription)
    if prescription.held_at is not None:
        raise Refused("This is on hold: nothing is dispensed. Resume it first.")
    today = today_of(patient)
    order = queries.current_order(prescription, today) or queries.next_order(prescription, today)
    if order is None:
        raise Refused("There is no dose to dispense. Prescribe one first.")
    regimen = Regimen(order.product, order.lines, order.every_days, order.as_needed, order.max_per_day)
    then = remainders.reached(order, today, supply.days)
    if supply.refills and remainders.ahead(order, today):
        raise Refused(rules.NO_REFILLS_OF_STEPS, field="refills")
    refuse(rules.supply(supply, regimen, then), "quantity")
    if bridge:
        refuse(rules.bridge(supply.days, int(config.value("bridge_days", today))), "days")
    checked = checks.order(patient, regimen, supply, from_day=today, prescription=prescription)
    findings = [one for one in checked.findings if one.code.startswith(OF_SUPPLY)]
    stand(findings, answers)
    asked = [one for one in findings if one.code in answers]
    keep(order, asked, answers, version=checked.version, by=by)
    void(prescription, "Replaced by a newer authorisation.", by=by)
    directions = remainders.directions(order, then)
    row = issue(prescription, order, supply, by=by, today=today, bridge=bridge, directions=directions)
    prescription.revision += 1
    prescription.save(update_fields=["revision"])
    return row


def issue(
    prescription: Prescription,
    order: DoseOrder,
    supply: Supply,
    *,
    by: "User",
    today: date,
    bridge: bool = False,
    series: UUID | None = None,
    earliest_fill_on: date | None = None,
    extends: Authorisation | None = None,
    added: int = 0,
    directions: str = "",
) -> Authorisation:
    """Write the authorisation; the caller has checked and voided what was.

    `directions`: of a titration pack, those of all its steps.
    `series`: of one day (R-RX-02). `extends`, `added`: more refills of the same, until the same day (R-RX-03).
    """
    schedule = prescription.drug.schedule if prescription.drug else ""
    until = calc.expires_on(schedule, today, v_as_iii=safety.limits(today).v_as_iii)
    row = Authorisation.objects.create(
        order=order, prescription=prescription, patient_id=prescription.patient_id, quantity=supply.quantity,
        days_supply=supply.days, refills=supply.refills, schedule=schedule, issued_on=today,
        expires_on=extends.expires_on if extends else until, bridge=bridge,
        issued_at=clock.now(), issued_by=by, series=series, earliest_fill_on=earliest_fill_on,
        extends=extends, added=added, directions=directions,
    )  # fmt: skip
    audit.record(Kind.SIGNED, by=by, on=row, what="prescribing.authorise")
    for follower in load("DISPENSING"):
        follower.issued(row, by=by)
    return row


@transaction.atomic
def take_back(authorisation: Authorisation, *, reason: str, by: "User") -> Authorisation:
    """Void one authorisation before anything was dispensed on it. The order stays; nothing is authorised then.

    Whether there is still time for that is for the room that sends it to say.
    """
    prescription, patient = locked(authorisation.prescription)
    check(rules.prescribe, by, patient.pk)
    row = Authorisation.objects.select_for_update().get(pk=authorisation.pk, prescription=prescription)
    check(rules.take_back, row)
    void_these([row], line(reason, "reason", "Write why it is taken back.", most=200), by=by)
    prescription.revision += 1
    prescription.save(update_fields=["revision"])
    audit.record(Kind.CHANGED, by=by, on=row, what="prescribing.take_back", why=row.voided_reason)
    return row


@transaction.atomic
def record_fill(
    prescription: Prescription,
    *,
    filled_on: date,
    quantity: Decimal,
    days_supply: int,
    told_by: str,
    lot: str = "",
    partial: bool = False,
    by: "User",
) -> Fill:
    """Record what was dispensed, as pharmacy or patient tells; it uses up an authorisation, if any is left.

    The same fill told twice is one. `told_by` "sample": handed out here, with its `lot`; it uses up none.
    `partial`: the pharmacy owes the rest of what was authorised. The next fill that is no more than that is the rest,
    or, marked as partial too, a piece of it; all of them use up one.
    """
    prescription, patient = locked(prescription)
    check(rules.report, by, patient.pk)
    if told_by not in ("pharmacy", "patient", "sample"):
        raise Refused("Say who told it: the pharmacy or the patient.", field="told_by")
    lot = clean_line(lot or "", most=40, field="lot") if told_by == "sample" else ""
    if told_by == "sample" and (said := rules.sample(by, prescription, filled_on, today_of(patient), lot)):
        raise Refused(said[0], field=said[1])
    try:
        quantity = calc.decimal(quantity, "The quantity", most=rules.MOST_QUANTITY)
    except calc.Unclear as unclear:
        raise Refused(str(unclear), field="quantity") from None
    refuse(rules.fill(prescription, filled_on, today_of(patient), days_supply, quantity), "filled_on")
    known = Fill.objects.filter(prescription=prescription, filled_on=filled_on, retracted_at=None).first()
    if known is not None:
        if (known.quantity, known.days_supply) == (quantity, days_supply):
            return known
        raise Refused("A fill of that day is recorded already. Mark it as entered in error first.", field="filled_on")
    owed = None if lot else queries.owed(prescription, filled_on)
    rest = owed if owed is not None and quantity <= owed.quantity else None
    used = None if lot else rest.authorisation if rest is not None else _used(prescription, filled_on)
    if partial:
        refuse(rules.partial(used, owed, quantity, days_supply), "partial")
    row = Fill.objects.create(
        prescription=prescription, authorisation=used, patient=patient, filled_on=filled_on, quantity=quantity,
        days_supply=days_supply, told_by=told_by, lot=lot, partial=partial, completes=rest.part if rest else None,
        recorded_at=clock.now(), recorded_by=by,
    )  # fmt: skip
    audit.record(Kind.CREATED, by=by, on=row, what="prescribing.record_fill")
    for follower in load("DISPENSING"):
        follower.filled(row, by=by)
    return row


def _used(prescription: Prescription, on: date) -> Authorisation | None:
    """The authorisation that covers a fill of that day and has one left."""
    fillable = Q(earliest_fill_on=None) | Q(earliest_fill_on__lte=on)  # of a series, each in its time
    rows = prescription.authorisations.filter(fillable, issued_on__lte=on).order_by(
        "-issued_on", "-voided_at", F("earliest_fill_on").asc(nulls_first=True), "-issued_at"
    )
    for row in rows:
        if row.voided_at is not None and row.voided_at.date() < on:
            continue
        if row.expires_on is not None and on > row.expires_on:
            continue
        if queries.uses(row) <= row.refills:
            return row
    return None


@transaction.atomic
def retract_fill(fill: Fill, *, reason: str, by: "User") -> Fill:
    """Mark a fill as entered in error: it leaves the run-out and frees its day."""
    prescription, patient = locked(fill.prescription)
    check(rules.report, by, patient.pk)
    fill = Fill.objects.select_for_update().get(pk=fill.pk, prescription=prescription)
    if fill.retracted_at is not None:
        raise Refused("This was marked as entered in error already.")
    refuse(rules.retract_fill(fill), "reason")
    fill.retracted_reason = line(reason, "reason", "Write what was wrong.")
    fill.retracted_at, fill.retracted_by = clock.now(), by
    fill.save(update_fields=["retracted_at", "retracted_by", "retracted_reason"])
    audit.record(Kind.RETRACTED, by=by, on=fill, what="prescribing.retract_fill", why=fill.retracted_reason)
    for follower in load("DISPENSING"):
        follower.fill_retracted(fill, by=by)
    return fill
