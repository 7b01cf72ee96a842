"""The shared plan: problems, objectives and interventions keep their identity, versions hold their words."""

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q

from clinic.rows import Row
from patients.plan import guards
from patients.plan.enums import Arm, Owner, StepKind, VersionState
from patients.record.models import Condition, Patient

USER = settings.AUTH_USER_MODEL


class Problem(Row):
    """A problem of the patient, the same through all versions; prescriptions point at it."""

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="problems")
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"problem {self.pk}"


class Objective(Row):
    """An objective, the same through all versions; session notes point at it."""

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="objectives")
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"objective {self.pk}"


class Intervention(Row):
    """An intervention, the same through all versions; prescriptions point at it."""

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="interventions")
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"intervention {self.pk}"


class PlanVersion(Row):
    """One version of a patient's plan. Draft → signed → replaced by the next. Signed ones are immutable (R-TP-09)."""

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="plan_versions")
    number = models.PositiveIntegerField()
    state = models.CharField(max_length=10, choices=VersionState.choices, default=VersionState.DRAFT)
    discharge_criteria = models.TextField(blank=True)  # R-TP-02
    revision = models.PositiveIntegerField(default=0)  # counts saves of the draft; a save sends its base
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(USER, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    signed_at = models.DateTimeField(null=True, blank=True)
    signed_by = models.ForeignKey(USER, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    signature = models.CharField(max_length=200, blank=True)
    content_hash = models.CharField(max_length=64, blank=True)
    patient_agreed = models.CharField(
        max_length=10, blank=True, choices=[("agreed", "agreed"), ("declined", "declined to sign")]
    )  # R-TP-04: participation and agreement
    review_due_on = models.DateField(null=True, blank=True)  # R-TP-06

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["patient", "number"], name="plan_version_number_once"),
            models.UniqueConstraint(fields=["patient"], condition=Q(state="draft"), name="plan_one_draft"),
            models.UniqueConstraint(fields=["patient"], condition=Q(state="signed"), name="plan_one_in_force"),
            models.CheckConstraint(
                condition=Q(state="draft", signed_at=None, signed_by=None, content_hash="", signature="")
                | (
                    Q(
                        state__in=["signed", "replaced"],
                        signed_at__isnull=False,
                        signed_by__isnull=False,
                        content_hash__regex="^[0-9a-f]{64}$",
                    )
                    & ~Q(signature="")
                ),
                name="plan_signature_whole",
            ),
            models.CheckConstraint(
                condition=Q(state="draft") | Q(review_due_on__isnull=False), name="plan_signed_has_review_day"
            ),
        ]
        triggers = [guards.version_immutable(), guards.never_emptied()]

    def __str__(self) -> str:
        return f"plan v{self.number}"


class ProblemRow(Row):
    """The words of a problem in a version, with the goal in the patient's own words."""

    version = models.ForeignKey(PlanVersion, on_delete=models.CASCADE, related_name="problem_rows")
    problem = models.ForeignKey(Problem, on_delete=models.PROTECT, related_name="rows")
    position = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=200)
    condition = models.ForeignKey(Condition, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    goal_words = models.TextField(blank=True)

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["version", "problem"], name="problem_row_once"),
            models.CheckConstraint(condition=~Q(title=""), name="problem_row_titled"),
        ]
        triggers = [guards.row_immutable(), guards.never_emptied()]

    def __str__(self) -> str:
        return f"problem row {self.pk}"


