"""A prescriber decides once: one transaction writes authorisation, message, story and audit."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from clinic import clock
from clinic.audit.models import AuditEvent
from clinic.outbox.models import OutboxItem
from clinic.refusal import Conflict
from clinic.staff.models import User
from medications.prescribing import actions as prescribing
from medications.prescribing.actions import Supply
from medications.prescribing.models import Authorisation, Prescription, StoredFinding
from medications.refills import actions
from medications.refills.models import RefillRequest
from patients.inbox.models import Task
from patients.risk.models import RiskFlag
from patients.timeline.models import Entry
from tests.cast import Cast, on_team
from tests.medications.prescribing.given import changed, regimen, supply
from tests.medications.refills.given import (
    DUE,
    LATER,
    WHY,
    all_clear,
    day,
    live,
    moment,
    numbers,
    opened,
    refused,
    running_out,
)

UNKNOWN = "Nothing is due here any more: the order ended, changed or got a supply meanwhile. Reload the desk."


def asked(cast: Cast, **more: Any) -> RefillRequest:
    """Sertraline that runs out, nothing against it."""
    order = running_out(cast.ana, cast.priya, **more)
    all_clear(cast)
    return opened(order)


def test_approving_writes_everything_once(cast: Cast) -> None:
    request = asked(cast)
    before = live(request)
    with clock.at(LATER):
        done = actions.approve(request, by=cast.priya)
    new = live(request)
    assert numbers(request) == ("30", 30, 0, False)
    assert (new.order_id, new.issued_by) == (before.order_id, cast.priya)
    before.refresh_from_db()
    assert before.voided_at == LATER
    request.refresh_from_db()
    assert (request.state, request.authorisation, request.decided_by, request.decided_at) == (
        "approved", new, cast.priya, LATER,
    )  # fmt: skip
    assert (done.pk, request.reason) == (request.pk, "")
    item = OutboxItem.objects.get(purpose=f"note:refill:{request.pk}")
    assert (item.kind, item.patient_id, set(item.args)) == ("patient.message", cast.ana.pk, {"asked", "by"})
    entry = Entry.objects.get(kind="refill")
    assert (entry.label, entry.by, entry.occurred_at) == ("refill of sertraline approved", cast.priya, LATER)
    event = AuditEvent.objects.get(what="refills.approve")
    assert (event.kind, event.object_id, event.patient_id, event.actor_id) == (
        "signed", request.pk, cast.ana.pk, cast.priya.pk,
    )  # fmt: skip
    assert Task.objects.filter(kind="refills.desk", done_at=None).count() == 0


def test_if_one_part_fails_nothing_is_written(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    request = asked(cast)
    before = live(request)

    def fails(*args: Any, **kwargs: Any) -> None:
        raise RuntimeError

    monkeypatch.setattr("medications.refills.actions.deciding.send_note", fails)
    with pytest.raises(RuntimeError):
        actions.approve(request, by=cast.priya)
    request.refresh_from_db()
    assert (request.state, live(request)) == ("requested", before)
    assert (Entry.objects.filter(kind="refill").count(), AuditEvent.objects.filter(what="refills.approve").count()) == (
        0, 0,
    )  # fmt: skip


def test_each_gate_that_asks_needs_its_reason_r_rx_12(cast: Cast) -> None:
    request = opened(running_out(cast.ana, cast.priya))
    sentence = "No visit with a prescriber is on record. Write your reason, then sign."
    with refused(sentence):
        actions.approve(request, by=cast.priya)
    with refused("No next visit with a prescriber is booked. Write your reason, then sign."):
        actions.approve(request, reasons={"seen": WHY["seen"], "booked": " "}, by=cast.priya)
    actions.approve(request, reasons={"seen": WHY["seen"], "booked": WHY["booked"], "risk": "not asked"}, by=cast.priya)
    request.refresh_from_db()
    assert request.reason == "Seen by telephone. · Books on Monday."
    assert {gate["gate"]: gate["reason"] for gate in request.gates if "reason" in gate} == {
        "seen": "Seen by telephone.", "booked": "Books on Monday.",
    }  # fmt: skip
    assert AuditEvent.objects.get(what="refills.approve").why == request.reason


def test_long_reasons_are_kept_whole_in_their_gates(cast: Cast) -> None:
    request = opened(running_out(cast.ana, cast.priya))
    reasons = {"seen": "s" * 300, "booked": "b" * 300}
    actions.approve(request, reasons=reasons, by=cast.priya)
    request.refresh_from_db()
    assert {gate["gate"]: gate["reason"] for gate in request.gates if "reason" in gate} == reasons
    assert (len(request.reason), request.reason[-1]) == (500, "…")


def test_a_flag_raised_since_the_night_asks_at_the_signature(cast: Cast) -> None:
    request = asked(cast)
    RiskFlag.objects.create(patient=cast.ana, source="clinician", sentence="Said so.", raised_at=DUE)
    with refused("A risk flag is open. Say why the supply is safe."):
        actions.approve(request, by=cast.priya)
    actions.approve(request, reasons={"risk": WHY["risk"]}, by=cast.priya)


def test_a_gate_answers_for_the_supply_that_is_signed(cast: Cast) -> None:
    """A change of dose in forty days is inside ninety days of supply, not inside thirty."""
    request = asked(cast)
    changed(request.prescription, by=cast.priya, supply=None, from_day=day(62), strength=100)
    now = opened_again(request)
    with refused("A signed change of dose comes in 42 days, inside this supply"):
        actions.approve(now, supply=supply(90, 90), reasons={"dose": WHY["dose"]}, by=cast.priya)
    actions.approve(now, supply=supply(30, 30), reasons={"dose": WHY["dose"]}, by=cast.priya)


def opened_again(request: RefillRequest) -> RefillRequest:
    actions.open_due()
    return RefillRequest.objects.get(prescription=request.prescription, state="requested")


def test_dangerous_in_overdose_while_a_risk_is_open_r_si_04(cast: Cast) -> None:
    """Fourteen days at most, or a reason, which is stored with the finding of prescribing's own check."""
    request = asked(cast, regimen=regimen("lithium", 300, "2"), supply=supply(60))
    RiskFlag.objects.create(patient=cast.ana, source="clinician", sentence="Said so.", raised_at=DUE)
    with refused("14 days at most, or a reason"):
        actions.approve(request, by=cast.priya)
    actions.approve(request, reasons={"risk": WHY["risk"]}, by=cast.priya)
    finding = StoredFinding.objects.get(code="supply.risk")
    assert (finding.rule_id, finding.override_words) == ("R-SI-04", WHY["risk"])


