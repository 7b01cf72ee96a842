"""A prescriber's decision: refill, bridge, new prescription, no. One transaction each, once a request."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from django.db import transaction

from clinic import clock
from clinic.audit import actions as audit
from clinic.audit.enums import Kind
from clinic.practice import config
from clinic.refusal import Conflict, Refused, check
from medications.pharmacies.enums import UNDO
from medications.prescribing import actions as prescribing
from medications.prescribing import remainders
from medications.prescribing import rules as prescribing_rules
from medications.prescribing.actions import Override, Supply
from medications.prescribing.models import DoseOrder
from medications.prescribing.queries import practice_today
from medications.refills import gates, queries, rules
from medications.refills.actions.asking import reply
from medications.refills.actions.opening import close_clear_desks
from medications.refills.models import RefillRequest
from medications.refills.queries import Running
from patients.record.calc import clean_line
from patients.record.models import Patient
from patients.scheduling.messages import send_note
from patients.timeline import actions as timeline
from patients.timeline.enums import EntryKind

if TYPE_CHECKING:
    from clinic.staff.models import User

FEWER_DAYS = "supply.risk"  # the finding that asks for fewer days while a risk is open (R-SI-04)
FIELDS = {f"answer:{FEWER_DAYS}": "reason:risk", "answer:schedule.refills": "refills"}  # prescribing's to the desk's
BRIDGE_FIELDS = FIELDS | {"days": "bridge_days", "quantity": "bridge_days"}
NO_REASONS: Mapping[str, str] = {}
MOST_REASON = 300


@transaction.atomic
def approve(
    request: RefillRequest, *, supply: Supply | None = None, reasons: Mapping[str, str] | None = None, by: "User"
) -> RefillRequest:
    """Sign the refill: a new authorisation of the dose in force, and a neutral message to the patient.

    `supply`: as last time where it is not given. `reasons`: by gate, for each that asks. Raises Refused by the gates
    and by prescribing (R-RX-01, R-RX-03, R-SI-04), Conflict if it was decided or is not due any more.
    """
    request, now = as_it_is(request, by)
    supply = supply or usual_supply(now)
    _gates(request, now.gates(supply.days), reasons)
    return _signed(request, supply, "approved", "refills.approve", by)


@transaction.atomic
def bridge(request: RefillRequest, *, days: int, reasons: Mapping[str, str] | None = None, by: "User") -> RefillRequest:
    """Sign a short supply without refills, once until a visit; again only with a reason (R-RX-13)."""
    request, now = as_it_is(request, by)
    answers = now.gates(days)
    if last := queries.bridged(request, now.facts.last_seen):
        answers.append(gates.bridged_before(last).stored())
    _gates(request, answers, reasons)
    return _signed(request, supply_for(now.order, days), "bridged", "refills.bridge", by)


@transaction.atomic
def anew(
    request: RefillRequest, *, supply: Supply, reasons: Mapping[str, str] | None = None, by: "User"
) -> RefillRequest:
    """Sign a new prescription of the same dose for what has no refills: Schedule II (R-RX-01)."""
    request, now = as_it_is(request, by)
    check(rules.anew, now.facts.schedule, supply.refills)
    _gates(request, now.gates(supply.days), reasons, new=True)
    return _signed(request, supply, "approved", "refills.anew", by)


@transaction.atomic
def decline(request: RefillRequest, *, reason: str, told_patient: str, by: "User") -> RefillRequest:
    """Say no, with the reason for the team and the words for the patient, who is asked to call."""
    request = _locked(request, by)
    reason = clean_line(reason or "", most=500, field="reason")
    told = clean_line(told_patient or "", most=300, field="told_patient")
    check(rules.decline, reason, told)
    request.state, request.reason, request.told_patient = "declined", reason, told
    _decide(request, "refills.decline", by)
    return request


def usual_supply(now: Running) -> Supply:
    """What the last authorisation of this dose gave, bridges and titration packs left out; else the usual days.

    While steps of a titration pack are still to begin: the usual days, with the steps that fall into them.
    """
    mine = [one for one in now.authorisations if one.order_id == now.order.pk and not one.bridge and not one.directions]
    last = mine[-1] if mine else None
    if last is not None and not remainders.ahead(now.order, now.facts.today):
        return Supply(last.quantity, last.days_supply, last.refills)
    return supply_for(now.order, int(config.value("refill_default_days", practice_today())))


def supply_for(order: DoseOrder, days: int) -> Supply:
    """What so many days of the dose need, with the steps of a titration pack that begin in them; without refills."""
    if not 1 <= days <= prescribing_rules.MOST_DAYS_SUPPLY:
        raise Refused(f"Days’ supply: 1 to {prescribing_rules.MOST_DAYS_SUPPLY}.", field="days")
    steps = remainders.reached(order, practice_today(), days)
    return Supply(remainders.quantity(order, steps, days), days, 0)


def _locked(request: RefillRequest, by: "User") -> RefillRequest:
    """The request as it is now, locked, still to be decided, by somebody who may."""
    Patient.objects.select_for_update(no_key=True).get(pk=request.patient_id)  # the patient first, as prescribing does
    rows = RefillRequest.objects.select_for_update(of=("self",)).select_related(
        "patient", "prescription__drug", "decided_by"
    )
    found = rows.get(pk=request.pk)
    check(prescribing_rules.prescribe, by, found.patient_id)
    if sentence := rules.open_request(found):
        raise Conflict(sentence)
    return found


def as_it_is(request: RefillRequest, by: "User") -> tuple[RefillRequest, Running]:
    """The locked request with its prescription at this moment: a flag raised since the night counts, a stop too."""
    found = _locked(request, by)
    now = queries.by_prescription([found], practice_today()).get(found.prescription_id)
    if now is None or not (now.due or now.facts.on_hold or queries.asked_for([found.prescription_id])):
        raise Conflict(rules.NOT_DUE)
    return found, now


def _gates(
    request: RefillRequest, answers: list[dict[str, str]], reasons: Mapping[str, str] | None, *, new: bool = False
) -> None:
    """Check the gates against the reasons and keep both."""
    said = {
        gate: clean_line(words or "", most=MOST_REASON, field=f"reason:{gate}")
        for gate, words in (reasons or NO_REASONS).items()
    }
    check(rules.sign, answers, said, anew=new)
    for gate in gates.against(answers):
        gate["reason"] = said[gate["gate"]]
    request.gates = answers
    words = " · ".join(dict.fromkeys(gate["reason"] for gate in gates.against(answers)))
    request.reason = words if len(words) <= 500 else f"{words[:499]}…"  # each is kept whole in its gate


def _signed(request: RefillRequest, supply: Supply, state: str, what: str, by: "User") -> RefillRequest:
    why = next((gate["reason"] for gate in gates.against(request.gates) if gate["gate"] == "risk"), "")
    try:
        request.authorisation = prescribing.authorise(
            request.prescription, supply=supply, bridge=state == "bridged",
            answers={FEWER_DAYS: Override("other", why)} if why else {}, by=by,
        )  # fmt: skip
    except Refused as refused:
        names = BRIDGE_FIELDS if state == "bridged" else FIELDS
        raise Refused(refused.sentence, field=names.get(refused.field, refused.field)) from None
    request.state = state
    _decide(request, what, by)
    return request


def _decide(request: RefillRequest, what: str, by: "User") -> None:
    """Write the decision: the request, the audit, the patient's story, the message, the tasks."""
    request.decided_at, request.decided_by = clock.now(), by
    request.save()
    audit.record(Kind.SIGNED, by=by, on=request, what=what, why=request.reason)
    name = request.prescription.drug.generic_name if request.prescription.drug else ""
    timeline.note(
        request.patient_id, EntryKind.REFILL, on=request, occurred_at=request.decided_at,
        label=f"refill of {name} {request.state}", by=by, series=name,
    )  # fmt: skip
    send_note(request.patient, key=f"refill:{request.pk}", by=by, wait=UNDO)
    reply(request, by=by)
    close_clear_desks(by=by)
