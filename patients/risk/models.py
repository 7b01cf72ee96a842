"""Risk flags: raised for the whole care team, closed only by a named person with a disposition (R-MB-07)."""

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q, TextChoices

from clinic.rows import Row
from patients.record.models import Patient

USER = settings.AUTH_USER_MODEL


class Source(TextChoices):
    """What raised a flag."""

    ITEM = "item", "questionnaire answer"
    CLINICIAN = "clinician", "raised by a clinician"


class Disposition(TextChoices):
    """How a flag ended."""

    ASSESSED_SAFE = "assessed_safe", "assessed, no acute risk"
    PLAN_MADE = "plan_made", "safety steps agreed"
    REFERRED = "referred", "referred for same-day evaluation"
    EMERGENCY = "emergency", "emergency services"
    IN_CARE = "in_care", "already in urgent care"
    IN_ERROR = "in_error", "answer entered in error"


class RiskFlag(Row):
    """An open risk; shown in the patient strip until a named clinician closes it with a disposition and words."""

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="risk_flags")
    source = models.CharField(max_length=10, choices=Source.choices)
    sentence = models.CharField(max_length=300)  # "Item 9 was 2 (more than half the days)."
    object_id = models.UUIDField(null=True, blank=True)  # the score it came from
    raised_at = models.DateTimeField()
    raised_by = models.ForeignKey(USER, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    acknowledged_at = models.DateTimeField(null=True, blank=True)
    acknowledged_by = models.ForeignKey(USER, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(USER, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    disposition = models.CharField(max_length=20, choices=Disposition.choices, blank=True)
    closing_words = models.TextField(blank=True)

    class Meta:
        ordering = ["-raised_at"]
        indexes = [models.Index(fields=["patient"], condition=Q(closed_at=None), name="risk_open_by_patient")]
        constraints = [
            models.CheckConstraint(
                condition=Q(closed_at=None, closed_by=None, disposition="", closing_words="")
                | (
                    Q(closed_at__isnull=False, closed_by__isnull=False, disposition__in=Disposition.values)
                    & ~Q(closing_words="")
                ),
                name="risk_closed_with_name_and_disposition",
            ),
            models.CheckConstraint(
                condition=Q(acknowledged_at=None, acknowledged_by=None)
                | Q(acknowledged_at__isnull=False, acknowledged_by__isnull=False),
                name="risk_acknowledged_by_somebody",
            ),
            models.UniqueConstraint(
                fields=["object_id"], condition=Q(object_id__isnull=False), name="risk_once_per_answer"
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="risk_never_deleted", operation=pgtrigger.Delete),
            pgtrigger.Protect(
                name="risk_closed_for_good",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__closed_at__isnull=False),
            ),
            pgtrigger.ReadOnly(
                name="risk_stays_as_raised",
                fields=["patient", "source", "sentence", "object_id", "raised_at", "raised_by"],
            ),
        ]

    def __str__(self) -> str:
        return f"risk {self.pk}"
