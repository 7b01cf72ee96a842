"""What the nightly job asks of all orders at once: the database makes every forecast and names what is due (R-RX-11).

The functions stand in migration 0004; `calc` says the same for one prescription, and a property test compares them.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

import orjson
from django.conf import settings
from django.db import connection

from clinic.practice import config
from medications.prescribing.models import Prescription
from medications.refills.models import RefillRequest
from medications.shares import asked

# An order in force today of each active prescription of ours that is not on hold; its fills, what was authorised on
# it, its holds; and the order that is signed to follow, which brings its own supply.
DUE = """
    WITH running AS MATERIALIZED (
        SELECT p.id, coalesce(f.id, o.id) AS first_id, coalesce(f.from_day, o.from_day) AS from_day, d.schedule
        FROM medications_prescribing_prescription p
        JOIN medications_prescribing_doseorder o ON o.prescription_id = p.id
        LEFT JOIN medications_prescribing_doseorder f ON f.id = o.pack_id
        JOIN medications_catalogue_drug d ON d.id = p.drug_id
        WHERE p.id > %(after)s AND p.id <= %(until)s AND p.origin = 'ours' AND p.retracted_at IS NULL
            AND p.stopped_on IS NULL AND p.held_at IS NULL
            AND o.retracted_at IS NULL AND o.from_day <= %(today)s AND (o.until_day IS NULL OR o.until_day > %(today)s)
    ), step AS (  -- of titration packs: one supply for all of them
        SELECT r.id, s.id AS order_id, s.from_day
        FROM running r JOIN medications_prescribing_doseorder s ON s.pack_id = r.first_id
        WHERE s.retracted_at IS NULL AND s.until_day IS DISTINCT FROM s.from_day
    ), shares AS MATERIALIZED (
        SELECT id, first_id AS order_id FROM running UNION ALL SELECT id, order_id FROM step
    ), last AS (
        SELECT id, max(from_day) AS from_day FROM step GROUP BY id
    ), told AS (
        SELECT r.id, f.filled_on AS on_day, f.days_supply::integer AS days
        FROM running r
        JOIN medications_prescribing_fill f ON f.prescription_id = r.id AND f.retracted_at IS NULL
        LEFT JOIN medications_prescribing_authorisation a ON a.id = f.authorisation_id
        LEFT JOIN shares s ON s.order_id = a.order_id
        WHERE s.id IS NOT NULL OR (f.authorisation_id IS NULL AND f.filled_on >= r.from_day)
        UNION ALL  -- what was lost counts down; all of it: more than any supply
        SELECT r.id, l.lost_on, -coalesce(l.days::integer, 10000)
        FROM running r
        JOIN medications_prescribing_lostsupply l ON l.prescription_id = r.id AND l.retracted_at IS NULL
        WHERE l.lost_on >= r.from_day
    ), filled AS (
        SELECT id, array_agg(on_day ORDER BY on_day, days > 0) AS filled_on,
            array_agg(days ORDER BY on_day, days > 0) AS filled_days
        FROM told GROUP BY id
    ), uses AS (
        SELECT authorisation_id, count(*)::integer AS used FROM medications_prescribing_fill
        WHERE retracted_at IS NULL AND authorisation_id IS NOT NULL AND completes_id IS NULL GROUP BY authorisation_id
    ), owed AS (  -- the rest of what was dispensed in part, without the pieces of it that came
        SELECT r.id,
            sum(CASE WHEN f.completes_id IS NULL THEN a.days_supply ELSE 0 END - f.days_supply)::integer AS days
        FROM shares r
        JOIN medications_prescribing_authorisation a ON a.order_id = r.order_id
        JOIN medications_prescribing_fill f ON f.authorisation_id = a.id AND f.partial AND f.retracted_at IS NULL
        LEFT JOIN medications_prescribing_fill c
            ON c.completes_id = coalesce(f.completes_id, f.id) AND NOT c.partial AND c.retracted_at IS NULL
        WHERE c.id IS NULL AND a.voided_at IS NULL AND a.schedule <> 'II'
        GROUP BY r.id
    ), authorised AS (
        SELECT r.id, array_agg(coalesce(a.earliest_fill_on, a.issued_on) ORDER BY a.issued_at, a.id) AS issued_on,
            array_agg(a.days_supply::integer ORDER BY a.issued_at, a.id) AS days,
            array_agg(a.refills::integer ORDER BY a.issued_at, a.id) AS refills,
            array_agg(coalesce(u.used, 0) ORDER BY a.issued_at, a.id) AS used,
            array_agg(a.expires_on ORDER BY a.issued_at, a.id) AS expires_on,
            array_agg((a.voided_at AT TIME ZONE %(zone)s)::date ORDER BY a.issued_at, a.id) AS ended_on
        FROM shares r
        JOIN medications_prescribing_authorisation a ON a.order_id = r.order_id
        LEFT JOIN uses u ON u.authorisation_id = a.id
        GROUP BY r.id
    ), held AS (
        SELECT r.id, array_agg(h.from_day ORDER BY h.from_day) AS hold_from,
            array_agg(h.until_day ORDER BY h.from_day) AS hold_until
        FROM running r JOIN medications_prescribing_holdperiod h ON h.prescription_id = r.id
        WHERE h.until_day IS NULL OR h.until_day > r.from_day
        GROUP BY r.id
    ), ahead AS (
        SELECT DISTINCT ON (r.id) r.id, o.id AS order_id, o.from_day, o.pack_id IS NOT DISTINCT FROM r.first_id AS same
        FROM running r JOIN medications_prescribing_doseorder o ON o.prescription_id = r.id
        WHERE o.retracted_at IS NULL AND o.from_day > %(today)s AND o.until_day IS DISTINCT FROM o.from_day
        ORDER BY r.id, o.from_day, o.signed_at
    ), brought AS (
        SELECT DISTINCT ON (n.id) n.id, n.from_day, n.from_day + a.days_supply * (a.refills + 1) AS lasts
        FROM ahead n JOIN medications_prescribing_authorisation a ON a.order_id = n.order_id AND a.voided_at IS NULL
        WHERE NOT n.same
        ORDER BY n.id, a.issued_at, a.id
    )
    SELECT r.id
    FROM running r
    LEFT JOIN filled f ON f.id = r.id
    LEFT JOIN authorised a ON a.id = r.id
    LEFT JOIN held h ON h.id = r.id
    LEFT JOIN brought b ON b.id = r.id
    LEFT JOIN last l ON l.id = r.id
    LEFT JOIN owed w ON w.id = r.id
    CROSS JOIN LATERAL refills_forecast(
        r.from_day, %(today)s, coalesce(f.filled_on, '{}'), coalesce(f.filled_days, '{}'),
        coalesce(a.issued_on, '{}'), coalesce(a.days, '{}'), coalesce(a.refills, '{}'), coalesce(a.used, '{}'),
        coalesce(a.expires_on, '{}'), coalesce(a.ended_on, '{}'),
        coalesce(h.hold_from, '{}'), coalesce(h.hold_until, '{}')
    ) c
    WHERE %(today)s >= greatest(
        CASE WHEN b.from_day <= c.supply_end THEN greatest(b.lasts, c.supply_end) 
            ELSE c.authorised_end + coalesce(w.days, 0) END
            - CASE WHEN r.schedule = 'II' THEN %(lead_ii)s ELSE %(lead)s END,
        CASE WHEN l.from_day <= c.supply_end THEN l.from_day END)
    ORDER BY r.id
