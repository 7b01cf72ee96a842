"""Who has to be looked at in a night: the database compares what each was last looked at with, for all at once.

What is due is a function of recorded rows, of the data, of the practice's choices, and of the day. So somebody is
looked at whose rows are others than the last time (whoever wrote them, whatever they told), whose knowledge or
choices changed, or for whom the day has come on which time alone may change the answer (docs/decisions/0006).
"""

import hashlib
from collections.abc import Iterable, Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection

from clinic.rows import new_id
from medications.monitoring.engine import Plan
from medications.monitoring.predicates import looked_at

HERE = Path(__file__).parent
# A release that changes one of these looks at everybody anew.
CODE = (
    "../safety/knowledge.py", "knowledge.py", "calc.py", "predicates.py", "engine.py", "queries.py", "actions/due.py",
)  # fmt: skip

# Every row that `queries.situations` reads, and what is open; of each patient one number that changes with any of them.
TO_LOOK_AT = """
    WITH stands AS MATERIALIZED (
        SELECT patient_id, coalesce(bit_xor(mark) FILTER (WHERE NOT item), 0) AS facts,
            coalesce(bit_xor(mark) FILTER (WHERE item), 0) AS items
        FROM (
            SELECT p.id AS patient_id, false AS item, hash_record_extended(ROW(p.id, p.born_on, p.sex), 1) AS mark
            FROM patients_record_patient p
            UNION ALL
            SELECT f.patient_id, false, hash_record_extended(ROW(f.id, f.key, f.answer, f.recorded_at), 2)
            FROM patients_record_medicalfact f
            WHERE f.retracted_at IS NULL AND f.key = ANY(%(keys)s)
            UNION ALL
            SELECT c.patient_id, false, hash_record_extended(ROW(c.id, c.code, c.since, c.recorded_at), 3)
            FROM patients_record_condition c
            WHERE c.retracted_at IS NULL AND c.resolved_on IS NULL
            UNION ALL
            SELECT c.patient_id, false, hash_record_extended(ROW(c.id, c.key, c.since), 4)
            FROM medications_monitoring_circumstance c
            WHERE c.ended_at IS NULL
            UNION ALL
            SELECT o.patient_id, false, hash_record_extended(
                ROW(o.id, o.prescription_id, o.from_day, o.signed_at, o.daily_amount), 5)
            FROM medications_prescribing_doseorder o
            WHERE o.retracted_at IS NULL AND o.until_day IS DISTINCT FROM o.from_day
            UNION ALL
            SELECT p.patient_id, false, hash_record_extended(ROW(h.id, h.prescription_id, h.from_day, h.until_day), 6)
            FROM medications_prescribing_holdperiod h
            JOIN medications_prescribing_prescription p ON p.id = h.prescription_id
            UNION ALL
            SELECT p.patient_id, false, hash_record_extended(
                ROW(p.id, d.generic_name, p.origin, p.started_on, p.stopped_on), 7)
            FROM medications_prescribing_prescription p JOIN medications_catalogue_drug d ON d.id = p.drug_id
            WHERE p.retracted_at IS NULL
            UNION ALL
            SELECT r.patient_id, false, hash_record_extended(ROW(r.id, r.code, r.taken_at, r.value, r.low, r.high), 8)
            FROM medications_monitoring_result r
            WHERE r.retracted_at IS NULL
            UNION ALL
            SELECT v.patient_id, false, hash_record_extended(
                ROW(v.id, n.started_at, v.systolic, v.diastolic, v.pulse, v.weight_kg), 9)
            FROM medications_visits_visit v JOIN patients_notes_note n ON n.id = v.note_id
            WHERE n.signed_at IS NOT NULL AND n.retracted_at IS NULL
            UNION ALL
            SELECT s.patient_id, false, hash_record_extended(
                ROW(s.id, s.instrument, s.answered_at, s.total, s.answers), 10)
            FROM patients_measures_score s
            WHERE s.retracted_at IS NULL AND s.instrument IN ('phq9', 'aims')
            UNION ALL
            SELECT i.patient_id, true, hash_record_extended(ROW(i.id, i.code, i.due_on, i.counted_from), 11)
            FROM medications_monitoring_dueitem i
            WHERE i.state = 'open'
        ) every GROUP BY patient_id
    )
    SELECT s.patient_id, s.facts, coalesce(hash_record_extended(l, 0), 0) AS before FROM stands s
    LEFT JOIN medications_monitoring_looked l ON l.patient_id = s.patient_id
    WHERE (l.id IS NULL OR l.stamp <> %(stamp)s OR l.facts <> s.facts OR l.items <> s.items
            OR l.next_on <= %(day)s OR l.looked_on > %(day)s)
        AND (s.items <> 0 OR EXISTS (
            SELECT 1 FROM medications_prescribing_prescription p
            WHERE p.patient_id = s.patient_id AND p.origin = 'ours' AND p.retracted_at IS NULL))
    ORDER BY s.patient_id
"""
BEFORE = """
    SELECT patient_id, hash_record_extended(l, 0) FROM medications_monitoring_looked l
    WHERE patient_id = ANY(%s::uuid[])
"""
KEEP = """
    INSERT INTO medications_monitoring_looked (id, patient_id, stamp, facts, items, looked_on, next_on)
    SELECT n.id, n.patient_id, %(stamp)s, n.facts, coalesce(i.items, 0), %(day)s, n.next_on
    FROM unnest(%(ids)s::uuid[], %(patients)s::uuid[], %(facts)s::bigint[], %(until)s::date[])
        AS n(id, patient_id, facts, next_on)
    LEFT JOIN (
        SELECT i.patient_id, bit_xor(hash_record_extended(ROW(i.id, i.code, i.due_on, i.counted_from), 11)) AS items
        FROM medications_monitoring_dueitem i WHERE i.state = 'open' AND i.patient_id = ANY(%(patients)s::uuid[])
        GROUP BY i.patient_id
    ) i ON i.patient_id = n.patient_id
    ON CONFLICT (patient_id) DO UPDATE SET stamp = excluded.stamp, facts = excluded.facts, items = excluded.items,
        looked_on = excluded.looked_on, next_on = excluded.next_on
"""


