"""What the checks read besides the record: looked-up programs, examinations in person, the practice's tuning."""

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q

from clinic.rows import Row
from patients.record.models import Patient, Retractable, kept, retracted_whole

USER = settings.AUTH_USER_MODEL
RESULTS = [
    ("expected", "as expected"),
    ("unexpected", "something not expected"),
    ("nothing", "nothing listed"),
    ("skipped", "not looked up"),
]
RETRACTION = ("retracted_at", "retracted_by", "retracted_reason")


class PdmpCheck(Retractable):
    """Who attested when what the prescription monitoring program showed, or why it was not looked up (R-RX-10).

    The attestation alone: the report itself is not copied into the chart.
    """

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="pdmp_checks")
    looked_on = models.DateField()
    result = models.CharField(max_length=12, choices=RESULTS)
    words = models.CharField(max_length=300, blank=True)  # what was not expected and what follows; why it was skipped

    class Meta:
        ordering = ["-looked_on", "-recorded_at"]
        triggers = kept("pdmp", *RETRACTION)
        indexes = [models.Index(fields=["patient", "-looked_on"])]
        constraints = [
            models.CheckConstraint(condition=Q(result__in=[key for key, _ in RESULTS]), name="pdmp_result_known"),
            models.CheckConstraint(
                condition=~Q(result__in=["unexpected", "skipped"]) | ~Q(words=""), name="pdmp_says_why"
            ),
            models.CheckConstraint(condition=Q(recorded_by__isnull=False), name="pdmp_by_somebody"),
            retracted_whole("pdmp_retracted_whole"),
        ]

    def __str__(self) -> str:
        return f"pdmp {self.pk}"


class InPersonExam(Retractable):
    """A day on which a prescriber examined the patient in person (R-RX-09)."""

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="in_person_exams")
    examined_on = models.DateField()
    where = models.CharField(max_length=10, choices=[("here", "here"), ("elsewhere", "by a referring prescriber")])
    words = models.CharField(max_length=300, blank=True)  # by whom, where it was elsewhere

    class Meta:
        ordering = ["-examined_on"]
        triggers = kept("exam", *RETRACTION)
        indexes = [models.Index(fields=["patient", "-examined_on"])]
        constraints = [
            models.CheckConstraint(condition=Q(where__in=["here", "elsewhere"]), name="exam_place_known"),
            models.CheckConstraint(condition=Q(where="here") | ~Q(words=""), name="exam_elsewhere_says_by_whom"),
            models.CheckConstraint(condition=Q(recorded_by__isnull=False), name="exam_by_somebody"),
            retracted_whole("exam_retracted_whole"),
        ]

    def __str__(self) -> str:
        return f"exam {self.pk}"


class Tuning(Row):
    """A rule of the data that the practice lowered from “ask” to “note”, by whom and why; it ends, it is not edited.

    A stop is never lowered, nor any rule of law: only rules of the data have these numbers.
    """

    rule_id = models.CharField(max_length=12)
    reason = models.CharField(max_length=300)
    began_at = models.DateTimeField()
    began_by = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(USER, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    ended_reason = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["-began_at"]
        triggers = [
            *kept("tuning", "ended_at", "ended_by", "ended_reason"),
            pgtrigger.Trigger(
                name="tuning_ended_for_good",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                func="IF OLD.ended_at IS NOT NULL THEN RAISE EXCEPTION 'this was ended and stays'; END IF; RETURN NEW;",
            ),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(rule_id__regex=r"^(IX|CC|AX|LE)-[0-9]{3}$"), name="tuning_of_the_data"),
            models.CheckConstraint(condition=~Q(reason=""), name="tuning_has_reason"),
            models.UniqueConstraint(fields=["rule_id"], condition=Q(ended_at=None), name="tuning_once_while_it_lasts"),
            models.CheckConstraint(
                condition=Q(ended_at=None, ended_by=None, ended_reason="")
                | (
                    Q(ended_at__isnull=False, ended_by__isnull=False, ended_at__gte=F("began_at")) & ~Q(ended_reason="")
                ),
                name="tuning_ended_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"tuning {self.rule_id}"
