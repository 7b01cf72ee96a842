"""Every write of the refill desk. Jobs prepare; only a prescriber decides (R-RX-11)."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from django.db import transaction

from clinic import clock
from clinic.audit import actions as audit
from clinic.audit.enums import Kind
from clinic.practice import config
from clinic.refusal import Refused, check
from medications.prescribing import actions as prescribing
from medications.prescribing import rules as prescribing_rules
from medications.prescribing.actions import Override, Supply
from medications.prescribing.calc import quantity_for, units_per_day
from medications.prescribing.queries import current_order, practice_today
from medications.refills import calc, gates, queries, rules
from medications.refills.models import RefillCall, RefillRequest
from patients.inbox import actions as inbox
from patients.record.access import members
from patients.record.calc import clean_line
from patients.record.models import Patient
from patients.scheduling.messages import send_note
from patients.timeline import actions as timeline
from patients.timeline.enums import EntryKind

if TYPE_CHECKING:
    from clinic.staff.models import User

FEWER_DAYS = "supply.risk"  # the finding that asks for fewer days while a risk is open (R-SI-04)


@transaction.atomic
def open_due(today: date | None = None, *, by: "User | None" = None) -> dict[str, int]:
    """Open a request for everything whose authorised supply ends soon, with every gate's answer; never approve.

    Open requests get fresh answers; those whose order ended or changed are withdrawn. Run twice or by two workers it
    writes the same rows: one open request per prescription is a constraint.
    """
    day = today or practice_today()
    now, values = clock.now(), config.values(day)
    rows = queries.running(day)
    waiting = {one.prescription_id: one for one in RefillRequest.objects.select_for_update().filter(state="requested")}
    due: list[RefillRequest] = []
    fresh: list[RefillRequest] = []
    seen = set()
    for one in rows:
        begins = calc.opens_on(
            one.forecast.authorised_end, one.facts.schedule, lead_days=int(values["refill_lead_days"]),
            lead_days_ii=int(values["refill_lead_days_ii"]),
        )  # fmt: skip
        if day < begins or one.facts.on_hold:
            continue
        seen.add(one.prescription.pk)
        request = waiting.get(one.prescription.pk) or RefillRequest(
            prescription=one.prescription, patient_id=one.prescription.patient_id, opened_at=now, opened_by=by,
            source="job",
        )  # fmt: skip
        request.supply_end, request.authorised_end = one.forecast.supply_end, one.forecast.authorised_end
        request.fills_confirmed = one.forecast.confirmed
        request.gates = [gate.stored() for gate in gates.answers(one.facts)]
        (fresh if one.prescription.pk in waiting else due).append(request)
    RefillRequest.objects.bulk_create(due, ignore_conflicts=True)
    RefillRequest.objects.bulk_update(fresh, ["supply_end", "authorised_end", "fills_confirmed", "gates"])
    gone = [one.pk for key, one in waiting.items() if key not in seen]
    RefillRequest.objects.filter(pk__in=gone).update(state="withdrawn", decided_at=now)
    _ask_prescribers(due)
    return {"opened": len(due), "renewed": len(fresh), "withdrawn": len(gone)}


def _ask_prescribers(due: list[RefillRequest]) -> None:
    """One task for each prescriber: the desk waits. It closes when the desk is clear."""
    for prescriber in {r.prescription.prescriber for r in due if r.prescription.prescriber}:
        inbox.ask(
            "refills.desk", sentence="Refills wait at your desk.", purpose=f"refills:{prescriber.pk}",
            users=[prescriber], by=None,
        )  # fmt: skip


@transaction.atomic
def approve(
    request: RefillRequest,
    *,
    supply: Supply | None = None,
    reasons: Mapping[str, str] | None = None,
    bridge: bool = False,
    by: "User",
) -> RefillRequest:
    """Sign the refill: a new authorisation of the dose in force, and a neutral message to the patient.

    `reasons`: by gate, for each that asks. Raises Refused by the gates, by prescribing, or if it was decided already.
    """
    request = _locked(request)
    check(prescribing_rules.prescribe, by, request.patient_id)
    said = {gate: clean_line(words or "", most=300, field=f"reason:{gate}") for gate, words in (reasons or {}).items()}
    _renew(request)
    check(rules.approve, request, said)
    supply = supply or usual_supply(request)
    answers = {FEWER_DAYS: Override("other", said["risk"])} if said.get("risk") else {}
    request.authorisation = prescribing.authorise(
        request.prescription, supply=supply, bridge=bridge, answers=answers, by=by
    )
    request.state = "bridged" if bridge else "approved"
    request.reason = "; ".join(f"{gate}: {words}" for gate, words in said.items() if words)[:500]
    _decide(request, by, "refills.bridge" if bridge else "refills.approve")
    send_note(request.patient, key=f"refill:{request.pk}", by=by)
    return request


@transaction.atomic
def bridge(request: RefillRequest, *, days: int, reasons: Mapping[str, str] | None = None, by: "User") -> RefillRequest:
    """Approve a short supply without refills, once, until a visit (R-RX-13)."""
    before = RefillRequest.objects.filter(prescription=request.prescription, state="bridged").order_by("-decided_at")
    last = before.first()
    if last is not None and not _seen_since(last):
        raise Refused("A bridge was given already and no visit since. Book a visit, or approve with a reason.")
    usual = usual_supply(request)
    per_day = usual.quantity / usual.days
    supply = Supply((per_day * days).quantize(Decimal("0.001")), days, 0)
    return approve(request, supply=supply, reasons=reasons, bridge=True, by=by)


@transaction.atomic
def decline(request: RefillRequest, *, reason: str, told_patient: str, by: "User") -> RefillRequest:
    """Say no, with the reason for the team and the words for the patient, who is asked to call."""
    request = _locked(request)
    check(prescribing_rules.prescribe, by, request.patient_id)
    reason = clean_line(reason or "", most=500, field="reason")
    told = clean_line(told_patient or "", most=300, field="told_patient")
    check(rules.decline, request, reason, told)
    request.state, request.reason, request.told_patient = "declined", reason, told
    _decide(request, by, "refills.decline")
    send_note(request.patient, key=f"refill:{request.pk}", by=by)
    return request


@transaction.atomic
def ask_for_call(patient: Patient, *, words: str = "", by: "User") -> RefillCall:
    """The desk notes that the patient asks for a refill call; no drug is named. One open call per patient."""
    Patient.objects.select_for_update(no_key=True).get(pk=patient.pk)
    words = clean_line(words or "", most=200, field="words")
    found = RefillCall.objects.filter(patient=patient, done_at=None).first()
    if found is not None:
        return found
    call = RefillCall.objects.create(patient=patient, asked_at=clock.now(), taken_by=by, words=words)
    prescribers = [m.user for m in members().filter(patient=patient, role="prescriber").select_related("user")]
    inbox.ask(
        "refills.call", sentence="Asks for a call about a refill.", purpose=f"refill-call:{call.pk}",
        patient_id=patient.pk, users=prescribers, object_id=call.pk, by=by,
    )  # fmt: skip
    audit.record(Kind.CREATED, by=by, on=call, what="refills.ask_for_call")
    return call


@transaction.atomic
def call_done(call: RefillCall, *, by: "User") -> RefillCall:
    """The patient was called."""
    call = RefillCall.objects.select_for_update().get(pk=call.pk)
    if call.done_at is None:
        call.done_at, call.done_by = clock.now(), by
        call.save(update_fields=["done_at", "done_by"])
        audit.record(Kind.CHANGED, by=by, on=call, what="refills.call_done")
    inbox.finish(f"refill-call:{call.pk}", by=by, outcome="called")
    return call


def usual_supply(request: RefillRequest) -> Supply:
    """What the last authorisation of this prescription gave, with as many refills; else the practice's usual days."""
    last = request.prescription.authorisations.order_by("-issued_at").first()
    if last is not None:
        return Supply(last.quantity, last.days_supply, last.refills)
    order = current_order(request.prescription)
    if order is None:
        raise Refused("There is no dose to dispense. Prescribe one first.")
    days = int(config.value("refill_default_days", practice_today()))
    per_day = units_per_day(order.lines, order.every_days, order.max_per_day if order.as_needed else None)
    return Supply(quantity_for(days, per_day), days, 0)


