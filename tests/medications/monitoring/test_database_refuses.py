"""Every constraint and trigger of monitoring, broken."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import Error, IntegrityError, InternalError, transaction
from django.db.models import Model

from clinic import clock
from medications.monitoring.models import Circumstance, DueItem, Result, ResultFile
from tests.cast import Cast
from tests.medications.monitoring.given import LITHIUM, day, moment, on_lithium, open_item, result

pytestmark = pytest.mark.django_db


def refuses(name: str, make: Any, kind: type[Error] = IntegrityError) -> None:
    """Inside a savepoint, so that the test goes on."""
    with pytest.raises(kind, match=name), transaction.atomic():
        make()


@pytest.fixture
def lithium(cast: Cast) -> Cast:
    """Ana takes lithium."""
    on_lithium(cast.ana, cast.priya)
    return cast


WRONG_RESULTS: dict[str, dict[str, Any]] = {
    "result_says_something": {"value": None},
    "result_not_negative": {"value": Decimal(-1)},
    "result_range_in_order": {"low": Decimal(2), "high": Decimal(1)},
    "result_hours_plausible": {"hours_after_dose": Decimal(97)},
    "result_source_known": {"source": "guessed"},
    "result_level_has_alerts": {"level": "critical"},
    "result_handled_whole": {"handled_words": "Held."},
    "result_retracted_whole": {"retracted_reason": "Wrong."},
}


@pytest.mark.parametrize("name", WRONG_RESULTS)
def test_a_result(lithium: Cast, name: str) -> None:
    fine: dict[str, Any] = {
        "patient": lithium.ana, "code": LITHIUM, "value": Decimal("0.7"), "unit": "mmol/L", "taken_at": moment(-1),
        "knowledge_version": "x", "recorded_at": clock.now(), "recorded_by": lithium.priya,
    }  # fmt: skip
    refuses(name, lambda: Result.objects.create(**{**fine, **WRONG_RESULTS[name]}))
    Result.objects.create(**fine)
    refuses("result_once", lambda: Result.objects.create(**fine))


def test_a_result_stays_as_given(lithium: Cast) -> None:
    row = result(lithium.ana, LITHIUM, "1.6", number=7, by=lithium.priya)
    mine = Result.objects.filter(pk=row.pk)
    refuses("does not change", lambda: mine.update(value=Decimal("0.6")), InternalError)
    refuses("nothing clinical is deleted", lambda: mine.delete(), InternalError)
    mine.update(handled_at=clock.now(), handled_by=lithium.priya, handled_words="Held.")
    refuses("stays", lambda: mine.update(handled_words="Something else."), InternalError)


WRONG_ITEMS: dict[str, dict[str, Any]] = {
    "due_state_known": {"state": "lost", "closed_at": moment(1), "closed_why": "x"},
    "due_closed_with_reason": {"state": "done"},
    "due_asked_by_something": {"asks": []},
    "due_asks_once_overdue": {"refill_asks_on": day(7)},
}


@pytest.mark.parametrize("name", WRONG_ITEMS)
def test_a_due_item(lithium: Cast, name: str) -> None:
    row = open_item(lithium.ana, LITHIUM)
    assert row is not None
    refuses(name, lambda: DueItem.objects.filter(pk=row.pk).update(**WRONG_ITEMS[name]))
    row.pk = None
    refuses("due_one_open", lambda: row.save(force_insert=True))


def test_what_is_closed_stays_closed(lithium: Cast) -> None:
    row = open_item(lithium.ana, LITHIUM)
    assert row is not None
    mine = DueItem.objects.filter(pk=row.pk)
    mine.update(state="done", closed_at=clock.now(), closed_why="a result")
    refuses("stays", lambda: mine.update(closed_why="something else"), InternalError)
    refuses("Cannot delete", lambda: mine.delete(), InternalError)


def test_a_circumstance(lithium: Cast) -> None:
    fine: dict[str, Any] = {
        "patient": lithium.ana, "key": "new_movement", "words": "Her tongue.", "since": day(0),
        "recorded_at": clock.now(), "recorded_by": lithium.tess,
    }  # fmt: skip
    refuses("circumstance_has_words", lambda: Circumstance.objects.create(**{**fine, "words": ""}))
    refuses("circumstance_ended_by_somebody", lambda: Circumstance.objects.create(**fine, ended_at=clock.now()))
    row = Circumstance.objects.create(**fine)
    refuses("circumstance_once_while_it_lasts", lambda: Circumstance.objects.create(**fine))
    mine = Circumstance.objects.filter(pk=row.pk)
    refuses("does not change", lambda: mine.update(words="Her hands."), InternalError)
    mine.update(ended_at=clock.now(), ended_by=lithium.tess)
    refuses("stays", lambda: mine.update(ended_at=clock.now() + timedelta(days=1)), InternalError)


def test_a_file_is_imported_once(lithium: Cast) -> None:
    refuses(
        "result_file_imported_once",
        lambda: ResultFile.objects.create(by=lithium.priya, uploaded_at=clock.now(), text="a,b", saved=3, done=3),
    )


@pytest.mark.parametrize("model", [Result, DueItem, Circumstance])
def test_nothing_is_emptied(lithium: Cast, model: type[Model]) -> None:
    from django.db import connection

    def empty() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute(f"TRUNCATE {model._meta.db_table} CASCADE")

    refuses("never emptied", empty, InternalError)
