"""The therapy session: what was worked on, tied to plan objectives, and its note."""

from django.db import models
from django.db.models import Q

from clinic.rows import Row
from patients.notes.models import Note
from patients.plan.enums import Progress
from patients.plan.models import Objective
from patients.record.models import Patient
from therapy.sessions import guards


class Session(Row):
    """One therapy session, one-to-one with its note."""

    note = models.OneToOneField(Note, on_delete=models.PROTECT, related_name="session")
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="sessions")
    modality = models.CharField(max_length=40, blank=True)  # a key of the vocabulary
    response = models.CharField(max_length=40, blank=True)  # a key of the response terms
    topic = models.CharField(max_length=200, blank=True)  # the line that the care team reads

    class Meta:
        triggers = [guards.session_immutable(), guards.never_emptied()]

    def __str__(self) -> str:
        return f"session {self.pk}"


class SessionObjective(Row):
    """An objective addressed in a session, and how it stands (R-TP-10)."""

    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="objectives")
    objective = models.ForeignKey(Objective, on_delete=models.PROTECT, related_name="session_marks")
    progress = models.CharField(max_length=8, choices=Progress.choices, blank=True)
    how = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["session", "objective"], name="session_objective_once"),
            models.CheckConstraint(
                condition=Q(progress="") | Q(progress__in=Progress.values), name="session_progress_known"
            ),
        ]
        triggers = [guards.row_immutable(), guards.never_emptied()]

    def __str__(self) -> str:
        return f"session objective {self.pk}"


class Technique(Row):
    """An intervention used in a session, by its key in the vocabulary."""

    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="techniques")
    key = models.CharField(max_length=60)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["session", "key"], name="technique_once_per_session")]
        triggers = [guards.row_immutable(), guards.never_emptied()]

    def __str__(self) -> str:
        return self.key


class Homework(Row):
    """What the patient took home, and at a later session how it went."""

    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="homework")
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="homework")
    kind = models.CharField(max_length=60)
    words = models.CharField(max_length=300)
    result = models.CharField(max_length=20, blank=True)  # a key of the kind's lifecycle
    result_words = models.CharField(max_length=300, blank=True)
    result_in = models.ForeignKey(Session, on_delete=models.PROTECT, null=True, blank=True, related_name="looked_at")

    class Meta:
        indexes = [models.Index(fields=["patient"], condition=Q(result=""), name="homework_open")]
        constraints = [
            models.CheckConstraint(condition=~Q(words=""), name="homework_has_words"),
            models.CheckConstraint(
                condition=Q(result="", result_words="", result_in=None) | (~Q(result="") & Q(result_in__isnull=False)),
                name="homework_result_whole",
            ),
        ]
        triggers = [guards.homework_immutable(), guards.never_emptied()]

    def __str__(self) -> str:
        return f"homework {self.pk}"
