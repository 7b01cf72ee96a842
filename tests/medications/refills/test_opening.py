"""R-RX-11: the nightly job opens what is due, once, with every gate answered; it never approves."""

from typing import Any

import pytest
from django.db import OperationalError, connection

from clinic import clock
from clinic.audit.models import AuditEvent
from clinic.outbox.models import OutboxItem
from clinic.practice.models import Setting
from medications.prescribing import actions as prescribing
from medications.prescribing.models import Authorisation, Prescription
from medications.refills import actions, tasks
from medications.refills.actions import opening
from medications.refills.models import RefillRequest
from patients.inbox.models import Task
from patients.notes import actions as notes
from patients.record.models import CareTeamMember
from patients.risk.models import RiskFlag
from patients.scheduling import actions as scheduling
from patients.scheduling.models import Booking, Segment
from tests.cast import Cast, at, on_team, patient
from tests.medications.prescribing.given import Whatever, changed, regimen, supply
from tests.medications.refills.given import (
    DUE,
    START,
    all_clear,
    answer,
    booked,
    day,
    filled,
    moment,
    opened,
    running_out,
    seen,
)

MED = ("interval", "medicines", "mental_status", "assessment", "plan")


def states() -> list[str]:
    return list(RefillRequest.objects.order_by("opened_at").values_list("state", flat=True))


def test_opens_on_the_tenth_day_before_the_end_and_not_a_day_earlier(cast: Cast) -> None:
    order = running_out(cast.ana, cast.priya)
    assert actions.open_due(day(19)) == {"opened": 0, "renewed": 0, "withdrawn": 0}
    assert actions.open_due(day(20)) == {"opened": 1, "renewed": 0, "withdrawn": 0}
    request = RefillRequest.objects.get()
    assert (request.prescription_id, request.patient_id) == (order.prescription_id, cast.ana.pk)
    assert (request.state, request.source, request.opened_by) == ("requested", "job", None)
    assert (request.supply_end, request.authorised_end, request.fills_confirmed) == (day(30), day(30), False)
    assert [gate["gate"] for gate in request.gates] == [
        "order", "taken", "schedule", "dose", "seen", "booked", "monitoring", "risk", "change", "early", "fills"
    ]  # fmt: skip
    assert AuditEvent.objects.filter(what="refills.open", object_id=request.pk, actor_id=None).count() == 1


def test_refills_that_are_left_are_used_up_first(cast: Cast) -> None:
    order = running_out(cast.ana, cast.priya, supply=supply(refills=2))
    filled(order, 0, by=cast.priya)
    filled(order, 30, by=cast.priya)
    assert actions.open_due(day(79))["opened"] == 0
    assert actions.open_due(day(80))["opened"] == 1
    request = RefillRequest.objects.get()
    assert (request.supply_end, request.authorised_end, request.fills_confirmed) == (day(60), day(90), True)


def test_the_box_of_an_older_dose_does_not_count(cast: Cast) -> None:
    order = running_out(cast.ana, cast.priya)
    filled(order, 0, by=cast.priya)
    with clock.at(moment(10)):
        changed(order.prescription, by=cast.priya)
    assert actions.open_due(day(29))["opened"] == 0
    assert actions.open_due(day(30))["opened"] == 1
    assert RefillRequest.objects.get().supply_end == day(40)


def test_a_box_had_before_the_first_day_lasts_from_the_first_day(cast: Cast) -> None:
    order = running_out(cast.ana, cast.priya, from_day=day(7))
    filled(order, 1, by=cast.priya)
    assert actions.open_due(day(26))["opened"] == 0
    assert actions.open_due(day(27))["opened"] == 1
    assert RefillRequest.objects.get().fills_confirmed


