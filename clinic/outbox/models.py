"""Due work as rows: messages, checks, escalations. Celery only wakes; the row is the truth."""

from django.db import models
from django.db.models import F, Q

from clinic.outbox.enums import Channel, State
from clinic.rows import Row, new_id


class OutboxItem(Row):
    """One piece of work that is due at a time. `purpose` is unique: asking twice makes one row."""

    kind = models.CharField(max_length=40)  # names the handler: "scheduling.reminder"
    purpose = models.CharField(max_length=200, unique=True)  # ids, kinds and times only
    patient_id = models.UUIDField(null=True, blank=True)
    args = models.JSONField(default=dict, blank=True)  # ids and numbers only (R-HS-07)
    due_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.DUE)
    idempotency_key = models.UUIDField(default=new_id, unique=True, editable=False)
    lease_until = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    finished_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=200, blank=True)  # why dropped or failed, in words without names
    created_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["due_at"], condition=Q(state__in=["due", "claimed"]), name="outbox_open_by_due"),
            models.Index(fields=["patient_id", "-due_at"], name="outbox_by_patient"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=State.values), name="outbox_state_known"),
            models.CheckConstraint(
                condition=Q(state__in=["due", "claimed"], finished_at=None)
                | Q(state__in=["done", "dropped", "failed"], finished_at__isnull=False),
                name="outbox_finished_when_over",
            ),
            models.CheckConstraint(
                condition=~Q(state="claimed") | Q(lease_until__isnull=False), name="outbox_claimed_has_lease"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.state}"


class LocalDelivery(Row):
    """A message that the local gateway kept instead of sending: what the demo's mailbox shows."""

    patient_id = models.UUIDField(null=True, blank=True)
    channel = models.CharField(max_length=10, choices=Channel.choices)
    to = models.CharField(max_length=254)
    subject = models.CharField(max_length=200, blank=True)
    body = models.TextField()
    at = models.DateTimeField()
    idempotency_key = models.UUIDField(unique=True)  # the gateway's promise: the same key arrives once

    class Meta:
        ordering = ["-at"]
        constraints = [models.CheckConstraint(condition=Q(channel__in=Channel.values), name="delivery_channel_known")]

    def __str__(self) -> str:
        return f"{self.channel} {self.at}"


class InboundText(Row):
    """A text that the gateway handed us, kept by its id so that a repeated delivery does nothing."""

    gateway_id = models.CharField(max_length=100, unique=True)
    from_number = models.CharField(max_length=20)
    body = models.CharField(max_length=1_000)
    received_at = models.DateTimeField()
    understood_as = models.CharField(max_length=20, blank=True)  # "stop" or ""

    class Meta:
        ordering = ["-received_at"]

    def __str__(self) -> str:
        return f"inbound {self.pk}"


class JobRun(Row):
    """One run of a scheduled job, for the page that shows them."""

    job = models.CharField(max_length=60)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    failed = models.BooleanField(default=False)
    counts = models.JSONField(default=dict, blank=True)
    problem = models.CharField(max_length=300, blank=True)  # the kind of error, never its text with data

    class Meta:
        indexes = [models.Index(fields=["job", "-started_at"])]
        constraints = [
            models.CheckConstraint(
                condition=Q(finished_at=None) | Q(finished_at__gte=F("started_at")), name="job_ends_after_start"
            )
        ]

    def __str__(self) -> str:
        return f"{self.job} {self.started_at}"
