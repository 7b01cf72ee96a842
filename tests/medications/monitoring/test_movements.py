"""R-MO-AIMS: a scale that asks for a work-up becomes one task of the prescriber, at night, once."""

import pytest

from clinic import clock
from medications.monitoring import actions
from patients.inbox.models import Task
from patients.measures import actions as measures
from patients.measures import instruments
from tests.cast import Cast


@pytest.mark.parametrize(("first", "expected"), [([0, 3], 1), ([2, 2], 1), ([2, 1], 0)])
def test_once_a_scale(cast: Cast, first: list[int], expected: int) -> None:
    answers = first + [0] * (len(instruments.get("aims").numbers) - len(first))
    score = measures.record(
        cast.ana, instrument="aims", answers=answers, answered_at=clock.now(), channel="clinician", by=cast.tess
    )
    assert actions.sweep()["movements"] == expected
    tasks = Task.objects.filter(kind="monitoring.movements")
    assert [(task.for_user, task.object_id) for task in tasks] == [(cast.priya, score.pk)] * expected
    tasks.update(done_at=clock.now(), done_by=cast.priya)
    assert actions.sweep()["movements"] == 0
