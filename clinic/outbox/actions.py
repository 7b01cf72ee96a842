"""Every write of due work: ask for it, claim it, mark it, take it back. Facts are rows; Celery only wakes."""

import logging
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F

from clinic import clock
from clinic.audit import actions as audit
from clinic.audit.enums import Kind
from clinic.celery import app
from clinic.outbox import gateways, rules
from clinic.outbox.calc import MOST_ATTEMPTS, storable, wait_after
from clinic.outbox.enums import State
from clinic.outbox.models import InboundText, OutboxItem
from clinic.outbox.queries import claimable
from clinic.outbox.results import Later, Undeliverable, Unreachable
from clinic.ports import OutboxHandler, load
from clinic.refusal import check

if TYPE_CHECKING:
    from clinic.staff.models import User

log = logging.getLogger(__name__)
BATCH = 20
WAKE = "clinic.outbox.tasks.deliver"
WITHDRAWN = "withdrawn: "
SOON = timedelta(seconds=30)  # what is due later than this, the sweep finds

send = gateways.send


def _wake() -> None:
    app.tasks[WAKE].apply_async(retry=False)


def wake() -> None:
    """After the commit, tell a worker that something is due; once a transaction. A lost call costs half a minute."""
    if not any(entry[1] is _wake for entry in connection.run_on_commit):
        transaction.on_commit(_wake, robust=True)


def wake_at(moment: datetime) -> None:
    """After the commit, tell a worker that something will be due at that moment, in seconds from now."""
    seconds = (moment - clock.now()).total_seconds()
    transaction.on_commit(lambda: app.tasks[WAKE].apply_async(retry=False, countdown=seconds), robust=True)


@transaction.atomic
def enqueue(
    kind: str, *, purpose: str, due_at: datetime, patient_id: UUID | None = None, args: Mapping[str, Any] | None = None
) -> OutboxItem:
    """Ask for work of `kind` at `due_at`, inside the caller's transaction; asking twice for a purpose makes one row.

    What was withdrawn and is asked for again is due again. `args` hold ids and numbers only (R-HS-07).
    """
    item = OutboxItem(
        kind=kind, purpose=purpose, due_at=due_at, patient_id=patient_id, args=dict(args or {}), created_at=clock.now()
    )
    OutboxItem.objects.bulk_create([item], ignore_conflicts=True)  # waits for a rival's commit, then does nothing
    item = OutboxItem.objects.select_for_update().get(purpose=purpose)
    if item.state == State.DROPPED and item.outcome.startswith(WITHDRAWN):
        item.state, item.due_at, item.outcome, item.finished_at = State.DUE, due_at, "", None
        item.save(update_fields=["state", "due_at", "outcome", "finished_at"])
    if item.state == State.DUE and item.due_at <= clock.now():
        wake()
    elif item.state == State.DUE and item.due_at <= clock.now() + SOON:
        wake_at(item.due_at)
    return item


@transaction.atomic
def enqueue_all(items: Iterable[OutboxItem]) -> int:
    """Ask for many at once, as `enqueue` does: those whose purpose is known already stay as they are; returns how
    many are new. Two statements, whatever the number.
    """
    items = list(items)
    OutboxItem.objects.bulk_create(items, ignore_conflicts=True, batch_size=1_000)
    again = OutboxItem.objects.filter(
        purpose__in=[item.purpose for item in items], state=State.DROPPED, outcome__startswith=WITHDRAWN
    )
    revived = again.update(state=State.DUE, outcome="", finished_at=None)
    if any(item.due_at <= clock.now() + SOON for item in items):
        wake()
    return revived + OutboxItem.objects.filter(pk__in=[item.pk for item in items]).count()


@transaction.atomic
def withdraw(purpose_prefix: str, *, why: str, but: str = "") -> int:
    """Drop what is still due and whose purpose begins so, `but` what begins with that; returns how many.

    What is being done at this moment checks for itself.
    """
    found = OutboxItem.objects.filter(purpose__startswith=purpose_prefix, state=State.DUE)
    return (found.exclude(purpose__startswith=but) if but else found).update(
        state=State.DROPPED, finished_at=clock.now(), outcome=f"{WITHDRAWN}{why}"[:200]
    )


def settle(purpose: str, *, why: str) -> int:
    """What failed under this purpose needs nobody any more: it was done another way. Returns how many."""
    return OutboxItem.objects.filter(purpose=purpose, state=State.FAILED).update(
        state=State.DROPPED, outcome=f"{WITHDRAWN}{why}"[:200]
    )


@transaction.atomic
def claim(*, limit: int = BATCH) -> list[OutboxItem]:
    """Take up to `limit` due items for this worker: leased, counted, skipping what others hold."""
    now = clock.now()
    _give_up(now)
    items = list(claimable(now).select_for_update(skip_locked=True)[:limit])
    lease = now + timedelta(seconds=settings.OUTBOX_LEASE_SECONDS)
    OutboxItem.objects.filter(pk__in=[item.pk for item in items]).update(
        state=State.CLAIMED, lease_until=lease, attempts=F("attempts") + 1
    )
    for item in items:
        item.state, item.lease_until, item.attempts = State.CLAIMED, lease, item.attempts + 1
    return items


