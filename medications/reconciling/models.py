"""How a patient takes what is on the list of medicines, gone through line by line; only added to."""

from django.db import models
from django.db.models import Q

from clinic.rows import Row
from medications.prescribing.models import DoseOrder, Prescription
from medications.reconciling import guards
from medications.reconciling.enums import IN_WORDS, Answer
from medications.visits.models import Visit
from patients.record.models import Patient, Retractable, retracted_whole


class Reconciliation(Retractable):
    """The list was gone through with the patient: by whom and when (`recorded_by`, `recorded_at`), perhaps at a visit.

    It says what the patient tells and changes no order. Without lines: nothing was on the list.
    """

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="reconciliations")
    visit = models.ForeignKey(Visit, on_delete=models.PROTECT, null=True, blank=True, related_name="reconciliations")

    class Meta:
        ordering = ["-recorded_at", "-pk"]
        indexes = [
            models.Index(
                fields=["patient", "-recorded_at"], condition=Q(retracted_at=None), name="reconciliation_newest"
            )
        ]
        constraints = [
            models.CheckConstraint(condition=Q(recorded_by__isnull=False), name="reconciliation_by_somebody"),
            retracted_whole("reconciliation_retracted_whole"),
        ]
        triggers = guards.reconciliation()

    def __str__(self) -> str:
        return f"reconciliation {self.pk}"


class ReconciledLine(Row):
    """What the patient said of one medicine.

    `order` is the dose it was compared with; none for medicines from elsewhere. With `on_hold` and `stops_on` (a stop
    that was signed already) it is the state of the medicine then: once that has moved on, a prescriber has answered.
    """

    reconciliation = models.ForeignKey(Reconciliation, on_delete=models.PROTECT, related_name="lines")
    prescription = models.ForeignKey(Prescription, on_delete=models.PROTECT, related_name="reconciled_lines")
    order = models.ForeignKey(DoseOrder, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    on_hold = models.BooleanField(default=False)
    stops_on = models.DateField(null=True, blank=True)
    answer = models.CharField(max_length=12, choices=Answer.choices)
    words = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["reconciliation", "prescription"], name="reconciled_once_per_medicine"),
            models.CheckConstraint(condition=Q(answer__in=Answer.values), name="reconciled_answer_known"),
            models.CheckConstraint(
                condition=~Q(answer__in=[str(one) for one in IN_WORDS]) | ~Q(words=""), name="reconciled_in_words"
            ),
        ]
        triggers = guards.line()

    def __str__(self) -> str:
        return f"reconciled line {self.pk}"
