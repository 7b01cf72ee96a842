"""What the checks of many patients' orders read, in one statement: the database gathers it, a row a patient and part.

`safety.queries.facts_of` and `prescribing.queries.taken` say the same of one patient at a signature, and
`test_reading` compares what comes of both. What no stop and no ask can come of is not gathered (`essence`): a fact
that was answered with no, the answers before the last.
"""

import json
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

import orjson
from django.conf import settings
from django.db import connection

from clinic import clock
from medications.catalogue.calc import MG_PER
from medications.safety.facts import Allergy, Facts, Measured, Proposed, Taken
from medications.safety.knowledge import Knowledge
from medications.safety.person import LABS, STATES
from medications.safety.queries import Told, events
from medications.vigilance.essence import PLANS
from patients.record import calc
from patients.record.enums import FactKey

# The parts are not joined with one another: where the planner expects few rows it would make each anew for every one.
# Of a fact the newest answer counts, of a reading and a laboratory's value the newest, of a medicine the most that a
# day gives from today on. Smoking is a story: all its answers, where there are several.
PEOPLE = """
    WITH rx AS MATERIALIZED (
        SELECT p.id, p.patient_id, p.drug_id, p.drug_text, p.origin, p.started_on, p.stopped_on, p.held_at
        FROM medications_prescribing_prescription p
        WHERE p.patient_id = ANY(%(patients)s::uuid[]) AND p.retracted_at IS NULL
    ), doses AS MATERIALIZED (  -- from today on
        SELECT o.id, o.prescription_id, o.product_id, o.daily_amount, o.unit
        FROM medications_prescribing_doseorder o
        WHERE o.patient_id = ANY(%(patients)s::uuid[]) AND o.retracted_at IS NULL
            AND (o.until_day IS NULL OR o.until_day > %(today)s)
    ), due AS (
        SELECT p.patient_id, json_agg(json_build_array(
            o.id, p.id, d.generic_name, o.daily_amount::text, o.unit, m.form, m.max_mg_per_day::text
        )) AS found
        FROM doses o
        JOIN rx p ON p.id = o.prescription_id
        JOIN medications_catalogue_product m ON m.id = o.product_id
        JOIN medications_catalogue_drug d ON d.id = m.drug_id
        WHERE o.id = ANY(%(orders)s::uuid[]) AND p.held_at IS NULL
            AND (p.stopped_on IS NULL OR p.stopped_on > %(today)s)
        GROUP BY p.patient_id
    ), allergies AS (
        SELECT a.patient_id, json_agg(json_build_array(a.kind, a.name, a.reaction, a.severe) ORDER BY a.name) AS found
        FROM patients_record_allergy a
        WHERE a.patient_id = ANY(%(patients)s::uuid[]) AND a.retracted_at IS NULL
        GROUP BY a.patient_id
    ), conditions AS (
        SELECT c.patient_id, json_agg(c.code) AS found
        FROM patients_record_condition c
        WHERE c.patient_id = ANY(%(patients)s::uuid[]) AND c.retracted_at IS NULL AND c.resolved_on IS NULL
        GROUP BY c.patient_id
    ), told AS MATERIALIZED (
        SELECT f.patient_id, f.id, f.key, f.answer, f.recorded_at, NOT EXISTS (
            SELECT FROM patients_record_medicalfact n
            WHERE n.patient_id = f.patient_id AND n.key = f.key AND n.retracted_at IS NULL
                AND (n.recorded_at, n.id) > (f.recorded_at, f.id)) AS newest
        FROM patients_record_medicalfact f
        WHERE f.patient_id = ANY(%(patients)s::uuid[]) AND f.retracted_at IS NULL
            AND (f.answer = 'yes' OR f.key = ANY(%(states)s) OR f.key = 'smoking')
    ), answers AS (
        SELECT patient_id, json_object_agg(key, answer) AS found
        FROM told WHERE newest AND (answer = 'yes' OR key = ANY(%(states)s)) GROUP BY patient_id
    ), smoked AS (
        SELECT patient_id, json_agg(json_build_array(answer, recorded_at) ORDER BY recorded_at, id) AS found
        FROM told WHERE key = 'smoking' GROUP BY patient_id HAVING count(*) > 1
    ), readings AS (
        SELECT r.patient_id, json_agg(json_build_array(r.kind, r.value::text, r.taken_on, r.lower::text)) AS found
        FROM (
            SELECT DISTINCT ON (patient_id, kind) patient_id, kind, value, taken_on, lower
            FROM patients_record_reading
            WHERE patient_id = ANY(%(patients)s::uuid[]) AND retracted_at IS NULL
            ORDER BY patient_id, kind, taken_on DESC, recorded_at DESC, id DESC
        ) r GROUP BY r.patient_id
    ), labs AS (
        SELECT r.patient_id, json_agg(json_build_array(r.code, r.value::text, r.taken_at)) AS found
        FROM (
            SELECT DISTINCT ON (patient_id, code) patient_id, code, value, taken_at
            FROM medications_monitoring_result
            WHERE patient_id = ANY(%(patients)s::uuid[]) AND code = ANY(%(labs)s) AND retracted_at IS NULL
                AND value IS NOT NULL
            ORDER BY patient_id, code, taken_at DESC
        ) r GROUP BY r.patient_id
    ), taken AS (
        SELECT p.patient_id, json_agg(json_build_array(
            p.id, coalesce(d.generic_name, p.drug_text), d.id IS NULL, o.most::text, p.stopped_on, p.origin
        )) AS found
        FROM rx p
        LEFT JOIN medications_catalogue_drug d ON d.id = p.drug_id
        LEFT JOIN (
            SELECT prescription_id, max(daily_amount * (%(mg_per)s::jsonb ->> unit)::numeric) AS most
            FROM doses GROUP BY prescription_id
        ) o ON o.prescription_id = p.id
        WHERE (p.stopped_on IS NULL OR p.stopped_on > %(since)s) AND p.stopped_on IS DISTINCT FROM p.started_on
        GROUP BY p.patient_id
    )
    SELECT id::text, 'person', json_build_array(born_on, sex, time_zone)::text
    FROM unnest(%(patients)s::uuid[]) AS k(key) JOIN patients_record_patient ON id = key
    UNION ALL SELECT patient_id::text, 'due', found::text FROM due
    UNION ALL SELECT patient_id::text, 'allergies', found::text FROM allergies
    UNION ALL SELECT patient_id::text, 'conditions', found::text FROM conditions
    UNION ALL SELECT patient_id::text, 'answers', found::text FROM answers
    UNION ALL SELECT patient_id::text, 'smoked', found::text FROM smoked
    UNION ALL SELECT patient_id::text, 'readings', found::text FROM readings
    UNION ALL SELECT patient_id::text, 'labs', found::text FROM labs
    UNION ALL SELECT patient_id::text, 'taken', found::text FROM taken
"""
ZONE = ZoneInfo(settings.TIME_ZONE)