"""
RENEW = """
    UPDATE medications_refills_refillrequest r
    SET supply_end = n.supply_end, authorised_end = n.authorised_end, fills_confirmed = n.fills_confirmed,
        gates = n.gates, answered_at = n.answered_at
    FROM jsonb_to_recordset(%s::jsonb) AS n(
        id uuid, supply_end date, authorised_end date, fills_confirmed boolean, gates jsonb, answered_at timestamptz
    )
    WHERE r.id = n.id
"""


MAKE = """
    INSERT INTO medications_refills_refillrequest (id, prescription_id, patient_id, opened_at, opened_by_id, source,
        answered_at, supply_end, authorised_end, fills_confirmed, gates, state, reason, told_patient)
    SELECT n.id, n.prescription_id, n.patient_id, n.opened_at, n.opened_by_id, n.source, n.answered_at, n.supply_end,
        n.authorised_end, n.fills_confirmed, n.gates, n.state, '', ''
    FROM jsonb_populate_recordset(NULL::medications_refills_refillrequest, %s::jsonb) n
    ON CONFLICT DO NOTHING RETURNING id
"""


def due(today: date) -> list[UUID]:
    """The prescriptions about which the desk is to be asked on the day, by key. A few queries, whatever the number."""
    values = config.values(today)
    given: dict[str, Any] = {
        "today": today, "zone": settings.TIME_ZONE, "lead": int(values["refill_lead_days"]),
        "lead_ii": int(values["refill_lead_days_ii"]),
    }  # fmt: skip
    return [row[0] for row in asked(DUE, given, keys=Prescription)]


def make(rows: Sequence[RefillRequest]) -> set[UUID]:
    """Write new requests, but those that somebody has opened meanwhile; the keys of those written. One query."""
    given = [
        {
            **_answered(row), "prescription_id": str(row.prescription_id), "patient_id": str(row.patient_id),
            "opened_at": row.opened_at.isoformat(), "source": row.source, "state": row.state,
            "opened_by_id": None if row.opened_by_id is None else str(row.opened_by_id),
        }
        for row in rows
    ]  # fmt: skip
    if not given:
        return set()
    with connection.cursor() as cursor:
        cursor.execute(MAKE, [orjson.dumps(given).decode()])
        return {row[0] for row in cursor.fetchall()}


def keep(rows: Sequence[RefillRequest]) -> None:
    """Save the forecasts and answers of requests that are open already. One query for all of them."""
    given = [_answered(row) for row in rows]
    if given:
        with connection.cursor() as cursor:
            cursor.execute(RENEW, [orjson.dumps(given).decode()])


def _answered(row: RefillRequest) -> dict[str, Any]:
    """The forecast and the answers of a request as its row keeps them."""
    return {
        "id": str(row.pk), "supply_end": row.supply_end.isoformat(), "authorised_end": row.authorised_end.isoformat(),
        "fills_confirmed": row.fills_confirmed, "gates": row.gates, "answered_at": row.answered_at.isoformat(),
    }  # fmt: skip