def _give_up(now: datetime) -> None:
    """What has stopped its worker again and again fails, so that it does not stop one for ever."""
    lapsed = claimable(now).filter(state=State.CLAIMED, attempts__gte=MOST_ATTEMPTS).order_by()
    OutboxItem.objects.filter(pk__in=lapsed.select_for_update(skip_locked=True).values("pk")).update(
        state=State.FAILED, lease_until=None, finished_at=now, outcome="It stopped its worker each time."
    )


def _mark(item: OutboxItem, state: State, **fields: Any) -> bool:
    """Change a claimed item, if the claim is still this one; False: the lease ran out and another has it."""
    mine = OutboxItem.objects.filter(pk=item.pk, state=State.CLAIMED, attempts=item.attempts)
    return bool(mine.update(state=state, lease_until=None, **fields))


@transaction.atomic
def finish(item: OutboxItem, result: str) -> bool:
    """Mark as done ("sent" also goes into the audit) or as dropped ("dropped: why")."""
    head, _, why = result.partition(":")
    if head == "dropped":
        return _mark(item, State.DROPPED, finished_at=clock.now(), outcome=why.strip()[:200])
    marked = _mark(item, State.DONE, finished_at=clock.now(), outcome="")
    if marked and head == "sent":
        audit.record(Kind.SENT, by=None, on=item, what=item.kind)
    return marked


@transaction.atomic
def fail(item: OutboxItem, why: str) -> bool:
    """Mark as failed for good; the jobs page offers to try it again."""
    return _mark(item, State.FAILED, finished_at=clock.now(), outcome=why[:200])


@transaction.atomic
def retry(item: OutboxItem, why: str) -> bool:
    """Try again after a wait that doubles; after MOST_ATTEMPTS it has failed."""
    if item.attempts >= MOST_ATTEMPTS:
        return fail(item, why)
    return _mark(item, State.DUE, due_at=clock.now() + wait_after(item.attempts), outcome=why[:200])


@transaction.atomic
def postpone(item: OutboxItem, at: datetime, why: str) -> bool:
    """Let it wait until `at`, on purpose: the attempt does not count."""
    return _mark(item, State.DUE, due_at=at, outcome=why[:200], attempts=F("attempts") - 1)


@transaction.atomic
def try_again(item: OutboxItem, *, by: "User") -> OutboxItem:
    """Make a failed item due now, once more, with the same key."""
    item = OutboxItem.objects.select_for_update().get(pk=item.pk)
    check(rules.try_again, item, elsewhere(item.kind))
    item.state, item.due_at, item.finished_at, item.outcome = State.DUE, clock.now(), None, ""
    item.save(update_fields=["state", "due_at", "finished_at", "outcome"])
    audit.record(Kind.CHANGED, by=by, on=item, what="outbox.try_again")
    wake()
    return item


def elsewhere(kind: str) -> str:
    """Who takes up what failed of this kind, in a sentence; empty where trying again helps."""
    found = (getattr(handler, "elsewhere", "") for handler in load("OUTBOX_HANDLERS") if handler.kind == kind)
    return next(found, "")


@transaction.atomic
def receive(*, gateway_id: str, from_number: str, body: str) -> InboundText:
    """Take a text that came in, once per `gateway_id`, and let the rooms of INBOUND_TEXT act on it (R-RE-03).

    If a room cannot, nothing is kept, and the gateway's repetition starts anew.
    """
    inbound = InboundText(
        gateway_id=storable(gateway_id, 100), from_number=storable(from_number, 20), body=storable(body, 1_000),
        received_at=clock.now(),
    )  # fmt: skip
    InboundText.objects.bulk_create([inbound], ignore_conflicts=True)
    kept = InboundText.objects.get(gateway_id=inbound.gateway_id)
    if kept.pk != inbound.pk:
        return kept
    for room in load("INBOUND_TEXT"):
        understood = room.receive(kept)
        if understood is not None:
            kept.understood_as = understood
            kept.save(update_fields=["understood_as"])
            break
    return kept


def deliver_due() -> dict[str, int]:
    """Do everything that is due: claim and commit, let the handler work, mark; returns how many ended how.

    Killed at any point, nothing is lost: the lease runs out and the item is claimed again with the same key.
    """
    handlers: dict[str, OutboxHandler] = {handler.kind: handler for handler in load("OUTBOX_HANDLERS")}
    counts: dict[str, int] = {}
    while items := claim():
        for item in items:
            result = _deliver(item, handlers.get(item.kind))
            counts[result] = counts.get(result, 0) + 1
    return counts


def _deliver(item: OutboxItem, handler: OutboxHandler | None) -> str:
    """Let the handler do one claimed item and mark it; returns the kind of end, for the counts."""
    if item.lease_until is not None and clock.now() >= item.lease_until:
        return "lapsed"  # the batch took too long: whoever claims it next does it
    try:
        if handler is None:
            raise Unreachable("This version of Tandem has no handler for it.")
        result = handler.deliver(item)
    except Later as later:
        postpone(item, later.at, later.why)
        return "postponed"
    except Undeliverable as problem:
        fail(item, problem.why)
        return "failed"
    except Unreachable as problem:
        retry(item, problem.why)
        return "put off"
    except Exception as problem:
        # Ids and the kind of error only: its text may hold a person's data (R-HS-07).
        log.warning("outbox item %s (%s): %s", item.pk, item.kind, type(problem).__name__)
        retry(item, type(problem).__name__)
        return "put off"
    finish(item, result)
    return result.partition(":")[0]
