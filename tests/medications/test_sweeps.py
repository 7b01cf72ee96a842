"""The nightly sweeps by several workers at the same moment, on real PostgreSQL: the same rows as by one."""

from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest

from clinic import clock
from clinic.audit.models import AuditEvent
from clinic.outbox.models import OutboxItem
from medications.monitoring import actions as monitoring
from medications.monitoring.actions import importing
from medications.monitoring.handlers import Imports
from medications.monitoring.models import DueItem, Result
from medications.tapers import actions as tapers
from medications.tapers import sweep
from medications.tapers.models import ReturnReview
from medications.vigilance import actions as vigilance
from medications.vigilance.models import LateFinding, Rechecked
from patients.inbox.models import Task
from patients.record import actions as record
from tests.cast import Cast, assemble
from tests.medications.monitoring.given import on_lithium
from tests.medications.monitoring.test_import import uploaded
from tests.medications.monitoring.test_import_shares import LINES
from tests.medications.prescribing.given import NOW, asked_everything, started
from tests.medications.refills.test_race import at_once
from tests.medications.tapers.given import clonazepam, running
from tests.medications.tapers.test_afterwards import score


@pytest.fixture
def cast(transactional_db: None) -> Cast:
    return assemble()


def test_three_workers_make_what_is_due_once(cast: Cast) -> None:
    for patient, by in ((cast.ana, cast.priya), (cast.ben, cast.paul)):
        on_lithium(patient, by)
    expected = sorted(DueItem.objects.values_list("patient", "code", "due_on"))
    DueItem.objects.update(state="dropped", closed_at=NOW, closed_why="as before an upgrade")
    assert at_once([monitoring.sweep] * 3, NOW) == ["done"] * 3
    assert sorted(DueItem.objects.filter(state="open").values_list("patient", "code", "due_on")) == expected


def test_three_workers_find_what_became_unsafe_once(cast: Cast) -> None:
    with clock.at(NOW):
        for patient, by in ((cast.ana, cast.priya), (cast.ben, cast.paul)):
            asked_everything(patient, by=by)
            started(patient, by=by)
    with clock.at(NOW + timedelta(hours=2)):
        for patient, by in ((cast.ana, cast.tess), (cast.ben, cast.theo)):
            record.record_fact(patient, key="low_sodium", answer="yes", by=by)
    assert at_once([vigilance.recheck] * 3, NOW + timedelta(hours=18)) == ["done"] * 3
    assert (Rechecked.objects.count(), LateFinding.objects.count()) == (2, 2)
    assert Task.objects.filter(kind="vigilance.late", done_at=None).count() == 2


def test_three_workers_open_a_review_once_and_its_tasks_lead_to_it(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """All three have looked for what is known before the first of them writes."""
    together, rises = Barrier(3), sweep.rises

    def once_all_have_looked(*args: Any, **given: Any) -> Any:
        found = rises(*args, **given)
        together.wait(60)
        return found

    monkeypatch.setattr(sweep, "rises", once_all_have_looked)
    with clock.at(NOW):
        plan = running(clonazepam(cast.ana, by=cast.priya), by=cast.priya)
        tapers.end(plan, outcome="lower_dose", by=cast.priya)
    score(cast.ana, -3, 8)
    score(cast.ana, 20, 20)
    assert at_once([tapers.watch] * 3, NOW + timedelta(days=21)) == ["done"] * 3
    review = ReturnReview.objects.get()
    asked: list[Any] = list(Task.objects.filter(kind="tapers.review").values_list("object_id", "for_user"))
    assert sorted(asked, key=str) == sorted([(review.pk, cast.priya.pk), (review.pk, cast.tess.pk)], key=str)


def test_two_workers_take_each_line_of_a_file_once(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """The lease of a long import ran out while its worker was still at it."""
    monkeypatch.setattr(importing, "SHARE", 3)
    on_lithium(cast.ana, cast.priya)
    with clock.at(NOW):
        file = monitoring.import_rows(uploaded(cast, *LINES, LINES[1]), by=cast.priya)
    item = OutboxItem.objects.get(kind=importing.IMPORT)
    assert at_once([lambda: Imports().deliver(item)] * 2, NOW + timedelta(minutes=3)) == ["done"] * 2
    file.refresh_from_db()
    assert (file.done, file.saved, file.refused, file.text) == (8, 7, 1, "")
    assert (Result.objects.count(), AuditEvent.objects.filter(what="monitoring.import").count()) == (7, 1)
    assert len(file.rejects.splitlines()) == 2
