"""Migrations that change models in place leave the same models, options and tables as Django's own way."""

from typing import Any

import pytest
from django.db import connection, models
from django.db.migrations import AddConstraint, AddIndex, CreateModel
from django.db.migrations.state import ProjectState
from pgtrigger import Protect, Update
from pgtrigger.migrations import AddTrigger

from clinic.migrating import models_in_place

OPERATIONS = (
    CreateModel("Chair", [("id", models.BigAutoField(primary_key=True)), ("legs", models.IntegerField())]),
    CreateModel(
        "Seat",
        [
            ("id", models.BigAutoField(primary_key=True)),
            ("chair", models.ForeignKey("rooms.Chair", models.CASCADE, related_name="seats")),
        ],
    ),
    AddConstraint("chair", models.CheckConstraint(condition=models.Q(legs__gte=3), name="chair_stands")),
    AddIndex("seat", models.Index(fields=["chair"], name="seat_by_chair")),
    AddTrigger("seat", Protect(name="seat_stays", operation=Update)),
)


def states() -> ProjectState:
    """The state after all operations, its models built from the beginning, as while migrating."""
    state = ProjectState()
    assert state.apps
    for operation in OPERATIONS:
        operation.state_forwards("rooms", state)
    return state


def said(state: ProjectState) -> dict[str, Any]:
    """What the states and the built models say of themselves."""
    return {
        name: (
            sorted(state.models["rooms", name].fields),
            {key: [one.name for one in value] for key, value in state.models["rooms", name].options.items() if value},
            sorted(field.name for field in model._meta.get_fields()),
            [one.name for one in model._meta.constraints],
            [one.name for one in model._meta.indexes],
            [one.name for one in getattr(model._meta, "triggers", [])],
        )
        for name in ("chair", "seat")
        for model in [state.apps.get_model("rooms", name)]
    }


def test_the_models_are_the_same() -> None:
    usual = said(states())
    with models_in_place():
        quick = said(states())
    assert quick == usual
    assert "seats" in quick["chair"][2]
    assert quick["seat"][3:] == ([], ["seat_by_chair"], ["seat_stays"])


def test_the_constraint_holds_in_the_database(db: None) -> None:
    with models_in_place():
        state = ProjectState()
        assert state.apps
        for operation in OPERATIONS[:3]:
            before = state.clone()
            operation.state_forwards("rooms", state)
            with connection.schema_editor() as editor:
                operation.database_forwards("rooms", editor, before, state)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = 'chair_stands'")
        assert cursor.fetchall() == [("CHECK ((legs >= 3))",)]


def test_it_ends_with_its_block() -> None:
    before = ProjectState.add_model
    with pytest.raises(ZeroDivisionError), models_in_place():
        raise ZeroDivisionError
    assert ProjectState.add_model is before
