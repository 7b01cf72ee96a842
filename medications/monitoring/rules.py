"""Why monitoring says no. Sentences name no drug and no patient."""

from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING
from uuid import UUID

from clinic import clock
from medications.monitoring import calc
from medications.monitoring.knowledge import Item
from medications.monitoring.models import Circumstance, Result
from patients.record import access
from patients.record.models import Patient

if TYPE_CHECKING:
    from clinic.staff.models import User

MOST_HOURS = 96
MOST_YEARS = 30
NOT_YOURS = "Only the care team records results here."
CHECK_UNIT = "Check number and unit. If it is right as it stands, tick “right as typed”."


def record(by: "User", patient_id: UUID) -> str | None:
    """Therapists and prescribers of the care team record results."""
    return None if access.may(by, "results.record", patient_id) else NOT_YOURS


def handle(by: "User", result: Result, words: str) -> str | None:
    """A prescriber answers a result that alerts, once, in words."""
    if not access.may(by, "results.handle", result.patient_id):
        return "Only a prescriber on the care team answers this."
    if result.retracted_at is not None:
        return "This was entered in error and asks for nothing."
    if not result.level:
        return "Nothing in this result asks for an answer."
    if result.handled_at is not None:
        return "This was answered already."
    return None if words.strip() else "Write what is done about it."


def retract(by: "User", result: Result, reason: str) -> str | None:
    """Marked as entered in error once, with its reason."""
    if sentence := record(by, result.patient_id):
        return sentence
    if result.retracted_at is not None:
        return "This was marked as entered in error already."
    return None if reason.strip() else "Write what was wrong."


def taken(at: datetime, patient: Patient) -> str | None:
    """A result was taken in the past, after the birth, within a time that anybody keeps."""
    if at > clock.now():
        return "That is in the future. Enter when it was taken."
    day = at.astimezone(patient.zone).date()
    if day < patient.born_on:
        return "That is before the person was born. Enter when it was taken."
    if (clock.now().date() - day).days > MOST_YEARS * 366:
        return f"That is more than {MOST_YEARS} years ago. Enter when it was taken."
    return None


def hours(value: Decimal | None) -> str | None:
    """Hours after the last dose, if they are known at all."""
    if value is None or (value.is_finite() and 0 <= value <= MOST_HOURS):
        return None
    return f"Hours after the last dose: 0 to {MOST_HOURS}."


def unit(item: Item, given: str) -> str | None:
    """A number stands in a unit that leads to the one of the data."""
    if not item.unit or given in calc.units_for(item.code, item.unit):
        return None
    fine = ", ".join(calc.shown_unit(one) for one in calc.units_for(item.code, item.unit))
    return f"The unit {given or '(none)'} is not known for this. Give it in {fine}."


def plausible(item: Item, value: Decimal) -> str | None:
    """A slip of the unit is asked about before anything is saved."""
    if item.plausible is None or item.plausible[0] <= value <= item.plausible[1]:
        return None
    low, high = item.plausible
    unit = calc.shown_unit(item.unit)
    said = f"{value.normalize():f} {unit} can hardly be: {low.normalize():f} to {high.normalize():f} is what occurs."
    factor = calc.slip(value, low, high)
    if factor is not None:
        said += f" {(value * factor).normalize():f} {unit} would be plausible: is it another unit?"
    return f"{said} {CHECK_UNIT}"


def in_range(low: Decimal | None, high: Decimal | None) -> str | None:
    """The laboratory's range has its lower end below its upper one."""
    if low is not None and high is not None and low >= high:
        return "The range ends before it begins. Enter its lower end first."
    return None


def circumstance(known: bool, since: date, today: date, words: str) -> str | None:
    """A circumstance is one that something depends on, has begun, and says in words how it is known."""
    if not known:
        return "Choose one of the circumstances."
    if since > today:
        return "It has not begun yet. Enter since when it holds."
    return None if words.strip() else "Write how it is known, in a line: the care team reads it."


def end(found: Circumstance) -> str | None:
    """It ends once."""
    return "This has ended already." if found.ended_at is not None else None
