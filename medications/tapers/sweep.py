"""What the nightly job asks of all ended tapers at once: whose score rose, whose measures were taken (R-TA-10)."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection

# Of each ended taper and instrument the first score within so long of the end that is so much above the last one
# before it; what is under review already is not in it.
RISES = """
    SELECT p.id, p.patient_id, after.id, after.total - before.total
    FROM medications_tapers_taperplan p
    CROSS JOIN unnest(%(instruments)s, %(sizes)s) AS m(instrument, size)
    CROSS JOIN LATERAL (
        SELECT s.total FROM patients_measures_score s
        WHERE s.patient_id = p.patient_id AND s.instrument = m.instrument AND s.retracted_at IS NULL
            AND s.total IS NOT NULL AND s.answered_at <= p.ended_at
        ORDER BY s.answered_at DESC, s.id DESC LIMIT 1
    ) before
    CROSS JOIN LATERAL (
        SELECT s.id, s.total FROM patients_measures_score s
        WHERE s.patient_id = p.patient_id AND s.instrument = m.instrument AND s.retracted_at IS NULL
            AND s.total IS NOT NULL AND s.answered_at > p.ended_at AND s.answered_at <= p.ended_at + %(watched)s
            AND s.total - before.total >= m.size
        ORDER BY s.answered_at, s.id LIMIT 1
    ) after
    WHERE p.state = 'ended' AND p.kind = 'taper' AND p.outcome IN ('stopped', 'lower_dose') AND p.ended_at > %(since)s
        AND NOT EXISTS (
            SELECT FROM medications_tapers_returnreview r WHERE r.plan_id = p.id AND r.score_id = after.id)
    ORDER BY p.patient_id, p.id, after.id
"""
# The open tasks for a measure that is due by a day, of patients with such a taper, for which a score came in.
MEASURED = """
    SELECT DISTINCT t.purpose FROM patients_inbox_task t
    WHERE t.kind = 'tapers.measure' AND t.done_at IS NULL AND t.due_on <= %(until)s
        AND EXISTS (
            SELECT FROM medications_tapers_taperplan p
            WHERE p.patient_id = t.patient_id AND p.state = 'ended' AND p.kind = 'taper'
                AND p.outcome IN ('stopped', 'lower_dose') AND p.ended_at > %(since)s)
        AND EXISTS (
            SELECT FROM patients_measures_score s
            WHERE s.patient_id = t.patient_id AND s.instrument = ANY(%(instruments)s) AND s.retracted_at IS NULL
                AND s.total IS NOT NULL AND (s.answered_at AT TIME ZONE 'UTC')::date >= t.due_on - %(lead)s)
    ORDER BY t.purpose
"""


class Rise(NamedTuple):
    """A score that rose after the end of a plan, and by how much."""

    plan: UUID
    patient: UUID
    score: UUID
    rise: int


def rises(sizes: Mapping[str, int], *, watched: timedelta, since: datetime) -> list[Rise]:
    """Every first rise by so much of an instrument or more (`sizes`) that is not under review. One query."""
    given: dict[str, Any] = {
        "instruments": list(sizes), "sizes": list(sizes.values()), "watched": watched, "since": since,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(RISES, given)
        return [Rise(*row) for row in cursor.fetchall()]


def measured(instruments: list[str], *, until: date, lead: int, since: datetime) -> list[str]:
    """The purposes of the tasks that a score has answered: from `lead` days before their day on. One query."""
    given: dict[str, Any] = {"instruments": instruments, "until": until, "lead": lead, "since": since}
    with connection.cursor() as cursor:
        cursor.execute(MEASURED, given)
        return [row[0] for row in cursor.fetchall()]
