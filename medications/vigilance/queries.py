"""Which orders are to be checked anew, what they are checked with, and what is overridden most."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection
from django.db.models import Count, Q, QuerySet
from django.db.models.functions import Substr
from uuid_utils import uuid7

from medications.prescribing.models import StoredFinding
from medications.safety.knowledge import Knowledge
from medications.safety.person import LABS
from medications.vigilance.models import LateFinding
from patients.record.models import Allergy, Condition

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
# Every row that a check reads, on the day: of each patient one number that changes with any of them, and with a year
# of age. Then the orders in force that were never checked, or with other rules about their drug, or with other rows.
DUE = """
    WITH stands AS MATERIALIZED (
        SELECT patient_id, bit_xor(mark) AS facts
        FROM (
            SELECT p.id AS patient_id, hash_record_extended(
                ROW(p.id, extract(year FROM age(%(today)s::date, p.born_on)), p.sex, p.allergies), 1) AS mark
            FROM patients_record_patient p
            UNION ALL
            SELECT f.patient_id, hash_record_extended(ROW(f.id, f.key, f.answer, f.recorded_at), 2)
            FROM patients_record_medicalfact f
            WHERE f.retracted_at IS NULL
            UNION ALL
            SELECT a.patient_id, hash_record_extended(ROW(a.id, a.kind, a.name, a.reaction, a.severe), 3)
            FROM patients_record_allergy a
            WHERE a.retracted_at IS NULL
            UNION ALL
            SELECT c.patient_id, hash_record_extended(ROW(c.id, c.code), 4)
            FROM patients_record_condition c
            WHERE c.retracted_at IS NULL AND c.resolved_on IS NULL
            UNION ALL
            SELECT r.patient_id, hash_record_extended(ROW(r.id, r.kind, r.value, r.lower, r.taken_on), 5)
            FROM patients_record_reading r
            WHERE r.retracted_at IS NULL
            UNION ALL
            SELECT r.patient_id, hash_record_extended(ROW(r.id, r.code, r.value, r.taken_at), 6)
            FROM medications_monitoring_result r
            WHERE r.retracted_at IS NULL AND r.code = ANY(%(labs)s)
            UNION ALL
            SELECT p.patient_id, hash_record_extended(
                ROW(p.id, p.drug_id, p.drug_text, p.origin, p.started_on, p.stopped_on, p.stopped_on <= %(today)s), 7)
            FROM medications_prescribing_prescription p
            WHERE p.retracted_at IS NULL
            UNION ALL
            SELECT o.patient_id, hash_record_extended(
                ROW(o.id, o.daily_amount, o.unit, o.until_day, o.until_day <= %(today)s), 8)
            FROM medications_prescribing_doseorder o
            WHERE o.retracted_at IS NULL
        ) every GROUP BY patient_id
    )
    SELECT o.id::text, o.patient_id::text, s.facts, coalesce(hash_record_extended(r, 0), 0) AS before,
        coalesce(k.mark, '') AS mark, coalesce(d.generic_name, '') AS drug
    FROM medications_prescribing_doseorder o
    JOIN medications_prescribing_prescription p ON p.id = o.prescription_id
    JOIN stands s ON s.patient_id = o.patient_id
    LEFT JOIN medications_catalogue_drug d ON d.id = p.drug_id
    LEFT JOIN unnest(%(drugs)s::text[], %(marks)s::text[]) AS k(name, mark) ON k.name = d.generic_name
    LEFT JOIN medications_vigilance_rechecked r ON r.order_id = o.id
    WHERE p.origin = 'ours' AND p.retracted_at IS NULL AND p.held_at IS NULL AND o.retracted_at IS NULL
        AND (p.stopped_on IS NULL OR p.stopped_on > %(today)s)
        AND o.from_day <= %(today)s AND (o.until_day IS NULL OR o.until_day > %(today)s)
        AND (r.id IS NULL OR r.stamp <> coalesce(k.mark, '') OR r.facts IS DISTINCT FROM s.facts OR (
            r.at < %(now)s AND EXISTS (
                SELECT 1 FROM medications_vigilance_latefinding f
                WHERE f.order_id = o.id AND f.gone_at IS NULL AND f.answered_at IS NULL)))
    ORDER BY o.patient_id, o.id
"""
LOCK = "SELECT FROM patients_record_patient WHERE id = ANY(%s::uuid[]) ORDER BY id FOR NO KEY UPDATE"
OPEN = """
    SELECT id::text, order_id::text, patient_id::text, code, level FROM medications_vigilance_latefinding
    WHERE order_id = ANY(%s::uuid[]) AND gone_at IS NULL
"""
ASKED = """
    SELECT DISTINCT patient_id::text FROM patients_inbox_task
    WHERE kind = %s AND done_at IS NULL AND patient_id = ANY(%s::uuid[])
