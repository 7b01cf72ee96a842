"""Which orders are to be checked anew, what they are checked with, and what is overridden most."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import connection
from django.db.models import Count, F, Prefetch, Q, QuerySet
from django.db.models.functions import Substr

from medications.prescribing import queries as prescribing
from medications.prescribing.models import DoseOrder, Prescription, StoredFinding
from medications.safety.facts import Limits, Taken
from medications.safety.knowledge import Knowledge
from medications.vigilance.models import LateFinding

WINDOW_DAYS = 365
# What a rule is about that is none of the data, by the first part of a finding's code.
FAMILIES = {
    "allergy": "an allergy in the record", "dose.max": "above the label’s maximum", "dose.start": "above the start",
    "dose.product_max": "above the product’s maximum", "dose.implausible": "a slip of unit or decimal point",
    "same": "the same ingredient twice", "pair": "two medicines together", "washout": "too soon after another",
    "supply.risk": "supply while a risk is open", "citalopram": "citalopram and QT", "stop.abrupt": "an abrupt stop",
    "controlled.pdmp": "monitoring program not looked up", "controlled.telehealth": "how the patient is seen",
    "speed": "faster than the label’s table", "caution": "a condition of the patient", "lifestyle": "a habit",
    "stop.withdrawal": "a seizure in withdrawal before", "stop.speed": "another dose to reckon anew",
}  # fmt: skip
DUE = """
    WITH changed AS (
        SELECT patient_id, least(max(at), %(now)s) AS at FROM (
            SELECT patient_id, greatest(recorded_at, retracted_at) AS at FROM patients_record_medicalfact
            UNION ALL SELECT patient_id, greatest(recorded_at, retracted_at) FROM patients_record_allergy
            UNION ALL SELECT patient_id, greatest(recorded_at, retracted_at, (resolved_on + 1)::timestamptz)
                FROM patients_record_condition
            UNION ALL SELECT patient_id, greatest(recorded_at, retracted_at) FROM patients_record_reading
            UNION ALL SELECT patient_id, greatest(recorded_at, retracted_at, held_at, (stopped_on + 1)::timestamptz)
                FROM medications_prescribing_prescription
            UNION ALL SELECT patient_id, signed_at FROM medications_prescribing_doseorder
            UNION ALL SELECT id, allergies_asked_at FROM patients_record_patient
        ) every GROUP BY patient_id
    )
    SELECT o.id FROM medications_prescribing_doseorder o
    JOIN medications_prescribing_prescription p ON p.id = o.prescription_id
    LEFT JOIN medications_vigilance_rechecked r ON r.order_id = o.id
    LEFT JOIN changed c ON c.patient_id = o.patient_id
    WHERE p.origin = 'ours' AND p.retracted_at IS NULL AND p.held_at IS NULL AND o.retracted_at IS NULL
        AND (p.stopped_on IS NULL OR p.stopped_on > %(today)s)
        AND o.from_day <= %(today)s AND (o.until_day IS NULL OR o.until_day > %(today)s)
        AND (r.id IS NULL OR r.stamp <> %(stamp)s OR c.at > r.at OR (r.at < %(now)s AND EXISTS (
            SELECT 1 FROM medications_vigilance_latefinding f
            WHERE f.order_id = o.id AND f.gone_at IS NULL AND f.answered_at IS NULL)))
    ORDER BY o.patient_id, o.id LIMIT %(most)s
"""


@dataclass(frozen=True)
class Overridden:
    """One rule of the checks with how often prescribers went on against it. No patient, no free words."""

    rule_id: str
    about: str
    level: str
    times: int
    prescribers: int
    lately: int


def stamp(knowledge: Knowledge, limits: Limits) -> str:
    """What the checks would answer by: the knowledge and the practice's tuning and numbers."""
    tuned = repr((sorted(limits.lowered), limits.risk_days, limits.v_as_iii)).encode()
    return f"{knowledge.version} {hashlib.sha256(tuned).hexdigest()[:8]}"


def due(today: date, by: str, now: datetime, *, most: int) -> list[UUID]:
    """The next orders in force whose knowledge, tuning or patient's facts changed since, or of which something is open.

    One query. `now` is the run's: what was checked in it is not due in it again.
    """
    with connection.cursor() as cursor:
        cursor.execute(DUE, {"today": today, "stamp": by, "most": most, "now": now})
        return [row[0] for row in cursor.fetchall()]


