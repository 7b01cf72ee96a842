"""Each constraint and trigger of the refill desk broken once: the database refuses."""

from typing import Any

import pytest
from django.db import InternalError, connection, transaction

from medications.prescribing.models import Authorisation
from medications.refills import actions
from medications.refills.models import RefillCall, RefillRequest
from tests.cast import Cast
from tests.medications.refills.given import DUE, WHY, day, opened, running_out
from tests.refused import refused_by


@pytest.fixture
def request_row(cast: Cast) -> RefillRequest:
    return opened(running_out(cast.ana, cast.priya))


def again(row: RefillRequest, **more: Any) -> None:
    """Another request like it, with differences."""
    known = {
        "prescription": row.prescription, "patient": row.patient, "opened_at": DUE, "answered_at": DUE, "source": "job",
        "supply_end": day(30), "authorised_end": day(30), "state": "withdrawn", "decided_at": DUE,
    }  # fmt: skip
    RefillRequest.objects.create(**known | more)


def test_one_open_request_a_prescription(request_row: RefillRequest) -> None:
    with refused_by("refill_one_open_per_prescription"):
        again(request_row, state="requested", decided_at=None)


def test_a_known_state(request_row: RefillRequest) -> None:
    with refused_by("refill_state_known"):
        again(request_row, state="sent")


@pytest.mark.parametrize("state", ["approved", "bridged"])
def test_nothing_is_approved_by_nobody_r_rx_11(request_row: RefillRequest, state: str) -> None:
    supply = Authorisation.objects.get()
    with refused_by("refill_approved_by_somebody"):
        again(request_row, state=state, authorisation=supply)
    with refused_by("refill_approved_by_somebody"):
        again(request_row, state=state, decided_by=supply.issued_by)


def test_declined_by_somebody_with_a_reason(cast: Cast, request_row: RefillRequest) -> None:
    with refused_by("refill_declined_with_reason"):
        again(request_row, state="declined", decided_by=cast.priya)
    with refused_by("refill_declined_with_reason"):
        again(request_row, state="declined", reason="No.")


def test_decided_whole(request_row: RefillRequest) -> None:
    with refused_by("refill_decided_whole"):
        again(request_row, decided_at=None)
    with refused_by("refill_decided_whole"):
        RefillRequest.objects.update(decided_at=DUE)


def test_the_authorised_end_is_not_before_the_supply_end(request_row: RefillRequest) -> None:
    with refused_by("refill_authorised_end_after_supply_end"):
        again(request_row, authorised_end=day(29))


def test_an_authorisation_belongs_to_one_request(cast: Cast, request_row: RefillRequest) -> None:
    supply = Authorisation.objects.get()
    again(request_row, state="approved", authorisation=supply, decided_by=cast.priya)
    with refused_by("medications_refills_refillrequest_authorisation_id_key"):
        again(request_row, state="approved", authorisation=supply, decided_by=cast.priya)


def test_calls(cast: Cast) -> None:
    known = {"patient": cast.ana, "asked_at": DUE, "taken_by": cast.fran}
    RefillCall.objects.create(**known)
    with refused_by("refill_call_one_open"):
        RefillCall.objects.create(**known)
    with refused_by("refill_call_done_by_somebody"):
        RefillCall.objects.create(**known, done_at=DUE)
    with refused_by("refill_call_done_by_somebody"):
        RefillCall.objects.create(**known, done_by=cast.priya)


def test_a_decision_stays_as_it_was_made(cast: Cast, request_row: RefillRequest) -> None:
    actions.approve(request_row, reasons=WHY, by=cast.priya)
    call = actions.call_done(actions.ask_for_call(cast.ana, by=cast.fran), by=cast.priya)
    for change in (
        lambda: RefillRequest.objects.update(state="declined"),
        lambda: RefillRequest.objects.update(decided_by=cast.paul),
        lambda: RefillRequest.objects.update(reason="Another."),
        lambda: RefillRequest.objects.update(gates=[]),
        lambda: RefillRequest.objects.filter(pk=request_row.pk).delete(),
        lambda: RefillCall.objects.filter(pk=call.pk).update(done_by=cast.paul),
        lambda: RefillCall.objects.filter(pk=call.pk).delete(),
    ):
        with pytest.raises(InternalError), transaction.atomic():
            change()


@pytest.mark.parametrize("model", [RefillRequest, RefillCall])
def test_never_emptied(db: None, model: Any) -> None:
    with pytest.raises(InternalError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f'TRUNCATE "{model._meta.db_table}" CASCADE')
