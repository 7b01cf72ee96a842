"""What the chart itself keeps: events of a patient's life, drawn as flags."""

from django.db import models
from django.db.models import Q

from patients.record.models import Patient, Retractable, retracted_whole


class LifeEvent(Retractable):
    """Something that happened in the patient's life, in a few words; the timeline draws it as a flag on its day."""

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="life_events")
    on = models.DateField()
    words = models.CharField(max_length=120)

    class Meta:
        ordering = ["-on"]
        constraints = [
            models.CheckConstraint(condition=~Q(words=""), name="life_event_has_words"),
            retracted_whole("life_event_retracted_whole"),
        ]

    def __str__(self) -> str:
        return f"life event {self.pk}"
