"""Opening and finishing tasks, inside the transaction of what asked for them."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date
from typing import TYPE_CHECKING, NamedTuple
from uuid import UUID

from django.db import transaction
from django.db.models.expressions import RawSQL

from clinic import clock
from clinic.audit import actions as audit
from clinic.audit.enums import Kind
from clinic.refusal import check
from clinic.staff.enums import Role
from patients.inbox import rules
from patients.inbox.models import Task

if TYPE_CHECKING:
    from clinic.staff.models import User


def ask(
    kind: str,
    *,
    sentence: str,
    purpose: str,
    patient_id: UUID | None = None,
    users: "Iterable[User]" = (),
    roles: Iterable[Role] = (),
    object_id: UUID | None = None,
    due_on: date | None = None,
    urgent: bool = False,
    by: "User | None",
) -> list[Task]:
    """Open one task for each of `users` and each of `roles`; an open task of the same purpose is not opened twice.

    `sentence` is what the person reads; `purpose` makes asking idempotent ("plan-review:<plan id>").
    """
    rows = [Task(for_user=user) for user in {user.pk: user for user in users}.values()]
    rows += [Task(for_role=role) for role in dict.fromkeys(roles)]
    for row in rows:
        row.kind, row.sentence, row.purpose, row.patient_id = kind, sentence[:300], purpose, patient_id
        row.object_id, row.due_on, row.urgent, row.created_by = object_id, due_on, urgent, by
        row.created_at = clock.now()
    Task.objects.bulk_create(rows, ignore_conflicts=True)
    return rows


class Asked(NamedTuple):
    """One thing that is asked of several people: what makes it one, about whom, about which row, of whom."""

    purpose: str
    patient_id: UUID
    object_id: UUID | None
    users: "Sequence[User]"


def ask_all(
    kind: str, *, sentence: str, asked: Iterable[Asked], urgent: bool = False, by: "User | None"
) -> None:  # fmt: skip
    """The same as `ask` for many patients. One query, whatever the number."""
    now = clock.now()
    Task.objects.bulk_create(
        (
            Task(
                kind=kind, sentence=sentence[:300], purpose=one.purpose, patient_id=one.patient_id,
                object_id=one.object_id, urgent=urgent, for_user=user, created_by=by, created_at=now,
            )
            for one in asked for user in one.users
        ),
        ignore_conflicts=True,
    )  # fmt: skip


def finish_all(purposes: Collection[str] | RawSQL, *, by: "User | None", outcome: str = "") -> int:
    """Close every open task of these purposes, for everybody; returns how many. One query.

    A part of a query that finds the purposes will do: they are then never brought here.
    """
    if not isinstance(purposes, RawSQL) and not purposes:
        return 0
    return Task.objects.filter(purpose__in=purposes, done_at=None).update(
        done_at=clock.now(), done_by=by, outcome=outcome[:200]
    )


def finish(purpose: str, *, by: "User | None", outcome: str = "") -> int:
    """Close every open task of this purpose, for everybody; returns how many."""
    return Task.objects.filter(purpose=purpose, done_at=None).update(
        done_at=clock.now(), done_by=by, outcome=outcome[:200]
    )


def finish_one(task: Task, *, by: "User", outcome: str = "") -> None:
    """Close one task."""
    Task.objects.filter(pk=task.pk, done_at=None).update(done_at=clock.now(), done_by=by, outcome=outcome[:200])


@transaction.atomic
def tick_off(task: Task, *, by: "User") -> Task:
    """Mark a task as done by hand, for everybody who has it: what one of a role takes, the others need not do."""
    task = Task.objects.select_for_update().get(pk=task.pk)
    check(rules.tick_off, task)
    finish(task.purpose, by=by, outcome="done")
    audit.record(Kind.CHANGED, by=by, on=task, what="inbox.tick_off", detail={"kind": task.kind})
    task.refresh_from_db()
    return task
