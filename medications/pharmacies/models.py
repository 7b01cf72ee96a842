"""Pharmacies, whom each patient prefers, and the way of a prescription from signature to pick-up."""

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Q
from phonenumber_field.modelfields import PhoneNumberField

from clinic.rows import Row, during
from medications.pharmacies.enums import HERE, LIVE, Cancelling, Replying, Route, State, Verdict
from medications.prescribing import guards
from medications.prescribing.models import Authorisation, Fill
from patients.record.models import Patient, Retractable, retracted_whole

USER = settings.AUTH_USER_MODEL
_RETRACTION = ("retracted_at", "retracted_by_id", "retracted_reason")


def whole(name: str, *fields: str) -> models.CheckConstraint:
    """These fields are set together: a time, its person or its words (an empty text is not set)."""
    none, everything = Q(), Q()
    for field in fields:
        text = field.endswith(("_why", "_reason", "how"))
        none &= Q(**{field: "" if text else None})
        everything &= ~Q(**{field: ""}) if text else Q(**{f"{field}__isnull": False})
    return models.CheckConstraint(condition=none | everything, name=name)


def when(state: str, condition: Q, name: str) -> models.CheckConstraint:
    """In this state the condition holds."""
    return models.CheckConstraint(condition=~Q(state=state) | condition, name=name)


class Pharmacy(Row):
    """One pharmacy of the practice's directory. It is changed in place; prescriptions keep what they said then."""

    name = models.CharField(max_length=120)
    address_line = models.CharField(max_length=200)
    city = models.CharField(max_length=80)
    state = models.CharField(max_length=2)
    zip_code = models.CharField(max_length=10)
    phone = PhoneNumberField()
    fax = PhoneNumberField(blank=True)
    ncpdp_id = models.CharField(max_length=7, blank=True)
    hours = models.CharField(max_length=200, blank=True)
    revision = models.PositiveIntegerField(default=0)
    added_at = models.DateTimeField()
    added_by = models.ForeignKey(USER, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(USER, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    closed_reason = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["name", "city"]
        constraints = [
            models.CheckConstraint(condition=~Q(name="") & ~Q(address_line="") & ~Q(city=""), name="pharmacy_named"),
            models.CheckConstraint(
                condition=Q(ncpdp_id="") | Q(ncpdp_id__regex=r"^[0-9]{7}$"), name="pharmacy_ncpdp_seven_digits"
            ),
            models.UniqueConstraint(
                fields=["ncpdp_id"], condition=~Q(ncpdp_id="") & Q(closed_at=None), name="pharmacy_ncpdp_once"
            ),
            whole("pharmacy_closed_with_reason", "closed_at", "closed_by", "closed_reason"),
        ]
        triggers = [guards.never_deleted(), guards.never_emptied()]

    def __str__(self) -> str:
        return f"{self.name}, {self.city}"

    @property
    def address(self) -> str:
        """In one line."""
        return f"{self.address_line}, {self.city}, {self.state} {self.zip_code}"


class PreferredPharmacy(Row):
    """Where a patient wants medicines sent, from a moment until another is chosen. One at a time, history kept."""

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="preferred_pharmacies")
    pharmacy = models.ForeignKey(Pharmacy, on_delete=models.PROTECT, related_name="preferred_by")
    from_at = models.DateTimeField()
    set_by = models.ForeignKey(USER, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    until_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(USER, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    during = during("from_at", "until_at")

    class Meta:
        ordering = ["-from_at"]
        constraints = [
            ExclusionConstraint(
                name="preferred_one_at_a_time",
                expressions=[("patient", RangeOperators.EQUAL), ("during", RangeOperators.OVERLAPS)],
                violation_error_message="This patient has a preferred pharmacy for that time already.",
            ),
            whole("preferred_ends_whole", "until_at", "ended_by"),
        ]
        triggers = [
            guards.only_changes("preferred_only_ends", "until_at", "ended_by_id", "during"),
            guards.once("preferred_ended_for_good", "until_at", "ended_by_id"),
            guards.never_emptied(),
        ]

    def __str__(self) -> str:
        return f"preferred {self.pk}"


class PickUp(Retractable):
    """The patient has the medicine of a fill in hand, as the pharmacy or the patient tells."""

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="pick_ups")
    fill = models.ForeignKey(Fill, on_delete=models.PROTECT, related_name="pick_ups")
    on = models.DateField()
    told_by = models.CharField(max_length=10, choices=[("pharmacy", "pharmacy"), ("patient", "patient")])

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["fill"], condition=Q(retracted_at=None), name="pick_up_once_a_fill"),
            retracted_whole("pick_up_retracted_whole"),
        ]
        triggers = [
            guards.only_changes("pick_up_immutable", *_RETRACTION),
            guards.once("pick_up_retracted_for_good", *_RETRACTION),
            guards.never_emptied(),
        ]

    def __str__(self) -> str:
        return f"pick-up {self.pk}"


