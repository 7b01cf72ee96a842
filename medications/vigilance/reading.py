"""What the checks of many patients' orders read, in one statement: the database makes a case of each order, a text.

The text holds what of a person and a list can weigh for the order's drug (`scopes`) and no key of a row, so that who
is alike is the same text, and few are read in Python. `safety.queries.facts_of` and `prescribing.queries.taken` say
the same of one patient at a signature, and `test_reading` compares what comes of both.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

import orjson
from django.conf import settings
from django.db import connection

from clinic import clock
from medications.catalogue.calc import MG_PER
from medications.safety.facts import Allergy, Facts, Finding, Measured, Proposed, Taken
from medications.safety.person import LABS
from medications.safety.queries import HABIT_DAYS, Told, events
from medications.vigilance.essence import Checks
from medications.vigilance.queries import Due, array
from medications.vigilance.scopes import Columns
from patients.record.enums import FactKey

# Orders that are in force and that nobody has checked since they were found due; then what weighs for each, as
# elements of one text. Nothing is joined by the order: where the planner expects few rows it would make a part anew for
# every one. Of a fact the newest answer counts, of a reading the newest (a laboratory's where its day is later), of
# the same drug elsewhere the most that a day gives from today on. Smoking is a story: all its answers, where it is new.
CASES = """
    WITH k AS MATERIALIZED (
        SELECT * FROM unnest(%(orders)s::uuid[], %(before)s::bigint[]) AS k(order_id, before)
    ), who AS MATERIALIZED (
        SELECT p.id AS patient_id, p.born_on, p.sex, (%(now)s AT TIME ZONE p.time_zone)::date AS today
        FROM unnest(%(patients)s::uuid[]) AS one(patient_id)
        JOIN patients_record_patient p ON p.id = one.patient_id
    ), rx AS MATERIALIZED (
        SELECT p.id, p.patient_id, d.generic_name AS drug, p.origin, p.started_on, p.stopped_on, p.held_at
        FROM who
        JOIN medications_prescribing_prescription p ON p.patient_id = who.patient_id
        JOIN medications_catalogue_drug d ON d.id = p.drug_id
        WHERE p.retracted_at IS NULL
    ), d AS MATERIALIZED (
        SELECT o.id AS order_id, o.patient_id, rx.id AS rx_id, d.generic_name AS drug, o.daily_amount, o.unit, m.form,
            m.max_mg_per_day
        FROM k
        JOIN medications_prescribing_doseorder o ON o.id = k.order_id
        JOIN rx ON rx.id = o.prescription_id
        JOIN medications_catalogue_product m ON m.id = o.product_id
        JOIN medications_catalogue_drug d ON d.id = m.drug_id
        LEFT JOIN medications_vigilance_rechecked r ON r.order_id = o.id
        WHERE o.retracted_at IS NULL AND (o.until_day IS NULL OR o.until_day > %(today)s)
            AND rx.held_at IS NULL AND (rx.stopped_on IS NULL OR rx.stopped_on > %(today)s)
            AND coalesce(hash_record_extended(r, 0), 0) = k.before
    ), pairs AS MATERIALIZED (  -- of the same patient
        SELECT d.order_id, d.patient_id, d.drug, rx.id, rx.drug AS other, rx.origin, rx.stopped_on
        FROM d JOIN rx ON rx.patient_id = d.patient_id AND rx.id <> d.rx_id
        WHERE (rx.stopped_on IS NULL OR rx.stopped_on > %(since)s) AND rx.stopped_on IS DISTINCT FROM rx.started_on
    ), measured AS MATERIALIZED (
        SELECT DISTINCT ON (patient_id, kind) * FROM (
            SELECT r.patient_id, r.kind, r.value, r.lower, r.taken_on AS day, true AS own, r.recorded_at AS at, r.id
            FROM (SELECT DISTINCT patient_id FROM d WHERE d.drug = ANY(%(reading_0)s)) one
            JOIN patients_record_reading r ON r.patient_id = one.patient_id
            WHERE r.retracted_at IS NULL AND r.kind = ANY(%(reading_1)s)
            UNION ALL
            SELECT r.patient_id, l.kind, r.value, NULL, (r.taken_at AT TIME ZONE %(zone)s)::date, false, r.taken_at,
                r.id
            FROM (SELECT DISTINCT patient_id FROM d WHERE d.drug = ANY(%(reading_0)s)) one
            JOIN medications_monitoring_result r ON r.patient_id = one.patient_id
            JOIN unnest(%(labs)s::text[], %(lab_kinds)s::text[]) AS l(code, kind) ON l.code = r.code
            WHERE r.retracted_at IS NULL AND r.value IS NOT NULL
        ) every ORDER BY patient_id, kind, day DESC, own DESC, at DESC, id DESC
    ), elements AS (
        SELECT d.order_id, d.patient_id, json_build_array(
            'order', d.drug, d.daily_amount::text, d.unit, d.form, d.max_mg_per_day::text, who.today,
            s.bounds[width_bucket(extract(year FROM age(who.today, who.born_on))::int, s.bounds)],
            CASE WHEN s.sexes THEN who.sex ELSE '' END)::text AS element
        FROM d
        JOIN who ON who.patient_id = d.patient_id
        LEFT JOIN (
            SELECT drug, bounds::int[], sexes
            FROM unnest(%(age_0)s::text[], %(age_1)s::text[], %(age_2)s::bool[]) AS s(drug, bounds, sexes)
        ) s ON s.drug = d.drug
        UNION ALL
        SELECT d.order_id, d.patient_id, json_build_array('answer', f.key, f.answer)::text
        FROM d
        JOIN patients_record_medicalfact f ON f.patient_id = d.patient_id
            AND f.answer = 'yes' AND f.retracted_at IS NULL
        JOIN unnest(%(answer_0)s::text[], %(answer_1)s::text[]) AS s(drug, key) ON s.drug = d.drug AND s.key = f.key
        WHERE NOT EXISTS (
            SELECT FROM patients_record_medicalfact n
            WHERE n.patient_id = f.patient_id AND n.key = f.key AND n.retracted_at IS NULL
                AND (n.recorded_at, n.id) > (f.recorded_at, f.id))
        UNION ALL
        SELECT d.order_id, d.patient_id, json_build_array('answer', s.key, told.answer)::text
        FROM d
        JOIN unnest(%(state_0)s::text[], %(state_1)s::text[]) AS s(drug, key) ON s.drug = d.drug
        CROSS JOIN LATERAL (
            SELECT f.answer FROM patients_record_medicalfact f
            WHERE f.patient_id = d.patient_id AND f.key = s.key AND f.retracted_at IS NULL
            ORDER BY f.recorded_at DESC, f.id DESC LIMIT 1
        ) told
        UNION ALL
        SELECT d.order_id, d.patient_id, json_build_array('smoked', smoked.story)::text
        FROM d
        CROSS JOIN LATERAL (
            SELECT json_agg(json_build_array(f.answer, f.recorded_at) ORDER BY f.recorded_at, f.id) AS story
            FROM patients_record_medicalfact f
            WHERE f.patient_id = d.patient_id AND f.key = 'smoking' AND f.retracted_at IS NULL
            HAVING count(*) > 1 AND max(f.recorded_at) > %(lately)s
        ) smoked
        WHERE d.drug = ANY(%(smoke_0)s)
        UNION ALL
        SELECT d.order_id, d.patient_id, json_build_array('allergy', a.name, a.kind, a.reaction, a.severe)::text
        FROM d
        JOIN patients_record_allergy a ON a.patient_id = d.patient_id AND a.retracted_at IS NULL
        LEFT JOIN unnest(%(allergy_0)s::text[], %(allergy_1)s::text[], %(allergy_2)s::text[]) AS s(drug, kind, name)
            ON s.drug = d.drug AND s.kind = a.kind AND s.name = a.name
        WHERE s.drug IS NULL
        UNION ALL
        SELECT d.order_id, d.patient_id, json_build_array('condition', c.code)::text
        FROM d
        JOIN patients_record_condition c ON c.patient_id = d.patient_id AND c.retracted_at IS NULL
            AND c.resolved_on IS NULL
        LEFT JOIN unnest(%(code_0)s::text[], %(code_1)s::text[]) AS s(drug, code) ON s.drug = d.drug AND s.code = c.code
        WHERE s.drug IS NULL
        UNION ALL
        SELECT DISTINCT d.order_id, d.patient_id, json_build_array(
            'reading', r.kind, r.value::text, r.day, r.lower::text)::text
        FROM d
        JOIN measured r ON r.patient_id = d.patient_id
        JOIN unnest(
            %(reading_0)s::text[], %(reading_1)s::text[], %(reading_2)s::numeric[], %(reading_3)s::numeric[],
            %(reading_4)s::numeric[]
        ) AS s(drug, kind, below, least, least_lower) ON s.drug = d.drug AND s.kind = r.kind
        WHERE r.value < s.below OR r.value >= s.least OR r.lower >= s.least_lower
        UNION ALL
        SELECT pairs.order_id, pairs.patient_id, CASE WHEN NOT s.same
            THEN json_build_array('taken', pairs.other, pairs.stopped_on)
            ELSE json_build_array('taken', pairs.other, pairs.stopped_on, pairs.origin, (
                SELECT max(o.daily_amount * (%(mg_per)s::jsonb ->> o.unit)::numeric)::text
                FROM medications_prescribing_doseorder o
                WHERE o.prescription_id = pairs.id AND o.retracted_at IS NULL
                    AND (o.until_day IS NULL OR o.until_day > %(today)s)))
            END::text
        FROM pairs
        JOIN unnest(%(other_0)s::text[], %(other_1)s::text[], %(other_2)s::bool[]) AS s(drug, name, same)
            ON s.drug = pairs.drug AND s.name = pairs.other
    )
    SELECT order_id::text, patient_id::text, '[' || string_agg(element, ',' ORDER BY element) || ']'
    FROM elements GROUP BY order_id, patient_id
