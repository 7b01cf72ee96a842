"""Two clicks at the same moment: one visit is begun, one signature made."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connection

from clinic import clock
from clinic.refusal import Refused
from medications.visits import actions
from medications.visits.models import Visit
from patients.timeline.models import Entry
from tests.cast import Cast, assemble
from tests.medications.visits.given import END, START, booked, written


@pytest.fixture
def cast(transactional_db: None) -> Cast:
    return assemble()


def at_once(job: Callable[[], object], moment: Any, times: int = 3) -> list[str]:
    barrier = Barrier(times)

    def run(_: int) -> str:
        try:
            barrier.wait()
            job()
            return "done"
        except Refused as refused:
            return refused.sentence
        finally:
            connection.close()

    with clock.at(moment), ThreadPoolExecutor(times) as pool:
        return sorted(pool.map(run, range(times)))


def test_one_visit_is_begun(cast: Cast) -> None:
    row = booked(cast)
    found = at_once(lambda: actions.begin(cast.ana, by=cast.priya, attendance=row), START)
    assert found == ["done"] * 3
    assert Visit.objects.count() == 1


def test_one_signature(cast: Cast) -> None:
    visit = written(cast)
    found = at_once(lambda: actions.sign(visit, by=cast.priya), END)
    assert found.count("done") == 1
    assert Entry.objects.filter(kind="visit").count() == 1