def _locked(request: RefillRequest) -> RefillRequest:
    Patient.objects.select_for_update(no_key=True).get(pk=request.patient_id)  # the patient first, as prescribing does
    rows = RefillRequest.objects.select_for_update(of=("self",)).select_related(
        "patient", "prescription__drug", "prescription__prescriber", "decided_by"
    )
    return rows.get(pk=request.pk)


def _renew(request: RefillRequest) -> None:
    """The gates as they are at this moment: a flag raised since the night counts."""
    found = queries.running(practice_today(), only=[request.prescription_id])
    if not found:
        raise Refused("This order has ended or was entered in error. Reload the desk.")
    request.gates = [gate.stored() for gate in gates.answers(found[0].facts)]


def _seen_since(bridged: RefillRequest) -> bool:
    found = queries.running(practice_today(), only=[bridged.prescription_id])
    last = found[0].facts.last_seen if found else None
    return bool(last and bridged.decided_at and last >= bridged.decided_at.date())


def _decide(request: RefillRequest, by: "User", what: str) -> None:
    request.decided_at, request.decided_by = clock.now(), by
    request.save()
    audit.record(Kind.SIGNED, by=by, on=request, what=what, why=request.reason)
    name = request.prescription.drug.generic_name if request.prescription.drug else ""
    timeline.note(
        request.patient_id, EntryKind.REFILL, on=request, occurred_at=request.decided_at,
        label=f"refill of {name} {request.state}", by=by, series=name,
    )  # fmt: skip
    prescriber = request.prescription.prescriber
    left = RefillRequest.objects.filter(state="requested", prescription__prescriber=prescriber).exists()
    if prescriber and not left:
        inbox.finish(f"refills:{prescriber.pk}", by=by, outcome="desk clear")
