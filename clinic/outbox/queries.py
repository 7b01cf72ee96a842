"""Reading due work: what waits, what failed, what each patient would have received."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import CharField, Count, Max, Min, Q, QuerySet
from django.db.models.functions import Cast

from clinic import clock
from clinic.outbox.enums import Channel, State
from clinic.outbox.models import JobRun, LocalDelivery, OutboxItem

MOST_FAILED = 100
MOST_PEOPLE = 60
MOST_MESSAGES = 50


def claimable(now: datetime) -> QuerySet[OutboxItem]:
    """What may be claimed: due, or claimed with a lease that has run out; the oldest first."""
    return OutboxItem.objects.filter(
        Q(state=State.DUE) | Q(state=State.CLAIMED, lease_until__lte=now), due_at__lte=now
    ).order_by("due_at", "id")


def waiting() -> Sequence[Mapping[str, Any]]:
    """Open work by kind: how much is due now, being done, due later, and the next moment. One query."""
    now = clock.now()
    return list(
        OutboxItem.objects.filter(state__in=[State.DUE, State.CLAIMED])
        .values("kind")
        .annotate(
            due=Count("id", filter=Q(state=State.DUE, due_at__lte=now)),
            claimed=Count("id", filter=Q(state=State.CLAIMED)),
            later=Count("id", filter=Q(state=State.DUE, due_at__gt=now)),
            next_at=Min("due_at"),
        )
        .order_by("kind")
    )


def failed() -> list[OutboxItem]:
    """What failed, the newest first. One query."""
    return list(OutboxItem.objects.filter(state=State.FAILED).order_by("-finished_at")[:MOST_FAILED])


def last_runs() -> dict[str, JobRun]:
    """The newest run of every job. One query."""
    runs = JobRun.objects.order_by("job", "-started_at").distinct("job")
    return {run.job: run for run in runs}


@dataclass(frozen=True)
class Mailbox:
    """An address (telephone number or e-mail) and what arrived there."""

    patient_id: UUID | None
    to: str
    channel: str
    messages: int
    last_at: datetime
    newest: str  # the id of its newest message, by which its page is named

    @property
    def channel_words(self) -> str:
        """Text message or e-mail."""
        return str(Channel(self.channel).label)


def mailboxes() -> list[Mailbox]:
    """Where messages arrived, the newest first. One query."""
    rows = (
        LocalDelivery.objects.values("patient_id", "to", "channel")
        .annotate(messages=Count("id"), last_at=Max("at"), newest=Max(Cast("id", CharField())))
        .order_by("-last_at")[:MOST_PEOPLE]
    )
    return [Mailbox(**row) for row in rows]


def messages(box: Mailbox) -> list[LocalDelivery]:
    """What arrived in one mailbox, the newest first. One query."""
    found = LocalDelivery.objects.filter(patient_id=box.patient_id, to=box.to, channel=box.channel)
    return list(found.order_by("-at", "-id")[:MOST_MESSAGES])