def test_a_booked_visit_and_a_signed_note_answer_their_gates(cast: Cast) -> None:
    """Booked, not cancelled; seen by a note that is signed and stands, also without a booking."""
    order = running_out(cast.ana, cast.priya)
    row = booked(cast, "2026-04-06 10:00", patient=cast.ana, with_=cast.priya)
    with clock.at(moment(14)):
        note = notes.begin(cast.ana, kind="medication", by=cast.priya)
        notes.save(note, parts=dict.fromkeys(MED, "Said."), based_on=0, by=cast.priya)
    assert [answer(opened(order), gate) for gate in ("seen", "booked")] == ["ask", "in_order"]
    with clock.at(moment(14, "09:30")):
        notes.sign(note, by=cast.priya)
    with clock.at(DUE):
        scheduling.cancel(Booking.objects.get(segments__attendances=row), reason="patient_asked", by=cast.fran)
    assert [answer(opened(order), gate) for gate in ("seen", "booked")] == ["in_order", "ask"]
    notes.retract(note, reason="wrong chart", by=cast.priya)
    assert answer(opened(order), "seen") == "ask"


def test_a_hold_in_mid_supply_puts_the_opening_off(cast: Cast) -> None:
    order = running_out(cast.ana, cast.priya)
    with clock.at(moment(5)):
        prescribing.hold(order.prescription, reason="Rash.", by=cast.priya)
    with clock.at(moment(12)):
        prescribing.resume(order.prescription, by=cast.priya)
    assert actions.open_due(day(26))["opened"] == 0
    assert actions.open_due(day(27))["opened"] == 1
    assert RefillRequest.objects.get().supply_end == day(37)


def test_nothing_is_opened_on_hold_or_for_what_stops(cast: Cast) -> None:
    order = running_out(cast.ana, cast.priya)
    held = running_out(cast.ben, cast.paul)
    with clock.at(moment(15)):
        prescribing.stop(order.prescription, on=day(40), reason="Tapered.", answers=Whatever(), by=cast.priya)
        prescribing.hold(held.prescription, reason="Rash.", by=cast.paul)
    assert actions.open_due(day(25)) == {"opened": 0, "renewed": 0, "withdrawn": 0}


def test_schedule_ii_is_asked_seven_days_before_for_a_new_prescription_r_rx_01(cast: Cast) -> None:
    running_out(cast.ana, cast.priya, regimen=regimen("methylphenidate", 10))
    assert actions.open_due(day(22))["opened"] == 0
    assert actions.open_due(day(23))["opened"] == 1
    assert answer(RefillRequest.objects.get(), "schedule") == "refuse"


def test_the_lead_is_the_practices(cast: Cast) -> None:
    running_out(cast.ana, cast.priya)
    Setting.objects.create(key="refill_lead_days", value=15, effective_from=START, set_at=DUE, set_by=cast.max)
    assert (actions.open_due(day(14))["opened"], actions.open_due(day(15))["opened"]) == (0, 1)


def test_run_twice_it_leaves_the_same_rows_with_fresh_answers(cast: Cast) -> None:
    order = running_out(cast.ana, cast.priya)
    request = opened(order)
    assert answer(request, "seen") == "ask"
    seen(cast, "2026-03-23 10:00", patient=cast.ana, with_=cast.priya)
    with clock.at(moment(22)):
        assert actions.open_due() == {"opened": 0, "renewed": 1, "withdrawn": 0}
    request.refresh_from_db()
    assert (answer(request, "seen"), request.opened_at, request.answered_at) == ("in_order", DUE, moment(22))
    assert (RefillRequest.objects.count(), Task.objects.filter(kind="refills.desk").count()) == (1, 1)