"""
ANSWERED = """
    SELECT o.patient_id::text, array_agg(d.generic_name::text), array_agg(f.code::text)
    FROM medications_prescribing_doseorder o
    JOIN medications_prescribing_prescription p ON p.id = o.prescription_id AND p.patient_id = o.patient_id
    JOIN medications_catalogue_drug d ON d.id = p.drug_id
    JOIN medications_prescribing_storedfinding f ON f.order_id = o.id AND f.level IN ('stop', 'ask')
    WHERE o.patient_id = ANY(%(patients)s::uuid[]) AND p.patient_id = ANY(%(patients)s::uuid[])
        AND o.retracted_at IS NULL AND (o.until_day IS NULL OR o.until_day > %(today)s OR EXISTS (
            SELECT FROM medications_prescribing_doseorder s
            WHERE s.pack_id = o.id AND s.retracted_at IS NULL AND (s.until_day IS NULL OR s.until_day > %(today)s)))
    GROUP BY o.patient_id
"""
ANSWERED_AT = """
    SELECT order_id::text, array_agg(code::text) FROM medications_prescribing_storedfinding
    WHERE order_id = ANY(%s::uuid[]) AND level IN ('stop', 'ask')
    GROUP BY order_id
"""
KEEP = """
    INSERT INTO medications_vigilance_rechecked (id, order_id, stamp, facts, at)
    SELECT n.id, n.order_id, n.mark, n.facts, %(now)s
    FROM unnest(%(ids)s::uuid[], %(orders)s::uuid[], %(marks)s::text[], %(facts)s::bigint[])
        AS n(id, order_id, mark, facts)
    ON CONFLICT (order_id) DO UPDATE SET stamp = excluded.stamp, facts = excluded.facts, at = excluded.at
"""


class Due(NamedTuple):
    """An order that is to be checked, whose; the numbers of the rows a check reads and of its last check (0: none).

    `mark`: that of its drug, with which it is checked now. Keys as text: a hundred thousand are only passed on.
    """

    order: str
    patient: str
    facts: int
    before: int
    mark: str
    drug: str


class Late(NamedTuple):
    """A finding that is not gone: its key, whose."""

    key: str
    order: str
    patient: str
    code: str
    level: str


@dataclass(frozen=True)
class Overridden:
    """One rule of the checks with how often prescribers went on against it. No patient, no free words."""

    rule_id: str
    about: str
    level: str
    times: int
    prescribers: int
    lately: int


def due(today: date, by: Mapping[str, str], now: datetime) -> list[Due]:
    """The orders in force whose drug's mark (`by`) or patient's facts are others than at the last check.

    And those of which something is open; `now` is the run's: what was checked in it is not due in it again. In the
    order of patients. One query.
    """
    given: dict[str, Any] = {
        "today": today, "drugs": list(by), "marks": list(by.values()), "now": now, "labs": list(LABS),
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(DUE, given)
        return [Due(*row) for row in cursor.fetchall()]


def on_record() -> tuple[list[str], list[tuple[str, str]]]:
    """Every code of a condition, and every allergy as (kind, name), that anybody's record lists. Two queries."""
    codes = Condition.objects.filter(retracted_at=None).order_by().values_list("code", flat=True).distinct()
    allergies = Allergy.objects.filter(retracted_at=None).order_by().values_list("kind", "name").distinct()
    return list(codes), list(allergies)


def array(values: Iterable[str | int]) -> str:
    """Keys or numbers as one literal: thousands as an expression each take PostgreSQL longer than what is asked."""
    return f"{{{','.join(map(str, values))}}}"


def lock(patients: Iterable[str]) -> None:
    """Lock them in one order, until the transaction is over. One query."""
    with connection.cursor() as cursor:
        cursor.execute(LOCK, [array(set(patients))])


def still_open(orders: Iterable[str]) -> list[Late]:
    """What was found of these orders and is not gone, answered or not. One query."""
    with connection.cursor() as cursor:
        cursor.execute(OPEN, [array(orders)])
        return [Late(*row) for row in cursor.fetchall()]


def asked(kind: str, patients: Iterable[str]) -> set[str]:
    """For whom of the patients a task of the kind is open. One query."""
    with connection.cursor() as cursor:
        cursor.execute(ASKED, [kind, array(patients)])
        return {row[0] for row in cursor.fetchall()}


def keep(rows: Sequence[Due], now: datetime) -> None:
    """Write down when these were checked and with what. One query."""
    given: dict[str, Any] = {
        "now": now, "ids": array(str(uuid7()) for _ in rows), "orders": array(row.order for row in rows),
        "marks": [row.mark for row in rows], "facts": array(row.facts for row in rows),
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(KEEP, given)


def answered_at(orders: Iterable[str]) -> dict[str, list[str]]:
    """The codes that prescribers answered when they signed these orders. One query."""
    with connection.cursor() as cursor:
        cursor.execute(ANSWERED_AT, [array(orders)])
        return dict(cursor.fetchall())


def answered(patients: Iterable[str], today: date) -> dict[str, set[tuple[str, str]]]:
    """What prescribers answered at signing, by patient: (drug of the order, code). One query.

    Answers of orders in force; of a titration pack, with which all its steps were signed, while any of them is.
    """
    with connection.cursor() as cursor:
        cursor.execute(ANSWERED, {"patients": array(patients), "today": today})
        return {patient: set(zip(drugs, codes, strict=True)) for patient, drugs, codes in cursor.fetchall()}


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
