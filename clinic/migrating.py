"""Migrations that do not build forty models anew for each constraint, index, trigger and new model.

Django keeps the models as they were after each operation. When one is added, or an option of it changes, Django throws
away all that point at it or that it points at, here nearly everything: measured, 126 of the 136 seconds of a first
start. A new model has nothing that points at it yet, and nothing in between reads those options but the models' own
`_meta`: they are changed where they stand. The tables come out the same.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db.migrations.state import ModelState, ProjectState
from pgtrigger.migrations import AddTrigger


@contextmanager
def models_in_place() -> Iterator[None]:
    """While it is open, migrations change the models of their states where they stand."""
    quicker: tuple[tuple[type, str, Any], ...] = (
        (ProjectState, "add_model", _add_model),
        (ProjectState, "_append_option", _append),
        (AddTrigger, "state_forwards", _add_trigger),
    )
    before = [(kind, name, getattr(kind, name)) for kind, name, _ in quicker]
    try:
        for kind, name, function in quicker:
            setattr(kind, name, function)
        yield
    finally:
        for kind, name, function in before:
            setattr(kind, name, function)


def _add_model(state: ProjectState, model_state: ModelState) -> None:
    key = model_state.app_label, model_state.name_lower
    state.models[key] = model_state
    if getattr(state, "_relations", None) is not None:
        state.resolve_model_relations(key)
    if "apps" in state.__dict__:  # the models of this state are built already
        state.apps.render_multiple([model_state])


def _append(state: ProjectState, app_label: str, model_name: str, option_name: str, added: Any) -> None:
    options = state.models[app_label, model_name].options
    options[option_name] = [*options.get(option_name, []), added]
    if "apps" in state.__dict__:
        setattr(state.apps.get_model(app_label, model_name)._meta, option_name, options[option_name])


def _add_trigger(operation: AddTrigger, app_label: str, state: ProjectState) -> None:
    _append(state, app_label, operation.model_name.lower(), "triggers", operation.trigger)
