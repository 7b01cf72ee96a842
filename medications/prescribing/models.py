"""Prescriptions, dose orders, authorisations, fills, and what was checked before each signature."""

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


class Authorisation(Row):
    """How much may be dispensed on an order: quantity, days' supply, refills. Voided when the dose changes or stops."""

    order = models.ForeignKey(DoseOrder, on_delete=models.PROTECT, related_name="authorisations")
    prescription = models.ForeignKey(Prescription, on_delete=models.PROTECT, related_name="authorisations")
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="authorisations")
    quantity = models.DecimalField(max_digits=9, decimal_places=3)  # dispensing units a fill
    days_supply = models.PositiveSmallIntegerField()
    refills = models.PositiveSmallIntegerField(default=0)
    schedule = models.CharField(max_length=3, blank=True)  # as it was when issued
    issued_on = models.DateField()
    earliest_fill_on = models.DateField(null=True, blank=True)
    series = models.UUIDField(null=True, blank=True)  # of Schedule II, written on one day (R-RX-02)
    extends = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="extended"
    )  # more refills of the same prescription: they count toward the same five in six months (R-RX-03)
    added = models.PositiveSmallIntegerField(default=0)
    expires_on = models.DateField(null=True, blank=True)
    bridge = models.BooleanField(default=False)
    directions = models.CharField(max_length=1500, blank=True)  # of a titration pack: all its steps; else the order's
    issued_at = models.DateTimeField()
    issued_by = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="+")
    voided_at = models.DateTimeField(null=True, blank=True)
    voided_by = models.ForeignKey(USER, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    voided_reason = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["issued_on", "issued_at"]
        constraints = [
            models.CheckConstraint(condition=Q(quantity__gt=0), name="authorisation_quantity_positive"),
            models.CheckConstraint(
                condition=Q(days_supply__gte=1, days_supply__lte=366), name="authorisation_supply_plausible"
            ),
            models.CheckConstraint(
                condition=~Q(schedule="II") | Q(refills=0), name="authorisation_schedule_ii_no_refills"
            ),  # R-RX-01
            models.CheckConstraint(
                condition=~Q(schedule__in=["III", "IV"]) | Q(refills__lte=5), name="authorisation_iii_iv_five_refills"
            ),  # R-RX-03
            models.CheckConstraint(
                condition=Q(expires_on=None) | Q(expires_on__gte=F("issued_on")), name="authorisation_expires_later"
            ),
            models.CheckConstraint(
                condition=Q(voided_at=None, voided_by=None, voided_reason="")
                | (Q(voided_at__isnull=False, voided_by__isnull=False) & ~Q(voided_reason="")),
                name="authorisation_voided_with_reason",
            ),
            models.CheckConstraint(condition=Q(directions="") | Q(refills=0), name="authorisation_pack_no_refills"),
            models.CheckConstraint(condition=Q(series=None) | Q(schedule="II"), name="authorisation_series_is_ii"),
            models.CheckConstraint(
                condition=Q(extends=None, added=0) | Q(extends__isnull=False, added__gte=1),
                name="authorisation_added_to_another",
            ),
            models.CheckConstraint(
                condition=Q(earliest_fill_on=None) | Q(series__isnull=False, earliest_fill_on__gt=F("issued_on")),
                name="authorisation_later_fill_in_series",
            ),
            models.UniqueConstraint(
                fields=["prescription"],
                condition=Q(voided_at=None, earliest_fill_on=None),
                name="authorisation_one_live_per_prescription",
            ),
        ]
        triggers = guards.authorisation()

    def __str__(self) -> str:
        return f"authorisation {self.pk}"


class Fill(Retractable):
    """What was dispensed, as a pharmacy or the patient tells; or a sample that was handed out here, with its lot."""

    prescription = models.ForeignKey(Prescription, on_delete=models.PROTECT, related_name="fills")
    authorisation = models.ForeignKey(
        Authorisation, on_delete=models.PROTECT, null=True, blank=True, related_name="fills"
    )
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="fills")
    filled_on = models.DateField()
    quantity = models.DecimalField(max_digits=9, decimal_places=3)
    days_supply = models.PositiveSmallIntegerField()
    told_by = models.CharField(
        max_length=10, choices=[("pharmacy", "pharmacy"), ("patient", "patient"), ("sample", "sample handed out here")]
    )
    partial = models.BooleanField(default=False)  # the pharmacy owes the rest
    completes = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="completed_by"
    )  # the rest of a partial one: both are one fill of the authorisation
    lot = models.CharField(max_length=40, blank=True)  # of a sample: what a recall asks for

    class Meta:
        ordering = ["filled_on"]
        indexes = [models.Index(fields=["authorisation"], condition=Q(partial=True), name="fill_partial")]
        constraints = [
            models.CheckConstraint(condition=Q(quantity__gt=0), name="fill_quantity_positive"),
            models.CheckConstraint(condition=Q(days_supply__gte=1, days_supply__lte=366), name="fill_supply_plausible"),
            models.UniqueConstraint(
                fields=["prescription", "filled_on"], condition=Q(retracted_at=None), name="fill_once_a_day"
            ),
            models.CheckConstraint(
                condition=(Q(told_by="sample", authorisation=None) & ~Q(lot="")) | (~Q(told_by="sample") & Q(lot="")),
                name="fill_sample_has_lot",
            ),
            models.CheckConstraint(
                condition=Q(partial=False, completes=None) | Q(authorisation__isnull=False),
                name="fill_part_of_an_authorisation",
            ),
            models.UniqueConstraint(
                fields=["completes"],
                condition=Q(retracted_at=None, completes__isnull=False),
                name="fill_completed_once",
            ),
            models.CheckConstraint(condition=Q(partial=False) | Q(completes=None), name="fill_rest_is_whole"),
            retracted_whole("fill_retracted_whole"),
        ]
        triggers = guards.fill()

    def __str__(self) -> str:
        return f"fill {self.pk}"