def test_schedule_ii_is_refused_as_refill_and_as_bridge_r_rx_01(cast: Cast) -> None:
    order = running_out(cast.ana, cast.priya, regimen=regimen("methylphenidate", 10))
    all_clear(cast)
    request = opened(order, moment(28))
    with clock.at(moment(28)):
        tries: list[Callable[[], object]] = [
            lambda: actions.approve(request, by=cast.priya),
            lambda: actions.bridge(request, days=7, by=cast.priya),
        ]
        for do in tries:
            with refused("Schedule II has no refills: write a new prescription."):
                do()
        with refused("Schedule II has no refills."):
            actions.anew(request, supply=supply(refills=1), by=cast.priya)
        actions.anew(request, supply=supply(30, 30), by=cast.priya)
    assert (live(request).refills, live(request).schedule) == (0, "II")
    request.refresh_from_db()
    assert (request.state, AuditEvent.objects.filter(what="refills.anew").count()) == ("approved", 1)


def test_what_is_refilled_is_not_prescribed_anew(cast: Cast) -> None:
    with refused("This is refilled, not prescribed anew."):
        actions.anew(asked(cast), supply=supply(), by=cast.priya)


def test_schedule_iv_has_five_refills_at_most_r_rx_03(cast: Cast) -> None:
    request = asked(cast, regimen=regimen("lorazepam", "0.5"))
    early = {"early": WHY["early"]}
    with refused("five refills") as caught:
        actions.approve(request, supply=supply(refills=6), reasons=early, by=cast.priya)
    assert caught.value.field == "refills"
    actions.approve(request, supply=supply(refills=5), reasons=early, by=cast.priya)
    assert live(request).expires_on is not None


def test_on_hold_nothing_is_dispensed(cast: Cast) -> None:
    request = asked(cast)
    prescribing.hold(request.prescription, reason="Rash.", by=cast.priya)
    with refused("It is on hold: nothing is dispensed. Resume it first."):
        actions.approve(request, by=cast.priya)


