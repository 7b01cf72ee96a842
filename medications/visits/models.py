"""The medication visit: one-to-one with its note, and the line that the therapist reads."""

from django.db import models
from django.db.models import F, Q

from clinic.rows import Row
from medications.visits import guards
from patients.notes.models import Note
from patients.record.models import Patient


class Visit(Row):
    """One medication visit. `line` is what the prescriber wants the rest of the care team to know."""

    note = models.OneToOneField(Note, on_delete=models.PROTECT, related_name="medication_visit")
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="medication_visits")
    line = models.CharField(max_length=500, blank=True)
    em_level = models.CharField(
        max_length=20,
        blank=True,
        choices=[
            ("straightforward", "straightforward"),
            ("low", "low"),
            ("moderate", "moderate"),
            ("high", "high"),
        ],
    )  # by medical decision making (R-CPT-03)
    systolic = models.PositiveSmallIntegerField(null=True, blank=True)
    diastolic = models.PositiveSmallIntegerField(null=True, blank=True)
    pulse = models.PositiveSmallIntegerField(null=True, blank=True)
    weight_kg = models.DecimalField(max_digits=5, decimal_places=1, null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(em_level__in=["", "straightforward", "low", "moderate", "high"]), name="visit_level_known"
            ),
            models.CheckConstraint(
                condition=Q(systolic=None, diastolic=None)
                | Q(systolic__isnull=False, diastolic__isnull=False, systolic__gt=F("diastolic")),
                name="visit_pressure_whole",
            ),
            models.CheckConstraint(condition=Q(weight_kg=None) | Q(weight_kg__gt=0), name="visit_weight_positive"),
        ]
        triggers = [guards.visit_immutable(), guards.never_emptied()]

    def __str__(self) -> str:
        return f"visit {self.pk}"
