"""Two desks book the same time: one booking, one clear sentence. Real threads, real PostgreSQL."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from uuid import uuid4

import pytest
from django.db import connection

from clinic import clock
from clinic.refusal import Refused
from patients.scheduling import actions
from patients.scheduling.models import Booking, Occupancy
from tests.cast import Cast, assemble
from tests.patients.scheduling.booking import NOW, part

DESKS = 4


def at_once(jobs: list[Callable[[], object]]) -> list[str]:
    """Run the jobs in threads of their own at the same moment; what each came to: "done" or its refusal."""
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

    with clock.at(NOW), ThreadPoolExecutor(len(jobs)) as pool:
        return sorted(pool.map(run, jobs))


@pytest.fixture
def cast(transactional_db: None) -> Cast:
    return assemble()


def test_two_desks_and_one_slot(cast: Cast) -> None:
    patients = [cast.ana, cast.ben, cast.cleo]

    def job(number: int) -> Callable[[], object]:
        who = patients[number % 3]
        return lambda: actions.book(
            patient=who, site=cast.site, parts=[part(cast.tess, "2026-03-02 14:00")], by=cast.fran
        )

    found = at_once([job(number) for number in range(3)])
    assert found == sorted(["Tess is booked from 2:00 to 2:45 by now. Choose another time."] * 2 + ["done"])
    assert (Booking.objects.count(), Occupancy.objects.count()) == (1, 2)


def test_stacked_visits_that_cross_do_not_block_each_other(cast: Cast) -> None:
    """One desk stacks Tess then Priya, the other Priya then Tess, over the same hour: never a deadlock."""
    for hour in (9, 10, 11, 13, 14):
        first, second = f"2026-03-02 {hour:02}:00", f"2026-03-02 {hour:02}:20"
        there = [part(cast.tess, first, 30, "intake"), part(cast.priya, f"2026-03-02 {hour:02}:30", 30, "intake")]
        back = [part(cast.priya, first, 20, "intake"), part(cast.tess, second, 30, "intake")]

        def job(who: object, parts: object) -> Callable[[], object]:
            return lambda: actions.book(patient=who, site=cast.site, parts=parts, by=cast.fran)  # type: ignore[arg-type]

        found = at_once([job(cast.ana, there), job(cast.ben, back)])
        assert found.count("done") == 1, found
    assert Booking.objects.count() == 5


def test_one_form_sent_many_times_books_once(cast: Cast) -> None:
    key = uuid4()

    def job() -> object:
        return actions.book(
            patient=cast.ana, site=cast.site, parts=[part(cast.tess, "2026-03-02 14:00")], by=cast.fran, request_key=key
        )

    assert at_once([job] * DESKS) == ["done"] * DESKS
    assert Booking.objects.count() == 1
