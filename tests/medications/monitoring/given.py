"""What tests of monitoring stand on: lithium since March 2, results, later days."""

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from clinic import clock
from clinic.refusal import Refused
from clinic.staff.models import User
from medications.monitoring import actions, engine, knowledge
from medications.monitoring.actions import Given
from medications.monitoring.calc import Reading
from medications.monitoring.engine import Choices, Due, Plan
from medications.monitoring.models import DueItem, Result
from medications.monitoring.predicates import Course, Person
from medications.prescribing.actions import Override
from medications.prescribing.models import DoseOrder, Prescription
from medications.safety import knowledge as drugs
from patients.record.models import Patient
from tests.cast import at
from tests.medications.prescribing.given import NOW, asked_everything, regimen, started, supply

START = date(2026, 3, 2)
LITHIUM, EGFR, CALCIUM, TSH, ANC, WEIGHT, ALT, QTC = (
    "14334-7", "98979-8", "17861-6", "3016-3", "751-8", "29463-7", "1742-6", "8636-3"
)  # fmt: skip
ADULT = Person(date(1990, 5, 17), "male", answers={"could_become_pregnant": "no"})
PLAN = Plan(knowledge.current())


class Everything(dict[str, Override]):
    """The same reason, whatever is found."""

    def get(self, key: str, default: Any = None) -> Any:
        """Always that reason."""
        return Override("benefit", "Discussed, and watched closely.")


def day(number: int) -> date:
    """So many days after the start."""
    return START + timedelta(days=number)


def moment(number: int, time: str = "09:00") -> datetime:
    """A time on that day in Portland."""
    return at(f"{day(number)} {time}")


def course(drug: str, start: date = START, *, key: str = "one", **more: Any) -> Course:
    """A course of the drug."""
    known = drugs.current().drug(drug)
    assert known is not None
    return Course(key, known, start, **more)


def asked(
    drug: str | Sequence[Course], today: date, results: Mapping[str, Sequence[Reading]] | None = None, *,
    person: Person = ADULT, plan: Plan = PLAN, **more: Any,
) -> dict[str, Due]:  # fmt: skip
    """What the engine asks for, by code."""
    courses = [course(drug, **more)] if isinstance(drug, str) else drug
    return {one.code: one for one in engine.due(person, courses, results or {}, plan, today)}


def reading(number: int, value: str | None = "0.7", low: str | None = None, high: str | None = None) -> Reading:
    """A result on that day."""
    value_, low_, high_ = (None if one is None else Decimal(one) for one in (value, low, high))
    return Reading(day(number), value_, low_, high_)


def chosen(**more: Any) -> Plan:
    """The plan of a practice that chose otherwise."""
    return Plan(knowledge.current(), Choices(**more))


def on_lithium(patient: Patient, by: User, **more: Any) -> DoseOrder:
    """Lithium 900 mg from March 2; every fact answered."""
    with clock.at(NOW):
        if patient.allergies != "none_known":
            asked_everything(patient, by=by)
        given: dict[str, Any] = {
            "regimen": regimen("lithium", 300, "3"), "supply": supply(90, 30, 5), "answers": Everything(), **more
        }  # fmt: skip
        return started(patient, by=by, **given)


def on(drug: str, strength: str | int, patient: Patient, by: User, **more: Any) -> DoseOrder:
    """Another drug from March 2."""
    with clock.at(NOW):
        return started(patient, by=by, regimen=regimen(drug, strength), answers=Everything(), **more)


def result(
    patient: Patient, code: str, value: str | None, *, by: User, number: int = 0, time: str = "08:00", **more: Any
) -> Result:  # fmt: skip
    """A result taken and recorded on that day."""
    when = moment(number, time)
    value_ = None if value is None else Decimal(value)
    with clock.at(when + timedelta(hours=3)):
        return actions.record(patient, given=Given(code, when, value_, **more), by=by)


def open_item(patient: Patient, code: str) -> DueItem | None:
    """What is open of that code."""
    return DueItem.objects.filter(patient=patient, code=code, state="open").first()


def due_on(patient: Patient, code: str) -> date | None:
    """Its day."""
    row = open_item(patient, code)
    return row.due_on if row else None


def rows() -> list[tuple[Any, ...]]:
    """Every due item, whatever its state, without keys and moments."""
    names = ("patient_id", "code", "protocol", "prescription_id", "due_on", "refill_asks_on", "reason", "state", "asks")
    return sorted(map(tuple, DueItem.objects.values_list(*names)), key=repr)


def fresh(order: DoseOrder) -> Prescription:
    """Its prescription as it is now."""
    return Prescription.objects.get(pk=order.prescription_id)


def refused(sentence: str) -> Any:
    """The block is refused with a sentence that holds this."""
    return pytest.raises(Refused, match=re.escape(sentence))
