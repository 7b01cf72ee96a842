"""The person: name, contacts, consents, allergies, conditions, care team, and who opened the chart in an emergency."""

from datetime import time
from zoneinfo import ZoneInfo

import pghistory
import pgtrigger
from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q
from localflavor.us.models import USStateField
from phonenumber_field.modelfields import PhoneNumberField

from clinic.practice.models import Site
from clinic.rows import Row, during
from patients.record.enums import (
    READING_UNITS,
    AllergyAnswer,
    AllergyKind,
    ContactChannel,
    FactAnswer,
    FactKey,
    ReadingKind,
    TeamRole,
)

USER = settings.AUTH_USER_MODEL


def kept(name: str, *changing: str) -> list[pgtrigger.Trigger]:
    """The database refuses to delete a row and to change anything of it but the fields `changing`."""
    return [
        pgtrigger.Protect(name=f"{name}_never_deleted", operation=pgtrigger.Delete),
        pgtrigger.ReadOnly(name=f"{name}_stays_as_written", exclude=list(changing)),
    ]


@pghistory.track(exclude=["search_text", "phone_digits"], append_only=True)
class Patient(Row):
    """A person whom the practice treats. `search_text` is the normalised name, kept by the actions."""

    number = models.PositiveIntegerField(unique=True, help_text="Record number.")
    given_name = models.CharField(max_length=200)
    family_name = models.CharField(max_length=200)
    preferred_name = models.CharField(max_length=200, blank=True)
    search_text = models.TextField(editable=False)  # normalised "family given preferred", see calc.search_text
    pronouns = models.CharField(max_length=40, blank=True)
    sex = models.CharField(
        max_length=10, blank=True, choices=[("female", "female"), ("male", "male"), ("other", "other")],
        help_text="As recorded at birth; used by dose and risk checks only.",
    )  # fmt: skip
    born_on = models.DateField()
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="patients")
    time_zone = models.CharField(max_length=60, default="America/Los_Angeles")
    quiet_from = models.TimeField(null=True, blank=True, help_text="No messages from this hour on (own zone).")
    quiet_until = models.TimeField(null=True, blank=True)
    language = models.CharField(max_length=40, default="English")
    interpreter = models.CharField(max_length=80, blank=True, help_text="Language to interpret; books with the visit.")
    phone = PhoneNumberField(blank=True)
    phone_digits = models.CharField(max_length=20, blank=True, editable=False)
    email = models.EmailField(blank=True)
    address_line = models.CharField(max_length=200, blank=True)
    city = models.CharField(max_length=80, blank=True)
    state = USStateField(blank=True)
    zip_code = models.CharField(max_length=10, blank=True)
    contact_note = models.CharField(max_length=300, blank=True, help_text="For the front desk; nothing clinical.")
    allergies = models.CharField(
        max_length=12, choices=AllergyAnswer.choices, default=AllergyAnswer.NEVER_ASKED, help_text="Whether asked."
    )
    allergies_asked_at = models.DateTimeField(null=True, blank=True)
    allergies_asked_by = models.ForeignKey(USER, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    registered_at = models.DateTimeField()
    registered_by = models.ForeignKey(USER, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    request_key = models.UUIDField(unique=True, null=True, blank=True, editable=False)  # a repeated submit

    class Meta:
        ordering = ["search_text"]
        triggers = [pgtrigger.Protect(name="patient_never_deleted", operation=pgtrigger.Delete)]
        indexes = [
            GinIndex(fields=["search_text"], opclasses=["gin_trgm_ops"], name="patient_search_trgm"),
            GinIndex(fields=["phone_digits"], opclasses=["gin_trgm_ops"], name="patient_phone_trgm"),
            models.Index(fields=["born_on"]),
        ]
        constraints = [
            models.CheckConstraint(condition=~Q(given_name="") & ~Q(family_name=""), name="patient_named"),
            models.CheckConstraint(
                condition=Q(quiet_from=None, quiet_until=None) | Q(quiet_from__isnull=False, quiet_until__isnull=False),
                name="patient_quiet_hours_whole",
            ),
            models.CheckConstraint(condition=Q(allergies__in=AllergyAnswer.values), name="patient_allergies_known"),
            models.CheckConstraint(
                condition=Q(allergies="never_asked", allergies_asked_at=None, allergies_asked_by=None)
                | (~Q(allergies="never_asked") & Q(allergies_asked_at__isnull=False, allergies_asked_by__isnull=False)),
                name="patient_allergies_asked_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"patient {self.number}"

    def hold(self) -> None:
        """Lock the row until the transaction ends: what is done for one person is done one after the other."""
        Patient.objects.select_for_update(no_key=True).values_list("pk").get(pk=self.pk)

    @property
    def patient_id(self) -> object:
        """So that audit and timeline treat the patient like any row about them."""
        return self.pk

    @property
    def name(self) -> str:
        """The legal name."""
        return f"{self.given_name} {self.family_name}"

    @property
    def called(self) -> str:
        """The name the person goes by, with the family name."""
        return f"{self.preferred_name or self.given_name} {self.family_name}"

    @property
    def first_called(self) -> str:
        """The name that messages use: preferred, else given."""
        return self.preferred_name or self.given_name

    @property
    def quiet(self) -> tuple[time, time] | None:
        """The patient's own hours without messages, in their zone; they may run over midnight (R-RE-05)."""
        return (self.quiet_from, self.quiet_until) if self.quiet_from and self.quiet_until else None

    @property
    def zone(self) -> ZoneInfo:
        """The zone the patient lives in."""
        return ZoneInfo(self.time_zone)


class MessageConsent(Row):
    """The patient's choice of channel, with the text they agreed to (R-RE-02); the newest row counts (R-RE-03)."""

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="message_consents")
    channel = models.CharField(max_length=10, choices=ContactChannel.choices)
    text_version = models.CharField(max_length=20)
    given_at = models.DateTimeField()
    given_by = models.ForeignKey(USER, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_how = models.CharField(max_length=40, blank=True)  # "text", "desk", "changed"

    class Meta:
        triggers = kept("consent", "revoked_at", "revoked_how")
        constraints = [
            models.UniqueConstraint(
                fields=["patient"], condition=Q(revoked_at=None), name="consent_one_live_per_patient"
            ),
            models.CheckConstraint(condition=Q(channel__in=ContactChannel.values), name="consent_channel_known"),
            models.CheckConstraint(
                condition=Q(revoked_at=None, revoked_how="") | (Q(revoked_at__isnull=False) & ~Q(revoked_how="")),
                name="consent_revoked_somehow",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.channel} {self.given_at}"


@pghistory.track(exclude=["during"], append_only=True)
class CareTeamMember(Row):
    """A clinician's dated part in a patient's care; it opens the chart. Cover ends by itself."""

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="care_team")
    user = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="care_roles")
    role = models.CharField(max_length=12, choices=TeamRole.choices)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True, blank=True)
    during = during("starts_at", "ends_at")
    added_by = models.ForeignKey(USER, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        triggers = kept("team", "ends_at", "during")
        indexes = [models.Index(fields=["user", "patient"]), models.Index(fields=["patient", "starts_at"])]
        constraints = [
            models.CheckConstraint(condition=Q(ends_at=None) | Q(ends_at__gt=F("starts_at")), name="team_ends_later"),
            models.CheckConstraint(condition=Q(role__in=TeamRole.values), name="team_role_known"),
            models.CheckConstraint(condition=~Q(role="cover") | Q(ends_at__isnull=False), name="team_cover_ends"),
            ExclusionConstraint(
                name="team_same_role_once",
                expressions=[
                    ("patient", RangeOperators.EQUAL),
                    ("user", RangeOperators.EQUAL),
                    ("role", RangeOperators.EQUAL),
                    ("during", RangeOperators.OVERLAPS),
                ],
                violation_error_message="This person is on the care team in that role already.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.role} {self.user_id}"


class EmergencyAccess(Row):
    """A chart opened by somebody outside the care team, with a typed reason, for a limited time (R-HS-02)."""

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="emergency_accesses")
    user = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="emergency_accesses")
    reason = models.TextField()
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    reviewed_at = models.DateTimeField(null=True, blank=True)
    reviewed_by = models.ForeignKey(USER, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        triggers = kept("emergency", "reviewed_at", "reviewed_by")
        indexes = [models.Index(fields=["user", "patient", "ends_at"])]
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="emergency_ends_later"),
            models.CheckConstraint(condition=~Q(reason=""), name="emergency_has_reason"),
            models.CheckConstraint(
                condition=Q(reviewed_at=None, reviewed_by=None)
                | Q(reviewed_at__isnull=False, reviewed_by__isnull=False),
                name="emergency_reviewed_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"emergency {self.pk}"


class Retractable(Row):
    """A row that can be marked as entered in error: struck through with a reason, never deleted."""

    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(USER, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    retracted_at = models.DateTimeField(null=True, blank=True)
    retracted_by = models.ForeignKey(USER, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    retracted_reason = models.CharField(max_length=300, blank=True)

    class Meta:
        abstract = True

    @property
    def in_error(self) -> bool:
        """Whether the row was marked as entered in error."""
        return self.retracted_at is not None


RETRACTION = ("retracted_at", "retracted_by", "retracted_reason")


def retracted_whole(name: str) -> models.CheckConstraint:
    """The constraint that a retraction has its time, its author and its reason together."""
    return models.CheckConstraint(
        condition=Q(retracted_at=None, retracted_by=None, retracted_reason="")
        | (Q(retracted_at__isnull=False, retracted_by__isnull=False) & ~Q(retracted_reason="")),
        name=name,
    )


class Allergy(Retractable):
    """An allergy or intolerance, named so that the checks can match it."""

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="allergy_list")
    kind = models.CharField(max_length=12, choices=AllergyKind.choices)
    name = models.CharField(max_length=120)
    reaction = models.CharField(max_length=200, blank=True)
    severe = models.BooleanField(default=False)

    class Meta:
        ordering = ["name"]
        triggers = kept("allergy", *RETRACTION)
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=AllergyKind.values), name="allergy_kind_known"),
            models.CheckConstraint(condition=~Q(name=""), name="allergy_named"),
            retracted_whole("allergy_retracted_whole"),
        ]

    def __str__(self) -> str:
        return f"allergy {self.pk}"


class Condition(Retractable):
    """A diagnosis of the patient, coded in ICD-10-CM."""

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="conditions")
    code = models.CharField(max_length=8)
    title = models.CharField(max_length=300)
    since = models.DateField(null=True, blank=True)
    resolved_on = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["code"]
        triggers = kept("condition", "resolved_on", *RETRACTION)
        constraints = [
            models.UniqueConstraint(
                fields=["patient", "code"],
                condition=Q(resolved_on=None, retracted_at=None),
                name="condition_once_while_active",
            ),
            models.CheckConstraint(
                condition=Q(resolved_on=None) | Q(since=None) | Q(resolved_on__gte=F("since")),
                name="condition_resolved_after_start",
            ),
            retracted_whole("condition_retracted_whole"),
        ]

    def __str__(self) -> str:
        return f"condition {self.code}"


class MedicalFact(Retractable):
    """The answer to a medical question that prescribing needs; the newest one not retracted counts."""

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="medical_facts")
    key = models.CharField(max_length=24, choices=FactKey.choices)
    answer = models.CharField(max_length=8, choices=FactAnswer.choices)
    note = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["key", "-recorded_at"]
        triggers = kept("fact", *RETRACTION)
        indexes = [
            models.Index(fields=["patient", "key", "-recorded_at"]),
            models.Index(  # one answer of ten: what the checks of everybody's orders read
                fields=["patient", "key", "recorded_at", "id"], condition=Q(answer="yes", retracted_at=None),
                name="fact_yes",
            ),
        ]  # fmt: skip
        constraints = [
            models.CheckConstraint(condition=Q(key__in=FactKey.values), name="fact_key_known"),
            models.CheckConstraint(condition=Q(answer__in=FactAnswer.values), name="fact_answer_known"),
            retracted_whole("fact_retracted_whole"),
        ]

    def __str__(self) -> str:
        return f"{self.key} {self.answer}"


