"""Reading for monitoring: what people take and what was measured, in bulk; what is due; who sees it."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import TYPE_CHECKING
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import F, Q, QuerySet, TextField
from django.db.models.functions import Cast

from clinic.once import once
from clinic.practice import config
from clinic.rows import these
from clinic.staff.enums import Role
from medications.monitoring import knowledge
from medications.monitoring.calc import Reading, Standing
from medications.monitoring.engine import Choices
from medications.monitoring.enums import Level, State
from medications.monitoring.knowledge import PHQ9, PHQ9_ITEM_9, WEIGHT, Item
from medications.monitoring.models import Circumstance, DueItem, Result, ResultFile
from medications.monitoring.predicates import Course, Person, looked_at
from medications.prescribing.models import DoseOrder, HoldPeriod, Prescription
from medications.safety import knowledge as drugs
from medications.safety.person import LABS
from medications.visits.models import Visit
from patients.measures.models import Score
from patients.record.access import members, visible_patients
from patients.record.models import Condition, MedicalFact, Patient

if TYPE_CHECKING:
    from clinic.staff.models import User

ZONE = ZoneInfo(settings.TIME_ZONE)
AIMS_SCORE = "aims"
VITALS = {"systolic": "8480-6", "diastolic": "8462-4", "pulse": "8867-4", "weight_kg": WEIGHT}
ITEM_9 = 8  # place of item 9 among the answers
SOON = 14  # days ahead that count as soon


@dataclass
class Situation:
    """Everything that the engine asks about one patient."""

    person: Person
    courses: list[Course] = field(default_factory=list)
    results: dict[str, list[Reading]] = field(default_factory=dict)


def choices(today: date) -> Choices:
    """What the practice has configured for the day. One query."""
    values = config.values(today)
    kept = ("metabolic", "valproate", "carbamazepine", "prolactin")
    return Choices(
        profiles={key: str(values[f"monitoring_{key}"]) for key in kept},
        aims_high=int(values["aims_days_high_risk"]), aims=int(values["aims_days"]),
        later=int(values["monitoring_later_days"]), questions_block=bool(values["monitoring_questions_block"]),
        optional=bool(values["monitoring_optional"]),
    )  # fmt: skip


def situations(patients: Collection[UUID]) -> dict[UUID, Situation]:
    """What is known of these patients. Ten queries, whatever the number."""
    people = Patient.objects.filter(pk__in=these(patients)).values_list("pk", "born_on", "sex")
    facts, conditions, flags = _facts(patients), _conditions(patients), _flags(patients)
    found = {
        pk: Situation(Person(born, sex, tuple(conditions.get(pk, ())), facts.get(str(pk), {}), flags.get(pk, {})))
        for pk, born, sex in people
    }
    for patient, course in _courses(patients):
        found[patient].courses.append(course)
    for pk, code, reading in _readings(patients):
        found[pk].results.setdefault(code, []).append(reading)
    for one in found.values():
        for rows in one.results.values():
            rows.sort(key=lambda reading: reading.on)
    return found


def _facts(patients: Collection[UUID]) -> dict[str, dict[str, str]]:
    """By the patient's key as text: there are a dozen rows of each. One query."""
    rows = MedicalFact.objects.filter(
        patient__in=these(patients), retracted_at=None, key__in=looked_at(knowledge.current())
    ).order_by("recorded_at", "pk")
    found: dict[str, dict[str, str]] = {}
    for patient, key, answer in rows.values_list(Cast("patient_id", TextField()), "key", "answer"):
        found.setdefault(patient, {})[key] = answer  # the newest counts
    return found


def _conditions(patients: Collection[UUID]) -> dict[UUID, list[tuple[str, date]]]:
    found: dict[UUID, list[tuple[str, date]]] = {}
    rows = Condition.objects.filter(patient__in=these(patients), retracted_at=None, resolved_on=None)
    for patient, code, since, recorded in rows.values_list("patient_id", "code", "since", "recorded_at"):
        found.setdefault(patient, []).append((code, since or recorded.astimezone(ZONE).date()))
    return found


def _flags(patients: Collection[UUID]) -> dict[UUID, dict[str, date]]:
    found: dict[UUID, dict[str, date]] = {}
    rows = Circumstance.objects.filter(patient__in=these(patients), ended_at=None)
    for patient, key, since in rows.values_list("patient_id", "key", "since"):
        found.setdefault(patient, {})[key] = since
    return found


