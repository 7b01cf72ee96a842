"""The rows from which a prescription's run-out follows, gathered by the database: one row a prescription.

Desk and night read the same. Keys of rows that are only compared with one another stay text.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

import orjson
from django.conf import settings
from django.db import connection

from medications.refills import calc
from medications.refills.calc import Lost

ZONE = ZoneInfo(settings.TIME_ZONE)
# Each list is asked by its index for one prescription: the number of prescriptions changes no plan.
KNOWN = """
    SELECT json_build_array(
        p.id, p.patient_id, d.generic_name, d.schedule, p.held_at IS NOT NULL,
        (
            SELECT json_agg(json_build_array(o.id, o.pack_id, o.from_day, o.until_day) ORDER BY o.from_day, o.signed_at)
            FROM medications_prescribing_doseorder o WHERE o.prescription_id = p.id AND o.retracted_at IS NULL
        ),
        (
            SELECT json_agg(json_build_array(
                a.id, a.order_id, coalesce(a.earliest_fill_on, a.issued_on), a.days_supply, a.refills, a.expires_on,
                a.voided_at, a.voided_reason, a.schedule, a.bridge OR a.directions <> ''
            ) ORDER BY a.issued_at, a.id)
            FROM medications_prescribing_authorisation a WHERE a.prescription_id = p.id
        ),
        (
            SELECT json_agg(json_build_array(
                f.id, f.authorisation_id, f.filled_on, f.days_supply, f.partial, f.completes_id
            ) ORDER BY f.filled_on)
            FROM medications_prescribing_fill f WHERE f.prescription_id = p.id AND f.retracted_at IS NULL
        ),
        (
            SELECT json_agg(json_build_array(l.lost_on, l.days) ORDER BY l.lost_on)
            FROM medications_prescribing_lostsupply l WHERE l.prescription_id = p.id AND l.retracted_at IS NULL
        ),
        (
            SELECT json_agg(json_build_array(h.from_day, h.until_day))
            FROM medications_prescribing_holdperiod h WHERE h.prescription_id = p.id
        )
    )::text
    FROM unnest(%(keys)s::uuid[]) AS k(id)
    JOIN medications_prescribing_prescription p ON p.id = k.id
    JOIN medications_catalogue_drug d ON d.id = p.drug_id
    WHERE p.origin = 'ours' AND p.retracted_at IS NULL
        AND (p.stopped_on IS NULL OR p.stopped_on > %(stops_after)s)
    ORDER BY p.id
"""


class Order(NamedTuple):
    """A dose that was not entered in error, the first day on which it holds, the first on which it no longer does."""

    key: str
    pack: str | None
    from_day: date
    until_day: date | None

    @property
    def holds(self) -> bool:
        """Whether there is a day on which it holds."""
        return self.until_day != self.from_day


class Supply(NamedTuple):
    """What was authorised. `ended_on`: the day of the practice on which it was voided; `usual`: no bridge, no pack."""

    key: str
    order: str
    issued_on: date
    days: int
    refills: int
    expires_on: date | None
    ended_on: date | None
    voided_reason: str
    schedule: str
    usual: bool


class Dispensed(NamedTuple):
    """A fill that was told; `completes`: the part of which it is the rest, or a piece of it (`partial`)."""

    key: str
    supply: str | None
    on: date
    days: int
    partial: bool
    completes: str | None


@dataclass(frozen=True, slots=True)
class Known:
    """The rows of one prescription of ours that goes on, each kind in the order of its days."""

    key: str
    patient: str
    drug: str
    schedule: str
    on_hold: bool
    orders: list[Order]
    supplies: list[Supply]
    fills: list[Dispensed]
    losses: list[Lost]
    holds: list[calc.Period]

    def order(self, today: date) -> Order | None:
        """The dose that holds on the day."""
        begun = [one for one in self.orders if one.from_day <= today]
        return next((one for one in reversed(begun) if one.until_day is None or today < one.until_day), None)

    def ahead(self, today: date) -> Iterator[Order]:
        """The changes that are signed and still to come."""
        return (one for one in self.orders if one.from_day > today and one.holds)

    def next_order(self, today: date) -> Order | None:
        """The first of them, if any."""
        return next(self.ahead(today), None)


def known(keys: Iterable[UUID | str], *, stops_after: date | None = None) -> list[Known]:
    """Those of the prescriptions that are ours and go on. One query.

    What is to stop on a set day gets no more refills, so it is none of them, but where it stops after a day asked.
    """
    with connection.cursor() as cursor:
        cursor.execute(KNOWN, {"keys": [str(key) for key in keys], "stops_after": stops_after})
        return [_known(*orjson.loads(text)) for (text,) in cursor.fetchall()]


def _known(
    key: str, patient: str, drug: str, schedule: str, on_hold: bool, orders: Any, supplies: Any, fills: Any,
    losses: Any, holds: Any,
) -> Known:  # fmt: skip
    return Known(
        key, patient, drug, schedule, on_hold,
        [Order(pk, pack, _day(begun), _maybe(until)) for pk, pack, begun, until in orders or ()],
        [
            Supply(pk, order, _day(issued), days, refills, _maybe(expires), _at_practice(voided), why, of, not other)
            for pk, order, issued, days, refills, expires, voided, why, of, other in supplies or ()
        ],
        [Dispensed(pk, supply, _day(on), days, *rest) for pk, supply, on, days, *rest in fills or ()],
        [Lost(_day(on), days) for on, days in losses or ()],
        [(_day(begun), _maybe(until)) for begun, until in holds or ()],
    )  # fmt: skip


_day = date.fromisoformat


def _maybe(text: str | None) -> date | None:
    return None if text is None else _day(text)


def _at_practice(text: str | None) -> date | None:
    return None if text is None else datetime.fromisoformat(text).astimezone(ZONE).date()
