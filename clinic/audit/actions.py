"""Writing the audit: `record` inside the business transaction, `refusal` in one of its own, `seal` afterwards."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db import connection, models, transaction

from clinic import clock
from clinic.audit.calc import FIRST_HASH, link
from clinic.audit.context import here
from clinic.audit.enums import Kind, Outcome
from clinic.audit.models import AuditEvent, AuditSeal
from clinic.rows import new_id

SEALER_LOCK = 7_305_001  # any fixed number: one sealer at a time
# The oldest transaction that is not over. PostgreSQL numbers them for all databases of a server together.
OLDEST_OPEN = "pg_snapshot_xmin(pg_current_snapshot())"


# The rows differ in their keys alone.
MANY = """
    INSERT INTO clinic_audit_auditevent (id, at, kind, outcome, actor_id, patient_id, object_kind, object_id, page,
        what, why, detail, address, request_id, roles)
    SELECT n.id, %(at)s, %(kind)s, 'done', %(actor)s, n.patient_id, %(object_kind)s, n.object_id, %(page)s, %(what)s,
        '', '{}', %(address)s, %(request_id)s, %(roles)s::varchar[]
    FROM unnest(%(ids)s::uuid[], %(objects)s::uuid[], %(patients)s::uuid[]) AS n(id, object_id, patient_id)
"""


def _event(kind: Kind, *, by: Any, on: models.Model | None, patient_id: UUID | None, **fields: Any) -> AuditEvent:
    where = here()
    return AuditEvent(
        at=clock.now(),
        kind=kind,
        actor_id=getattr(by, "pk", None),
        patient_id=patient_id if patient_id else getattr(on, "patient_id", None),
        object_kind=on._meta.label_lower if on is not None else "",
        object_id=on.pk if on is not None and isinstance(on.pk, UUID) else None,
        page=where.page[:80],
        address=where.address,
        request_id=where.request_id,
        roles=where.roles,
        **fields,
    )


def record(
    kind: Kind,
    *,
    by: Any,
    on: models.Model | None = None,
    patient_id: UUID | None = None,
    what: str = "",
    why: str = "",
    detail: dict[str, Any] | None = None,
) -> AuditEvent:
    """Append one row in the present transaction.

    `by`: the User, or None for the clock. `on`: the row concerned (its `patient_id` is taken where it has one).
    `what`: the action's name ("dose.changed"). `detail`: ids, codes, numbers only (R-HS-07). Insert only, one query.
    """
    event = _event(kind, by=by, on=on, patient_id=patient_id, what=what, why=why, detail=detail or {})
    event.save(force_insert=True)
    return event


def read(*, by: Any, patient_id: UUID) -> None:
    """Append that a patient's page was opened: once per viewer, patient and request; polling writes none."""
    where = here()
    if where.polling or (by.pk, patient_id) in where.opened:
        return
    where.opened.add((by.pk, patient_id))
    record(Kind.READ, by=by, patient_id=patient_id, what=where.page[:80])


def record_many(
    kind: Kind, rows: Iterable[models.Model], *, by: Any, what: str, patients: Iterable[UUID] | None = None
) -> None:
    """Append one audit row for each of `rows` (of one model), in one query, whatever the number.

    `patients`: whose each is, where the row has none.
    """
    found = list(rows)
    if not found:
        return
    whose = [getattr(row, "patient_id", None) for row in found] if patients is None else list(patients)
    one = _event(kind, by=by, on=found[0], patient_id=None, what=what)
    given: dict[str, Any] = {
        "at": one.at, "kind": str(kind), "actor": one.actor_id, "object_kind": one.object_kind, "page": one.page,
        "what": what, "address": one.address, "request_id": one.request_id, "roles": list(one.roles),
        "ids": [str(new_id()) for _ in found], "objects": [str(row.pk) for row in found],
        "patients": [None if key is None else str(key) for key in whose],
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(MANY, given)


def refusal(*, by: Any, patient_id: UUID | None, what: str, why: str) -> None:
    """Record that something was refused, in a transaction of its own: the refused one has been rolled back."""
    with transaction.atomic():
        event = _event(Kind.CHANGED, by=by, on=None, patient_id=patient_id, what=what, why=why)
        event.outcome = Outcome.REFUSED
        event.save(force_insert=True)


@transaction.atomic
def seal(limit: int = 5_000) -> int:
    """Chain events whose transactions are all over, in their order; returns how many. One sealer at a time.

    Rows of a transaction still open wait: `txid < pg_snapshot_xmin(...)` says that everything older is visible, so
    that no late commit is skipped (ids and commit order differ). Everything before the last sealed row's transaction
    is sealed already, so the search begins there; in a database loaded into another server, whose transactions are
    numbered anew, it begins at the first.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [SEALER_LOCK])
        if not cursor.fetchone()[0]:
            return 0
    last = AuditSeal.objects.order_by("-position").first()
    waiting = AuditEvent.objects.raw(
        f"WITH known AS (SELECT {OLDEST_OPEN} AS xmin,"  # noqa: S608 (a constant of ours)
        " (SELECT txid FROM clinic_audit_auditevent WHERE id = %s) AS sealed)"
        " SELECT e.* FROM clinic_audit_auditevent e, known"
        " WHERE e.txid < known.xmin"
        " AND e.txid >= CASE WHEN known.sealed < known.xmin THEN known.sealed ELSE '0'::xid8 END"
        " AND NOT EXISTS (SELECT FROM clinic_audit_auditseal s WHERE s.event_id = e.id)"
        " ORDER BY e.txid, e.id LIMIT %s",
        [last.event_id if last else None, limit],
    )
    before, now, seals = last.hash if last else FIRST_HASH, clock.now(), []
    for event in waiting:
        before = link(before, event)
        seals.append(AuditSeal(event=event, hash=before, sealed_at=now))
    AuditSeal.objects.bulk_create(seals)
    return len(seals)