def _courses(patients: Collection[UUID]) -> Iterable[tuple[UUID, Course]]:
    """Medicines of the catalogue that are not in error, with the days on which their dose changed. Three queries."""
    known = drugs.current()
    orders: dict[str, list[tuple[date, Decimal]]] = {}
    rows = DoseOrder.objects.filter(patient__in=these(patients), retracted_at=None).exclude(until_day=F("from_day"))
    of = Cast("prescription_id", TextField())
    for key, day, amount in rows.order_by("from_day", "signed_at").values_list(of, "from_day", "daily_amount"):
        orders.setdefault(key, []).append((day, amount))
    holds: dict[str, list[tuple[date, date | None]]] = {}
    paused = HoldPeriod.objects.filter(prescription__patient__in=these(patients))
    for key, begun, until in paused.values_list(of, "from_day", "until_day"):
        holds.setdefault(key, []).append((begun, until))
    taken = Prescription.objects.filter(patient__in=these(patients), retracted_at=None, drug__isnull=False)
    for pk, patient, name, origin, start, stopped in taken.order_by("started_on", "pk").values_list(
        Cast("pk", TextField()), "patient_id", "drug__generic_name", "origin", "started_on", "stopped_on"
    ):
        drug = known.drug(name)
        if drug is None or stopped == start:  # stopped before it began: never taken
            continue
        doses = orders.get(pk, [])
        changes = tuple(now[0] for was, now in pairwise(doses) if was[1] != now[1])
        yield patient, Course(pk, drug, start, changes, tuple(holds.get(pk, ())), stopped, origin == "ours")


def _readings(patients: Collection[UUID]) -> Iterable[tuple[UUID, str, Reading]]:
    """Results, vital signs of signed visits, scores of the measures. Three queries."""
    rows = Result.objects.filter(patient__in=these(patients), retracted_at=None)
    for patient, code, at, value, low, high in rows.values_list(
        "patient_id", "code", "taken_at", "value", "low", "high"
    ):
        yield patient, code, Reading(at.astimezone(ZONE).date(), value, low, high)
    yield from _vital_signs(patients)
    yield from _scores(patients)


def _vital_signs(patients: Iterable[UUID | str]) -> Iterable[tuple[UUID, str, Reading]]:
    visits = Visit.objects.filter(patient__in=these(patients), note__signed_at__isnull=False, note__retracted_at=None)
    for patient, at, *values in visits.values_list("patient_id", "note__started_at", *VITALS):
        for code, measured in zip(VITALS.values(), values, strict=True):
            if measured is not None:
                yield patient, code, Reading(at.astimezone(ZONE).date(), Decimal(measured))


def _scores(patients: Iterable[UUID | str]) -> Iterable[tuple[UUID, str, Reading]]:
    scores = Score.objects.filter(patient__in=these(patients), retracted_at=None, instrument__in=["phq9", AIMS_SCORE])
    for patient, instrument, at, total, answers in scores.values_list(
        "patient_id", "instrument", "answered_at", "total", "answers"
    ):
        day = at.astimezone(ZONE).date()
        if instrument == AIMS_SCORE:
            yield patient, knowledge.AIMS, Reading(day, None if total is None else Decimal(total))
            continue
        if total is not None:
            yield patient, PHQ9, Reading(day, Decimal(total))
        if len(answers) > ITEM_9 and answers[ITEM_9] is not None:
            yield patient, PHQ9_ITEM_9, Reading(day, Decimal(answers[ITEM_9]))


def lab_values(patients: Collection[UUID]) -> Iterable[tuple[UUID, str, Decimal, date]]:
    """Port LAB_VALUES: the newest eGFR and QTc of each, with its day. One query; what is in error is left out."""
    rows = (
        Result.objects.filter(patient__in=patients, code__in=LABS, retracted_at=None, value__isnull=False)
        .order_by("patient_id", "code", "-taken_at")
        .distinct("patient_id", "code")
    )
    for patient, code, value, at in rows.values_list("patient_id", "code", "value", "taken_at"):
        if value is not None:
            yield patient, LABS[code], value, at.astimezone(ZONE).date()


@once
def open_items(patient_id: UUID) -> list[DueItem]:
    """What is open for the patient, the earliest first. One query."""
    rows = DueItem.objects.filter(patient_id=patient_id, state=State.OPEN).select_related("prescription__drug")
    return list(rows.order_by("due_on", "code"))


def results_of(patient_id: UUID) -> list[Result]:
    """Every result of the patient, those in error too, the newest first. One query."""
    rows = Result.objects.filter(patient_id=patient_id).select_related("recorded_by", "handled_by", "retracted_by")
    return list(rows.order_by("-taken_at", "-pk"))


@once
def to_handle(patient_id: UUID) -> list[Result]:
    """Results that alert and that nobody has answered, the worst first. One query."""
    rows = Result.objects.filter(patient_id=patient_id, handled_at=None, retracted_at=None).exclude(level=Level.NONE)
    return sorted(rows.select_related("recorded_by"), key=lambda one: (one.level != Level.CRITICAL, one.taken_at))


