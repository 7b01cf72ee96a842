"""What came to stand against an order after it was signed, and when each order was last checked."""

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q

from clinic.rows import Row
from medications.prescribing.models import DoseOrder
from patients.record.models import Patient

USER = settings.AUTH_USER_MODEL
ANSWER = ("answered_at", "answered_by", "override_code", "override_words", "gone_at")


class Rechecked(Row):
    """When an order was last checked by the nightly job, with which knowledge and tuning, and with which rows."""

    order = models.OneToOneField(DoseOrder, on_delete=models.PROTECT, related_name="rechecked")
    stamp = models.CharField(max_length=40)  # its drug's mark: `marks`
    facts = models.BigIntegerField(null=True)  # a number of all rows that the check read: `queries.DUE`
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"rechecked {self.order_id}"


class LateFinding(Row):
    """A stop or an ask that was not there at the signature. Answered by a prescriber, or gone by itself; kept."""

    order = models.ForeignKey(DoseOrder, on_delete=models.PROTECT, related_name="late_findings")
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="late_findings")
    level = models.CharField(max_length=12, choices=[("stop", "stop"), ("ask", "ask")])
    code = models.CharField(max_length=60)
    rule_id = models.CharField(max_length=40)
    title = models.CharField(max_length=200)
    sentence = models.TextField()
    source = models.JSONField(default=list)
    confidence = models.CharField(max_length=10, blank=True)
    watch = models.TextField(blank=True)
    knowledge_version = models.CharField(max_length=20)
    found_at = models.DateTimeField()
    gone_at = models.DateTimeField(null=True, blank=True)  # no longer found
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by = models.ForeignKey(USER, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    override_code = models.CharField(max_length=40, blank=True)
    override_words = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["found_at", "pk"]
        triggers = [
            pgtrigger.Protect(name="late_never_deleted", operation=pgtrigger.Delete),
            pgtrigger.ReadOnly(name="late_stays_as_found", exclude=list(ANSWER)),
            pgtrigger.Trigger(
                name="late_answered_for_good",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                func="""
                    IF OLD.answered_at IS NOT NULL AND (NEW.answered_at, NEW.answered_by_id, NEW.override_words)
                        IS DISTINCT FROM (OLD.answered_at, OLD.answered_by_id, OLD.override_words) THEN
                        RAISE EXCEPTION 'this was answered and stays';
                    END IF;
                    RETURN NEW;
                """,
            ),
        ]
        indexes = [models.Index(fields=["patient"], condition=Q(gone_at=None, answered_at=None), name="late_open")]
        constraints = [
            models.CheckConstraint(condition=Q(level__in=["stop", "ask"]), name="late_interrupts"),
            models.UniqueConstraint(
                fields=["order", "code", "level"], condition=Q(gone_at=None), name="late_once_while_it_lasts"
            ),
            models.CheckConstraint(
                condition=Q(answered_at=None, answered_by=None, override_words="", override_code="")
                | (Q(answered_at__isnull=False, answered_by__isnull=False) & ~Q(override_words="")),
                name="late_answered_whole",
            ),
            models.CheckConstraint(
                condition=Q(answered_at=None) | ~Q(level="stop") | ~Q(override_code=""), name="late_stop_has_code"
            ),
        ]

    def __str__(self) -> str:
        return f"late {self.code}"
