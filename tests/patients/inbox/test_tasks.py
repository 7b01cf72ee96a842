"""The inbox: mine and my roles', of patients whom I may see, urgent first; done for all when one does it."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from clinic import clock
from clinic.refusal import Refused
from clinic.staff.enums import Role
from patients.inbox import actions, queries
from patients.inbox.models import Task
from patients.risk import actions as risk
from tests.cast import Cast, at, client

NOW = at("2026-11-23 10:00")


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    with clock.at(NOW):
        yield


def _ask(purpose: str, **given: Any) -> Task:
    return actions.ask(given.pop("kind", "handoffs.line"), sentence=purpose, purpose=purpose, by=None, **given)[0]


def _sentences(user: Any) -> list[str]:
    return [task.sentence for task in queries.mine(user)]


def test_mine_and_my_roles_only(cast: Cast) -> None:
    _ask("for Tess", users=[cast.tess], patient_id=cast.ana.pk)
    _ask("for therapists", roles=[Role.THERAPIST], patient_id=cast.ana.pk)
    _ask("for prescribers", roles=[Role.PRESCRIBER], patient_id=cast.ana.pk)
    _ask("for all therapists", roles=[Role.THERAPIST])
    assert set(_sentences(cast.tess)) == {"for Tess", "for therapists", "for all therapists"}
    assert (_sentences(cast.theo), _sentences(cast.fran)) == (["for all therapists"], [])


def test_urgent_first_then_by_day_due(cast: Cast) -> None:
    _ask("some day", users=[cast.tess])
    _ask("late", users=[cast.tess], due_on=date(2026, 12, 1))
    _ask("soon", users=[cast.tess], due_on=date(2026, 11, 24))
    _ask("now", users=[cast.tess], urgent=True)
    assert _sentences(cast.tess) == ["now", "soon", "late", "some day"]


def test_a_patient_one_may_not_see_any_more_is_not_shown(cast: Cast) -> None:
    _ask("line", users=[cast.tess], patient_id=cast.ana.pk)
    assert (_sentences(cast.tess), queries.nav_count(cast.tess)) == (["line"], {"inbox:tasks": 1})
    cast.ana.care_team.filter(user=cast.tess).update(ends_at=NOW)
    assert (_sentences(cast.tess), queries.nav_count(cast.tess)) == ([], {"inbox:tasks": 0})


def test_what_one_takes_is_done_for_all(cast: Cast) -> None:
    task = _ask("call back", kind="risk.nobody", roles=[Role.FRONT_DESK, Role.SUPERVISOR], patient_id=cast.ana.pk)
    done = actions.tick_off(task, by=cast.fran)
    assert (done.done_by, Task.objects.filter(done_at=None).count()) == (cast.fran, 0)


def test_a_flag_is_not_ticked_off(cast: Cast) -> None:
    """R-MB-07"""
    flag = risk.raise_flag(cast.ana, source="clinician", sentence="Says she has a plan.", by=cast.priya)
    task = Task.objects.get(object_id=flag.pk, for_user=cast.tess)
    with pytest.raises(Refused, match="own action"):
        actions.tick_off(task, by=cast.tess)
    assert client(cast.tess).post(f"/inbox/{task.pk}/done/").status_code == 422


def test_ticking_off_twice_is_a_sentence_and_anothers_is_not_found(cast: Cast) -> None:
    task = _ask("call back", kind="risk.nobody", roles=[Role.FRONT_DESK], patient_id=cast.ana.pk)
    desk, address = client(cast.fran), f"/inbox/{task.pk}/done/"
    assert client(cast.tess).post(address).status_code == 404
    assert (desk.post(address).status_code, desk.post(address).status_code) == (302, 404)
    with pytest.raises(Refused, match="done already"):
        actions.tick_off(task, by=cast.fran)


def test_asking_twice_makes_one_task(cast: Cast) -> None:
    _ask("again", users=[cast.tess])
    _ask("again", users=[cast.tess])
    assert Task.objects.count() == 1


def test_the_page_shows_one_action_a_task(cast: Cast) -> None:
    flag = risk.raise_flag(cast.ana, source="clinician", sentence="Says she has a plan.", by=cast.priya)
    page = client(cast.tess).get("/inbox/").content.decode()
    assert page.count("Says she has a plan.") == 1
    assert f'href="/risk/{cast.ana.pk}/{flag.pk}/"' in page


def test_done_lately(cast: Cast) -> None:
    _ask("read", users=[cast.tess])
    actions.finish("read", by=cast.tess, outcome="read")
    assert [task.sentence for task in queries.done(cast.tess)] == ["read"]
    assert queries.done(cast.priya) == []


@pytest.mark.parametrize("rows", [1, 40])
def test_a_fixed_number_of_queries(cast: Cast, django_assert_num_queries: Any, rows: int) -> None:
    for number in range(rows):
        _ask(f"line {number}", users=[cast.tess], patient_id=cast.ana.pk)
    cast.tess.held_roles()
    with django_assert_num_queries(3):
        assert len(queries.mine(cast.tess)) == rows
        queries.done(cast.tess)
        queries.nav_count(cast.tess)


@pytest.mark.parametrize(
    ("constraint", "fields"),
    [("task_for_somebody", {}), ("task_for_somebody", {"for_role": "therapist", "for_user": "tess"})],
)
def test_the_database_refuses_a_task_for_nobody_or_both(cast: Cast, constraint: str, fields: dict[str, str]) -> None:
    given: dict[str, Any] = {**fields, **({"for_user": cast.tess} if "for_user" in fields else {})}
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Task.objects.create(kind="x", sentence="x", purpose="x", created_at=NOW, **given)


def test_the_database_refuses_a_second_open_task_of_one_purpose(cast: Cast) -> None:
    _ask("once", users=[cast.tess])
    with pytest.raises(IntegrityError, match="task_open_once"), transaction.atomic():
        Task.objects.create(kind="x", sentence="x", purpose="once", created_at=NOW, for_user=cast.tess)
