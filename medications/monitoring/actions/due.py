"""What is due: made, moved and closed from the facts, for one patient at once or for everybody at night."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import transaction

from clinic.audit import actions as audit
from clinic.audit.enums import Kind
from medications.monitoring import engine, knowledge, looks, queries, rows
from medications.monitoring.actions.movements import watch
from medications.monitoring.engine import Due, Plan
from medications.monitoring.enums import State
from medications.monitoring.looks import Look
from medications.monitoring.rows import Open
from medications.prescribing.queries import practice_today
from medications.shares import work_through
from patients.record.models import Patient

if TYPE_CHECKING:
    from clinic.staff.models import User

BATCH = 1_000  # patients
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
    _lock(patients)
    day = today or practice_today()
    return _renewed(patients, Plan(knowledge.current(), queries.choices(day)), day)[0]


def sweep(today: date | None = None, *, by: "User | None" = None) -> dict[str, int]:
    """Everybody for whom something may be due that was not: the nightly job that keeps what is due true.

    The database says who that is; then in batches, each a transaction of its own: a killed run leaves whole batches,
    and the next one does the rest.
    """
    day = today or practice_today()
    plan = Plan(knowledge.current(), queries.choices(day))
    known = looks.to_look_at(plan, day)
    work = partial(_look, known=known, plan=plan, day=day)
    done = work_through(list(known), work, batch=BATCH, alone=by is not None)
    counts = {name: done[name] for name in ("patients", "opened", "moved", "closed")}
    with transaction.atomic():
        counts["movements"] = watch(by=by)
        audit.record(Kind.RAN, by=by, what="monitoring.renew_due", detail=counts)
    return counts


@transaction.atomic
def _look(patients: Sequence[UUID], *, known: Mapping[UUID, Look], plan: Plan, day: date) -> dict[str, int]:
    """Renew those of the patients whom nobody else has looked at meanwhile, and write down until when that holds."""
    _lock(patients)
    mine = looks.not_yet(patients, known)
    if not mine:
        return {}
    counts, until = _renewed(mine, plan, day)
    looks.keep(plan, day, known, until)
    return counts | {"patients": len(mine)}


def _lock(patients: Collection[UUID]) -> None:
    """In one order, before anything is read: what another worker makes meanwhile is seen, or waits. One query."""
    list(Patient.objects.select_for_update(no_key=True).filter(pk__in=patients).order_by("pk").values_list("pk"))


def _renewed(patients: Collection[UUID], plan: Plan, day: date) -> tuple[dict[str, int], dict[UUID, date]]:
    """What was opened, moved and closed for patients that are locked; until when each answer holds."""
    before = rows.of(patients)
    fresh: list[Open] = []
    moved: list[Open] = []
    closed: dict[tuple[State, str], list[Open]] = {(State.DONE, RESULT): [], (State.DROPPED, STOPPED): []}
    until: dict[UUID, date] = {}
    for patient, known in queries.situations(patients).items():
        left, whose = before.get(patient, {}), str(patient)
        found, until[patient] = engine.look(known.person, known.courses, known.results, plan, day)
        for one in found:
            row = left.pop(one.code, None)
            if row is not None and not (_met(row, one.since) and one.due_on > row.due_on):
                moved += _moved(row, one)
                continue
            if row is not None:
                closed[State.DONE, RESULT].append(row)
            fresh.append(_opened(whose, one))
        for row in left.values():
            done = _met(row, _last(known.results, row.code))
            closed[(State.DONE, RESULT) if done else (State.DROPPED, STOPPED)].append(row)
    for (state, why), gone in closed.items():
        rows.close(gone, state, why)
    rows.move(moved, plan.known.version)
    rows.make(fresh, plan.known.version)
    counts = {"opened": len(fresh), "moved": len(moved), "closed": sum(map(len, closed.values()))}
    return counts, until


def _last(results: Mapping[str, Sequence[Any]], code: str) -> date | None:
    item = knowledge.current().item(code)
    days = [rows[-1].on for one in (item.counts if item else (code,)) if (rows := results.get(one))]
    return max(days, default=None)


def _met(row: Open, last: date | None) -> bool:
    """Whether a result came since the item became due."""
    return last is not None and (row.counted_from is None or last > row.counted_from)


def _opened(patient: str, one: Due) -> Open:
    """What is due, as a row that is to be made."""
    first = one.asks[0]
    asking = [ask.due_on + timedelta(days=ask.blocks + 1) for ask in one.asks if ask.blocks is not None]
    asks = [
        {
            "protocol": ask.protocol, "prescription": ask.prescription, "due_on": ask.due_on.isoformat(),
            "why": ask.why, "blocks": ask.blocks,
        }
        for ask in one.asks
    ]  # fmt: skip
    return Open(
        "", patient, one.code, first.protocol, first.prescription, asks, str(first.anchor), first.why[:300],
        first.due_on, min(asking) if asking else None, one.since,
    )  # fmt: skip


def _moved(row: Open, one: Due) -> list[Open]:
    """The row with the new day and reason, if anything changed."""
    wanted = _opened(row.patient, one)._replace(pk=row.pk)
    if not (one.since is None or (row.counted_from is not None and one.since < row.counted_from)):
        wanted = wanted._replace(counted_from=row.counted_from)  # else what it counted from was entered in error
    return [] if wanted == row else [wanted]
