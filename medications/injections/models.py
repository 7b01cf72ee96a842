"""Long-acting injections as they were given: the day, by whom, where, of which lot; only added to."""

from django.db import models
from django.db.models import Q

from medications.injections import guards
from medications.injections.enums import GIVEN, Site, What
from medications.prescribing.models import DoseOrder, Prescription
from patients.record.models import Patient, Retractable, retracted_whole


class Injection(Retractable):
    """One injection of an order, given or not given on a day (`on_day`); who says so is `recorded_by`.

    The next one is due from the last that was given, whatever the schedule said. `words`: why it was not given, or
    was given so early; otherwise what is worth noting.
    """

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="injections")
    prescription = models.ForeignKey(Prescription, on_delete=models.PROTECT, related_name="injections")
    order = models.ForeignKey(DoseOrder, on_delete=models.PROTECT, related_name="injections")
    what = models.CharField(max_length=10, choices=What.choices)
    on_day = models.DateField()
    site = models.CharField(max_length=15, choices=Site.choices, blank=True)
    lot = models.CharField(max_length=40, blank=True)
    words = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["-on_day", "-recorded_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["prescription", "on_day"],
                condition=Q(retracted_at=None, what__in=[str(one) for one in GIVEN]),
                name="injection_given_once_a_day",
            ),
            models.CheckConstraint(condition=Q(what__in=What.values), name="injection_what_known"),
            models.CheckConstraint(condition=Q(site__in=["", *Site.values]), name="injection_site_known"),
            models.CheckConstraint(
                condition=~Q(what=What.HERE) | (~Q(site="") & ~Q(lot="")), name="injection_here_with_site_and_lot"
            ),
            models.CheckConstraint(
                condition=~Q(what=What.NOT_GIVEN) | (Q(site="", lot="") & ~Q(words="")),
                name="injection_not_given_with_reason",
            ),
            models.CheckConstraint(condition=Q(recorded_by__isnull=False), name="injection_by_somebody"),
            retracted_whole("injection_retracted_whole"),
        ]
        triggers = guards.injection()

    def __str__(self) -> str:
        return f"injection {self.pk}"
