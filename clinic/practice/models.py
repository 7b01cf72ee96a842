"""The practice: its sites, rooms, days closed, and its configuration with dates from which it holds."""

from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import models
from phonenumber_field.modelfields import PhoneNumberField

from clinic.rows import Row


class Practice(Row):
    """The one practice of this database. `display_name` goes into messages, so it must not name the speciality."""

    legal_name = models.CharField(max_length=200)
    display_name = models.CharField(max_length=40, help_text="Short name in messages; must not say what we treat.")
    phone = PhoneNumberField(help_text="The number that messages offer for calling back.")
    # One row only: the database refuses a second practice.
    only = models.BooleanField(default=True, unique=True, editable=False)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(only=True), name="practice_is_one")]

    def __str__(self) -> str:
        return self.display_name


class Site(Row):
    """A place where people are seen, with its own clock."""

    name = models.CharField(max_length=80, unique=True)
    address_line = models.CharField(max_length=200)
    city = models.CharField(max_length=80)
    state = models.CharField(max_length=2)
    zip_code = models.CharField(max_length=10)
    phone = PhoneNumberField()
    time_zone = models.CharField(max_length=60, default="America/Los_Angeles")
    active = models.BooleanField(default=True)

    def __str__(self) -> str:
        return self.name

    @property
    def zone(self) -> ZoneInfo:
        """The site's time zone."""
        return ZoneInfo(self.time_zone)


class OpeningHours(Row):
    """When a site is open on a weekday (0 is Monday), in the site's local time."""

    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="opening_hours")
    weekday = models.PositiveSmallIntegerField()
    opens = models.TimeField()
    closes = models.TimeField()

    class Meta:
        ordering = ["site", "weekday", "opens"]
        constraints = [
            models.CheckConstraint(condition=models.Q(weekday__lte=6), name="opening_weekday_known"),
            models.CheckConstraint(condition=models.Q(closes__gt=models.F("opens")), name="opening_ends_after_start"),
            models.UniqueConstraint(fields=["site", "weekday", "opens"], name="opening_once"),
        ]

    def __str__(self) -> str:
        return f"{self.site_id} {self.weekday} {self.opens}–{self.closes}"


class Room(Row):
    """A room of a site."""

    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="rooms")
    name = models.CharField(max_length=60)
    seats = models.PositiveSmallIntegerField(default=3)
    active = models.BooleanField(default=True)

    class Meta:
        ordering = ["site", "name"]
        constraints = [models.UniqueConstraint(fields=["site", "name"], name="room_named_once_per_site")]

    def __str__(self) -> str:
        return self.name


class Closure(Row):
    """A day on which a site is closed."""

    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="closures")
    on = models.DateField()
    reason = models.CharField(max_length=120)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["site", "on"], name="closure_once_per_day")]

    def __str__(self) -> str:
        return f"{self.on} {self.reason}"


class Setting(Row):
    """One value of the practice's configuration, from a day on. Never edited: a change is a new row (CFG in RULES)."""

    key = models.CharField(max_length=60)
    value = models.JSONField()
    effective_from = models.DateField()
    set_at = models.DateTimeField()
    set_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    reason = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["key", "-effective_from", "-set_at"]
        indexes = [models.Index(fields=["key", "effective_from"])]

    def __str__(self) -> str:
        return f"{self.key} from {self.effective_from}"
