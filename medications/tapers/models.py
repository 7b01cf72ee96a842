"""Tapers and titrations as data: the plan, its steps, the checks before each step, its history, what came after."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from clinic.rows import Row
from medications.prescribing.models import DoseOrder, Prescription
from medications.tapers import guards
from medications.tapers.enums import OPEN, CareLevel, EventKind, Kind, Outcome, Severity, State, Verdict
from patients.measures.models import Score
from patients.record.models import Patient, Retractable, retracted_whole

USER = settings.AUTH_USER_MODEL


class TaperPlan(Row):
    """A planned staircase of one prescription, down (taper) or up (titration). Its steps are proposals (R-TA).

    Paused (`paused_at` set): stay at this dose. Never to be taken for a prescription on hold: take none.
    """

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="tapers")
    prescription = models.ForeignKey(Prescription, on_delete=models.PROTECT, related_name="tapers")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)
    template = models.CharField(max_length=60, blank=True)  # empty: started blank
    guideline = models.CharField(max_length=120)  # named on every page: “Benzodiazepine: joint guideline 2025”
    source = models.CharField(max_length=400, blank=True)
    template_version = models.CharField(max_length=24, blank=True)
    constants = models.JSONField(default=dict, blank=True)  # occupancy: {"emax": "91", "k": "3.4", "source": "…"}
    start_mg = models.DecimalField(max_digits=10, decimal_places=3)  # a day, when the plan was made
    floor_mg = models.DecimalField(max_digits=10, decimal_places=3)  # from here one step to zero (R-TA-01)
    revision = models.PositiveIntegerField(default=0)  # counts changes; a form sends its base (409 on mismatch)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="+")
    started_at = models.DateTimeField(null=True, blank=True)
    started_by = models.ForeignKey(USER, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    care_level = models.CharField(max_length=12, choices=CareLevel.choices, blank=True)  # R-TA-04
    care_words = models.CharField(max_length=300, blank=True)
    paused_at = models.DateTimeField(null=True, blank=True)
    paused_by = models.ForeignKey(USER, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    pause_reason = models.CharField(max_length=300, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(USER, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    outcome = models.CharField(max_length=12, choices=Outcome.choices, blank=True)
    end_reason = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["-created_at"]
        indexes = [models.Index(fields=["ended_at"], condition=Q(state="ended"), name="taper_ended")]
        constraints = [
            models.UniqueConstraint(
                fields=["prescription"], condition=Q(state__in=OPEN), name="taper_one_open_per_prescription"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=Kind.values, state__in=State.values), name="taper_kind_and_state_known"
            ),
            models.CheckConstraint(condition=~Q(guideline=""), name="taper_names_its_guideline"),
            models.CheckConstraint(condition=Q(start_mg__gte=0, floor_mg__gt=0), name="taper_amounts_plausible"),
            models.CheckConstraint(
                condition=Q(state="draft", started_at=None, started_by=None)
                | Q(state="ended", started_at=None, started_by=None)
                | (~Q(state="draft") & Q(started_at__isnull=False, started_by__isnull=False)),
                name="taper_started_by_somebody",
            ),
            models.CheckConstraint(
                condition=(~Q(state="paused") & Q(paused_at=None, paused_by=None, pause_reason=""))
                | (Q(state="paused", paused_at__isnull=False, paused_by__isnull=False) & ~Q(pause_reason="")),
                name="taper_paused_with_reason",
            ),
            models.CheckConstraint(
                condition=(~Q(state="ended") & Q(ended_at=None, ended_by=None, outcome="", end_reason=""))
                | (
                    Q(state="ended", ended_at__isnull=False, ended_by__isnull=False, outcome__in=Outcome.values)
                    & (~Q(outcome="abandoned") | ~Q(end_reason=""))
                ),
                name="taper_ended_with_outcome",
            ),
            models.CheckConstraint(
                condition=Q(care_level="", care_words="") | (~Q(care_level="") & ~Q(care_words="")),
                name="taper_care_level_with_words",
            ),
        ]
        triggers = guards.plan()

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


class TaperStep(Row):
    """One planned step: from a day on, this dose. It is an order only once a prescriber has confirmed it.

    Steps are replaced, not edited: `replaced_at` is set, new ones are added. Zero: from that day on none is taken.
    """

    plan = models.ForeignKey(TaperPlan, on_delete=models.PROTECT, related_name="steps")
    number = models.PositiveSmallIntegerField()
    on_day = models.DateField()
    dose_mg = models.DecimalField(max_digits=10, decimal_places=3)  # on a day on which it is taken
    every_n_days = models.PositiveSmallIntegerField(default=1)
    parts = models.PositiveSmallIntegerField(default=0)  # doses a day; 0: as it is taken now
    fall_percent = models.DecimalField(max_digits=8, decimal_places=1, null=True, blank=True)  # negative: a rise
    product = models.ForeignKey(
        "medications_catalogue.Product", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    units = models.CharField(max_length=80, blank=True)  # “1½ tablets of 0.5 mg”
    needs_liquid = models.BooleanField(default=False)  # nothing in the catalogue makes it (R-TA-08)
    note = models.CharField(max_length=200, blank=True)
    revision = models.PositiveIntegerField()  # of the plan, when the step was written
    replaced_at = models.DateTimeField(null=True, blank=True)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    confirmed_by = models.ForeignKey(USER, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    order = models.ForeignKey(DoseOrder, on_delete=models.PROTECT, null=True, blank=True, related_name="taper_steps")

    class Meta:
        ordering = ["number", "revision"]
        constraints = [
            models.UniqueConstraint(fields=["plan", "number"], condition=Q(replaced_at=None), name="step_number_once"),
            models.UniqueConstraint(fields=["plan", "on_day"], condition=Q(replaced_at=None), name="step_day_once"),
            models.CheckConstraint(condition=Q(every_n_days__gte=1, every_n_days__lte=7), name="step_rhythm_plausible"),
            models.CheckConstraint(
                condition=Q(dose_mg=0, product=None, needs_liquid=False)
                | Q(dose_mg__gt=0, product__isnull=False, needs_liquid=False)
                | Q(dose_mg__gt=0, product=None, needs_liquid=True),
                name="step_dispensable_or_flagged",
            ),
            models.CheckConstraint(
                condition=Q(confirmed_at=None, confirmed_by=None, order=None)
                | (
                    Q(confirmed_at__isnull=False, confirmed_by__isnull=False, replaced_at=None)
                    & (Q(order__isnull=False) | Q(dose_mg=0))
                ),
                name="step_confirmed_by_somebody_as_an_order",
            ),
        ]
        triggers = guards.step()

    def __str__(self) -> str:
        return f"step {self.number} of {self.plan_id}"


class StepCheck(Retractable):
    """The check before a step, by whoever sees the patient next: withdrawal (taper) or tolerability (titration)."""

    plan = models.ForeignKey(TaperPlan, on_delete=models.PROTECT, related_name="checks")
    step = models.ForeignKey(TaperStep, on_delete=models.PROTECT, related_name="checks")  # the step it stands before
    severity = models.CharField(max_length=12, choices=Severity.choices)
    words = models.CharField(max_length=500, blank=True)
    missed_days = models.PositiveSmallIntegerField(null=True, blank=True)  # the longest time without a dose

    class Meta:
        ordering = ["recorded_at"]
        constraints = [
            models.CheckConstraint(condition=Q(severity__in=Severity.values), name="check_severity_known"),
            models.CheckConstraint(condition=Q(severity="none") | ~Q(words=""), name="check_symptoms_in_words"),
            models.CheckConstraint(condition=Q(recorded_by__isnull=False), name="check_by_somebody"),
            retracted_whole("check_retracted_whole"),
        ]
        triggers = guards.check()

    def __str__(self) -> str:
        return f"check {self.pk}"


class TaperEvent(Row):
    """What happened to a plan: who, when, why, and the staircase as it was then. Only added to."""

    plan = models.ForeignKey(TaperPlan, on_delete=models.PROTECT, related_name="events")
    kind = models.CharField(max_length=10, choices=EventKind.choices)
    at = models.DateTimeField()
    on_day = models.DateField()  # the day it is where the patient lives
    by = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="+")
    words = models.CharField(max_length=500, blank=True)
    detail = models.JSONField(default=dict)  # reasons by finding; the steps that were written
    revision = models.PositiveIntegerField()

    class Meta:
        ordering = ["at", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=EventKind.values), name="taper_event_kind_known"),
            models.CheckConstraint(condition=~Q(kind="paused") | ~Q(words=""), name="taper_event_pause_has_reason"),
        ]
        triggers = guards.event()

    def __str__(self) -> str:
        return f"{self.kind} {self.plan_id}"


class ReturnReview(Row):
    """Withdrawal or relapse? A score that rose within eight weeks of the end, and what was judged (R-TA-10)."""

    plan = models.ForeignKey(TaperPlan, on_delete=models.PROTECT, related_name="reviews")
    score = models.ForeignKey(Score, on_delete=models.PROTECT, related_name="+")
    rise = models.PositiveSmallIntegerField()
    opened_at = models.DateTimeField()
    verdict = models.CharField(max_length=12, choices=Verdict.choices, blank=True)
    onset_days = models.PositiveSmallIntegerField(null=True, blank=True)  # days after the last change of dose
    bodily = models.BooleanField(null=True)  # symptoms that are no mood: dizziness, shocks, sweating
    words = models.CharField(max_length=500, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(USER, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["opened_at"]
        constraints = [
            models.UniqueConstraint(fields=["plan", "score"], name="review_once_per_score"),
            models.CheckConstraint(
                condition=Q(decided_at=None, decided_by=None, verdict="", words="")
                | (
                    Q(decided_at__isnull=False, decided_by__isnull=False, verdict__in=Verdict.values)
                    & Q(bodily__isnull=False, onset_days__isnull=False)
                    & ~Q(words="")
                ),
                name="review_decided_whole",
            ),
        ]
        triggers = guards.review()

    def __str__(self) -> str:
        return f"review {self.pk}"