def orders(keys: Sequence[UUID]) -> list[DoseOrder]:
    """The orders with product, drug and patient, each of which is read once. Four queries."""
    return list(DoseOrder.objects.filter(pk__in=keys).prefetch_related("product__drug", "patient"))


def taken_of(patients: Iterable[UUID], today: date, longest: int) -> dict[UUID, list[Taken]]:
    """What the checks compare with, of many patients. Three queries, whatever the number."""
    rows = (
        Prescription.objects.filter(patient__in=list(patients), retracted_at=None)
        .filter(Q(stopped_on=None) | Q(stopped_on__gt=today - timedelta(days=longest + 1)))
        .exclude(stopped_on=F("started_on"))
        .prefetch_related(
            "drug", Prefetch("orders", DoseOrder.objects.filter(retracted_at=None), to_attr="live_orders")
        )
    )
    found: dict[UUID, list[Taken]] = defaultdict(list)
    for row in rows:
        found[row.patient_id].append(prescribing.as_taken(row, today))
    return found


def answered(patients: Iterable[UUID], today: date) -> dict[UUID, set[tuple[str, str]]]:
    """What prescribers answered at signing, by patient: (drug of the order, code). Answers of orders in force."""
    rows = StoredFinding.objects.filter(
        Q(order__until_day=None) | Q(order__until_day__gt=today), order__patient__in=list(patients),
        order__retracted_at=None, level__in=["stop", "ask"],
    ).values_list("order__patient_id", "order__prescription__drug__generic_name", "code")  # fmt: skip
    found: dict[UUID, set[tuple[str, str]]] = defaultdict(set)
    for patient_id, drug, code in rows:
        found[patient_id].add((drug, code))
    return found


def open_findings(today: date) -> QuerySet[LateFinding]:
    """What nobody has answered and still holds, of orders that go on."""
    return LateFinding.objects.filter(
        Q(order__until_day=None) | Q(order__until_day__gt=today), gone_at=None, answered_at=None,
        order__retracted_at=None, order__prescription__retracted_at=None, order__prescription__stopped_on=None,
    )  # fmt: skip


def of_patient(patient_id: UUID) -> list[LateFinding]:
    """What came to stand against the patient's orders: open ones first, the newest first. One query."""
    rows = LateFinding.objects.filter(patient_id=patient_id).select_related(
        "order__prescription__drug", "order__product", "answered_by"
    )
    level = {"stop": 0, "ask": 1}
    return sorted(
        rows,
        key=lambda one: (
            one.answered_at is not None or one.gone_at is not None, level[one.level], -one.found_at.timestamp()
        ),
    )  # fmt: skip


def overridden(now: datetime, about: Knowledge) -> list[Overridden]:
    """What is overridden most in a year, by rule and degree; counts alone. Two queries."""
    since, lately = now - timedelta(days=WINDOW_DAYS), now - timedelta(days=30)
    told: dict[tuple[str, str, str], list[int]] = {}
    rows = StoredFinding.objects.filter(level__in=["stop", "ask"], order__signed_at__gte=since)
    for row in rows.values("rule_id", "level", family=Substr("code", 1, 60)).annotate(
        times=Count("pk"), lately=Count("pk", filter=Q(order__signed_at__gte=lately))
    ):
        known = told.setdefault((row["rule_id"], row["level"], _family(row["family"], row["rule_id"])), [0, 0])
        known[0] += row["times"]
        known[1] += row["lately"]
    people: dict[tuple[str, str], int] = {
        (row["rule_id"], row["level"]): row["people"]
        for row in rows.values("rule_id", "level").annotate(people=Count("order__signed_by", distinct=True))
    }
    found = [
        Overridden(rule, _about(rule, family, about), level, times, people[(rule, level)], soon)
        for (rule, level, family), (times, soon) in told.items()
    ]
    return sorted(found, key=lambda one: (-one.times, one.rule_id, one.about))


def _family(code: str, rule_id: str) -> str:
    """The first part of a code; a rule of the data is one family."""
    return "" if rule_id[:2] in ("IX", "CC", "AX", "LE") else code.split(":")[0]


def _about(rule_id: str, family: str, known: Knowledge) -> str:
    return known.title(rule_id.split(" ")[-1]) or FAMILIES.get(family, family)
