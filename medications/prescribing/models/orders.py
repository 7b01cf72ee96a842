"""Prescriptions and dose orders, times on hold, what a prescription is for."""

from decimal import Decimal

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeBoundary, RangeOperators
from django.db import models
from django.db.models import F, Q

from clinic.rows import DateRange, Row
from medications.prescribing import calc, guards, rhythms
from patients.plan.models import Intervention, Problem
from patients.record.models import Patient, Retractable, retracted_whole

USER = settings.AUTH_USER_MODEL
ORIGINS = [
    ("ours", "prescribed here"),
    ("outside", "prescribed elsewhere"),
    ("reported", "as the patient reports"),
]


class Prescription(Retractable):
    """One course of a drug: ours, from outside, or as the patient reports. Never edited: orders tell its story.

    `drug` is null only for what the catalogue does not hold; then `drug_text` names it and nothing is checked.
    On hold (`held_at` set): take none.
    """

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="prescriptions")
    drug = models.ForeignKey(
        "medications_catalogue.Drug", on_delete=models.PROTECT, null=True, blank=True, related_name="prescriptions"
    )
    drug_text = models.CharField(max_length=120, blank=True)
    origin = models.CharField(max_length=10, choices=ORIGINS, default="ours")
    prescriber = models.ForeignKey(USER, on_delete=models.PROTECT, null=True, blank=True, related_name="prescriptions")
    target_symptom = models.CharField(max_length=200, blank=True)
    sig_text = models.CharField(max_length=200, blank=True)  # outside and reported medicines: as told
    started_on = models.DateField()
    held_at = models.DateTimeField(null=True, blank=True)
    held_by = models.ForeignKey(USER, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    hold_reason = models.CharField(max_length=300, blank=True)
    stopped_on = models.DateField(null=True, blank=True)  # the first day without
    stopped_by = models.ForeignKey(USER, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    stop_reason = models.CharField(max_length=300, blank=True)
    revision = models.PositiveIntegerField(default=0)  # counts changes; a form sends its base (409 on mismatch)

    class Meta:
        ordering = ["started_on"]
        indexes = [
            models.Index(fields=["patient", "stopped_on"]),
            models.Index(
                fields=["prescriber"], condition=Q(stopped_on=None, retracted_at=None), name="prescription_live"
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(drug__isnull=False, drug_text="") | (Q(drug=None) & ~Q(drug_text="")),
                name="prescription_of_one_drug",
            ),
            models.CheckConstraint(
                condition=~Q(origin="ours") | Q(drug__isnull=False, prescriber__isnull=False),
                name="prescription_ours_has_drug_and_prescriber",
            ),
            models.CheckConstraint(
                condition=Q(held_at=None, held_by=None, hold_reason="")
                | (Q(held_at__isnull=False, held_by__isnull=False) & ~Q(hold_reason="")),
                name="prescription_held_with_reason",
            ),
            models.CheckConstraint(
                condition=Q(stopped_on=None, stopped_by=None, stop_reason="")
                | (Q(stopped_on__isnull=False, stopped_by__isnull=False) & ~Q(stop_reason="")),
                name="prescription_stopped_with_reason",
            ),
            models.CheckConstraint(
                condition=Q(stopped_on=None) | Q(stopped_on__gte=F("started_on")),
                name="prescription_stops_after_start",
            ),
            models.CheckConstraint(
                condition=Q(stopped_on=None) | Q(held_at=None), name="prescription_stopped_is_not_on_hold"
            ),
            retracted_whole("prescription_retracted_whole"),
        ]
        triggers = guards.prescription()

    def __str__(self) -> str:
        return f"prescription {self.pk}"


class DoseOrder(Retractable):
    """What to take from a day on: product, lines (when, how many), every how many days. A change is a new order.

    Ranges of one prescription never overlap (the database refuses two live doses). `from_day` is included,
    `until_day` is the first day without; null: until further notice. The steps of a titration pack are orders that
    follow one another, signed together and dispensed at once.
    """

    prescription = models.ForeignKey(Prescription, on_delete=models.PROTECT, related_name="orders")
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="dose_orders")
    product = models.ForeignKey("medications_catalogue.Product", on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(
        max_length=12,
        choices=[("start", "start"), ("change", "change"), ("resume", "resume")],
        default="start",
    )
    lines = models.JSONField()  # [{"when": "morning", "quantity": "1.5"}, …]: dispensing units as decimal text
    every_days = models.PositiveSmallIntegerField(default=1)
    as_needed = models.BooleanField(default=False)
    max_per_day = models.DecimalField(max_digits=8, decimal_places=3, null=True, blank=True)  # dispensing units
    daily_amount = models.DecimalField(max_digits=12, decimal_places=3)  # in `unit` a day, from the lines
    unit = models.CharField(max_length=10)
    sig = models.CharField(max_length=300)  # generated from the structure
    from_day = models.DateField()
    until_day = models.DateField(null=True, blank=True)
    during = models.GeneratedField(
        expression=DateRange("from_day", "until_day", RangeBoundary()), output_field=DateRangeField(), db_persist=True
    )
    pack = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="steps"
    )  # of a titration pack's further steps: the first, on which the supply of all of them is authorised
    reason = models.CharField(max_length=500)
    signed_at = models.DateTimeField()
    signed_by = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="+")
    signature = models.CharField(max_length=200)

    class Meta:
        ordering = ["from_day", "signed_at"]
        constraints = [
            models.CheckConstraint(condition=Q(daily_amount__gt=0), name="order_takes_something"),
            models.CheckConstraint(
                condition=Q(every_days__gte=1, every_days__lte=rhythms.LONGEST), name="order_rhythm_plausible"
            ),
            models.CheckConstraint(
                condition=Q(until_day=None) | Q(until_day__gte=F("from_day")), name="order_ends_after_start"
            ),
            models.CheckConstraint(
                condition=Q(as_needed=False) | Q(max_per_day__isnull=False, max_per_day__gt=0),
                name="order_as_needed_has_maximum",
            ),
            models.CheckConstraint(condition=~Q(sig="") & ~Q(reason=""), name="order_has_sig_and_reason"),
            ExclusionConstraint(
                name="order_one_dose_at_a_time",
                expressions=[("prescription", RangeOperators.EQUAL), ("during", RangeOperators.OVERLAPS)],
                condition=Q(retracted_at=None),
                violation_error_message="There is a dose for that time already.",
            ),
            retracted_whole("order_retracted_whole"),
        ]
        triggers = guards.order()

    def __str__(self) -> str:
        return f"order {self.pk}"

    @property
    def told(self) -> tuple[Decimal, str]:
        """Its amount and unit as people say them: what a day gives; of an injection what it holds, and how often.

        Loaded with its product where it is not daily.
        """
        if self.every_days == 1 or "injection" not in self.product.form:
            return self.daily_amount, self.unit
        units = sum((Decimal(line["quantity"]) for line in self.lines), Decimal(0))
        return units * self.product.strength, f"{self.unit}{rhythms.words(self.every_days)}"

    @property
    def dose(self) -> str:
        """The same in a few words: “150 mg” a day; “400 mg every 4 weeks”."""
        amount, unit = self.told
        return f"{calc.short(amount)}\u00a0{unit}"


