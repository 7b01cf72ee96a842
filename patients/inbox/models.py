"""What a person must do: tasks with one action each."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from clinic.rows import Row
from clinic.staff.enums import Role
from patients.record.models import Patient

USER = settings.AUTH_USER_MODEL


class Task(Row):
    """One thing to do, for a person or for everybody in a role. `kind` names a TaskKind of the ports."""

    kind = models.CharField(max_length=40)
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, null=True, blank=True, related_name="tasks")
    for_user = models.ForeignKey(USER, on_delete=models.PROTECT, null=True, blank=True, related_name="tasks")
    for_role = models.CharField(max_length=20, choices=Role.choices, blank=True)
    sentence = models.CharField(max_length=300)
    purpose = models.CharField(max_length=200)  # asking twice makes one open task
    object_id = models.UUIDField(null=True, blank=True)  # what the action's page takes as pk
    due_on = models.DateField(null=True, blank=True)
    urgent = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(USER, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    done_at = models.DateTimeField(null=True, blank=True)
    done_by = models.ForeignKey(USER, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    outcome = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["-urgent", "due_on", "created_at"]
        indexes = [
            models.Index(fields=["for_user"], condition=Q(done_at=None), name="task_open_by_user"),
            models.Index(fields=["for_role"], condition=Q(done_at=None), name="task_open_by_role"),
            models.Index(fields=["patient"], condition=Q(done_at=None), name="task_open_by_patient"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["purpose", "for_user", "for_role"],
                condition=Q(done_at=None),
                nulls_distinct=False,
                name="task_open_once",
            ),
            models.CheckConstraint(
                condition=(Q(for_user__isnull=False) & Q(for_role="")) | (Q(for_user=None) & ~Q(for_role="")),
                name="task_for_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"
