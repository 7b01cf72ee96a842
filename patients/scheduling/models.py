"""Bookings: segments (clinician, room, time) and attendances (a patient in a segment), and who is occupied when."""

import pgtrigger
from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Q

from clinic.practice.models import Room, Site
from clinic.rows import Row, during
from patients.record.models import Patient
from patients.scheduling.enums import Mode, Reason, Service, Status

USER = settings.AUTH_USER_MODEL


class Booking(Row):
    """What was booked in one go: one segment, or two stacked (therapist, then prescriber). Its status is derived."""

    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="bookings")
    mode = models.CharField(max_length=10, choices=Mode.choices, default=Mode.IN_PERSON)
    walk_in = models.BooleanField(default=False)
    desk_note = models.CharField(max_length=200, blank=True, help_text="For the front desk; nothing clinical.")
    booked_at = models.DateTimeField()
    booked_by = models.ForeignKey(USER, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    request_key = models.UUIDField(unique=True, null=True, blank=True)  # a repeated submit books once

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(mode__in=Mode.values), name="booking_mode_known")]

    def __str__(self) -> str:
        return f"booking {self.pk}"


class Segment(Row):
    """A clinician's time in a booking, in a room or not."""

    booking = models.ForeignKey(Booking, on_delete=models.PROTECT, related_name="segments")
    clinician = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="segments")
    room = models.ForeignKey(Room, on_delete=models.PROTECT, null=True, blank=True, related_name="segments")
    service = models.CharField(max_length=12, choices=Service.choices)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()

    class Meta:
        ordering = ["starts_at"]
        indexes = [
            models.Index(fields=["starts_at"]),
            models.Index(fields=["clinician", "starts_at"]),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="segment_ends_after_start"),
            models.CheckConstraint(condition=Q(service__in=Service.values), name="segment_service_known"),
        ]

    def __str__(self) -> str:
        return f"segment {self.pk}"


class Attendance(Row):
    """A patient in a segment, with a status of their own."""

    segment = models.ForeignKey(Segment, on_delete=models.PROTECT, related_name="attendances")
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="attendances")
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.BOOKED)
    running_late_until = models.DateTimeField(null=True, blank=True)
    arrived_at = models.DateTimeField(null=True, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=16, choices=Reason.choices, blank=True)
    reason_words = models.CharField(max_length=200, blank=True)

    class Meta:
        indexes = [models.Index(fields=["patient", "status"])]
        constraints = [
            models.UniqueConstraint(fields=["segment", "patient"], name="attendance_once_per_segment"),
            models.CheckConstraint(condition=Q(status__in=Status.values), name="attendance_status_known"),
            models.CheckConstraint(
                condition=~Q(status__in=["no_show", "cancelled"]) | ~Q(reason=""), name="attendance_not_held_has_reason"
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None) | Q(started_at=None) | Q(ended_at__gte=F("started_at")),
                name="attendance_ends_after_start",
            ),
        ]

    def __str__(self) -> str:
        return f"attendance {self.pk}"


class AttendanceStep(Row):
    """Every change of an attendance's status, appended with its author."""

    attendance = models.ForeignKey(Attendance, on_delete=models.PROTECT, related_name="steps")
    status = models.CharField(max_length=12, choices=Status.choices)
    at = models.DateTimeField()
    by = models.ForeignKey(USER, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["at", "id"]
        triggers = [pgtrigger.Protect(name="step_only_appended", operation=pgtrigger.Update | pgtrigger.Delete)]
        constraints = [models.CheckConstraint(condition=Q(status__in=Status.values), name="step_status_known")]

    def __str__(self) -> str:
        return f"{self.status} {self.at}"


class Occupancy(Row):
    """Somebody or something is taken over a time. Written by booking actions only; the database refuses overlaps."""

    segment = models.ForeignKey(Segment, on_delete=models.CASCADE, related_name="occupancies")
    clinician = models.ForeignKey(USER, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    room = models.ForeignKey(Room, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    during = during("starts_at", "ends_at")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="occupancy_ends_after_start"),
            models.CheckConstraint(
                condition=(Q(clinician__isnull=False) & Q(room=None) & Q(patient=None))
                | (Q(clinician=None) & Q(room__isnull=False) & Q(patient=None))
                | (Q(clinician=None) & Q(room=None) & Q(patient__isnull=False)),
                name="occupancy_of_one_thing",
            ),
            *[
                ExclusionConstraint(
                    name=f"occupancy_{thing}_once",
                    expressions=[(thing, RangeOperators.EQUAL), ("during", RangeOperators.OVERLAPS)],
                    condition=Q(**{f"{thing}__isnull": False}),
                )
                for thing in ("clinician", "room", "patient")
            ],
        ]

    def __str__(self) -> str:
        return f"occupied {self.starts_at}"
