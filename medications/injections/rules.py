"""Why recording an injection says no. Sentences name no drug and no person: they also stand in the audit."""

from datetime import date
from typing import TYPE_CHECKING
from uuid import UUID

from medications.injections import calc, queries
from medications.injections.enums import Site, What
from medications.injections.models import Injection
from medications.prescribing import rules as prescribing
from medications.prescribing.models import Prescription

if TYPE_CHECKING:
    from clinic.staff.models import User


def record(by: "User", patient_id: UUID, what: str) -> str | None:
    """What was given here is recorded by who may give it; what somebody tells, by the care team."""
    if what == What.HERE:
        return prescribing.prescribe(by, patient_id)
    return prescribing.report(by, patient_id)


def depot(row: Prescription) -> str | None:
    """Only long-acting injections that are prescribed here."""
    if row.origin != "ours" or row.retracted_at is not None or not queries.is_depot(row):
        return "This is not a long-acting injection that is prescribed here."
    return None


def day(row: Prescription, on: date, today: date) -> tuple[str, str] | None:
    """A day on which it could have been given: the sentence and its field."""
    if on > today:
        return "The day lies ahead. Record it once it was given.", "on_day"
    if on < row.started_on:
        return f"It starts on {row.started_on:%b} {row.started_on.day}; that day lies before.", "on_day"
    if row.stopped_on is not None and on >= row.stopped_on:
        return "It was stopped by that day. Look at the day, or prescribe it anew.", "on_day"
    return None


def held(since: date | None, on: date, what: str) -> tuple[str, str] | None:
    """On hold (`since` a day; None: it is not) means none."""
    if what != What.NOT_GIVEN and since is not None and on >= since:
        return "It is on hold: none is given. Resume it first.", "what"
    return None


def details(what: str, site: str, lot: str, words: str) -> tuple[str, str] | None:
    """What each kind of record cannot do without: the sentence and its field."""
    if what not in What.values:
        return "Say whether it was given.", "what"
    if what == What.NOT_GIVEN:
        return None if words else ("Write why it was not given, and what comes next.", "words")
    if site and site not in Site.values:
        return "Choose where it was given.", "site"
    if what == What.HERE and not site:
        return "Choose where it was given.", "site"
    if what == What.HERE and not lot:
        return "Write the lot number on the package.", "lot"
    return None


def interval(last: date | None, on: date, every_days: int, words: str) -> tuple[str, str] | None:
    """Sooner than the order says has its reason: two depots close together cannot be taken back."""
    days = calc.too_early(last, on, every_days)
    if days is None or words:
        return None
    sentence = f"The last one was given {days} days before; the order says every {every_days}. Write why it was early."
    return sentence, "words"


def retract(found: Injection) -> str | None:
    """Once."""
    return "This was marked as entered in error already." if found.retracted_at is not None else None
