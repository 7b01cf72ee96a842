"""What is open, read and written many at a time: plain tuples in, COPY and a statement for each kind of change out."""

import csv
from collections.abc import Collection, Sequence
from datetime import date
from io import StringIO
from typing import Any, NamedTuple
from uuid import UUID

import orjson
from django.db import connection
from django.db.models import TextField
from django.db.models.functions import Cast
from uuid_utils import uuid7

from clinic import clock
from medications.monitoring.enums import State
from medications.monitoring.models import DueItem

NEW = (
    "id", "patient_id", "code", "protocol", "prescription_id", "asks", "anchor", "reason", "due_on", "refill_asks_on",
    "counted_from", "knowledge_version", "state", "opened_at", "closed_why",
)  # fmt: skip
MAKE = (
    f"COPY medications_monitoring_dueitem ({', '.join(NEW)}) FROM STDIN WITH (FORMAT csv, FORCE_NOT_NULL (closed_why))"
)
MOVE = """
    UPDATE medications_monitoring_dueitem i
    SET protocol = n.protocol, prescription_id = n.prescription, asks = n.asks, anchor = n.anchor, reason = n.reason,
        due_on = n.due_on, refill_asks_on = n.refill_asks_on, counted_from = n.counted_from, knowledge_version = %s
    FROM jsonb_to_recordset(%s::jsonb) AS n(
        pk uuid, protocol text, prescription uuid, asks jsonb, anchor text, reason text, due_on date,
        refill_asks_on date, counted_from date
    )
    WHERE i.id = n.pk
"""


class Open(NamedTuple):
    """One open item, or one that is to be made (no `pk` yet)."""

    pk: str
    patient: str
    code: str
    protocol: str
    prescription: str
    asks: list[dict[str, Any]]
    anchor: str
    reason: str
    due_on: date
    refill_asks_on: date | None
    counted_from: date | None


def of(patients: Collection[UUID]) -> dict[UUID, dict[str, Open]]:
    """What is open for these patients, by code; locked. One query."""
    known = DueItem.objects.select_for_update().filter(patient__in=patients, state=State.OPEN).order_by("pk")
    found: dict[UUID, dict[str, Open]] = {}
    pk, patient, prescription = (Cast(name, TextField()) for name in ("pk", "patient_id", "prescription_id"))
    for key, *row in known.values_list(
        "patient_id", pk, patient, "code", "protocol", prescription, "asks", "anchor", "reason", "due_on",
        "refill_asks_on", "counted_from",
    ):  # fmt: skip
        found.setdefault(key, {})[row[2]] = Open._make(row)
    return found


def make(fresh: Sequence[Open], version: str) -> None:
    """Write new items. The patients are locked, so nobody opens the same meanwhile. One statement."""
    if not fresh:
        return
    lines, now = StringIO(), clock.now().isoformat()
    csv.writer(lines).writerows(
        (
            uuid7(), one.patient, one.code, one.protocol, one.prescription, orjson.dumps(one.asks).decode(), one.anchor,
            one.reason, one.due_on, one.refill_asks_on, one.counted_from, version, "open", now, "",
        )
        for one in fresh
    )  # fmt: skip
    lines.seek(0)
    with connection.cursor() as cursor:
        cursor.copy_expert(MAKE, lines)


def move(moved: Sequence[Open], version: str) -> None:
    """Take over the new days and reasons. One query."""
    if moved:
        given = orjson.dumps([one._asdict() for one in moved]).decode()
        with connection.cursor() as cursor:
            cursor.execute(MOVE, [version, given])


def close(gone: Sequence[Open], state: State, why: str) -> None:
    """Done or dropped, with the reason. One query."""
    if gone:
        rows = DueItem.objects.filter(pk__in=[one.pk for one in gone])
        rows.update(state=state, closed_at=clock.now(), closed_why=why)