class Transmission(Row):
    """An authorisation on its way: waiting (ten seconds to undo) → sent → filled → picked up; or failed, undone,
    cancelled. Sent again after a failure it is a new row that `replaces` the old one.

    `content`: what the document says, as it was when it was signed; `code` proves it. A controlled substance is
    listed for the certified module: intent, status and number, no document of ours (R-RX-06).
    """

    authorisation = models.ForeignKey(Authorisation, on_delete=models.PROTECT, related_name="transmissions")
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="transmissions")
    pharmacy = models.ForeignKey(
        Pharmacy, on_delete=models.PROTECT, null=True, blank=True, related_name="transmissions"
    )
    route = models.CharField(max_length=10, choices=Route.choices)
    schedule = models.CharField(max_length=3, blank=True)  # as it was when authorised
    replaces = models.OneToOneField("self", on_delete=models.PROTECT, null=True, blank=True, related_name="replaced_by")
    content = models.JSONField(default=dict, blank=True)
    code = models.CharField(max_length=14, blank=True)
    state = models.CharField(max_length=10, choices=State.choices)
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="+")
    leaves_at = models.DateTimeField()  # until then it can be undone
    sending_at = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    sent_by = models.ForeignKey(USER, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    how = models.CharField(max_length=40, blank=True)  # what the back end did: "printed"
    reference = models.CharField(max_length=60, blank=True)  # the number that the other side gave
    fill = models.ForeignKey(Fill, on_delete=models.PROTECT, null=True, blank=True, related_name="+")  # the last
    pick_up = models.ForeignKey(PickUp, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    failed_at = models.DateTimeField(null=True, blank=True)
    failed_why = models.CharField(max_length=200, blank=True)
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.ForeignKey(USER, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    undone_why = models.CharField(max_length=200, blank=True)
    cancelled_at = models.DateTimeField(null=True, blank=True)
    cancelled_by = models.ForeignKey(USER, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    cancelled_why = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["-asked_at"]
        indexes = [
            models.Index(
                fields=["leaves_at"], condition=Q(state__in=["waiting", "sending"]), name="transmission_leaving"
            ),
            models.Index(fields=["sent_at"], condition=Q(state="sent"), name="transmission_unfilled"),
            models.Index(fields=["state"], condition=Q(state__in=["failed", "listed"]), name="transmission_to_do"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=State.values), name="transmission_state_known"),
            models.UniqueConstraint(
                fields=["authorisation"], condition=Q(state__in=LIVE), name="transmission_one_live"
            ),
            models.UniqueConstraint(fields=["code"], condition=~Q(code=""), name="transmission_code_once"),
            models.CheckConstraint(
                condition=Q(route=Route.PHARMACY, pharmacy__isnull=False)
                | Q(route=Route.PAPER, pharmacy=None)
                | Q(route=Route.MODULE),
                name="transmission_route_fits",
            ),
            models.CheckConstraint(
                condition=(Q(schedule="") & ~Q(route=Route.MODULE) & ~Q(code=""))
                | (~Q(schedule="") & Q(route=Route.MODULE, content={}, code="")),
                name="transmission_controlled_by_module",
            ),  # R-RX-06
            models.CheckConstraint(
                condition=(Q(route=Route.MODULE) & ~Q(state__in=["waiting", "sending", "failed"]))
                | (~Q(route=Route.MODULE) & ~Q(state="listed")),
                name="transmission_module_is_listed",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=HERE)
                | Q(sending_at=None, sent_at=None, fill=None, pick_up=None, failed_at=None),
                name="transmission_waits_untouched",
            ),
            models.CheckConstraint(
                condition=Q(leaves_at__gte=F("asked_at")), name="transmission_leaves_after_it_was_asked"
            ),
            when("sending", Q(sending_at__isnull=False, sent_at=None), "transmission_sending_since"),
            whole("transmission_sent_whole", "sent_at", "how"),
            models.CheckConstraint(
                condition=~Q(state__in=["sent", "filled", "picked_up"]) | Q(sent_at__isnull=False),
                name="transmission_sent_at_a_time",
            ),
            models.CheckConstraint(
                condition=~Q(route=Route.MODULE) | Q(sent_at=None) | (Q(sent_by__isnull=False) & ~Q(reference="")),
                name="transmission_module_sent_by_somebody",
            ),
            when("sent", Q(fill=None, pick_up=None), "transmission_sent_not_filled"),
            when("filled", Q(fill__isnull=False, pick_up=None), "transmission_filled_by_a_fill"),
            when("picked_up", Q(fill__isnull=False, pick_up__isnull=False), "transmission_picked_up_by_somebody"),
            whole("transmission_failed_whole", "failed_at", "failed_why"),
            when("failed", Q(failed_at__isnull=False, sent_at=None), "transmission_failed_at_a_time"),
            whole("transmission_undone_whole", "undone_at", "undone_by", "undone_why"),
            models.CheckConstraint(
                condition=Q(state="undone", undone_at__isnull=False, sending_at=None, sent_at=None)
                | (~Q(state="undone") & Q(undone_at=None)),
                name="transmission_undone_before_it_left",
            ),
            whole("transmission_cancelled_whole", "cancelled_at", "cancelled_by", "cancelled_why"),
            models.CheckConstraint(
                condition=Q(state="cancelled", cancelled_at__isnull=False)
                | (~Q(state="cancelled") & Q(cancelled_at=None)),
                name="transmission_cancelled_at_a_time",
            ),
        ]
        triggers = [
            guards.only_changes(
                "transmission_as_signed", "state", "sending_at", "sent_at", "sent_by_id", "how", "reference", "fill_id",
                "pick_up_id", "failed_at", "failed_why", "undone_at", "undone_by_id", "undone_why", "cancelled_at",
                "cancelled_by_id", "cancelled_why",
            ),
            guards.once("transmission_sent_for_good", "sent_at", "sent_by_id", "how", "reference"),
            guards.once("transmission_failed_for_good", "failed_at", "failed_why"),
            guards.once("transmission_undone_for_good", "undone_at", "undone_by_id", "undone_why", "state"),
            guards.once("transmission_cancelled_for_good", "cancelled_at", "cancelled_by_id", "cancelled_why", "state"),
            guards.never_emptied(),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"transmission {self.pk}"


class Cancellation(Row):
    """The pharmacy is told that a prescription which had left is discontinued. On paper or by the module: a person."""

    transmission = models.OneToOneField(Transmission, on_delete=models.PROTECT, related_name="cancellation")
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="cancellations")
    why = models.CharField(max_length=200)
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, choices=Cancelling.choices, default=Cancelling.WAITING)
    sent_at = models.DateTimeField(null=True, blank=True)
    sent_by = models.ForeignKey(USER, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    how = models.CharField(max_length=40, blank=True)
    reference = models.CharField(max_length=60, blank=True)
    failed_at = models.DateTimeField(null=True, blank=True)
    failed_why = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["-asked_at"]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=Cancelling.values), name="cancellation_state_known"),
            models.CheckConstraint(condition=~Q(why=""), name="cancellation_has_reason"),
            whole("cancellation_sent_whole", "sent_at", "how"),
            models.CheckConstraint(
                condition=Q(state="sent", sent_at__isnull=False) | (~Q(state="sent") & Q(sent_at=None)),
                name="cancellation_sent_at_a_time",
            ),
            whole("cancellation_failed_whole", "failed_at", "failed_why"),
            when("failed", Q(failed_at__isnull=False), "cancellation_failed_at_a_time"),
        ]
        triggers = [
            guards.only_changes(
                "cancellation_as_asked", "state", "sent_at", "sent_by_id", "how", "reference", "failed_at", "failed_why"
            ),
            guards.once("cancellation_sent_for_good", "sent_at", "sent_by_id", "how", "reference", "state"),
            guards.never_emptied(),
        ]

    def __str__(self) -> str:
        return f"cancellation {self.pk}"


