"""The people who work here: sign-in, roles, licences, hours, absences, on-call."""

from datetime import date
from typing import Any

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Q
from localflavor.us.models import USStateField
from phonenumber_field.modelfields import PhoneNumberField

from clinic.practice.models import Room, Site
from clinic.rows import Row, during, new_id
from clinic.staff.enums import Profession, Role


class UserManager(BaseUserManager["User"]):
    """Makes users by e-mail address; the address is kept in lower case."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """A new user with a hashed password, or with none (an invitation sets it)."""
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, username: str | None) -> "User":
        """The user with this address, whatever its case."""
        return self.get(email=(username or "").strip().lower())


class User(AbstractBaseUser):
    """A person who works here (R-HS-01: one person, one sign-in). Rights come from roles, see clinic.permissions."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    email = models.EmailField(unique=True)
    given_name = models.CharField(max_length=80)
    family_name = models.CharField(max_length=80)
    pronouns = models.CharField(max_length=40, blank=True)
    credentials = models.CharField(max_length=40, blank=True, help_text="After the name: LCSW, PMHNP.")
    phone = PhoneNumberField(blank=True)
    npi = models.CharField(max_length=10, blank=True)
    site = models.ForeignKey(Site, on_delete=models.PROTECT, null=True, blank=True, related_name="people")
    usual_room = models.ForeignKey(Room, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    supervisor = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="supervisees")
    is_active = models.BooleanField(default=True)
    single_keys = models.BooleanField(default=True, help_text="Single-letter keyboard shortcuts.")
    created_at = models.DateTimeField()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = ["given_name", "family_name"]
    objects = UserManager()

    class Meta:
        ordering = ["family_name", "given_name"]
        constraints = [
            models.CheckConstraint(condition=Q(email=models.functions.Lower("email")), name="user_email_lower_case"),
            models.CheckConstraint(condition=~Q(supervisor=F("id")), name="user_not_own_supervisor"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """Given and family name."""
        return f"{self.given_name} {self.family_name}"

    @property
    def signature(self) -> str:
        """Name with credentials, as a signed note shows it."""
        return f"{self.name}, {self.credentials}" if self.credentials else self.name

    @property
    def first_name(self) -> str:
        """For libraries that ask for it."""
        return self.given_name

    @property
    def is_staff(self) -> bool:
        """Nobody uses Django's own admin here."""
        return False

    def held_roles(self) -> frozenset[Role]:
        """The roles held today, read once per loaded user."""
        if not hasattr(self, "_held_roles"):
            self._held_roles = frozenset(Role(grant.role) for grant in self.role_grants.all() if grant.ended_at is None)
        return self._held_roles


class RoleGrant(Row):
    """A role held by a person from a moment until it was taken back."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="role_grants")
    role = models.CharField(max_length=20, choices=Role.choices)
    given_at = models.DateTimeField()
    given_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "role"], condition=Q(ended_at=None), name="role_held_once"),
            models.CheckConstraint(condition=Q(role__in=Role.values), name="role_known"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.role}"


class Licence(Row):
    """A licence to practise. Who has none in force today cannot sign."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="licences")
    profession = models.CharField(max_length=10, choices=Profession.choices)
    state = USStateField()
    number = models.CharField(max_length=40)
    issued_on = models.DateField()
    expires_on = models.DateField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(expires_on__gt=F("issued_on")), name="licence_ends_after_start"),
            models.UniqueConstraint(fields=["state", "number", "profession"], name="licence_number_once"),
        ]

    def __str__(self) -> str:
        return f"{self.profession} {self.state}"

    def in_force(self, on: date) -> bool:
        """Whether the licence covers the day `on`, its last day included."""
        return self.issued_on <= on <= self.expires_on


class WorkingHours(Row):
    """When a clinician sees people at a site on a weekday, from a day on, in the site's local time."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="working_hours")
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="+")
    weekday = models.PositiveSmallIntegerField()
    starts = models.TimeField()
    ends = models.TimeField()
    from_day = models.DateField()
    until_day = models.DateField(
        null=True, blank=True, help_text="The last day, included; empty: until further notice."
    )

    class Meta:
        ordering = ["user", "weekday", "starts"]
        constraints = [
            models.CheckConstraint(condition=Q(weekday__lte=6), name="hours_weekday_known"),
            models.CheckConstraint(condition=Q(ends__gt=F("starts")), name="hours_end_after_start"),
            models.CheckConstraint(
                condition=Q(until_day=None) | Q(until_day__gte=F("from_day")), name="hours_until_after_from"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.weekday} {self.starts}–{self.ends}"


class Absence(Row):
    """Time in which a clinician sees nobody: leave, supervision, lunch, the refill desk."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="absences")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    during = during("starts_at", "ends_at")
    reason = models.CharField(max_length=80, help_text="Shown on the board: leave, supervision, lunch.")
    covered_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="covers")

    class Meta:
        ordering = ["starts_at"]
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="absence_ends_after_start"),
            ExclusionConstraint(
                name="absence_no_overlap",
                expressions=[("user", RangeOperators.EQUAL), ("during", RangeOperators.OVERLAPS)],
                violation_error_message="This absence overlaps another of the same person.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.reason}"


class OnCall(Row):
    """Who answers for the whole practice during a time; nobody or one."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="on_call")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    during = during("starts_at", "ends_at")

    class Meta:
        ordering = ["starts_at"]
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="on_call_ends_after_start"),
            ExclusionConstraint(
                name="on_call_one_at_a_time",
                expressions=[("during", RangeOperators.OVERLAPS)],
                violation_error_message="Somebody is on call in that time already.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} on call"


class Invitation(Row):
    """A way in for a new colleague: the token is stored hashed, works once, and lapses."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="invitations")
    token_hash = models.CharField(max_length=64, unique=True)
    sent_at = models.DateTimeField()
    sent_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(expires_at__gt=F("sent_at")), name="invitation_lapses_later"),
        ]

    def __str__(self) -> str:
        return f"invitation {self.pk}"