class ObjectiveRow(Row):
    """The words of an objective in a version: a measure or a behaviour, where from, where to, by when, whose."""

    version = models.ForeignKey(PlanVersion, on_delete=models.CASCADE, related_name="objective_rows")
    problem_row = models.ForeignKey(ProblemRow, on_delete=models.CASCADE, related_name="objective_rows")
    objective = models.ForeignKey(Objective, on_delete=models.PROTECT, related_name="rows")
    position = models.PositiveSmallIntegerField()
    words = models.CharField(max_length=300)
    instrument = models.CharField(max_length=20, blank=True)  # a key of the instruments, or empty for a behaviour
    unit = models.CharField(max_length=40, blank=True)
    baseline = models.DecimalField(max_digits=9, decimal_places=2, null=True, blank=True)
    target = models.DecimalField(max_digits=9, decimal_places=2, null=True, blank=True)
    target_is_below = models.BooleanField(default=False)  # “< 5” rather than “5”
    target_on = models.DateField(null=True, blank=True)
    owner = models.CharField(max_length=10, choices=Owner.choices)

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["version", "objective"], name="objective_row_once"),
            models.CheckConstraint(condition=Q(owner__in=Owner.values), name="objective_owner_known"),
        ]
        triggers = [guards.row_immutable(), guards.never_emptied()]

    def __str__(self) -> str:
        return f"objective row {self.pk}"


class InterventionRow(Row):
    """The words of an intervention in a version. For medication the words stay empty until signature: the live
    order speaks; at signature it is written down as `snapshot`."""

    version = models.ForeignKey(PlanVersion, on_delete=models.CASCADE, related_name="intervention_rows")
    problem_row = models.ForeignKey(ProblemRow, on_delete=models.CASCADE, related_name="intervention_rows")
    intervention = models.ForeignKey(Intervention, on_delete=models.PROTECT, related_name="rows")
    position = models.PositiveSmallIntegerField()
    arm = models.CharField(max_length=12, choices=Arm.choices)
    modality = models.CharField(max_length=40, blank=True)  # a key of the modalities
    words = models.CharField(max_length=300, blank=True)
    frequency = models.CharField(max_length=60, blank=True)
    duration = models.CharField(max_length=60, blank=True)
    provider = models.ForeignKey(USER, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    snapshot = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["version", "intervention"], name="intervention_row_once"),
            models.CheckConstraint(condition=Q(arm__in=Arm.values), name="intervention_arm_known"),
            models.CheckConstraint(
                condition=~Q(arm="medication") | Q(words="", modality=""), name="intervention_medication_has_no_words"
            ),
        ]
        triggers = [guards.row_immutable(), guards.never_emptied()]

    def __str__(self) -> str:
        return f"intervention row {self.pk}"


class ObjectiveReading(Row):
    """Where a behaviour stands, as somebody saw it: the “now” of objectives that no instrument measures."""

    objective = models.ForeignKey(Objective, on_delete=models.PROTECT, related_name="readings")
    value = models.DecimalField(max_digits=9, decimal_places=2)
    on = models.DateField()
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(USER, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["-on", "-recorded_at"]
        indexes = [models.Index(fields=["objective", "-on"])]
        triggers = [
            pgtrigger.Protect(name="reading_appended_only", operation=pgtrigger.Update | pgtrigger.Delete),
            guards.never_emptied(),
        ]

    def __str__(self) -> str:
        return f"reading {self.pk}"


class DraftStep(Row):
    """One change of a draft, so that whoever changes the same thing from an older base sees what was done (409)."""

    version = models.ForeignKey(PlanVersion, on_delete=models.CASCADE, related_name="steps")
    revision = models.PositiveIntegerField()  # the draft's revision after this step
    kind = models.CharField(max_length=12, choices=StepKind.choices)
    thing_id = models.UUIDField()  # the row's id; for the criteria the version's own
    was = models.JSONField(default=dict)  # the thing's words before and after; empty: not there
    now = models.JSONField(default=dict)
    at = models.DateTimeField()
    by = models.ForeignKey(USER, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["revision"]
        constraints = [
            models.UniqueConstraint(fields=["version", "revision"], name="draft_step_once"),
            models.CheckConstraint(condition=Q(kind__in=StepKind.values), name="draft_step_kind_known"),
        ]

    def __str__(self) -> str:
        return f"step {self.revision}"
