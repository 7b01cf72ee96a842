"""Every write of the shared plan: drafting, signing, and where behaviours stand."""

from patients.plan.actions.drafting import (
    add_intervention,
    add_objective,
    add_problem,
    change_intervention,
    change_objective,
    change_problem,
    draft,
    remove_intervention,
    remove_objective,
    remove_problem,
    save,
)
from patients.plan.actions.readings import record_reading
from patients.plan.actions.signing import sign

__all__ = [
    "add_intervention",
    "add_objective",
    "add_problem",
    "change_intervention",
    "change_objective",
    "change_problem",
    "draft",
    "record_reading",
    "remove_intervention",
    "remove_objective",
    "remove_problem",
    "save",
    "sign",
]
