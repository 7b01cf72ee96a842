"""Two at the same moment, on real PostgreSQL: one decision and one sentence; two workers leave one set of rows."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connection

from clinic import clock
from clinic.outbox.models import OutboxItem
from clinic.refusal import Refused
from medications.prescribing import actions as prescribing
from medications.prescribing.models import Authorisation
from medications.refills import actions
from medications.refills.models import RefillCall, RefillRequest
from patients.inbox.models import Task
from patients.timeline.models import Entry
from tests.cast import Cast, assemble, on_team
from tests.medications.prescribing.given import changed
from tests.medications.refills.given import DUE, WHY, moment, opened, running_out


@pytest.fixture
def cast(transactional_db: None) -> Cast:
    made = assemble()
    on_team(made.ana, made.paul, "prescriber")
    return made


def at_once(jobs: list[Callable[[], object]], when: Any = DUE) -> list[str]:
    """Run the jobs in threads at the same moment; what each came to."""
    barrier = Barrier(len(jobs))

    def run(job: Callable[[], object]) -> str:
        try:
            barrier.wait()
            job()
            return "done"
        except Refused as refused:
            return refused.sentence
        finally:
            connection.close()

    with clock.at(when), ThreadPoolExecutor(len(jobs)) as pool:
        return sorted(pool.map(run, jobs))


def test_two_prescribers_one_decision_one_sentence(cast: Cast) -> None:
    request = opened(running_out(cast.ana, cast.priya))
    found = at_once([
        lambda: actions.approve(request, reasons=WHY, by=cast.priya),
        lambda: actions.approve(request, reasons=WHY, by=cast.paul),
    ])  # fmt: skip
    request.refresh_from_db()
    assert request.decided_by is not None
    assert found == [f"This was approved by {request.decided_by.name} already. Reload the desk.", "done"]
    assert Authorisation.objects.filter(voided_at=None).get() == request.authorisation
    assert Authorisation.objects.count() == 2
    assert OutboxItem.objects.filter(purpose__startswith="note:refill").count() == 1
    assert Entry.objects.filter(kind="refill").count() == 1


def test_one_form_sent_many_times_signs_once(cast: Cast) -> None:
    request = opened(running_out(cast.ana, cast.priya))
    found = at_once([lambda: actions.approve(request, reasons=WHY, by=cast.priya)] * 4)
    assert found == ["This was approved by Priya Raman already. Reload the desk."] * 3 + ["done"]
    assert Authorisation.objects.filter(voided_at=None).count() == 1


def test_a_change_of_dose_and_an_approval(cast: Cast) -> None:
    """Whoever comes second: the supply that lives in the end is of the dose in force."""
    order = running_out(cast.ana, cast.priya)
    request = opened(order)
    at_once([
        lambda: actions.approve(request, reasons=WHY, by=cast.priya),
        lambda: changed(order.prescription, by=cast.paul),
    ])  # fmt: skip
    live = Authorisation.objects.get(voided_at=None)
    assert live.order.until_day is None


def test_two_workers_leave_one_set_of_rows(cast: Cast) -> None:
    running_out(cast.ana, cast.priya)
    running_out(cast.ben, cast.paul)
    assert at_once([actions.open_due] * 3) == ["done"] * 3
    assert list(RefillRequest.objects.values_list("state", flat=True)) == ["requested"] * 2
    assert Task.objects.filter(kind="refills.desk", done_at=None).count() == 2


def test_the_job_and_an_approval(cast: Cast) -> None:
    """The job that waits for the signature does not open it anew, and does not withdraw it."""
    order = running_out(cast.ana, cast.priya)
    request = opened(order)
    found = at_once([actions.open_due, lambda: actions.approve(request, reasons=WHY, by=cast.priya)], moment(21))
    assert found == ["done", "done"]
    assert list(RefillRequest.objects.values_list("state", flat=True)) == ["approved"]


def test_the_job_and_a_stop(cast: Cast) -> None:
    order = running_out(cast.ana, cast.priya)
    assert at_once([
        actions.open_due, lambda: prescribing.stop(order.prescription, reason="Rash.", by=cast.priya),
    ]) == ["done", "done"]  # fmt: skip
    with clock.at(moment(21)):
        actions.open_due()
    assert RefillRequest.objects.filter(state="requested").count() == 0


def test_two_desks_note_one_call(cast: Cast) -> None:
    assert at_once([lambda: actions.ask_for_call(cast.ana, words="at work", by=cast.fran)] * 3) == ["done"] * 3
    assert (RefillCall.objects.count(), Task.objects.filter(kind="refills.call").count()) == (1, 2)
