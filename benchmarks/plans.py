"""Tapers and titrations of two fifths of the made-up clinic: under way, paused, ended; scores; tasks that follow."""

from typing import Any

# Of ten plans five are under way (some steps due, some checks missed), one is paused, four ended in the last four
# months; `d` are a plan's dice.
PLANS = """
    INSERT INTO medications_tapers_taperplan (id, patient_id, prescription_id, kind, state, template, guideline,
        source, template_version, constants, start_mg, floor_mg, revision, created_at, created_by_id, started_at,
        started_by_id, care_level, care_words, paused_at, paused_by_id, pause_reason, ended_at, ended_by_id, outcome,
        end_reason)
    SELECT md5(p.id::text || 'plan')::uuid, p.patient_id, p.id, CASE WHEN mod(d, 5) = 4 THEN 'titration' ELSE 'taper'
        END, s.state, '', 'benchmark', '', '', '{}', 100, 1, 1, %(now)s - interval '200 days', %(by)s,
        %(now)s - interval '199 days', %(by)s, '', '', CASE s.state WHEN 'paused' THEN %(now)s - interval '3 days' END,
        CASE s.state WHEN 'paused' THEN %(by)s::uuid END, CASE s.state WHEN 'paused' THEN 'symptoms' ELSE '' END,
        CASE s.state WHEN 'ended' THEN %(now)s - mod(d / 100, 120) * interval '1 day' END,
        CASE s.state WHEN 'ended' THEN %(by)s::uuid END,
        CASE s.state WHEN 'ended' THEN (ARRAY['stopped', 'lower_dose', 'stopped', 'target'])[1 + mod(d, 4)] ELSE '' END,
        ''
    FROM (
        SELECT DISTINCT ON (patient_id) id, patient_id, abs(hashtextextended(patient_id::text, 5)) AS d
        FROM medications_prescribing_prescription WHERE origin = 'ours' ORDER BY patient_id, id
    ) p, LATERAL (SELECT CASE WHEN mod(d / 10, 10) < 5 THEN 'active' WHEN mod(d / 10, 10) = 5 THEN 'paused'
        ELSE 'ended' END AS state) s
    WHERE mod(d / 100000, 5) < 2
"""
STEPS = """
    INSERT INTO medications_tapers_taperstep (id, plan_id, number, on_day, dose_mg, every_n_days, parts, units,
        needs_liquid, note, revision, confirmed_at, confirmed_by_id, order_id)
    SELECT md5(p.id::text || k)::uuid, p.id, k, %(now)s::date - mod(abs(hashtext(p.id::text)), 40) + 14 * (k - 2),
        100 - 20 * k, 1, 0, '', true, '', 1, CASE WHEN o.id IS NOT NULL THEN p.started_at END,
        CASE WHEN o.id IS NOT NULL THEN %(by)s::uuid END, o.id
    FROM medications_tapers_taperplan p CROSS JOIN generate_series(1, 4) k
    LEFT JOIN medications_prescribing_doseorder o ON o.prescription_id = p.prescription_id AND k = 1
"""
# A PHQ-9 and a GAD-7 every month for half a year, of most who have a plan; one of six got worse.
SCORES = """
    INSERT INTO patients_measures_score (id, patient_id, instrument, version, answered_at, channel, answers, total,
        band, alerts, recorded_at, recorded_by_id, retracted_reason)
    SELECT md5(p.id::text || i || k)::uuid, p.patient_id, i, 'bench',
        %(now)s - k * interval '30 days' - mod(d, 29) * interval '1 day', 'clinician', '[]',
        4 + mod(d / (k + 1), 6) + CASE WHEN k < 3 AND mod(d, 6) = 0 THEN 7 ELSE 0 END, '', '[]', %(now)s, %(by)s, ''
    FROM medications_tapers_taperplan p, unnest(ARRAY['phq9', 'gad7']) i, generate_series(0, 5) k,
        LATERAL (SELECT abs(hashtextextended(p.id::text, 9)) AS d) dice
    WHERE mod(d, 8) > 0
"""
# What the product's own action asks at the end of a taper: measures after two, four and twelve weeks.
TASKS = """
    INSERT INTO patients_inbox_task (id, kind, patient_id, for_user_id, for_role, sentence, purpose, due_on, urgent,
        created_at, outcome)
    SELECT md5(p.id::text || w)::uuid, 'tapers.measure', p.patient_id, %(by)s, '', 'Measures are due after a taper.',
        'taper:' || p.id || ':measure-' || w, p.ended_at::date + 7 * w, false, p.ended_at, ''
    FROM medications_tapers_taperplan p, unnest(ARRAY[2, 4, 12]) w
    WHERE p.state = 'ended' AND p.kind = 'taper' AND p.outcome IN ('stopped', 'lower_dose')
"""


def seed(by: Any) -> int:
    """Plans, steps, scores and tasks; returns the number of plans."""
    from django.db import connection

    from clinic import clock
    from medications.tapers.models import TaperPlan

    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")  # triggers that look at each step of a plan
        for statement in (PLANS, STEPS, SCORES, TASKS):
            cursor.execute(statement, {"by": by.pk, "now": clock.now()})
            cursor.execute("ANALYZE")  # or the next statement is planned for a clinic without plans
        cursor.execute("SET session_replication_role = origin")
    return TaperPlan.objects.count()