class InboundMessage(Row):
    """A message that a pharmacy sent, once by its number. With a `why` nobody was asked: a person clears it.

    It keeps numbers, no name and no drug; the file itself is put aside where it came in.
    """

    sender = models.CharField(max_length=7, blank=True)  # the NCPDP id that it says
    message_id = models.CharField(max_length=64)  # of what cannot be read: its digest
    digest = models.CharField(max_length=64)
    kind = models.CharField(max_length=40, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    received_at = models.DateTimeField()
    pharmacy = models.ForeignKey(Pharmacy, on_delete=models.PROTECT, null=True, blank=True, related_name="messages")
    rx_number = models.CharField(max_length=35, blank=True)  # the pharmacy's own
    transmission = models.ForeignKey(
        Transmission, on_delete=models.PROTECT, null=True, blank=True, related_name="messages"
    )  # our prescription, of which it speaks
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, null=True, blank=True, related_name="messages")
    why = models.CharField(max_length=200, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)
    done_by = models.ForeignKey(USER, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    done_words = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["received_at"]
        constraints = [
            models.UniqueConstraint(fields=["sender", "message_id"], name="message_once"),
            models.CheckConstraint(
                condition=Q(transmission=None, patient=None)
                | Q(transmission__isnull=False, patient__isnull=False, pharmacy__isnull=False),
                name="message_matched_whole",
            ),
            models.CheckConstraint(
                condition=Q(transmission__isnull=False) | ~Q(why=""), name="message_unmatched_says_why"
            ),
            models.CheckConstraint(
                condition=Q(done_at=None, done_by=None, done_words="")
                | (Q(done_at__isnull=False, done_by__isnull=False) & ~Q(done_words="") & ~Q(why="")),
                name="message_cleared_whole",
            ),
        ]
        triggers = [
            guards.only_changes("message_as_it_came", "why", "done_at", "done_by_id", "done_words"),
            guards.once("message_cleared_for_good", "done_at", "done_by_id", "done_words"),
            guards.never_deleted(),
            guards.never_emptied(),
        ]

    def __str__(self) -> str:
        return f"message {self.pk}"


class RenewalAnswer(Row):
    """What a pharmacy is told about the renewal that it asked for: one for each message, but for what was undone.

    An approval speaks of a `transmission`: a network sends this answer in place of that as a new prescription.
    """

    message = models.ForeignKey(InboundMessage, on_delete=models.PROTECT, related_name="answers")
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="renewal_answers")
    verdict = models.CharField(max_length=30, choices=Verdict.choices)
    transmission = models.ForeignKey(
        Transmission, on_delete=models.PROTECT, null=True, blank=True, related_name="answers"
    )
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(USER, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    state = models.CharField(max_length=10, choices=Replying.choices, default=Replying.WAITING)
    sent_at = models.DateTimeField(null=True, blank=True)
    how = models.CharField(max_length=40, blank=True)
    failed_at = models.DateTimeField(null=True, blank=True)
    failed_why = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["asked_at"]
        constraints = [
            models.UniqueConstraint(fields=["message"], condition=~Q(state="undone"), name="answer_once_a_message"),
            models.CheckConstraint(
                condition=Q(verdict=Verdict.DENIED, transmission=None)
                | Q(verdict__in=[Verdict.APPROVED, Verdict.CHANGED, Verdict.DENIED_NEW], transmission__isnull=False),
                name="answer_verdict_fits",
            ),
            whole("answer_sent_whole", "sent_at", "how"),
            models.CheckConstraint(
                condition=Q(state="sent", sent_at__isnull=False)
                | (Q(state__in=["waiting", "failed", "undone"]) & Q(sent_at=None)),
                name="answer_sent_at_a_time",
            ),
            whole("answer_failed_whole", "failed_at", "failed_why"),
            when("failed", Q(failed_at__isnull=False), "answer_failed_at_a_time"),
        ]
        triggers = [
            guards.only_changes("answer_as_decided", "state", "sent_at", "how", "failed_at", "failed_why"),
            guards.once("answer_sent_for_good", "sent_at", "how", "state"),
            guards.never_deleted(),
            guards.never_emptied(),
        ]

    def __str__(self) -> str:
        return f"answer {self.pk}"
