"""Houses, rooms, furniture: what import-linter cannot see (relations, URL names in templates, the shape of actions)."""

import ast
import inspect
import re
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from django.db import models

from clinic.rows import Row
from tests.architecture import (
    HOUSES,
    ROOT,
    UPWARD_RELATIONS,
    URL_TAG,
    level,
    may_know,
    relations,
    room_configs,
    rooms_in_settings,
    templates,
    url_names,
)

MODELS = [model for config in room_configs() for model in config.get_models() if not hasattr(model, "pgh_id")]
# The frame and shared pieces may name any page: they hold names as strings by design (clinic.web.navigation).
FRAME = {"web", "components", "account", "mfa", "base.html"}
# Folders of templates whose name is not the room's.
FOLDER_ROOM = {config.name.split(".")[-1]: config.name for config in room_configs()}


def test_every_room_has_its_level() -> None:
    for room in rooms_in_settings():
        level(room)


def test_relations_point_down() -> None:
    wrong = [
        f"{name} points to {other}"
        for name, room, other in relations()
        if not may_know(room, other) and name not in UPWARD_RELATIONS
    ]
    assert wrong == []


def test_clinic_holds_patients_only_as_plain_ids() -> None:
    wrong = [
        name for name, room, other in relations() if room.startswith("clinic.") and not other.startswith("clinic.")
    ]
    assert wrong == []


def test_url_names_in_templates_exist() -> None:
    known = {name for name, _ in url_names()}
    wrong = [
        f"{path.relative_to(ROOT)}: {name}"
        for path in templates()
        for name in URL_TAG.findall(path.read_text())
        if name not in known
    ]
    assert wrong == []


def _named_rooms(path: Path) -> set[str]:
    return {
        FOLDER_ROOM[name.split(":")[0]]
        for name in URL_TAG.findall(path.read_text())
        if name.split(":")[0] in FOLDER_ROOM
    }


def test_templates_of_sibling_houses_never_name_each_other() -> None:
    wrong = []
    for path in templates():
        folder = path.relative_to(ROOT / "templates").parts[0]
        room = FOLDER_ROOM.get(folder, "")
        for other in _named_rooms(path):
            if {room.split(".")[0], other.split(".")[0]} == {"therapy", "medications"}:
                wrong.append(f"{folder}/{path.name} names {other}")
    assert wrong == []


def _actions() -> list[tuple[str, Any]]:
    found = []
    for config in room_configs():
        if find_spec(f"{config.name}.actions"):
            module = import_module(f"{config.name}.actions")
            for name, thing in inspect.getmembers(module, inspect.isfunction):
                if thing.__module__ == module.__name__ and not name.startswith("_"):
                    found.append((f"{config.name}.actions.{name}", thing))
    return found


# Machinery of the lowest rooms that no person acts through, each with its reason.
WITHOUT_ACTOR = {
    "clinic.practice.actions.known_keys": "reads",
}


def test_actions_name_their_actor() -> None:
    lowest = ("clinic.audit.", "clinic.outbox.", "patients.timeline.")  # called inside other actions, which name theirs
    wrong = [
        name
        for name, action in _actions()
        if not name.startswith(lowest)
        and name not in WITHOUT_ACTOR
        and not {"by", "token"} & set(inspect.signature(action).parameters)
    ]
    assert wrong == []


def test_every_model_has_our_key() -> None:
    others = {"clinic_staff.User", "clinic_audit.AuditSeal"}  # a user keeps Django's base; a seal's key is its position
    wrong = [m._meta.label for m in MODELS if not issubclass(m, Row) and m._meta.label not in others]
    assert wrong == []


def _constraint_names() -> list[tuple[str, str]]:
    return [
        (model._meta.label, constraint.name)
        for model in MODELS
        for constraint in model._meta.constraints
        if isinstance(constraint, models.BaseConstraint)
    ]


@pytest.mark.parametrize(("model", "name"), _constraint_names())
def test_every_constraint_is_named_in_a_test(model: str, name: str) -> None:
    """A test that breaks a constraint names it; that the database then refuses is that test's business."""
    assert name in _all_tests(), f"{model}: no test breaks {name}"


@cache
def _all_tests() -> str:
    return "\n".join(path.read_text() for path in (ROOT / "tests").rglob("test_*.py"))


ASKING = {f"{where}.{what}" for where in ("datetime", "date", "timezone") for what in ("now", "today", "utcnow")}


def test_nobody_but_the_clock_asks_the_time() -> None:
    """`auto_now`, `timezone.now` and `datetime.now` would be blind to a set clock."""
    wrong = []
    for house in HOUSES:
        for path in (ROOT / house).rglob("*.py"):
            if path.name == "clock.py" or "migrations" in path.parts or "run" in path.parts:
                continue
            for node in ast.walk(ast.parse(path.read_text())):
                asks = isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and ast.unparse(node)
                if asks in ASKING:
                    wrong.append(f"{path.relative_to(ROOT)}: {asks}")
                if isinstance(node, ast.keyword) and node.arg in ("auto_now", "auto_now_add"):
                    wrong.append(f"{path.relative_to(ROOT)}:{node.value.lineno}")
    assert wrong == []


def test_every_rule_in_the_code_is_named_in_a_test() -> None:
    rule = re.compile(r"\bR-(?:HP|HS|IB|P2|RX|MB|SI|TP|PN|CPT|TH|TA|MO|RE)-[0-9A-Z]+\b")
    code = {r for house in HOUSES for p in (ROOT / house).rglob("*.py") for r in rule.findall(p.read_text())}
    tests = set(rule.findall(_all_tests()))
    assert sorted(code - tests) == []
