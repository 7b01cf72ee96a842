"""The note machine that both disciplines need: draft with revisions, signature, addenda. Text lives here only."""

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q

from clinic.rows import Row
from patients.notes import guards
from patients.record.models import Patient, retracted_whole
from patients.scheduling.models import Attendance

USER = settings.AUTH_USER_MODEL


class Note(Row):
    """A clinician's note on one contact. `parts` holds text by semantic key (R-PN-01); `revision` counts saves.

    Draft: edited by its author, each save sends the revision it was based on. Signed: `content_hash` set,
    immutable (the database refuses); afterwards only addenda.
    """

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="notes")
    attendance = models.ForeignKey(Attendance, on_delete=models.PROTECT, null=True, blank=True, related_name="notes")
    author = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="notes")
    kind = models.CharField(
        max_length=12, choices=[("session", "session note"), ("medication", "medication visit note")]
    )
    contact = models.CharField(
        max_length=12, default="visit",
        choices=[("visit", "visit"), ("intake", "intake"), ("crisis", "crisis"), ("missed", "missed visit"),
                 ("telephone", "telephone contact")],
        help_text="R-TP-10: all but intake, crisis, missed and telephone name the objectives addressed.",
    )  # fmt: skip
    format = models.CharField(max_length=10, default="DAP")
    parts = models.JSONField(default=dict, blank=True)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    minutes = models.PositiveSmallIntegerField(null=True, blank=True)  # psychotherapy minutes (R-CPT-01)
    em_minutes = models.PositiveSmallIntegerField(null=True, blank=True)  # E/M minutes, recorded apart (R-CPT-03)
    code = models.CharField(max_length=10, blank=True)
    add_on_code = models.CharField(max_length=10, blank=True)
    code_reason = models.CharField(max_length=300, blank=True)
    extra = models.JSONField(default=dict, blank=True)  # structured content under the hash, as it was signed
    revision = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField()
    saved_at = models.DateTimeField()
    signed_at = models.DateTimeField(null=True, blank=True)
    signed_by = models.ForeignKey(USER, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    signature = models.CharField(max_length=200, blank=True)  # name and credentials as they were
    content_hash = models.CharField(max_length=64, blank=True)  # R-HS-05
    cosigner = models.ForeignKey(USER, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    cosigned_at = models.DateTimeField(null=True, blank=True)
    retracted_at = models.DateTimeField(null=True, blank=True)
    retracted_by = models.ForeignKey(USER, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    retracted_reason = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["-started_at"]
        indexes = [
            models.Index(fields=["patient", "-started_at"]),
            models.Index(fields=["author"], condition=Q(signed_at=None, retracted_at=None), name="note_unsigned"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["attendance", "author"],
                condition=Q(retracted_at=None, attendance__isnull=False),
                name="note_once_per_attendance_and_author",
            ),
            models.CheckConstraint(
                condition=Q(signed_at=None, signed_by=None, content_hash="", signature="")
                | (
                    Q(signed_at__isnull=False, signed_by=F("author"), content_hash__regex="^[0-9a-f]{64}$")
                    & ~Q(signature="")
                ),
                name="note_signature_whole",
            ),
            models.CheckConstraint(
                condition=Q(cosigned_at=None) | Q(signed_at__isnull=False, cosigner__isnull=False),
                name="note_cosigned_after_signed",
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None) | Q(ended_at__gte=F("started_at")), name="note_ends_after_start"
            ),
            models.CheckConstraint(condition=Q(kind__in=["session", "medication"]), name="note_kind_known"),
            retracted_whole("note_retracted_whole"),
        ]
        triggers = [guards.note_immutable(), guards.never_emptied()]

    def __str__(self) -> str:
        return f"note {self.pk}"

    @property
    def is_signed(self) -> bool:
        """Whether the note can no longer change."""
        return self.signed_at is not None


class Revision(Row):
    """What one save of a draft held, so that a mismatch can show both and nothing typed is lost."""

    note = models.ForeignKey(Note, on_delete=models.CASCADE, related_name="revisions")
    number = models.PositiveIntegerField()
    based_on = models.PositiveIntegerField()
    parts = models.JSONField()
    format = models.CharField(max_length=10)
    saved_at = models.DateTimeField()
    saved_by = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="+")
    set_aside = models.BooleanField(default=False)  # arrived on an old base (409): kept, not the current text

    class Meta:
        ordering = ["note", "number"]
        constraints = [
            models.UniqueConstraint(
                fields=["note", "number"], condition=Q(set_aside=False), name="revision_number_once"
            ),
        ]
        triggers = [guards.revision_kept(), guards.never_emptied()]

    def __str__(self) -> str:
        return f"revision {self.number}"


class Addendum(Row):
    """What was added to a signed note; immutable."""

    note = models.ForeignKey(Note, on_delete=models.PROTECT, related_name="addenda")
    author = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="+")
    text = models.TextField()
    signed_at = models.DateTimeField()
    signature = models.CharField(max_length=200)
    content_hash = models.CharField(max_length=64)

    class Meta:
        ordering = ["signed_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(content_hash__regex="^[0-9a-f]{64}$") & ~Q(text=""), name="addendum_signed_and_not_empty"
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="addendum_immutable", operation=pgtrigger.Update | pgtrigger.Delete),
            guards.never_emptied(),
        ]

    def __str__(self) -> str:
        return f"addendum {self.pk}"
