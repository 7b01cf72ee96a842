"""Why the room of the checks says no."""

from datetime import date, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from clinic import permissions
from medications.safety import knowledge
from medications.safety.enums import BY_SEVERITY, Level
from medications.safety.models import RESULTS, Tuning
from patients.record import access

if TYPE_CHECKING:
    from clinic.staff.models import User

LEAST_REASON = 10
OLDEST = timedelta(days=7)


def attest(by: "User", patient_id: UUID) -> str | None:
    """Only a prescriber on the care team attests."""
    if not access.may(by, "medication.prescribe", patient_id):
        return "Only a prescriber on the care team can record this."
    return None


def pdmp(result: str, words: str, looked_on: date, today: date) -> str | None:
    """A result, of a day that was, with words where something was not expected or nothing was looked up."""
    if result not in dict(RESULTS):
        return "Choose what the program showed."
    if result == "unexpected" and not words:
        return "Write what was not expected, and what follows. Do not copy the report."
    if result == "skipped" and not words:
        return "Write why it was not looked up."
    if looked_on > today:
        return "The look-up lies in the future. Correct the day."
    if today - looked_on > OLDEST:
        return "Record a look-up within a week of it. Look it up again today."
    return None


def exam(where: str, words: str, examined_on: date, today: date, born_on: date) -> str | None:
    """An examination of the past; elsewhere, by whom."""
    if where not in ("here", "elsewhere"):
        return "Say where: here, or by a referring prescriber."
    if where == "elsewhere" and not words:
        return "Write by whom."
    if examined_on > today or examined_on < born_on:
        return "The day lies in the future or before the birth date. Correct it."
    return None


def retract(in_error: bool, reason: str) -> str | None:
    """Once, with a reason."""
    if in_error:
        return "This is marked as entered in error already."
    return None if reason else "Write what was wrong."


def severity(rule_id: str) -> str:
    """The severity of a rule of the data; empty: no such rule."""
    known = knowledge.current()
    rows = (*known.interactions, *known.cautions, *known.allergy_cross, *known.lifestyle)
    return next((row["severity"] for row in rows if row["id"] == rule_id), "")


def lower(by: "User", rule_id: str, reason: str, live: Tuning | None) -> str | None:
    """Only an “ask” of the data is lowered, by a named prescriber, with a reason; never a stop, never a rule of law."""
    if not permissions.may(by.held_roles(), "safety.tune"):
        return "Only a prescriber can lower a check."
    if not severity(rule_id):
        return "Only checks of the reference data can be lowered: law, allergies and the label’s maximum stay."
    if not may_be_lowered(rule_id):
        return "Only a check that asks for a reason can be lowered to a note. A stop is never lowered."
    if live is not None:
        return "This check is lowered already."
    if len(reason) < LEAST_REASON:
        return f"Write why, in {LEAST_REASON} characters or more: colleagues read it."
    return None


def may_be_lowered(rule_id: str) -> bool:
    """Whether the rule asks, no more and no less; two of one class and opioid with benzodiazepine are not lowered."""
    known = knowledge.current()
    rule = next((row for row in known.interactions if row["id"] == rule_id), None)
    if rule is not None and (rule["kind"] == "duplicate" or rule.get("requires_rationale")):
        return False
    caution = next((row for row in known.cautions if row["id"] == rule_id), None)
    if caution is not None and caution["dose_limit"] and "citalopram" in caution["drug"].values():
        return False
    return BY_SEVERITY.get(severity(rule_id)) == Level.ASK


def end(by: "User", tuning: Tuning, reason: str) -> str | None:
    """Once, with a reason."""
    if not permissions.may(by.held_roles(), "safety.tune"):
        return "Only a prescriber can raise a check again."
    if tuning.ended_at is not None:
        return "This check asks again already."
    return None if len(reason) >= LEAST_REASON else f"Write why, in {LEAST_REASON} characters or more."