@dataclass(frozen=True, slots=True)
class Person:
    """One patient as the checks of orders that go on read them. `orders`: (key of the order, what goes on)."""

    key: str
    facts: Facts
    live: Sequence[Taken]
    orders: Sequence[tuple[str, Proposed]]


def people(patients: Collection[str], orders: Collection[str], today: date, known: Knowledge) -> list[Person]:
    """The patients of these orders that are still in force, and what the checks read of them. One query."""
    given: dict[str, Any] = {
        "patients": list(patients), "orders": list(orders), "today": today,
        "since": today - timedelta(days=known.longest_washout + 1), "labs": list(LABS), "states": [*STATES, PLANS],
        "mg_per": json.dumps({unit: str(factor) for unit, factor in MG_PER.items()}),
    }  # fmt: skip
    found: dict[str, dict[str, Any]] = defaultdict(dict)
    with connection.cursor() as cursor:
        cursor.execute(PEOPLE, given)
        for key, part, text in cursor.fetchall():
            found[key][part] = orjson.loads(text)
    zones = {parts["person"][2] for parts in found.values()}
    days = {zone: clock.today(ZoneInfo(zone)) for zone in zones}
    return [_person(key, parts, days) for key, parts in found.items() if "due" in parts]


def _person(key: str, parts: Mapping[str, Any], days: Mapping[str, date]) -> Person:
    born_on, sex, zone = parts["person"]
    today, answers = days[zone], parts.get("answers", {})
    told = [Told(FactKey.SMOKING, answer, _at(at)) for answer, at in parts.get("smoked", ())]
    if (drinks := answers.get(FactKey.ALCOHOL)) is not None:
        told.append(Told(FactKey.ALCOHOL, drinks, clock.now()))
    facts = Facts(
        today=today, age=calc.age(date.fromisoformat(born_on), today), sex=sex,
        allergies=tuple(Allergy(*one) for one in parts.get("allergies", ())),
        conditions=tuple(parts.get("conditions", ())), answers=answers,
        readings=_readings(parts.get("readings", ()), parts.get("labs", ())),
        events=events(told, today) if told else frozenset(),
    )  # fmt: skip
    live = [
        Taken(
            rx, name if unknown else name.capitalize(), None if unknown else name,
            None if most is None else Decimal(most), None if stopped is None else date.fromisoformat(stopped), origin,
        )
        for rx, name, unknown, most, stopped, origin in parts.get("taken", ())
    ]  # fmt: skip
    return Person(key, facts, live, [(one[0], _proposed(today, *one[1:])) for one in parts["due"]])


def _proposed(today: date, rx: str, drug: str, *dose: Any) -> Proposed:
    daily_mg, depot, most = _dose(*dose)
    return Proposed(drug, drug, daily_mg, today, rx, starts=False, depot=depot, product_max_mg=most)


@lru_cache(maxsize=4_096)
def _dose(amount: str, unit: str, form: str, most: str | None) -> tuple[Decimal, bool, Decimal | None]:
    """Mg a day; whether it is a long-acting injection; what its product ends at. There are few, taken by many."""
    return Decimal(amount) * MG_PER[unit], "long-acting" in form, None if most is None else Decimal(most)


def _readings(readings: Sequence[Any], labs: Sequence[Any]) -> dict[str, Measured]:
    """The record's own, and a laboratory's where it is newer."""
    found = {
        kind: Measured(Decimal(value), date.fromisoformat(on), None if lower is None else Decimal(lower))
        for kind, value, on, lower in readings
    }
    for code, value, at in labs:
        kind, on = LABS[code], _at(at).astimezone(ZONE).date()
        if kind not in found or on > found[kind].on:
            found[kind] = Measured(Decimal(value), on)
    return found


def _at(moment: str) -> datetime:
    return datetime.fromisoformat(moment)