def test_the_usual_supply_is_of_the_dose_in_force(cast: Cast) -> None:
    """After a change from one tablet a day to two, thirty tablets would last fifteen days."""
    order = running_out(cast.ana, cast.priya)
    all_clear(cast)
    with clock.at(moment(10)):
        change = changed(order.prescription, by=cast.priya, regimen=regimen("sertraline", 50, "2"), supply=None)
    request = opened(change)
    actions.approve(request, reasons={"dose": WHY["dose"]}, by=cast.priya)
    assert (*numbers(request), live(request).order) == ("60", 30, 0, False, change)


def test_declining_tells_the_team_why_and_the_patient_something(cast: Cast) -> None:
    request = opened(running_out(cast.ana, cast.priya))
    before = live(request)
    with refused("Write why, in a line"):
        actions.decline(request, reason="\u200b ", told_patient="Come in first.", by=cast.priya)
    with refused("Write what the patient is told."):
        actions.decline(request, reason="Not seen.", told_patient="", by=cast.priya)
    actions.decline(request, reason="Not seen since May.", told_patient="Come in first.", by=cast.priya)
    request.refresh_from_db()
    assert (request.state, request.reason, request.told_patient, request.authorisation) == (
        "declined", "Not seen since May.", "Come in first.", None,
    )  # fmt: skip
    assert live(request) == before
    assert OutboxItem.objects.filter(purpose=f"note:refill:{request.pk}").count() == 1
    assert Entry.objects.get(kind="refill").label == "refill of sertraline declined"


@pytest.mark.parametrize("name", ["tess", "fran", "paul", "sam", "max"])
def test_only_a_prescriber_of_the_care_team_decides_r_rx_05(cast: Cast, name: str) -> None:
    request = asked(cast)
    tries: list[Callable[[User], object]] = [
        lambda by: actions.approve(request, by=by),
        lambda by: actions.bridge(request, days=7, by=by),
        lambda by: actions.anew(request, supply=Supply(Decimal(30), 30), by=by),
        lambda by: actions.decline(request, reason="No.", told_patient="Call.", by=by),
    ]
    for do in tries:
        with refused("Only a prescriber on the care team can sign this."):
            do(getattr(cast, name))
    request.refresh_from_db()
    assert request.state == "requested"


def test_decided_once(cast: Cast) -> None:
    on_team(cast.ana, cast.paul, "prescriber")
    request = asked(cast)
    actions.approve(request, by=cast.priya)
    tries: list[Callable[[], object]] = [
        lambda: actions.approve(request, by=cast.paul),
        lambda: actions.approve(request, by=cast.priya),
        lambda: actions.bridge(request, days=7, by=cast.paul),
        lambda: actions.decline(request, reason="No.", told_patient="Call.", by=cast.paul),
    ]
    for do in tries:
        with pytest.raises(Conflict, match=r"This was approved by Priya Raman already\. Reload the desk\."):
            do()
    assert Authorisation.objects.filter(voided_at=None).count() == 1
    assert OutboxItem.objects.filter(purpose__startswith="note:refill").count() == 1


CHANGES: dict[str, Callable[[Prescription, User], object]] = {
    "stopped": lambda row, by: prescribing.stop(row, reason="Rash.", by=by),
    "changed": lambda row, by: changed(row, by=by),
    "supplied": lambda row, by: prescribing.authorise(row, supply=supply(), by=by),
}


@pytest.mark.parametrize("what", CHANGES)
def test_what_is_not_due_any_more_is_not_signed(cast: Cast, what: str) -> None:
    """Stopped, changed with a supply, or supplied from elsewhere since the night."""
    order = running_out(cast.ana, cast.priya)
    request = opened(order)
    with clock.at(LATER):
        CHANGES[what](order.prescription, cast.priya)
        with pytest.raises(Conflict) as caught:
            actions.approve(request, reasons=WHY, by=cast.priya)
        assert caught.value.sentence == UNKNOWN
        actions.open_due()
        request.refresh_from_db()
        assert request.state == "withdrawn"
        with pytest.raises(Conflict) as caught:
            actions.decline(request, reason="No.", told_patient="Call.", by=cast.priya)
        assert caught.value.sentence == UNKNOWN
