"""“Ask for a visit”: the front desk gets a task that names no medicine; the request stays, and nothing is signed."""

from datetime import date

import pytest

from clinic import clock
from clinic.audit.models import AuditEvent
from clinic.refusal import Refused
from medications.prescribing.models import Authorisation
from medications.refills import actions, queries
from medications.refills.models import RefillRequest
from patients.inbox import queries as inbox
from patients.inbox.models import Task
from tests.cast import Cast, client
from tests.medications.refills.given import DUE, LATER, address, booked, opened, running_out


@pytest.fixture
def row(cast: Cast) -> RefillRequest:
    return opened(running_out(cast.ana, cast.priya))


def tasks(cast: Cast) -> list[tuple[str, date | None]]:
    """What the front desk reads."""
    with clock.at(LATER):
        return [(task.sentence, task.due_on) for task in inbox.mine(cast.fran)]


def test_the_front_desk_reads_no_medicine_and_the_request_stays(cast: Cast, row: RefillRequest) -> None:
    with clock.at(DUE):
        assert actions.ask_for_visit(row, by=cast.priya).state == "requested"
        actions.ask_for_visit(row, by=cast.priya)
    assert tasks(cast) == [("A prescriber asks to see this patient: book a medication visit.", date(2026, 3, 31))]
    assert Authorisation.objects.filter(voided_at=None).count() == 1
    assert AuditEvent.objects.filter(what="refills.ask_for_visit", actor_id=cast.priya.pk).exists()


def test_booked_the_task_is_done_by_the_next_night(cast: Cast, row: RefillRequest) -> None:
    with clock.at(DUE):
        actions.ask_for_visit(row, by=cast.priya)
        actions.open_due()
    assert len(tasks(cast)) == 1
    booked(cast, "2026-04-06 10:00", patient=cast.ana, with_=cast.priya)
    with clock.at(LATER):
        actions.open_due()
    assert tasks(cast) == []
    assert Task.objects.get(kind="refills.visit").outcome == "booked"


def test_where_one_is_booked_none_is_asked_for(cast: Cast, row: RefillRequest) -> None:
    booked(cast, "2026-04-06 10:00", patient=cast.ana, with_=cast.priya)
    with clock.at(DUE), pytest.raises(Refused, match="A visit with a prescriber is booked already") as caught:
        actions.ask_for_visit(row, by=cast.priya)
    assert caught.value.field == "do"


def test_only_who_may_decide(cast: Cast, row: RefillRequest) -> None:
    for other in (cast.tess, cast.paul):
        with clock.at(DUE), pytest.raises(Refused, match="Only a prescriber on the care team"):
            actions.ask_for_visit(row, by=other)
    assert tasks(cast) == []


def test_at_the_desk_it_needs_no_reasons_and_says_that_it_was_asked(cast: Cast, row: RefillRequest) -> None:
    with clock.at(LATER):
        browser = client(cast.priya)
        page = browser.get(address(row)).content.decode()
        assert "Ask for a visit first" in page
        answer = browser.post(address(row), {"do": "visit"}, follow=True)
        page = answer.content.decode()
        assert "The front desk is asked to book a visit. The request stays here." in page
        assert "A visit was asked for on Fri Mar 27; the front desk has the task." in page
        assert "Ask for a visit first" not in page
        desk = client(cast.fran).get("/inbox/").content.decode()
        assert f'href="/schedule/{cast.ana.pk}/book/"' in desk
        assert "ertraline" not in desk
    assert queries.visits_asked([cast.ana.pk]) == {cast.ana.pk: LATER}
