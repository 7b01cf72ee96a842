"""What of a person can weigh for each drug, as the columns by which the database leaves out the rest (`reading`).

Asked of the rules, by way of `essence.Scope`, and never said again here. It may let through too much: what a case comes
down to is decided in Python. Of what only the rows know (codes, allergies) those are named that do not weigh, so one
that is recorded meanwhile is kept.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from medications.safety import person
from medications.safety.facts import Allergy
from medications.vigilance.essence import Checks, Scope
from patients.record.enums import FactKey

Columns = dict[str, list[Any]]
SMOKED = ("smoking_started", "smoking_stopped")


def columns(
    checks: Checks, drugs: Iterable[str], *, codes: Sequence[str], allergies: Sequence[tuple[str, str]]
) -> Columns:
    """For these drugs: names of parameters of the statement, with a value a row. `codes`, `allergies`: on record."""
    found: Columns = {}
    for scope in (one for drug in sorted(drugs) if (one := checks.scope(drug)) is not None):
        of_drug: dict[str, list[Sequence[Any]]] = {
            "age": [(f"{{{','.join(map(str, scope.ages))}}}", scope.sexes)],
            "answer": [(key,) for key in sorted({*scope.yes, *_drinks(scope)} - scope.states)],
            "state": [(key,) for key in sorted(scope.states)],
            "smoke": [()] if scope.events & set(SMOKED) else [],
            "code": [(code,) for code in codes if not scope.weighs(code)],
            "allergy": [one for one in allergies if not scope.allergic(Allergy(*one), checks.limits)],
            "reading": [(kind, *bound) for kind, bound in _bounds(scope)],
            "other": [(name, scope.shares(name)) for name in checks.known.drugs if scope.concerns(name)],
        }  # fmt: skip
        for part, rows in of_drug.items():
            for row in rows:
                for place, value in enumerate((scope.drug.name, *row)):
                    found.setdefault(f"{part}_{place}", []).append(value)
    return {name: found.get(name, []) for name in NAMES}


NAMES = [
    f"{part}_{place}"
    for part, places in {
        "age": 3,
        "answer": 2,
        "state": 2,
        "smoke": 1,
        "code": 2,
        "allergy": 3,
        "reading": 5,
        "other": 3,
    }.items()
    for place in range(places)
]


def _drinks(scope: Scope) -> Iterable[str]:
    return [FactKey.ALCOHOL.value] if "alcohol_use" in scope.events else []


def _bounds(scope: Scope) -> Iterable[tuple[str, tuple[Any, Any, Any]]]:
    """Kinds of readings with the numbers beyond which one counts: below, from the first on, its lower from."""
    for kind, bounds in person.STANDS_FOR.items():
        for bound in bounds:
            if scope.weighs(bound.code):
                yield kind, (bound.below, bound.least, bound.least_lower)
    for what in (row["condition"] for row in scope.grave):
        if what["kind"] == "lab" and what["lab"]["code"] in person.LABS:
            yield person.LABS[what["lab"]["code"]], _crossed(what["lab"])
    if "citalopram" in scope.drug.tags:
        yield "qtc", (None, 0, None)


def _crossed(lab: Mapping[str, Any]) -> tuple[Any, Any, None]:
    return (lab["value"], None, None) if lab["op"] == "<" else (None, lab["value"], None)
