"""Two people go through one list at the same moment: one is kept, the other is told."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from clinic import clock
from clinic.refusal import Refused
from clinic.staff.models import User
from medications.reconciling import actions
from medications.reconciling.models import ReconciledLine
from patients.inbox.models import Task
from tests.cast import Cast, assemble
from tests.medications.prescribing.given import NOW
from tests.medications.reconciling.given import ours, said


@pytest.fixture
def cast(transactional_db: None) -> Cast:
    return assemble()


def test_one_is_kept_and_the_other_told(cast: Cast) -> None:
    with clock.at(NOW):
        given = said(cast.ana, {ours(cast): ("differently", "half")})
        barrier = Barrier(2)

        def run(by: User) -> str:
            try:
                barrier.wait()
                actions.go_through(cast.ana, said=given, after=None, by=by)
                return "kept"
            except Refused as refused:
                return refused.sentence
            finally:
                connection.close()

        with ThreadPoolExecutor(2) as pool:
            found = sorted(pool.map(run, (cast.tess, cast.priya)))
    assert found == [actions.SOMEBODY, "kept"]
    assert (ReconciledLine.objects.count(), Task.objects.filter(kind=actions.KIND).count()) == (1, 1)
