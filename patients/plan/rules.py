"""Why the shared plan says no: what a draft may not hold, and what stands against its signature."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from clinic.ports import Arm as LiveArm
from patients.measures import instruments
from patients.plan.calc import label
from patients.plan.enums import Agreement, Arm, Owner, VersionState
from patients.plan.models import InterventionRow, ObjectiveRow, PlanVersion, ProblemRow

MOST_AMOUNT = Decimal(10) ** 7  # what the column holds, exclusive
MOST_ROWS = 26  # objectives of a problem carry letters


@dataclass(frozen=True, slots=True)
class Against:
    """A sentence that stands against signing, the rule it comes from, and the id of the place where to mend it."""

    sentence: str
    rule: str
    place: str


def draft_only(version: PlanVersion) -> str | None:
    """Only a draft changes (R-TP-09)."""
    if version.state == VersionState.DRAFT:
        return None
    return "This version is signed and stays as it is. Change the plan in the next version."


def owner_known(owner: str) -> str | None:
    """Somebody carries the objective."""
    return None if owner in Owner.values else "Say whose objective it is: therapist, prescriber, both or patient."


def arm_known(arm: str) -> str | None:
    """An intervention is therapy, medication or what the patient does."""
    return None if arm in Arm.values else "Say what kind of intervention it is: therapy, medication or the patient's."


def same_patient(version: PlanVersion, *others: object) -> str | None:
    """What a row points at is about the same person."""
    if all(getattr(other, "patient_id", None) == version.patient_id for other in others if other is not None):
        return None
    return "That belongs to another patient's record."


def room_for_more(count: int) -> str | None:
    """A version stays readable."""
    return None if count < MOST_ROWS else f"There are {count} already; a plan that long is read by nobody. Remove one."


def medication_has_no_words(arm: str, words: Mapping[str, object]) -> str | None:
    """A medication row is the live prescription: its text is stored nowhere else."""
    if arm == Arm.MEDICATION and any(words.values()):
        return "A medication row shows the prescription itself; leave modality, words, frequency and duration empty."
    return None


def amount_fits(value: Decimal | None) -> str | None:
    """A number that the plan can hold: seven digits before the point, two after."""
    if value is None:
        return None
    if not value.is_finite() or abs(value) >= MOST_AMOUNT:
        return "The number is too large."
    return None if value == round(value, 2) else "Two digits after the point are the most."


def instrument_known(key: str) -> str | None:
    """An objective's measure is one of the questionnaires."""
    return None if not key or key in instruments.everything() else "There is no such questionnaire."


def in_range(key: str, value: Decimal | None) -> str | None:
    """A baseline or target lies within what the questionnaire can score."""
    found = instruments.everything().get(key)
    if value is None or found is None or found.range is None or found.range[0] <= value <= found.range[1]:
        return None
    return f"{found.short_name} scores from {found.range[0]} to {found.range[1]}."


def reading_on(on: date, today: date) -> str | None:
    """Nobody has seen tomorrow."""
    return "A reading cannot lie in the future." if on > today else None


def agreement_recorded(patient_agreed: str) -> str | None:
    """The patient's agreement, or that they declined to sign, is recorded (R-TP-04)."""
    if patient_agreed in Agreement.values:
        return None
    return "Record whether the patient agrees with the plan or declined to sign."


def against_signing(
    version: PlanVersion, arms: Mapping[UUID, LiveArm], measures: Iterable[str], today: date
) -> list[Against]:
    """Everything that stands against signing a loaded draft, in the order of the page; empty: nothing.

    `arms`: the live rows by intervention; `measures`: what the rooms of the arms say (R-TP-08).
    """
    found: list[Against] = []
    problems = list(version.problem_rows.all())
    if not problems:
        found.append(Against("The plan names no problem yet.", "R-TP-01", "problems"))
    for n, problem in enumerate(problems, 1):
        found += _problem(n, problem, arms, today)
    found += [Against(sentence, "R-TP-08", "problems") for sentence in measures]
    if not version.discharge_criteria.strip():
        found.append(Against("Nobody has written when the plan has done its work.", "R-TP-02", "criteria"))
    return found


def _problem(n: int, row: ProblemRow, arms: Mapping[UUID, LiveArm], today: date) -> list[Against]:
    place = f"row-{row.pk}"
    found = []
    if row.condition is not None and row.condition.retracted_at is not None:
        found.append(f"Problem {n}: its diagnosis was entered in error; choose another or none.")
    if not row.goal_words.strip():
        found.append(f"Problem {n} has no goal in the patient's own words.")
    objectives: Sequence[ObjectiveRow] = list(row.objective_rows.all())
    interventions: Sequence[InterventionRow] = list(row.intervention_rows.all())
    if not objectives:
        found.append(f"Problem {n} has no objective.")
    if not interventions:
        found.append(f"Problem {n} has no intervention.")
    against = [Against(sentence, "R-TP-01", place) for sentence in found]
    for place_in, objective in enumerate(objectives):
        against += _objective(label(n, place_in), objective, today)
    for intervention in interventions:
        against += _intervention(n, intervention, arms)
    return against


def _objective(name: str, row: ObjectiveRow, today: date) -> list[Against]:
    missing = []
    if not row.instrument and not row.unit.strip():
        missing.append("a questionnaire, or a behavior with its unit")
    if row.baseline is None:
        missing.append("a start")
    if row.target is None:
        missing.append("an aim")
    if row.target_on is None:
        missing.append("a date to reach it by")
    found = [f"Objective {name} needs {_list(missing)}."] if missing else []
    if row.target_on is not None and row.target_on <= today:
        found.append(f"Objective {name} was to be reached by a day that has passed; set a new one.")
    return [Against(sentence, "R-TP-01", f"row-{row.pk}") for sentence in found]


def _intervention(n: int, row: InterventionRow, arms: Mapping[UUID, LiveArm]) -> list[Against]:
    sentence = ""
    if row.arm == Arm.MEDICATION:
        live = arms.get(row.intervention_id)
        if live is None:
            sentence = f"Problem {n}: no prescription is linked to the medication row."
        elif not live.live:
            sentence = f"Problem {n}: the prescription of a medication row has ended; remove the row or link another."
    elif row.arm == Arm.THERAPY:
        wanted = {"a modality": row.modality, "a frequency": row.frequency, "a duration": row.duration}
        missing = [name for name, value in wanted.items() if not value.strip()]
        missing += [] if row.provider_id else ["who provides it"]
        sentence = f"Problem {n}: the therapy row needs {_list(missing)}." if missing else ""
    else:
        wanted = {"words": row.words, "how often": row.frequency}
        missing = [name for name, value in wanted.items() if not value.strip()]
        sentence = f"Problem {n}: what the patient does needs {_list(missing)}." if missing else ""
    return [Against(sentence, "R-TP-01", f"row-{row.pk}")] if sentence else []


def _list(words: Sequence[str]) -> str:
    return f"{', '.join(words[:-1])} and {words[-1]}" if len(words) > 1 else "".join(words)
