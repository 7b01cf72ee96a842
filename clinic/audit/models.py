"""The audit: append-only rows written inside the business transaction, and the chain that seals them afterwards."""

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q

from clinic.audit.enums import Kind, Outcome
from clinic.rows import Row


class TransactionId(models.Field):  # type: ignore[type-arg]
    """PostgreSQL's xid8: the transaction that wrote the row, which the sealer orders by. Filled by the database."""

    def db_type(self, connection: object) -> str:
        """The column type."""
        return "xid8"


class CurrentTransaction(models.Func):
    """`pg_current_xact_id()`."""

    function = "pg_current_xact_id"
    template = "%(function)s()"
    arity = 0
    output_field = TransactionId()


def append_only() -> list[pgtrigger.Trigger]:
    """The database refuses to change, delete or empty; whoever asks (R-HS-04)."""
    return [
        pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
        pgtrigger.Trigger(
            name="never_emptied", level=pgtrigger.Statement, when=pgtrigger.Before, operation=pgtrigger.Truncate,
            func="RAISE EXCEPTION 'pgtrigger: Cannot truncate rows from % table', TG_TABLE_NAME;",
        ),
    ]  # fmt: skip


class AuditEvent(Row):
    """One thing that somebody did or was refused. Ids and codes only; never a name or a clinical word."""

    at = models.DateTimeField()
    kind = models.CharField(max_length=20, choices=Kind.choices)
    outcome = models.CharField(max_length=10, choices=Outcome.choices, default=Outcome.DONE)
    actor_id = models.UUIDField(null=True, blank=True)  # null: the clock or a stranger
    patient_id = models.UUIDField(null=True, blank=True)
    object_kind = models.CharField(max_length=60, blank=True)  # "patients_plan.planversion"
    object_id = models.UUIDField(null=True, blank=True)
    page = models.CharField(max_length=80, blank=True)  # the URL's name
    what = models.CharField(max_length=80, blank=True)  # the action: "dose.changed"
    why = models.TextField(blank=True)  # a typed reason: emergency access, override
    detail = models.JSONField(default=dict, blank=True, encoder=DjangoJSONEncoder)
    address = models.GenericIPAddressField(null=True, blank=True)
    request_id = models.CharField(max_length=40, blank=True)
    roles = ArrayField(models.CharField(max_length=20), default=list, blank=True)
    txid = TransactionId(db_default=CurrentTransaction(), editable=False)

    class Meta:
        indexes = [
            models.Index(fields=["patient_id", "-at"]),
            models.Index(fields=["actor_id", "-at"]),
            models.Index(fields=["kind", "-at"]),
            models.Index(fields=["-at", "-id"], name="audit_newest_first"),
            models.Index(fields=["txid", "id"], name="audit_by_transaction"),  # the sealer's order
        ]
        triggers = append_only()
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=Kind.values), name="audit_kind_known"),
            models.CheckConstraint(condition=Q(outcome__in=Outcome.values), name="audit_outcome_known"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.what or self.page}"


class AuditSeal(models.Model):
    """One link of the chain: position, the event it seals, and the hash over the event and the link before."""

    position = models.BigAutoField(primary_key=True)
    event = models.OneToOneField(AuditEvent, on_delete=models.PROTECT, related_name="seal")
    hash = models.CharField(max_length=64)
    sealed_at = models.DateTimeField()

    class Meta:
        ordering = ["position"]
        triggers = append_only()
        constraints = [models.CheckConstraint(condition=Q(hash__regex="^[0-9a-f]{64}$"), name="seal_is_sha256")]

    def __str__(self) -> str:
        return f"seal {self.position}"
