"""Scores: administrations of instruments, answers item by item, totals by R-MB-02."""

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q

from clinic.rows import Row
from patients.record.models import Patient, Retractable, retracted_whole
from patients.scheduling.models import Attendance

USER = settings.AUTH_USER_MODEL


class Score(Retractable):
    """One answered questionnaire. `total` is null while a scored item is missing (R-MB-02).

    An alert item above zero makes the score incomplete until a licensed clinician acknowledges it (R-MB-07).
    """

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="scores")
    attendance = models.ForeignKey(Attendance, on_delete=models.PROTECT, null=True, blank=True, related_name="scores")
    instrument = models.CharField(max_length=20)
    version = models.CharField(max_length=80)
    answered_at = models.DateTimeField()
    channel = models.CharField(
        max_length=10, choices=[("desk", "at the desk"), ("clinician", "with a clinician"), ("import", "imported")]
    )
    answers = models.JSONField(default=list, blank=True)  # in the order of the items; null where not answered
    total = models.SmallIntegerField(null=True, blank=True)
    band = models.CharField(max_length=120, blank=True)
    alerts = models.JSONField(default=list, blank=True)  # item numbers whose answer raises an alert
    acknowledged_at = models.DateTimeField(null=True, blank=True)
    acknowledged_by = models.ForeignKey(USER, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["-answered_at"]
        indexes = [models.Index(fields=["patient", "instrument", "-answered_at"])]
        constraints = [
            models.CheckConstraint(condition=Q(total=None) | Q(total__gte=0), name="score_not_negative"),
            models.CheckConstraint(
                condition=Q(acknowledged_at=None, acknowledged_by=None)
                | Q(acknowledged_at__isnull=False, acknowledged_by__isnull=False),
                name="score_acknowledged_by_somebody",
            ),
            retracted_whole("score_retracted_whole"),
        ]
        triggers = [
            pgtrigger.Protect(name="score_never_deleted", operation=pgtrigger.Delete),
            pgtrigger.ReadOnly(
                name="score_stays_as_given",
                fields=[
                    "patient",
                    "instrument",
                    "version",
                    "answered_at",
                    "channel",
                    "answers",
                    "total",
                    "band",
                    "alerts",
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.instrument} {self.pk}"


class DeskSession(Row):
    """A questionnaire handed to the patient at the desk's device: a random token, answers saved as they go, then shut.

    The device shows nothing but this while it is open; the desk's own sign-in is not usable from it.
    """

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="desk_sessions")
    attendance = models.ForeignKey(
        Attendance, on_delete=models.PROTECT, null=True, blank=True, related_name="desk_sessions"
    )
    token_hash = models.CharField(max_length=64, unique=True)
    instruments = models.JSONField()  # keys in order
    answers = models.JSONField(default=dict)  # {"phq9": [0, null, …]}
    started_at = models.DateTimeField()
    started_by = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="+")
    expires_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    score_ids = models.JSONField(default=dict)  # {"phq9": key of the score to come}: a flag raised now names it already
    reached = models.PositiveSmallIntegerField(default=0)  # the last question that was answered or skipped
    code_hash = models.CharField(max_length=64, blank=True)  # six digits to type on another device, once
    code_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["expires_at"], condition=Q(finished_at=None), name="desk_session_open"),
            models.Index(fields=["patient"], condition=Q(finished_at=None), name="desk_session_open_by_patient"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(expires_at__gt=models.F("started_at")), name="desk_session_ends_later"),
            models.CheckConstraint(
                condition=Q(code_hash="", code_until=None) | (~Q(code_hash="") & Q(code_until__isnull=False)),
                name="desk_session_code_lapses",
            ),
            models.UniqueConstraint(fields=["code_hash"], condition=~Q(code_hash=""), name="desk_session_code_once"),
            models.UniqueConstraint(
                fields=["attendance"],
                condition=Q(finished_at=None, attendance__isnull=False),
                name="desk_session_open_once_per_visit",
            ),
        ]

    def __str__(self) -> str:
        return f"desk session {self.pk}"