class Reading(Retractable):
    """Something measured: weight, blood pressure (`value` over `lower`), pulse, QTc, eGFR; the newest counts."""

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="readings")
    kind = models.CharField(max_length=10, choices=ReadingKind.choices)
    value = models.DecimalField(max_digits=6, decimal_places=1)
    lower = models.DecimalField(max_digits=6, decimal_places=1, null=True, blank=True)
    taken_on = models.DateField()

    class Meta:
        ordering = ["kind", "-taken_on", "-recorded_at"]
        triggers = kept("reading", *RETRACTION)
        indexes = [models.Index(fields=["patient", "kind", "-taken_on", "-recorded_at"])]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=ReadingKind.values), name="reading_kind_known"),
            models.CheckConstraint(condition=Q(value__gt=0, value__lte=1000), name="reading_plausible"),
            models.CheckConstraint(
                condition=(Q(kind="pressure") & Q(lower__isnull=False, lower__gt=0, lower__lt=F("value")))
                | (~Q(kind="pressure") & Q(lower=None)),
                name="reading_pressure_is_two_numbers",
            ),
            retracted_whole("reading_retracted_whole"),
        ]

    def __str__(self) -> str:
        return f"reading {self.kind}"

    @property
    def unit(self) -> str:
        """The unit in which it is kept."""
        return READING_UNITS[ReadingKind(self.kind)][0]


class PatientOpened(Row):
    """When a person last opened a patient's chart; for the list of recent patients. Not the audit."""

    user = models.ForeignKey(USER, on_delete=models.CASCADE, related_name="+")
    patient = models.ForeignKey(Patient, on_delete=models.CASCADE, related_name="+")
    opened_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["user", "-opened_at"])]
        constraints = [models.UniqueConstraint(fields=["user", "patient"], name="opened_once_per_person")]

    def __str__(self) -> str:
        return f"opened {self.patient_id}"