def circumstances(patient_id: UUID) -> list[Circumstance]:
    """What was recorded and goes on. One query."""
    rows = Circumstance.objects.filter(patient_id=patient_id, ended_at=None)
    return list(rows.select_related("recorded_by").order_by("since", "key"))


def prescribers_of(patient_id: UUID) -> "list[User]":
    """The prescribers on the care team now, cover included. One query."""
    rows = members().filter(
        patient_id=patient_id, user__role_grants__role=Role.PRESCRIBER, user__role_grants__ended_at=None,
        user__is_active=True,
    )  # fmt: skip
    return list({row.user_id: row.user for row in rows.select_related("user").order_by("starts_at")}.values())


def caseload(user: "User", today: date, *, show: str = "", code: str = "") -> QuerySet[DueItem]:
    """What is open for the patients whose medicines the person may see, filtered; patient and drug loaded. One query.

    `show`: overdue, blocking, soon, or everything that is open.
    """
    patients = Patient.objects.filter(visible_patients(user, "medication.read"))
    rows = DueItem.objects.filter(patient__in=patients, state=State.OPEN)
    if show == "blocking":
        rows = rows.filter(refill_asks_on__lte=today)
    elif show == "overdue":
        rows = rows.filter(due_on__lt=today)
    elif show == "soon":
        rows = rows.filter(due_on__gte=today, due_on__lte=today + timedelta(days=SOON))
    if code:
        rows = rows.filter(code=code)
    return rows.select_related("patient", "prescription__drug").order_by("due_on", "patient__search_text", "code")


def unanswered(user: "User") -> QuerySet[Result]:
    """Results of these patients that alert and wait for an answer. One query."""
    patients = Patient.objects.filter(visible_patients(user, "medication.read"))
    rows = Result.objects.filter(patient__in=patients, handled_at=None, retracted_at=None).exclude(level=Level.NONE)
    return rows.select_related("patient").order_by("level", "taken_at", "pk")


def files_of(user: "User") -> list[ResultFile]:
    """The last files that the person uploaded. One query."""
    rows = ResultFile.objects.filter(by=user).defer("text", "rejects")
    return list(rows.order_by("-uploaded_at")[:10])


def standing(rows: Sequence[tuple[str, str, str]], today: date) -> dict[str, Standing]:
    """The standing of each of these prescriptions: its key, its patient's, its drug. Four queries, whatever the number.

    Keys as text: all of the clinic's are asked for in a night.
    """
    keys, patients = {key for key, _, _ in rows}, {patient for _, patient, _ in rows}
    asks: dict[str, list[tuple[int, int]]] = {}
    blocking = DueItem.objects.filter(patient__in=these(patients), state=State.OPEN, refill_asks_on__isnull=False)
    for one in (ask for found in blocking.values_list("asks", flat=True) for ask in found):
        if one["blocks"] is not None and one["prescription"] in keys:
            late = (today - date.fromisoformat(one["due_on"])).days
            asks.setdefault(one["prescription"], []).append((late, one["blocks"]))
    stops = {drug: _stopping(drug) for _, _, drug in rows}
    measured = _measured(patients)
    return {key: _standing(stops[drug], asks.get(key, []), measured.get(patient, set())) for key, patient, drug in rows}


def _measured(patients: Iterable[str]) -> dict[str, set[str]]:
    """What was ever measured of each. Three queries."""
    found: dict[str, set[str]] = {}
    rows = Result.objects.filter(patient__in=these(patients), retracted_at=None)
    for patient, code in rows.values_list(Cast("patient_id", TextField()), "code").distinct():
        found.setdefault(patient, set()).add(code)
    for readings in (_vital_signs(patients), _scores(patients)):
        for whose, code, _ in readings:
            found.setdefault(str(whose), set()).add(code)
    return found


def _stopping(drug: str) -> list[Item]:
    """What is measured for the drug and, overdue, stops a silent refill."""
    return [
        item for protocol in knowledge.current().of(drugs.current().drug(drug)) for item in protocol.items
        if item.blocks is not None and not item.question and not item.optional
    ]  # fmt: skip


def _standing(stops: Sequence[Item], asks: list[tuple[int, int]], measured: set[str]) -> Standing:
    over = [days for days, blocks in asks if days > blocks]
    known = any(code in measured for item in stops for code in item.counts)
    return Standing(bool(stops) or bool(asks), known, max(over, default=None), len(over))


def overdue_today(user: "User", patients: Q, today: date) -> QuerySet[DueItem]:
    """What is overdue for the patients that the filter names, among those the person may see. One query."""
    rows = caseload(user, today, show="overdue")
    return rows.filter(patients)
