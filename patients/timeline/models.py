"""What happened, as a table: written by the action that changed something, in its transaction."""

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q

from clinic.rows import Row
from patients.record.models import Patient
from patients.timeline.enums import EntryKind


class Entry(Row):
    """One thing that happened. Drawn at `occurred_at`; “since you last saw them” asks `recorded_at`."""

    # Both indexes below begin with the patient; one more would only slow down every write.
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="timeline", db_index=False)
    kind = models.CharField(max_length=12, choices=EntryKind.choices)
    occurred_at = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)
    recorded_at = models.DateTimeField()
    retracted_at = models.DateTimeField(null=True, blank=True)
    series = models.CharField(max_length=120, blank=True)  # "phq9", "sertraline": one curve or lane
    label = models.CharField(max_length=300)
    value = models.DecimalField(max_digits=12, decimal_places=3, null=True, blank=True)
    unit = models.CharField(max_length=20, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    object_kind = models.CharField(max_length=60)
    object_id = models.UUIDField()
    url_name = models.CharField(max_length=80, blank=True)  # a page that takes patient_id and pk

    class Meta:
        triggers = [
            pgtrigger.Protect(name="timeline_never_deleted", operation=pgtrigger.Delete),
            pgtrigger.ReadOnly(name="timeline_stays_as_written", exclude=["until", "retracted_at"]),
            pgtrigger.Protect(
                name="timeline_stays_retracted",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__retracted_at__isnull=False)
                & pgtrigger.Q(new__retracted_at__df=pgtrigger.F("old__retracted_at")),
            ),
        ]
        indexes = [
            models.Index(fields=["patient", "occurred_at"], condition=Q(retracted_at=None), name="timeline_drawn"),
            models.Index(fields=["patient", "recorded_at"], name="timeline_since"),
            models.Index(fields=["object_id"], name="timeline_by_object"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=EntryKind.values), name="timeline_kind_known"),
            models.CheckConstraint(
                condition=Q(until=None) | Q(until__gte=F("occurred_at")), name="timeline_until_after_start"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.occurred_at}"
