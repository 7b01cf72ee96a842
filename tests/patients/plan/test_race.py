"""Two people at one plan at once, in real threads on the real database."""

from collections.abc import Callable
from threading import Barrier, Thread

import pytest
from django.db import connection

from clinic.refusal import Conflict
from patients.plan import actions
from patients.plan.models import PlanVersion
from tests.cast import Cast
from tests.patients.plan.plans import complete_draft, fresh

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*jobs: Callable[[], object]) -> list[object]:
    """Run the jobs at the same moment; what each gave or raised."""
    barrier, results = Barrier(len(jobs)), [None] * len(jobs)

    def run(place: int, job: Callable[[], object]) -> None:
        try:
            barrier.wait(10)
            results[place] = job()  # type: ignore[call-overload]
        except Exception as error:
            results[place] = error  # type: ignore[call-overload]
        finally:
            connection.close()

    threads = [Thread(target=run, args=(place, job)) for place, job in enumerate(jobs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return list(results)


def test_two_signers(cast: Cast) -> None:
    version = complete_draft(cast)
    found = at_once(
        *[lambda who=who: actions.sign(version, patient_agreed="agreed", by=who) for who in (cast.tess, cast.priya)]
    )
    assert sorted(type(one).__name__ for one in found) == ["Conflict", "PlanVersion"]
    assert PlanVersion.objects.filter(state="signed").count() == 1


def test_two_begin_the_draft(cast: Cast) -> None:
    found = at_once(*[lambda who=who: actions.draft(cast.ana, by=who) for who in (cast.tess, cast.priya)])
    assert found[0] == found[1]
    assert PlanVersion.objects.count() == 1


def test_two_change_one_row(cast: Cast) -> None:
    version = complete_draft(cast)
    row = version.problem_rows.get()
    found = at_once(
        *[
            lambda who=who: actions.change_problem(row, title=who.name, based_on=version.revision, by=who)
            for who in (cast.tess, cast.priya)
        ]
    )
    assert sorted(type(one).__name__ for one in found) == ["Conflict", "ProblemRow"]
    assert isinstance(next(one for one in found if isinstance(one, Exception)), Conflict)


def test_two_change_different_rows_and_lose_nothing(cast: Cast) -> None:
    version = complete_draft(cast)
    first, second = version.objective_rows.all()
    at_once(
        lambda: actions.change_objective(first, words="One", based_on=version.revision, by=cast.tess),
        lambda: actions.change_objective(second, words="Two", based_on=version.revision, by=cast.priya),
    )
    found = fresh(version)
    assert [row.words for row in found.problem_rows.all()[0].objective_rows.all()] == ["One", "Two"]
    assert found.revision == version.revision + 2
