"""Why the room of controlled substances says no."""

from collections.abc import Sequence
from datetime import date

from clinic.staff.models import User
from medications.controlled.calc import MOST_DAYS
from medications.controlled.models import STATUSES
from medications.prescribing.checks import Supply
from medications.prescribing.models import Authorisation, Prescription


def series(prescription: Prescription, supplies: Sequence[Supply], attested: bool) -> str | None:
    """R-RX-02: Schedule II, two or more, 90 days in all, no refills, attested."""
    if prescription.drug is None or prescription.drug.schedule != "II":
        return "A series is for Schedule II. Authorise refills instead."
    if not 2 <= len(supplies) <= 6:
        return "A series has two to six prescriptions."
    total = sum(one.days for one in supplies)
    if total > MOST_DAYS:
        return f"A series covers {MOST_DAYS} days at most; these are {total}. Make it shorter."
    if any(one.refills for one in supplies):
        return "Schedule II has no refills: each of the series is a prescription of its own."
    if not attested:
        return "Attest that the series creates no undue risk of diversion and that the state permits it."
    return None


def more(authorisation: Authorisation, refills: int, today: date) -> str | None:
    """R-RX-03: more refills of what is live and has not lapsed; how many is the checks' answer."""
    if authorisation.schedule not in ("III", "IV", "V"):
        return "More refills are for Schedules III to V. Write a new prescription."
    if authorisation.voided_at is not None:
        return "This authorisation is void. Write a new prescription."
    if authorisation.expires_on is not None and today > authorisation.expires_on:
        return "This authorisation has lapsed after six months. Write a new prescription."
    return None if refills >= 1 else "Write how many refills are added, 1 or more."


def certified(
    by: User, authorisation: Authorisation, status: str, number: str, words: str, newest: str
) -> tuple[str, str] | None:
    """Only who signed tells what the certified system did; in an order that can be: the sentence and its field."""
    if authorisation.issued_by_id != by.pk:
        return "Only the prescriber who signed it can tell this.", "status"
    if not authorisation.schedule:
        return "This is not a controlled substance.", "status"
    if status not in dict(STATUSES):
        return "Choose what happened.", "status"
    if status == "signed" and not number:
        return "Write the number that the certified system gave.", "number"
    if status == "failed" and not words:
        return "Write what it said.", "words"
    if newest == "cancelled":
        return "This was cancelled. Write a new prescription.", "status"
    if newest in ("signed", "paper") and status != "cancelled":
        return "It has left already. Only a cancellation can follow.", "status"
    if newest not in ("signed", "paper") and status == "cancelled":
        return "It has not left: there is nothing to cancel.", "status"
    if status in ("signed", "paper") and authorisation.voided_at is not None:
        return "This authorisation is void: do not send it. Write a new prescription.", "status"
    return None


def review(month: date, today: date, known: bool) -> str | None:
    """A month that is over, once."""
    if month.day != 1 or month >= today.replace(day=1):
        return "The month is not over yet."
    return "You looked through this month already." if known else None