@pytest.mark.parametrize(("at", "whole"), [("answer", 0), ("_ask", 2)])
def test_killed_in_between_and_run_again_it_leaves_the_same_rows(
    transactional_db: None, cast: Cast, monkeypatch: pytest.MonkeyPatch, at: str, whole: int
) -> None:
    """In a batch, or after it: what it had done in whole batches stays done."""
    running_out(cast.ana, cast.priya)
    running_out(cast.ben, cast.paul)

    def killed(*_: object) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")

    with monkeypatch.context() as patch:
        patch.setattr(opening, at, killed)
        with pytest.raises(OperationalError):
            actions.open_due()
    connection.close()
    assert RefillRequest.objects.count() == whole
    assert actions.open_due() == {"opened": 2 - whole, "renewed": whole, "withdrawn": 0}
    assert (states(), Task.objects.filter(kind="refills.desk").count()) == (["requested"] * 2, 2)


def test_a_change_of_dose_with_its_supply_withdraws_the_request(cast: Cast) -> None:
    order = running_out(cast.ana, cast.priya)
    request = opened(order)
    with clock.at(moment(21)):
        changed(order.prescription, by=cast.priya)
    with clock.at(moment(22)):
        assert actions.open_due() == {"opened": 0, "renewed": 0, "withdrawn": 1}
    request.refresh_from_db()
    assert (request.state, request.decided_by, request.decided_at) == ("withdrawn", None, moment(22))
    assert Task.objects.filter(kind="refills.desk", done_at=None).count() == 0


def test_a_change_of_dose_without_a_supply_asks_for_one(cast: Cast) -> None:
    order = running_out(cast.ana, cast.priya)
    with clock.at(moment(5)):
        changed(order.prescription, by=cast.priya, supply=None)
        assert actions.open_due()["opened"] == 1
    assert answer(RefillRequest.objects.get(), "dose") == "ask"


def test_a_change_to_come_that_brings_its_supply_leaves_the_desk_alone(cast: Cast) -> None:
    order = running_out(cast.ana, cast.priya)
    with clock.at(moment(15)):
        changed(order.prescription, by=cast.priya, from_day=day(28))
    assert actions.open_due(day(21))["opened"] == 0


def test_a_stop_withdraws_the_request(cast: Cast) -> None:
    order = running_out(cast.ana, cast.priya)
    opened(order)
    with clock.at(moment(21)):
        prescribing.stop(order.prescription, reason="Side effects.", by=cast.priya)
        assert actions.open_due()["withdrawn"] == 1
    assert states() == ["withdrawn"]


def test_after_an_approval_nobody_is_asked_before_the_new_supply_ends(cast: Cast) -> None:
    order = running_out(cast.ana, cast.priya)
    all_clear(cast)
    actions.approve(opened(order), by=cast.priya)
    for number in range(21, 50):
        assert actions.open_due(day(number))["opened"] == 0, number
    assert actions.open_due(day(50))["opened"] == 1


