"""What is due: made, moved and closed from the facts, for one patient at once or for everybody at night."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import transaction

from clinic import clock
from clinic.audit import actions as audit
from clinic.audit.enums import Kind
from medications.monitoring import engine, knowledge, queries
from medications.monitoring.actions.movements import watch
from medications.monitoring.engine import Due, Plan
from medications.monitoring.enums import State
from medications.monitoring.models import DueItem
from medications.prescribing.queries import practice_today
from patients.record.models import Patient

if TYPE_CHECKING:
    from clinic.staff.models import User

BATCH = 2_000  # patients
MOVING = (
    "protocol", "prescription_id", "asks", "anchor", "reason", "due_on", "refill_asks_on", "counted_from",
)  # fmt: skip
MOVED = [name.removesuffix("_id") for name in MOVING] + ["knowledge_version"]
STOPPED = "nothing that is taken asks for it any more"
RESULT = "a result is on record"


def order_changed(patient_id: UUID, *, by: "User") -> None:
    """Port ORDER_CHANGED: a medicine was started, changed, held, stopped or corrected; its due items follow."""
    renew([patient_id], by=by)


@transaction.atomic
def renew(patients: Collection[UUID], *, today: date | None = None, by: "User | None") -> dict[str, int]:
    """Bring what is open for these patients to what the facts ask for: made, moved, done or dropped.

    Run twice, by two workers, or killed and run again, it leaves the same rows: one open item a patient and a code is
    a constraint. About fifteen queries, whatever the number.
    """
    day = today or practice_today()
    # Locked in one order before anything is read: what another worker makes meanwhile is seen, or waits.
    list(Patient.objects.select_for_update(no_key=True).filter(pk__in=patients).order_by("pk").values_list("pk"))
    known = DueItem.objects.select_for_update().filter(patient__in=patients, state=State.OPEN).order_by("pk")
    before: dict[UUID, dict[str, DueItem]] = {}
    for found in known:
        before.setdefault(found.patient_id, {})[found.code] = found
    plan = Plan(knowledge.current(), queries.choices(day))
    fresh: list[DueItem] = []
    moved: list[DueItem] = []
    closed: list[DueItem] = []
    for patient, situation in queries.situations(patients).items():
        left = before.get(patient, {})
        for one in engine.due(situation.person, situation.courses, situation.results, plan, day):
            row = left.pop(one.code, None)
            if row is None:
                fresh.append(_opened(patient, one, plan))
            elif _met(row, one.since) and one.due_on > row.due_on:
                closed.append(_closed(row, State.DONE, RESULT))
                fresh.append(_opened(patient, one, plan))
            elif _move(row, one, plan):
                moved.append(row)
        for row in left.values():
            done = _met(row, _last(situation.results, row.code))
            closed.append(_closed(row, State.DONE if done else State.DROPPED, RESULT if done else STOPPED))
    DueItem.objects.bulk_update(closed, ["state", "closed_at", "closed_why"], batch_size=1_000)
    DueItem.objects.bulk_update(moved, MOVED, batch_size=1_000)
    DueItem.objects.bulk_create(fresh, ignore_conflicts=True, batch_size=2_000)
    return {"opened": len(fresh), "moved": len(moved), "closed": len(closed)}


def sweep(today: date | None = None, *, by: "User | None" = None) -> dict[str, int]:
    """Everybody who takes something of ours, in batches: the nightly job that keeps what is due true.

    Each batch is a transaction of its own: a killed run leaves whole batches, and the next one does the rest.
    """
    counts = {"patients": 0, "opened": 0, "moved": 0, "closed": 0}
    after: UUID | None = None
    while patients := queries.followed(after, BATCH):
        done = renew(patients, today=today, by=by)
        counts = {name: counts[name] + done.get(name, 0) for name in counts}
        counts["patients"] += len(patients)
        after = patients[-1]
    with transaction.atomic():
        counts["movements"] = watch(by=by)
        audit.record(Kind.RAN, by=by, what="monitoring.renew_due", detail=counts)
    return counts


def _last(results: Mapping[str, Sequence[Any]], code: str) -> date | None:
    item = knowledge.current().item(code)
    days = [rows[-1].on for one in (item.counts if item else (code,)) if (rows := results.get(one))]
    return max(days, default=None)


def _met(row: DueItem, last: date | None) -> bool:
    """Whether a result came since the item became due."""
    return last is not None and (row.counted_from is None or last > row.counted_from)


def _values(one: Due) -> dict[str, Any]:
    first = one.asks[0]
    asking = [ask.due_on + timedelta(days=ask.blocks + 1) for ask in one.asks if ask.blocks is not None]
    return {
        "protocol": first.protocol, "prescription_id": UUID(first.prescription), "anchor": str(first.anchor),
        "reason": first.why[:300], "due_on": first.due_on, "refill_asks_on": min(asking, default=None),
        "counted_from": one.since,
        "asks": [
            {
                "protocol": ask.protocol, "prescription": ask.prescription, "due_on": ask.due_on.isoformat(),
                "why": ask.why, "blocks": ask.blocks,
            }
            for ask in one.asks
        ],
    }  # fmt: skip


def _opened(patient: UUID, one: Due, plan: Plan) -> DueItem:
    return DueItem(
        patient_id=patient, code=one.code, opened_at=clock.now(), knowledge_version=plan.known.version, **_values(one)
    )


def _move(row: DueItem, one: Due, plan: Plan) -> bool:
    """Take over the new day and reason; whether anything changed."""
    wanted = _values(one) | {"counted_from": row.counted_from}
    if one.since is None or (row.counted_from is not None and one.since < row.counted_from):
        wanted["counted_from"] = one.since  # what it counted from was entered in error
    if all(getattr(row, name) == wanted[name] for name in MOVING):
        return False
    for name in MOVING:
        setattr(row, name, wanted[name])
    row.knowledge_version = plan.known.version
    return True


def _closed(row: DueItem, state: State, why: str) -> DueItem:
    row.state, row.closed_at, row.closed_why = state, clock.now(), why
    return row