class LostSupply(Retractable):
    """Medicine that the patient no longer has: lost, stolen, spoilt. `days`: so many days of it; null: all of it.

    It ends the supply sooner (R-RX-11); what replaces it is a prescriber's decision.
    """

    prescription = models.ForeignKey(Prescription, on_delete=models.PROTECT, related_name="losses")
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="lost_supplies")
    lost_on = models.DateField()
    days = models.PositiveSmallIntegerField(null=True, blank=True)
    reason = models.CharField(max_length=300)

    class Meta:
        ordering = ["lost_on"]
        constraints = [
            models.CheckConstraint(condition=Q(days=None) | Q(days__gte=1, days__lte=366), name="loss_plausible"),
            models.CheckConstraint(condition=~Q(reason=""), name="loss_has_reason"),
            models.UniqueConstraint(
                fields=["prescription", "lost_on"], condition=Q(retracted_at=None), name="loss_once_a_day"
            ),
            retracted_whole("loss_retracted_whole"),
        ]
        triggers = guards.loss()

    def __str__(self) -> str:
        return f"lost supply {self.pk}"


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


class StoredFinding(Row):
    """A finding of the checks at a signature, with the override and the knowledge version; shown ever after."""

    order = models.ForeignKey(DoseOrder, on_delete=models.PROTECT, related_name="findings")
    level = models.CharField(
        max_length=12,
        choices=[("stop", "stop"), ("ask", "ask"), ("note", "note"), ("not_checked", "not checked")],
    )  # a refusal is never signed, so it is never stored
    code = models.CharField(max_length=60)
    rule_id = models.CharField(max_length=40)
    title = models.CharField(max_length=200)
    sentence = models.TextField()
    source = models.JSONField(default=list)
    confidence = models.CharField(max_length=10, blank=True)
    knowledge_version = models.CharField(max_length=20)
    override_code = models.CharField(max_length=40, blank=True)
    override_words = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(level__in=["stop", "ask", "note", "not_checked"]), name="finding_never_refuse"
            ),
            models.CheckConstraint(
                condition=~Q(level="stop") | (~Q(override_code="") & ~Q(override_words="")),
                name="finding_stop_overridden_with_code_and_words",
            ),
            models.CheckConstraint(condition=~Q(level="ask") | ~Q(override_words=""), name="finding_ask_has_reason"),
        ]
        triggers = guards.finding()

    def __str__(self) -> str:
        return f"finding {self.code}"
