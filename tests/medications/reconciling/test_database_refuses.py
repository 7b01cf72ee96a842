"""The database keeps what was said: each constraint broken once, each trigger pulled once."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from medications.prescribing.models import DoseOrder
from medications.reconciling.models import ReconciledLine, Reconciliation
from medications.visits import actions as visits
from tests.cast import Cast
from tests.medications.prescribing.given import NOW, started
from tests.medications.reconciling.given import gone_through, ours
from tests.refused import refused_by


@pytest.fixture
def done(cast: Cast) -> Reconciliation:
    return gone_through(cast, {ours(cast): "confirmed"})


def row(cast: Cast, **fields: Any) -> Reconciliation:
    return Reconciliation.objects.create(**{"patient": cast.ana, "recorded_at": NOW, "recorded_by": cast.tess} | fields)


def line(done: Reconciliation, **fields: Any) -> ReconciledLine:
    old = done.lines.get()
    known = {"reconciliation": done, "prescription": old.prescription, "answer": "confirmed"}
    return ReconciledLine.objects.create(**known | fields)


def refused(match: str, act: Callable[[], object]) -> None:
    with pytest.raises(DatabaseError, match=match), transaction.atomic():
        act()


def test_reconciliation_by_somebody(cast: Cast) -> None:
    with refused_by("reconciliation_by_somebody"):
        row(cast, recorded_by=None)


def test_reconciliation_retracted_whole(cast: Cast) -> None:
    with refused_by("reconciliation_retracted_whole"):
        row(cast, retracted_at=NOW)


def test_reconciled_once_per_medicine(done: Reconciliation) -> None:
    with refused_by("reconciled_once_per_medicine"):
        line(done)


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("reconciled_answer_known", {"answer": "maybe"}),
        ("reconciled_in_words", {"answer": "differently"}),
        ("reconciled_in_words", {"answer": "stopped"}),
    ],
)
def test_an_answer_that_says_something(cast: Cast, done: Reconciliation, name: str, fields: dict[str, str]) -> None:
    with refused_by(name):
        line(done, reconciliation=row(cast), **fields)


def test_a_line_is_of_the_same_patient(cast: Cast, done: Reconciliation) -> None:
    other = started(cast.ben, by=cast.paul).prescription
    refused("a line belongs to a medicine of the same patient", lambda: line(done, prescription=other))


def test_an_order_is_of_the_same_medicine(cast: Cast, done: Reconciliation) -> None:
    other = started(cast.ana, by=cast.priya, drug="hydroxyzine", strength=25)
    refused(
        "a line belongs to a medicine of the same patient",
        lambda: line(done, prescription=other.prescription, order=DoseOrder.objects.exclude(pk=other.pk).get()),
    )


def test_a_visit_is_of_the_same_patient(cast: Cast) -> None:
    visit = visits.begin(cast.ben, by=cast.paul)
    refused("the visit belongs to another patient", lambda: row(cast, visit=visit))


def test_nothing_that_was_said_changes(done: Reconciliation) -> None:
    lines = ReconciledLine.objects.filter(reconciliation=done)
    refused("Cannot update or delete", lambda: lines.update(answer="unknown"))
    refused("Cannot update or delete", lambda: lines.delete())
    rows = Reconciliation.objects.filter(pk=done.pk)
    refused("does not change", lambda: rows.update(recorded_at=NOW.replace(year=2025)))
    refused("nothing clinical is deleted", lambda: rows._raw_delete("default"))


def test_an_error_stays_one(cast: Cast, done: Reconciliation) -> None:
    rows = Reconciliation.objects.filter(pk=done.pk)
    rows.update(retracted_at=NOW, retracted_by=cast.tess, retracted_reason="Wrong chart.")
    refused("decided and stays", lambda: rows.update(retracted_at=None, retracted_by=None, retracted_reason=""))


@pytest.mark.parametrize("table", ["reconciliation", "reconciledline"])
def test_nothing_is_emptied(done: Reconciliation, table: str) -> None:
    def empty() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute(f"TRUNCATE medications_reconciling_{table} CASCADE")

    refused("never emptied", empty)
