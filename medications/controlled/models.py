"""Controlled substances: a series of Schedule II, what the certified system did with each, the monthly log."""

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q

from clinic.rows import Row
from medications.prescribing.models import Authorisation, Prescription
from patients.record.models import Patient

USER = settings.AUTH_USER_MODEL
STATUSES = [
    ("signed", "signed in the certified system"),
    ("paper", "written on paper"),
    ("failed", "refused by the certified system"),
    ("cancelled", "cancelled in the certified system"),
]


def unchanging(name: str) -> list[pgtrigger.Trigger]:
    """A row that is neither changed nor deleted."""
    return [pgtrigger.Protect(name=f"{name}_kept", operation=pgtrigger.Update | pgtrigger.Delete)]


class Series(Row):
    """Several Schedule II prescriptions written on one day, for 90 days at most, with what was attested (R-RX-02).

    Its authorisations carry its id; the database refuses another day, another signer and more days than this.
    """

    prescription = models.ForeignKey(Prescription, on_delete=models.PROTECT, related_name="series")
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="series")
    written_on = models.DateField()
    count = models.PositiveSmallIntegerField()
    days = models.PositiveSmallIntegerField()
    statement = models.CharField(max_length=300)
    attested_at = models.DateTimeField()
    attested_by = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-written_on"]
        triggers = unchanging("series")
        constraints = [
            models.CheckConstraint(condition=Q(days__gte=2, days__lte=90), name="series_ninety_days"),
            models.CheckConstraint(condition=Q(count__gte=2, count__lte=6), name="series_of_several"),
            models.CheckConstraint(condition=~Q(statement=""), name="series_attested"),
        ]

    def __str__(self) -> str:
        return f"series {self.pk}"


class CertifiedStep(Row):
    """What the certified system did with an authorisation: appended, never edited; the newest counts (R-RX-06)."""

    authorisation = models.ForeignKey(Authorisation, on_delete=models.PROTECT, related_name="certified_steps")
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="certified_steps")
    status = models.CharField(max_length=10, choices=STATUSES)
    number = models.CharField(max_length=60, blank=True)
    words = models.CharField(max_length=200, blank=True)
    backend = models.CharField(max_length=40)
    at = models.DateTimeField()
    by = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["at", "pk"]
        triggers = unchanging("certified")
        constraints = [
            models.CheckConstraint(condition=Q(status__in=[key for key, _ in STATUSES]), name="certified_status_known"),
            models.CheckConstraint(condition=~Q(status="signed") | ~Q(number=""), name="certified_signed_has_number"),
            models.CheckConstraint(condition=~Q(status="failed") | ~Q(words=""), name="certified_failed_says_why"),
            models.UniqueConstraint(
                fields=["backend", "number"], condition=Q(status="signed"), name="certified_number_once"
            ),
        ]

    def __str__(self) -> str:
        return f"certified {self.status}"


class LogReview(Row):
    """A prescriber looked through the log of a month (R-RX-07)."""

    user = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="log_reviews")
    month = models.DateField()  # its first day
    count = models.PositiveIntegerField()
    words = models.CharField(max_length=300, blank=True)  # what was found wrong, if anything
    at = models.DateTimeField()

    class Meta:
        ordering = ["-month"]
        triggers = unchanging("log_review")
        constraints = [
            models.UniqueConstraint(fields=["user", "month"], name="log_reviewed_once"),
            models.CheckConstraint(condition=Q(month__day=1), name="log_month_begins"),
        ]

    def __str__(self) -> str:
        return f"log {self.month}"