@cache
def _code() -> bytes:
    return b"".join((HERE / name).read_bytes() for name in CODE)


def stamp(plan: Plan) -> str:
    """What everybody is looked at with: the data, the practice's choices, and the code that reads them."""
    found = hashlib.sha256(_code() + repr(plan.choices).encode())
    return f"{plan.known.version} {found.hexdigest()[:8]}"


class Look(NamedTuple):
    """The number of somebody's rows now, and of what was written down at the last look (0: there was none)."""

    facts: int
    before: int


def to_look_at(plan: Plan, day: date) -> dict[UUID, Look]:
    """Who has to be looked at on the day, in the order of their keys. One query, for everybody."""
    given: dict[str, Any] = {"keys": sorted(looked_at(plan.known)), "stamp": stamp(plan), "day": day}
    with connection.cursor() as cursor:
        cursor.execute(TO_LOOK_AT, given)
        return {patient: Look(facts, before) for patient, facts, before in cursor.fetchall()}


def not_yet(patients: Iterable[UUID], known: Mapping[UUID, Look]) -> list[UUID]:
    """Those whom nobody has looked at since that was asked; they are locked. One query."""
    wanted = list(patients)
    with connection.cursor() as cursor:
        cursor.execute(BEFORE, [[str(key) for key in wanted]])
        now: dict[UUID, int] = dict(cursor.fetchall())
    return [key for key in wanted if now.get(key, 0) == known[key].before]


def keep(plan: Plan, day: date, known: Mapping[UUID, Look], until: Mapping[UUID, date]) -> None:
    """Write down with what these were looked at, and until when that holds. One query.

    The number is the one of the rows before they were read: rows that came meanwhile are a reason to look again.
    """
    given: dict[str, Any] = {
        "stamp": stamp(plan), "day": day, "patients": [str(key) for key in until],
        "ids": [str(new_id()) for _ in until],
        "facts": [known[key].facts for key in until], "until": list(until.values()),
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(KEEP, given)
