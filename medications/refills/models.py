"""Refill requests: opened by the nightly job with every gate's answer, decided by a prescriber (R-RX-11, R-RX-12)."""

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q

from clinic.rows import Row
from medications.pharmacies.models import InboundMessage, Pharmacy
from medications.prescribing import guards
from medications.prescribing.models import Authorisation, Prescription
from patients.record.models import Patient

USER = settings.AUTH_USER_MODEL
STATES = ["requested", "approved", "bridged", "declined", "withdrawn", "undone"]


def decided_for_good() -> pgtrigger.Trigger:
    """A decision stays as it was made, but that a signed one may be undone before it is sent; a new request follows."""
    return pgtrigger.Trigger(
        name="refill_state_for_good",
        when=pgtrigger.Before,
        operation=pgtrigger.Update,
        func="""
            IF OLD.decided_at IS NOT NULL AND NEW.state <> OLD.state
                AND NOT (NEW.state = 'undone' AND OLD.state IN ('approved', 'bridged')) THEN
                RAISE EXCEPTION 'this was decided and stays';
            END IF;
            RETURN NEW;
        """,
    )


class RefillRequest(Row):
    """A refill that a prescriber has to decide. One open request per prescription."""

    prescription = models.ForeignKey(Prescription, on_delete=models.PROTECT, related_name="refill_requests")
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="refill_requests")
    opened_at = models.DateTimeField()
    opened_by = models.ForeignKey(USER, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    source = models.CharField(
        max_length=10, choices=[("job", "run-out job"), ("desk", "asked at the desk"), ("pharmacy", "a pharmacy asks")]
    )
    answered_at = models.DateTimeField()  # when the gates were last answered and the forecast made
    supply_end = models.DateField()  # the first day without supply
    authorised_end = models.DateField()
    fills_confirmed = models.BooleanField(default=True)
    gates = models.JSONField(default=list)  # calc.Gate as stored; once signed, with "reason"
    state = models.CharField(max_length=10, choices=[(s, s) for s in STATES], default="requested")
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(USER, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    reason = models.CharField(max_length=500, blank=True)
    told_patient = models.CharField(max_length=300, blank=True)
    authorisation = models.OneToOneField(
        Authorisation, on_delete=models.PROTECT, null=True, blank=True, related_name="refill_request"
    )

    class Meta:
        ordering = ["supply_end", "opened_at"]
        indexes = [models.Index(fields=["state", "supply_end"])]
        constraints = [
            models.UniqueConstraint(
                fields=["prescription"], condition=Q(state="requested"), name="refill_one_open_per_prescription"
            ),
            models.CheckConstraint(condition=Q(state__in=STATES), name="refill_state_known"),
            models.CheckConstraint(
                condition=~Q(state__in=["approved", "bridged", "undone"])
                | Q(authorisation__isnull=False, decided_at__isnull=False, decided_by__isnull=False),
                name="refill_approved_by_somebody",
            ),  # R-RX-11: a job never approves
            models.CheckConstraint(
                condition=~Q(state="declined") | (Q(decided_by__isnull=False) & ~Q(reason="")),
                name="refill_declined_with_reason",
            ),
            models.CheckConstraint(
                condition=Q(state="requested", decided_at=None, decided_by=None, authorisation=None)
                | (~Q(state="requested") & Q(decided_at__isnull=False)),
                name="refill_decided_whole",
            ),
            models.CheckConstraint(
                condition=Q(authorised_end__gte=F("supply_end")), name="refill_authorised_end_after_supply_end"
            ),
        ]
        triggers = [
            guards.never_deleted(),
            guards.never_emptied(),
            guards.once(
                "refill_decided_for_good", "decided_at", "decided_by_id", "authorisation_id", "reason", "told_patient",
                "gates",
            ),
            decided_for_good(),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"refill {self.pk}"


class PharmacyAsk(Row):
    """A pharmacy asks for a refill: the request that it opened or joined. Only ever added.

    By telephone or fax, as somebody wrote down; or by a message of the network, which nobody did.
    """

    request = models.ForeignKey(RefillRequest, on_delete=models.PROTECT, related_name="pharmacy_asks")
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="pharmacy_asks")
    pharmacy = models.ForeignKey(Pharmacy, on_delete=models.PROTECT, related_name="refill_asks")
    asked_on = models.DateField()
    words = models.CharField(max_length=200, blank=True)  # what stands on its paper, its number
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(USER, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    via = models.CharField(
        max_length=10, choices=[("person", "told to a person"), ("network", "a message of the network")],
        default="person",
    )  # fmt: skip
    message = models.ForeignKey(InboundMessage, on_delete=models.PROTECT, null=True, blank=True, related_name="asks")

    class Meta:
        ordering = ["recorded_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["request", "pharmacy"], condition=Q(via="person"), name="pharmacy_asks_once_a_request"
            ),
            models.UniqueConstraint(fields=["request", "message"], name="pharmacy_message_once_a_request"),
            models.CheckConstraint(
                condition=Q(via="person", recorded_by__isnull=False, message=None)
                | Q(via="network", recorded_by=None, message__isnull=False),
                name="pharmacy_asks_by_person_or_network",
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="pharmacy_ask_kept", operation=pgtrigger.Update | pgtrigger.Delete),
            guards.never_emptied(),
        ]

    def __str__(self) -> str:
        return f"pharmacy ask {self.pk}"


class RefillCall(Row):
    """The front desk noted that a patient asks for a refill call; no drug is named or shown there."""

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="refill_calls")
    asked_at = models.DateTimeField()
    taken_by = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="+")
    words = models.CharField(max_length=200, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)
    done_by = models.ForeignKey(USER, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["patient"], condition=Q(done_at=None), name="refill_call_one_open"),
            models.CheckConstraint(
                condition=Q(done_at=None, done_by=None) | Q(done_at__isnull=False, done_by__isnull=False),
                name="refill_call_done_by_somebody",
            ),
        ]
        triggers = [
            guards.never_deleted(),
            guards.never_emptied(),
            guards.once("refill_call_done_for_good", "done_at", "done_by_id", "words"),
        ]

    def __str__(self) -> str:
        return f"refill call {self.pk}"
