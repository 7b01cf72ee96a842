"""A pharmacy asks for a refill: noted by the care team, triaged as any other, kept at the desk until it is decided."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from clinic import clock
from clinic.refusal import Conflict, Refused
from medications.pharmacies.models import Pharmacy
from medications.prescribing import actions as prescribing
from medications.prescribing.models import DoseOrder
from medications.refills import actions, pages, queries
from medications.refills.models import PharmacyAsk, RefillRequest
from patients.inbox.models import Task
from tests.cast import Cast, client
from tests.medications.pharmacies.given import pharmacy
from tests.medications.prescribing.given import supply
from tests.medications.refills.given import WHY, all_clear, answer, day, moment, running_out


@pytest.fixture
def order(cast: Cast) -> DoseOrder:
    return running_out(cast.ana, cast.priya)


@pytest.fixture
def alder(cast: Cast) -> Pharmacy:
    return pharmacy(cast.max, name="Alder Pharmacy", phone="503-555-0142")


def asked(order: DoseOrder, who: Pharmacy, cast: Cast, on: int = 3) -> RefillRequest:
    with clock.at(moment(on)):
        return actions.pharmacy_asks(order.prescription, pharmacy=who, asked_on=day(on), words="Rx 4471", by=cast.tess)


def test_it_opens_a_request_with_every_gate_answered(cast: Cast, order: DoseOrder, alder: Pharmacy) -> None:
    request = asked(order, alder, cast)
    assert (request.source, request.state, request.opened_by) == ("pharmacy", "requested", cast.tess)
    assert (request.supply_end, answer(request, "order")) == (day(30), "in_order")
    assert Task.objects.get(kind="refills.desk").for_user == cast.priya


def test_it_joins_the_request_that_waits_already(cast: Cast, order: DoseOrder, alder: Pharmacy) -> None:
    with clock.at(moment(21)):
        actions.open_due()
    request = asked(order, alder, cast, 22)
    assert (request.source, RefillRequest.objects.count()) == ("job", 1)
    assert asked(order, alder, cast, 23) == request
    assert PharmacyAsk.objects.get().asked_on == day(22)


def test_one_that_the_night_opens_in_the_same_second_is_joined(
    cast: Cast, order: DoseOrder, alder: Pharmacy, monkeypatch: pytest.MonkeyPatch
) -> None:
    running = queries.running

    def meanwhile(*args: Any, **given: Any) -> Any:
        found = running(*args, **given)
        actions.open_due(day(21))
        return found

    monkeypatch.setattr(queries, "running", meanwhile)
    request = asked(order, alder, cast, 21)
    assert (request.source, RefillRequest.objects.count(), PharmacyAsk.objects.count()) == ("job", 1, 1)


def test_the_night_keeps_it_though_nothing_runs_out(cast: Cast, order: DoseOrder, alder: Pharmacy) -> None:
    asked(order, alder, cast)
    with clock.at(moment(4, "04:00")):
        assert actions.open_due() == {"opened": 0, "renewed": 1, "withdrawn": 0}
    with clock.at(moment(4)):
        [line] = pages.lines(cast.priya, day(4))
        assert [ask.pharmacy for ask in line.asks] == [alder]


def test_it_is_decided_as_any_other(cast: Cast, order: DoseOrder, alder: Pharmacy) -> None:
    all_clear(cast)
    request = asked(order, alder, cast)
    with clock.at(moment(4)):
        done = actions.approve(request, reasons=WHY, by=cast.priya)
    assert done.state == "approved"


def test_a_supply_that_was_signed_otherwise_answers_it(cast: Cast, order: DoseOrder, alder: Pharmacy) -> None:
    request = asked(order, alder, cast)
    with clock.at(moment(4)):
        prescribing.authorise(order.prescription, supply=supply(), by=cast.priya)
    with clock.at(moment(5)):
        assert actions.open_due()["withdrawn"] == 1
        with pytest.raises(Conflict):
            actions.approve(request, reasons=WHY, by=cast.priya)


def test_on_hold_it_does_not_stand_at_the_desk(cast: Cast, order: DoseOrder, alder: Pharmacy) -> None:
    asked(order, alder, cast)
    with clock.at(moment(4)):
        prescribing.hold(order.prescription, reason="Rash.", by=cast.priya)
        assert pages.lines(cast.priya, day(4)) == []
        assert actions.open_due()["withdrawn"] == 1
        with pytest.raises(Refused, match="No dose of this is in force"):
            actions.pharmacy_asks(order.prescription, pharmacy=alder, asked_on=day(4), by=cast.tess)


@pytest.mark.parametrize("on", [-32, 1])
def test_the_day_is_one_of_the_last_month(cast: Cast, order: DoseOrder, alder: Pharmacy, on: int) -> None:
    with clock.at(moment(3)), pytest.raises(Refused, match="Write the day on which it asked"):
        actions.pharmacy_asks(order.prescription, pharmacy=alder, asked_on=day(3 + on), by=cast.tess)


def test_who_is_not_of_the_care_team_notes_nothing(cast: Cast, order: DoseOrder, alder: Pharmacy) -> None:
    with clock.at(moment(3)), pytest.raises(Refused, match="Only the care team"):
        actions.pharmacy_asks(order.prescription, pharmacy=alder, asked_on=day(3), by=cast.fran)


def test_a_therapist_notes_it_from_the_list_of_medicines(cast: Cast, order: DoseOrder, alder: Pharmacy) -> None:
    address = f"/refills/{cast.ana.pk}/{order.prescription_id}/pharmacy/"
    with clock.at(moment(3)):
        tess = client(cast.tess)
        assert address in tess.get(f"/medicines/{cast.ana.pk}/").content.decode()
        assert tess.post(address, {"pharmacy": "x", "asked_on": "soon"}).status_code == 422
        data = {"pharmacy": str(alder.pk), "asked_on": day(3).isoformat(), "words": "Rx 4471"}
        assert tess.post(address, data).status_code == 302
    assert PharmacyAsk.objects.get().words == "Rx 4471"


def test_the_desk_shows_who_asks_and_after_no_says_whom_to_tell(cast: Cast, order: DoseOrder, alder: Pharmacy) -> None:
    request = asked(order, alder, cast)
    with clock.at(moment(4)):
        priya = client(cast.priya)
        page = priya.get("/refills/").content.decode()
        assert "Alder Pharmacy asks" in page
        assert "Rx 4471" in page
        data = {"do": "decline", "reason": "Enough at home.", "told_patient": "You have enough until April."}
        answer = priya.post(f"/refills/{cast.ana.pk}/{request.pk}/", data, follow=True)
        assert "Tell who asked: Alder Pharmacy, (503) 555-0142." in answer.content.decode()
        assert "to be told: (503) 555-0142" in priya.get("/refills/decided/").content.decode()


def test_the_database_keeps_it_and_once_a_request(cast: Cast, order: DoseOrder, alder: Pharmacy) -> None:
    row = PharmacyAsk.objects.get(request=asked(order, alder, cast))
    with pytest.raises(DatabaseError), transaction.atomic():
        PharmacyAsk.objects.filter(pk=row.pk).update(asked_on=day(3) - timedelta(days=1))
    with pytest.raises(DatabaseError), transaction.atomic():
        row.delete()
    with pytest.raises(IntegrityError, match="pharmacy_asks_once_a_request"), transaction.atomic():
        PharmacyAsk.objects.create(
            request=row.request, patient=cast.ana, pharmacy=alder, asked_on=day(3), recorded_at=moment(3),
            recorded_by=cast.tess,
        )  # fmt: skip