def test_it_never_approves_r_rx_11(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """No path of the job reaches a signature: with all of them made to fail it does its whole work."""

    def signs(*args: Any, **kwargs: Any) -> None:
        raise AssertionError("a job signed")

    order = running_out(cast.ana, cast.priya)
    running_out(cast.ben, cast.paul, regimen=regimen("methylphenidate", 10))
    all_clear(cast)
    for name in ("approve", "bridge", "anew", "decline"):
        monkeypatch.setattr(f"medications.refills.actions.{name}", signs)
        monkeypatch.setattr(f"medications.refills.actions.deciding.{name}", signs)
    monkeypatch.setattr("medications.prescribing.actions.authorise", signs)
    monkeypatch.setattr("medications.prescribing.actions.supplying.issue", signs)
    before = list(Authorisation.objects.order_by("pk").values())
    for number in (20, 23, 30, 60, 200):
        with clock.at(moment(number)):
            tasks.open_due()
    assert list(Authorisation.objects.order_by("pk").values()) == before
    rows = RefillRequest.objects.all()
    assert {(row.state, row.decided_by, row.authorisation) for row in rows} == {("requested", None, None)}
    assert OutboxItem.objects.filter(purpose__startswith="note:refill").count() == 0
    assert order.prescription.refill_requests.count() == 1


def test_every_prescriber_on_the_team_is_asked_once_and_nobody_else(cast: Cast) -> None:
    for user in (cast.paul, cast.theo):  # Theo is no prescriber
        CareTeamMember.objects.create(
            patient=cast.ana, user=user, role="cover", starts_at=moment(1), ends_at=moment(60)
        )
    running_out(cast.ana, cast.priya)
    with clock.at(DUE):
        actions.open_due()
        actions.open_due()
    found = Task.objects.filter(kind="refills.desk", done_at=None).order_by("for_user__given_name")
    assert [(task.for_user_id, task.patient_id) for task in found] == [(cast.paul.pk, None), (cast.priya.pk, None)]


def test_seen_is_any_prescriber_not_on_the_telephone_and_not_the_therapist(cast: Cast) -> None:
    order = running_out(cast.ana, cast.priya)
    seen(cast, "2026-03-10 09:00", patient=cast.ana, with_=cast.tess, service="therapy")
    seen(cast, "2026-03-11 09:00", patient=cast.ana, with_=cast.priya, service="telephone")
    assert answer(opened(order), "seen") == "ask"
    late = seen(cast, "2026-03-23 16:00", patient=cast.ana, with_=cast.paul)
    Segment.objects.filter(pk=late.segment_id).update(  # already the next day in London
        starts_at=at("2026-03-23 17:30"), ends_at=at("2026-03-23 18:00")
    )
    with clock.at(at("2026-03-23 19:00")):
        actions.open_due()
    gate = next(one for one in RefillRequest.objects.get().gates if one["gate"] == "seen")
    assert (gate["answer"], gate["sentence"]) == ("in_order", "Seen today.")


def test_an_open_risk_flag_and_an_overdose_that_is_dangerous_r_si_04(cast: Cast) -> None:
    order = running_out(cast.ana, cast.priya, regimen=regimen("lithium", 300, "2"), supply=supply(60))
    RiskFlag.objects.create(patient=cast.ana, source="clinician", sentence="Said so.", raised_at=DUE)
    gate = next(one for one in opened(order).gates if one["gate"] == "risk")
    assert (gate["answer"], gate["rule"]) == ("ask", "R-SI-04")


def test_what_was_entered_in_error_is_not_asked_for(cast: Cast) -> None:
    order = running_out(cast.ana, cast.priya)
    opened(order)
    prescribing.retract_order(order, reason="Wrong chart.", by=cast.priya)
    assert Prescription.objects.get().retracted_at is not None
    assert actions.open_due()["withdrawn"] == 1


@pytest.mark.parametrize("number", [1, 12])
def test_the_queries_do_not_grow(cast: Cast, django_assert_num_queries: Any, number: int) -> None:
    for index in range(number):
        prescription_of(cast, index)
    with clock.at(DUE), django_assert_num_queries(29):
        assert actions.open_due()["opened"] == number


def prescription_of(cast: Cast, index: int) -> None:
    someone = patient(500 + index, f"P{index}", "Test", cast.site)
    on_team(someone, cast.priya, "prescriber")
    running_out(someone, cast.priya)


def test_a_lost_supply_brings_the_request_forward_until_it_is_replaced(cast: Cast) -> None:
    order = running_out(cast.ana, cast.priya)
    filled(order, 0, by=cast.priya)
    with clock.at(moment(6)):
        assert actions.open_due()["opened"] == 0
        prescribing.record_loss(order.prescription, lost_on=day(5), reason="Left on the bus.", by=cast.tess)
        assert actions.open_due()["opened"] == 1
    row = RefillRequest.objects.get()
    assert row.supply_end == day(5)
    assert [gate["sentence"] for gate in row.gates if gate["gate"] == "fills"] == [
        "Counted from the fills that were told. A supply was told as lost on Mar 7."
    ]
    filled(order, 7, by=cast.priya)
    with clock.at(moment(8)):
        assert actions.open_due()["withdrawn"] == 1
