"""What the nightly job asks of all ended tapers at once: whose score rose, whose measures were taken (R-TA-10)."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection
from django.db.models.expressions import RawSQL

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


def measured(instruments: list[str], *, until: date, lead: int, since: datetime) -> RawSQL:
    """The purposes of tasks for a measure that a score has answered, as a part of a query.

    Of tasks that are due by `until`, of patients with an ended taper; from `lead` days before their day on.
    """
    return RawSQL(
        """
        SELECT t.purpose FROM patients_inbox_task t
        WHERE t.kind = 'tapers.measure' AND t.done_at IS NULL AND t.due_on <= %s
            AND EXISTS (
                SELECT FROM medications_tapers_taperplan p
                WHERE p.patient_id = t.patient_id AND p.state = 'ended' AND p.kind = 'taper'
                    AND p.outcome IN ('stopped', 'lower_dose') AND p.ended_at > %s)
            AND EXISTS (
                SELECT FROM patients_measures_score s
                WHERE s.patient_id = t.patient_id AND s.instrument = ANY(%s) AND s.retracted_at IS NULL
                    AND s.total IS NOT NULL AND (s.answered_at AT TIME ZONE 'UTC')::date >= t.due_on - %s)
    """,
        (until, since, instruments, lead),
    )
