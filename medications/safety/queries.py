"""Reading what the checks need of a patient, and the practice's numbers."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any, NamedTuple
from uuid import UUID

from django.contrib.postgres.aggregates import ArrayAgg

from clinic.ports import load
from clinic.practice import config
from medications.safety import standing
from medications.safety.facts import Allergy, Facts, Limits, Measured
from medications.safety.models import Tuning
from patients.record import calc
from patients.record.enums import FactAnswer, FactKey
from patients.record.models import Allergy as AllergyRow
from patients.record.models import Condition, MedicalFact, Patient, Reading
from patients.risk.models import RiskFlag

HABIT_DAYS = 90  # for so long a change of smoking is lately


class Told(NamedTuple):
    """One answer to a medical fact."""

    key: str
    answer: str
    recorded_at: datetime


def facts(patient: Patient, today: date) -> Facts:
    """What is known of the patient on the day. Nine queries; what was entered in error is left out."""
    return facts_of([patient], {patient.pk: today})[patient.pk]


def facts_of(patients: Sequence[Patient], today: dict[UUID, date]) -> dict[UUID, Facts]:
    """The same of many, each on their own day. Nine queries, whatever the number."""
    keys = [patient.pk for patient in patients]
    live: dict[str, Any] = {"patient__in": keys, "retracted_at": None}
    told = _told(live)
    allergies: dict[UUID, list[AllergyRow]] = _grouped(AllergyRow.objects.filter(**live))
    conditions: dict[UUID, list[Condition]] = _grouped(Condition.objects.filter(resolved_on=None, **live))
    readings = _readings(keys)
    risky = set(RiskFlag.objects.filter(patient__in=keys, closed_at=None).values_list("patient_id", flat=True))
    exams, looked_up = standing.examined(keys), standing.looked_up(keys)
    return {
        one.pk: Facts(
            today=today[one.pk],
            age=calc.age(one.born_on, today[one.pk]),
            sex=one.sex,
            allergies_asked=one.allergies,
            allergies=tuple(Allergy(row.kind, row.name, row.reaction, row.severe) for row in allergies[one.pk]),
            conditions=tuple(row.code for row in conditions[one.pk]),
            answers={row.key: row.answer for row in told.get(one.pk, ())},  # the newest counts
            risk_open=one.pk in risky,
            readings=readings[one.pk],
            events=events(told.get(one.pk, ()), today[one.pk]),
            in_person_on=exams.get(one.pk),
            pdmp_on=looked_up.get(one.pk),
        )
        for one in patients
    }


def _told(live: dict[str, Any]) -> dict[UUID, list[Told]]:
    """Every answer to a medical fact, the oldest first. A row a patient: they have dozens each. One query."""
    in_order = ("recorded_at", "pk")
    columns = {f"all_{name}": ArrayAgg(name, order_by=in_order) for name in Told._fields}
    rows = MedicalFact.objects.filter(**live).values_list("patient_id").annotate(**columns)
    return {patient: list(map(Told, *told)) for patient, *told in rows}


def _grouped(rows: Iterable[Any]) -> dict[UUID, list[Any]]:
    found: dict[UUID, list[Any]] = defaultdict(list)
    for row in rows:
        found[row.patient_id].append(row)
    return found


def _readings(keys: Sequence[UUID]) -> dict[UUID, dict[str, Measured]]:
    """The newest of each kind: the record's own, and what a room above knows (port LAB_VALUES)."""
    found: dict[UUID, dict[str, Measured]] = defaultdict(dict)
    rows = (
        Reading.objects.filter(patient__in=keys, retracted_at=None)
        .order_by("patient_id", "kind", "-taken_on", "-recorded_at", "-pk")
        .distinct("patient_id", "kind")
    )
    for row in rows:
        found[row.patient_id][row.kind] = Measured(row.value, row.taken_on, row.lower)
    for ask in load("LAB_VALUES"):
        for patient_id, kind, value, on in ask(keys):
            known = found[patient_id].get(kind)
            if known is None or on > known.on:
                found[patient_id][kind] = Measured(value, on)
    return found


def events(told: Sequence[Told], today: date) -> frozenset[str]:
    """Habits as the lifestyle rows name them; a change of smoking counts for ninety days. `told`: oldest first."""
    found = set()
    answers = {row.key: row.answer for row in told}
    if answers.get(FactKey.ALCOHOL) == FactAnswer.YES:
        found.add("alcohol_use")
    smoked = [row for row in told if row.key == FactKey.SMOKING and row.answer != FactAnswer.UNSURE]
    for before, after in pairwise(smoked):
        lately = (today - after.recorded_at.date()) <= timedelta(days=HABIT_DAYS)
        if before.answer != after.answer and lately:
            found -= {"smoking_stopped", "smoking_started"}
            found.add("smoking_stopped" if after.answer == FactAnswer.NO else "smoking_started")
    return frozenset(found)


def limits(today: date) -> Limits:
    """The practice's numbers and its tuning on the day. Two queries."""
    values = config.values(today)
    return Limits(
        v_as_iii=bool(values["schedule_v_as_iii"]),
        risk_days=int(values["risk_supply_days"]),
        telehealth_until=date.fromisoformat(str(values["telehealth_cs_until"])),
        pdmp_days=int(values["pdmp_days"]),
        lowered=frozenset(Tuning.objects.filter(ended_at=None).values_list("rule_id", flat=True)),
    )