"""


class Case(NamedTuple):
    """An order that is still in force and not checked meanwhile, whose, and the text of what weighs for it."""

    order: str
    patient: str
    text: str


def cases(due: Sequence[Due], today: date, now: datetime, known_washout: int, columns: Columns) -> list[Case]:
    """The cases of these orders; their patients are locked. One query. `known_washout`: the longest, in days."""
    given: dict[str, Any] = {
        **columns, "patients": array({one.patient for one in due}), "orders": array(one.order for one in due),
        "before": array(one.before for one in due), "today": today, "now": now, "zone": settings.TIME_ZONE,
        "since": today - timedelta(days=known_washout + 1), "lately": now - timedelta(days=HABIT_DAYS + 2),
        "labs": list(LABS), "lab_kinds": list(LABS.values()),
        "mg_per": json.dumps({unit: str(factor) for unit, factor in MG_PER.items()}),
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(CASES, given)
        return [Case(*row) for row in cursor.fetchall()]


Asked = tuple[Facts, list[Taken], Proposed]


def asked(text: str) -> Asked:
    """What the checks are asked with, of a case's text. What does not weigh is not in it."""
    parts: dict[str, list[list[Any]]] = {}
    for name, *values in orjson.loads(text):
        parts.setdefault(name, []).append(values)
    ((drug, amount, unit, form, most, day, age, sex),) = parts["order"]
    today, answers = date.fromisoformat(day), dict(parts.get("answer", ()))
    told = [Told(FactKey.SMOKING, answer, _at(at)) for (story,) in parts.get("smoked", ()) for answer, at in story]
    if (drinks := answers.get(FactKey.ALCOHOL)) is not None:
        told.append(Told(FactKey.ALCOHOL, drinks, clock.now()))
    facts = Facts(
        today=today, age=age or 0, sex=sex,
        allergies=tuple(Allergy(kind, name, *how) for name, kind, *how in sorted(parts.get("allergy", ()))),
        conditions=tuple(code for (code,) in parts.get("condition", ())), answers=answers,
        readings={
            kind: Measured(Decimal(value), date.fromisoformat(on), None if lower is None else Decimal(lower))
            for kind, value, on, lower in parts.get("reading", ())
        },
        events=events(told, today),
    )  # fmt: skip
    live = [_taken(str(place), *one) for place, one in enumerate(parts.get("taken", ()))]
    proposed = Proposed(
        drug, drug, Decimal(amount) * MG_PER[unit], today, "itself", starts=False, depot="long-acting" in form,
        product_max_mg=None if most is None else Decimal(most),
    )  # fmt: skip
    return facts, live, proposed


def _taken(key: str, drug: str, stopped: str | None, origin: str = "ours", most: str | None = None) -> Taken:
    return Taken(
        key, drug.capitalize(), drug, None if most is None else Decimal(most),
        None if stopped is None else date.fromisoformat(stopped), origin,
    )  # fmt: skip


def _at(moment: str) -> datetime:
    return datetime.fromisoformat(moment)


@dataclass
class Answers:
    """What is said of a text, once a run: the drug, and the findings that stop or ask."""

    checks: Checks
    said: dict[str, tuple[str, tuple[Finding, ...]]] = field(default_factory=dict)

    def to(self, text: str) -> tuple[str, tuple[Finding, ...]]:
        """The drug's name and what stops or asks."""
        found = self.said.get(text)
        if found is None:
            facts, live, proposed = asked(text)
            found = self.said[text] = (proposed.name, self.checks.found(facts, live, proposed))
        return found