class HoldPeriod(Row):
    """A time in which a prescription was on hold: take none. Open while `until_day` is null."""

    prescription = models.ForeignKey(Prescription, on_delete=models.PROTECT, related_name="holds")
    from_day = models.DateField()
    until_day = models.DateField(null=True, blank=True)
    reason = models.CharField(max_length=300)
    by = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["from_day"]
        constraints = [
            models.UniqueConstraint(fields=["prescription"], condition=Q(until_day=None), name="hold_one_open"),
            models.CheckConstraint(
                condition=Q(until_day=None) | Q(until_day__gte=F("from_day")), name="hold_ends_after_start"
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="hold_has_reason"),
        ]
        triggers = guards.hold()

    def __str__(self) -> str:
        return f"hold {self.pk}"


class PrescriptionTarget(Row):
    """What a prescription is for: a problem of the plan, and the plan's intervention that shows it (R-TP-08)."""

    prescription = models.ForeignKey(Prescription, on_delete=models.PROTECT, related_name="targets")
    problem = models.ForeignKey(Problem, on_delete=models.PROTECT, related_name="prescription_targets")
    intervention = models.ForeignKey(
        Intervention, on_delete=models.PROTECT, null=True, blank=True, related_name="prescription_targets"
    )
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["prescription", "problem"], name="target_once_per_problem"),
            models.UniqueConstraint(
                fields=["intervention"], condition=Q(intervention__isnull=False), name="target_intervention_once"
            ),
        ]
        triggers = guards.target()

    def __str__(self) -> str:
        return f"target {self.pk}"
