"""A line from one member of the care team to another."""

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q

from patients.record.models import Patient, Retractable, retracted_whole

USER = settings.AUTH_USER_MODEL


class Handoff(Retractable):
    """An observation that one clinician hands to another, with what they ask; the receiver answers or takes note."""

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="handoffs")
    from_user = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="handoffs_sent")
    to_user = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="handoffs_received")
    words = models.TextField()
    answer_to = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="answers")
    read_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-recorded_at"]
        indexes = [models.Index(fields=["patient", "-recorded_at"])]
        constraints = [
            models.CheckConstraint(condition=~Q(words=""), name="handoff_not_empty"),
            models.CheckConstraint(condition=~Q(from_user=F("to_user")), name="handoff_to_somebody_else"),
            retracted_whole("handoff_retracted_whole"),
        ]
        triggers = [
            pgtrigger.Protect(name="handoff_never_deleted", operation=pgtrigger.Delete),
            pgtrigger.ReadOnly(
                name="handoff_stays_as_sent", fields=["patient", "from_user", "to_user", "words", "answer_to"]
            ),
        ]

    def __str__(self) -> str:
        return f"handoff {self.pk}"
