"""What may be dispensed, what was, and what was lost."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from clinic.rows import Row
from medications.prescribing import guards
from medications.prescribing.models.orders import DoseOrder, Prescription
from patients.record.models import Patient, Retractable, retracted_whole

USER = settings.AUTH_USER_MODEL


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
    partial = models.BooleanField(default=False)  # the pharmacy owes the rest, or of the rest what is still missing
    completes = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="completed_by"
    )  # the rest of a part, or a piece of it (itself partial): all of them are one fill of the authorisation
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
                condition=Q(retracted_at=None, completes__isnull=False, partial=False),
                name="fill_completed_once",
            ),
            models.CheckConstraint(condition=Q(completes=None) | ~Q(completes=F("pk")), name="fill_completes_another"),
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
