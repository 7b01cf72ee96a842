"""Two people change one prescription, or prescribe for one person, at the same moment: nothing is lost."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from clinic import clock
from clinic.refusal import Conflict, Refused
from clinic.rows import new_id
from medications.prescribing.models import Authorisation, DoseOrder, Prescription, StoredFinding
from tests.cast import Cast, assemble, on_team
from tests.medications.prescribing.given import NOW, changed, regimen, started


@pytest.fixture
def cast(transactional_db: None) -> Cast:
    made = assemble()
    on_team(made.ana, made.paul, "prescriber")
    return made


def at_once(jobs: list[Callable[[], object]]) -> list[str]:
    """Run the jobs in threads at the same moment; what each came to."""
    barrier = Barrier(len(jobs))

    def run(job: Callable[[], object]) -> str:
        try:
            barrier.wait()
            job()
            return "done"
        except Conflict:
            return "conflict"
        except Refused as refused:
            return refused.sentence
        finally:
            connection.close()

    with clock.at(NOW), ThreadPoolExecutor(len(jobs)) as pool:
        return sorted(pool.map(run, jobs))


def test_two_change_the_dose_from_one_base(cast: Cast) -> None:
    order = started(cast.ana, by=cast.priya)
    found = at_once(
        [
            lambda: changed(order.prescription, by=cast.priya, strength=100, based_on=0),
            lambda: changed(order.prescription, by=cast.paul, strength=25, based_on=0),
        ]
    )
    assert found == ["conflict", "done"]
    assert DoseOrder.objects.filter(until_day=None).count() == 1
    assert (DoseOrder.objects.count(), Authorisation.objects.filter(voided_at=None).count()) == (2, 1)


def test_without_a_base_both_are_kept_one_after_the_other(cast: Cast) -> None:
    order = started(cast.ana, by=cast.priya)
    found = at_once(
        [
            lambda: changed(order.prescription, by=cast.priya, strength=100),
            lambda: changed(order.prescription, by=cast.paul, strength=25),
        ]
    )
    assert found == ["done", "done"]
    assert (DoseOrder.objects.count(), DoseOrder.objects.filter(until_day=None).count()) == (3, 1)


def test_two_who_start_related_drugs_see_each_other(cast: Cast) -> None:
    """Two SSRIs at once are a stop, also when both are signed in the same second."""
    found = at_once(
        [
            lambda: started(cast.ana, by=cast.priya),
            lambda: started(cast.ana, by=cast.paul, regimen=regimen("escitalopram", 10)),
        ]
    )
    assert found == [
        "Cannot sign yet: one override with a reason to write. Write it in the finding, or change the order.",
        "done",
    ]
    assert (Prescription.objects.count(), StoredFinding.objects.filter(level="stop").count()) == (1, 0)


def test_one_form_sent_many_times_prescribes_once(cast: Cast) -> None:
    key = new_id()
    assert at_once([lambda: started(cast.ana, by=cast.priya, key=key)] * 4) == ["done"] * 4
    assert (Prescription.objects.count(), DoseOrder.objects.count()) == (1, 1)
