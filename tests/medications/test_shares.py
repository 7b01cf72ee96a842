"""Work of the night in processes of its own, on real PostgreSQL: the same rows as in one; what fails loses nothing."""

import os
import signal
from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

import pytest
from django.db import DataError, connection, transaction

from clinic import clock
from clinic.rows import new_id
from medications import shares
from medications.monitoring import actions as monitoring
from medications.monitoring.actions import due
from medications.monitoring.models import DueItem, Looked
from medications.prescribing.models import Prescription
from medications.refills import actions as refills
from medications.refills import sweep
from medications.refills.actions import opening
from medications.refills.models import RefillRequest
from medications.vigilance import actions as vigilance
from medications.vigilance.models import Rechecked
from tests.cast import Cast, assemble, on_team, patient
from tests.medications.refills.given import DUE, running_out


@pytest.fixture(autouse=True)
def _two_processors(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 2)


@pytest.fixture
def four(transactional_db: None) -> Cast:
    """Four people whose supply runs out; of nobody is anything due yet."""
    cast = assemble()
    for number in range(4):
        someone = patient(200 + number, f"Person{number}", "Test", cast.site)
        on_team(someone, cast.priya, "prescriber")
        running_out(someone, cast.priya)
    return cast


def counted(some: Sequence[UUID]) -> dict[str, int]:
    return {"keys": len(some), "batches": 1, f"by {os.getpid()}": 1}


def test_every_key_is_in_one_batch_and_the_batches_in_two_processes(transactional_db: None) -> None:
    found = shares.work_through([new_id() for _ in range(9)], counted, batch=2)
    assert (found["keys"], found["batches"]) == (9, 5)
    assert sorted(found[name] for name in found if name.startswith("by ")) == [2, 3]
    assert f"by {os.getpid()}" not in found


@pytest.mark.parametrize("why", ["few", "a page", "a transaction"])
def test_in_this_process_alone_where(why: str, transactional_db: None) -> None:
    keys = [new_id() for _ in range(3 if why == "few" else 9)]
    if why == "a transaction":
        with transaction.atomic():
            found = shares.work_through(keys, counted, batch=2)
    else:
        found = shares.work_through(keys, counted, batch=2, alone=why == "a page")
    assert found[f"by {os.getpid()}"] == found["batches"]


@pytest.mark.parametrize("how", ["refused", "killed"])
def test_a_share_that_fails_is_an_error_and_the_other_one_is_finished(
    four: Cast, how: str, capfd: pytest.CaptureFixture[str]
) -> None:
    keys = [new_id() for _ in range(4)]

    def work(some: Sequence[UUID]) -> dict[str, int]:
        if some[0] == keys[0]:
            if how == "killed":
                os.kill(os.getpid(), signal.SIGKILL)
            raise ValueError("no")
        with connection.cursor() as cursor:
            cursor.execute("UPDATE clinic_practice_site SET name = name || '+'")
        return {}

    with pytest.raises(RuntimeError, match="1 of 2 shares"):
        shares.work_through(keys, work, batch=1)
    four.site.refresh_from_db()
    assert four.site.name.endswith("++")
    capfd.readouterr()


SWEEPS: dict[str, tuple[Any, Callable[[], dict[str, int]], Callable[[], list[Any]]]] = {
    "monitoring": (
        due, monitoring.sweep,
        lambda: [
            *DueItem.objects.filter(state="open").order_by("patient", "code").values_list("patient", "code", "due_on"),
            *Looked.objects.order_by("patient").values_list("patient", "facts", "stamp", "next_on"),
        ],
    ),
    "refills": (
        opening, refills.open_due,
        lambda: list(RefillRequest.objects.order_by("prescription").values_list("prescription", "state", "gates")),
    ),
    "vigilance": (
        vigilance, vigilance.recheck,
        lambda: list(Rechecked.objects.order_by("order").values_list("order", "stamp", "facts")),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(SWEEPS))
def test_a_sweep_in_two_processes_leaves_the_rows_that_one_leaves(
    four: Cast, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    module, sweep, rows = SWEEPS[name]
    started = []
    monkeypatch.setattr(module, "BATCH", 1)
    with clock.at(DUE):
        monkeypatch.setattr(shares, "tied_to_parent", lambda _: started.append(1))
        first = sweep()
        apart = rows()
        Looked.objects.all().delete()
        Rechecked.objects.all().delete()
        monkeypatch.setattr(shares, "MOST_PROCESSES", 1)
        again = sweep()
        assert rows() == apart
    assert started == [1]
    assert len(apart) >= 4
    assert max(first.values()) >= 4
    assert set(again) == set(first)


BACKENDS = (
    "SELECT id, pg_backend_pid() FROM medications_prescribing_prescription WHERE id > %(after)s AND id <= %(until)s"
)


@pytest.mark.parametrize(("least", "backends"), [(0, 2), (5, 1)])
def test_each_processor_asks_for_a_part_of_the_rows_and_a_few_stay_together(
    four: Cast, monkeypatch: pytest.MonkeyPatch, least: int, backends: int
) -> None:
    monkeypatch.setattr(shares, "LEAST_ROWS", least)
    found = shares.asked(f"{BACKENDS} ORDER BY id", {}, keys=Prescription)
    assert [key for key, _ in found] == list(Prescription.objects.order_by("pk").values_list("pk", flat=True))
    assert len({backend for _, backend in found}) == backends


def test_what_is_due_is_the_same_in_parts(four: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = sweep.due(DUE.date())
    monkeypatch.setattr(shares, "LEAST_ROWS", 0)
    assert (sweep.due(DUE.date()), len(whole)) == (whole, 4)


def test_a_part_that_fails_is_an_error(four: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shares, "LEAST_ROWS", 0)
    last = Prescription.objects.latest("pk").pk
    with pytest.raises(DataError):
        shares.asked(f"{BACKENDS} AND 1 / (id <> %(last)s)::integer = 1", {"last": last}, keys=Prescription)
