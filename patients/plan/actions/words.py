"""What may be written into the rows of a draft: cleaned, measured, or refused beside its field."""

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypedDict

from clinic.refusal import Refused
from patients.plan import rules
from patients.plan.enums import Arm
from patients.record.calc import clean_line, clean_text

if TYPE_CHECKING:
    from clinic.staff.models import User
    from patients.record.models import Condition

MOST_PROSE = 4_000
LINES = {"title": 200, "words": 300, "unit": 40, "frequency": 60, "duration": 60, "modality": 40}


class ProblemWords(TypedDict, total=False):
    """The fields of a problem row."""

    title: str
    goal_words: str
    condition: "Condition | None"


class ObjectiveWords(TypedDict, total=False):
    """The fields of an objective row."""

    words: str
    owner: str
    instrument: str
    unit: str
    baseline: Decimal | int | None
    target: Decimal | int | None
    target_is_below: bool
    target_on: date | None


class InterventionWords(TypedDict, total=False):
    """The fields of an intervention row; its arm stays what it was."""

    modality: str
    words: str
    frequency: str
    duration: str
    provider: "User | None"


def prose(text: str, field: str) -> str:
    """A longer text, as typed, without what cannot be stored."""
    return clean_text(text, most=MOST_PROSE, field=field).strip()


def cleaned(fields: Mapping[str, Any]) -> dict[str, Any]:
    """The fields fit to store: single lines trimmed and measured, goals as typed, numbers as decimals."""
    found = dict(fields)
    for name, most in LINES.items():
        if name in found:
            found[name] = clean_line(found[name] or "", most=most, field=name)
    if "goal_words" in found:
        found["goal_words"] = prose(found["goal_words"] or "", "goal_words")
    for name in ("baseline", "target"):
        if found.get(name) is not None:
            found[name] = Decimal(found[name])
            refuse(rules.amount_fits, name, found[name])
    return found


def refuse(rule: Callable[..., str | None], field: str, *args: Any) -> None:
    """Raise the rule's sentence, if it has one, beside `field`."""
    if sentence := rule(*args):
        raise Refused(sentence, field=field)


def check_problem(row: Mapping[str, Any]) -> None:
    """A problem has a name."""
    if not row["title"]:
        raise Refused("Write what the problem is, in a few words.", field="title")


def check_objective(row: Mapping[str, Any]) -> None:
    """An objective has words, an owner, and numbers that its questionnaire can score."""
    if not row["words"]:
        raise Refused("Write what is to be reached.", field="words")
    refuse(rules.owner_known, "owner", row["owner"])
    refuse(rules.instrument_known, "instrument", row["instrument"])
    for name in ("baseline", "target"):
        refuse(rules.in_range, name, row["instrument"], row[name])


def check_intervention(row: Mapping[str, Any]) -> None:
    """An intervention says what is done; a medication row says nothing, its prescription speaks."""
    texts = {name: row[name] for name in ("modality", "words", "frequency", "duration")}
    refuse(rules.medication_has_no_words, "words", row["arm"], texts)
    if row["arm"] == Arm.THERAPY and not (row["modality"] or row["words"]):
        raise Refused("Choose a modality, or write what is done.", field="modality")
    if row["arm"] == Arm.PATIENT and not row["words"]:
        raise Refused("Write what the patient does.", field="words")
