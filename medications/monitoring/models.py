"""Results, what is due, circumstances that change what is due, and files of results on their way in."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from clinic.rows import Row
from medications.monitoring.enums import Level, Source, State
from medications.prescribing import guards
from medications.prescribing.models import Prescription
from patients.record.models import Patient, Retractable, retracted_whole

USER = settings.AUTH_USER_MODEL
RETRACTED = ("retracted_at", "retracted_by_id", "retracted_reason")
HANDLED = ("handled_at", "handled_by_id", "handled_words")


class Result(Retractable):
    """One measurement, or the answer to one question: a number in the unit of the data, or words.

    `typed`: number and unit as they came, where another unit was given. `alerts`: what it said by the data when it was
    recorded; a prescriber answers those once (`handled_…`).
    """

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="results")
    code = models.CharField(max_length=20)
    value = models.DecimalField(max_digits=14, decimal_places=4, null=True, blank=True)
    words = models.CharField(max_length=200, blank=True)
    unit = models.CharField(max_length=20, blank=True)
    typed = models.CharField(max_length=60, blank=True)
    low = models.DecimalField(max_digits=14, decimal_places=4, null=True, blank=True)  # the laboratory's own range
    high = models.DecimalField(max_digits=14, decimal_places=4, null=True, blank=True)
    taken_at = models.DateTimeField()
    hours_after_dose = models.DecimalField(max_digits=4, decimal_places=1, null=True, blank=True)
    source = models.CharField(max_length=10, choices=Source.choices, default=Source.TYPED)
    level = models.CharField(max_length=10, choices=Level.choices, blank=True)
    alerts = models.JSONField(default=list, blank=True)  # alerts.Alert as stored
    knowledge_version = models.CharField(max_length=20)
    handled_at = models.DateTimeField(null=True, blank=True)
    handled_by = models.ForeignKey(USER, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    handled_words = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["-taken_at"]
        indexes = [models.Index(fields=["patient", "code", "-taken_at"])]
        constraints = [
            models.CheckConstraint(condition=Q(value__isnull=False) | ~Q(words=""), name="result_says_something"),
            models.CheckConstraint(condition=Q(value=None) | Q(value__gte=0), name="result_not_negative"),
            models.CheckConstraint(
                condition=Q(low=None) | Q(high=None) | Q(low__lt=F("high")), name="result_range_in_order"
            ),
            models.CheckConstraint(
                condition=Q(hours_after_dose=None) | Q(hours_after_dose__gte=0, hours_after_dose__lte=96),
                name="result_hours_plausible",
            ),
            models.CheckConstraint(condition=Q(source__in=Source.values), name="result_source_known"),
            models.CheckConstraint(
                condition=Q(level__in=Level.values) & (Q(level="", alerts=[]) | ~Q(level="") & ~Q(alerts=[])),
                name="result_level_has_alerts",
            ),
            models.CheckConstraint(
                condition=Q(handled_at=None, handled_by=None, handled_words="")
                | (Q(handled_at__isnull=False, handled_by__isnull=False) & ~Q(handled_words="") & ~Q(level="")),
                name="result_handled_whole",
            ),
            models.UniqueConstraint(
                fields=["patient", "code", "taken_at"], condition=Q(retracted_at=None), name="result_once"
            ),
            retracted_whole("result_retracted_whole"),
        ]
        triggers = [
            guards.only_changes("result_stays_as_given", *HANDLED, *RETRACTED),
            guards.once("result_retracted_for_good", *RETRACTED),
            guards.once("result_handled_for_good", *HANDLED),
            guards.never_emptied(),
        ]

    def __str__(self) -> str:
        return f"result {self.pk}"


class DueItem(Row):
    """What has to be measured or asked, for one patient and one code; one is open at a time.

    `asks`: every prescription that asks for it, with its day, reason and the days after which refills need a reason.
    `counted_from`: the last result that was known when it became due; a later one closes it.
    """

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="due_items")
    code = models.CharField(max_length=20)
    protocol = models.CharField(max_length=40)
    prescription = models.ForeignKey(Prescription, on_delete=models.PROTECT, related_name="due_items")
    asks = models.JSONField()
    anchor = models.CharField(max_length=12)
    reason = models.CharField(max_length=300)
    due_on = models.DateField()
    refill_asks_on = models.DateField(null=True, blank=True)  # the first day on which no refill is silent (R-MO-99)
    counted_from = models.DateField(null=True, blank=True)
    knowledge_version = models.CharField(max_length=20)
    state = models.CharField(max_length=8, choices=State.choices, default=State.OPEN)
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_why = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["due_on", "code"]
        indexes = [
            models.Index(fields=["due_on"], condition=Q(state="open"), name="due_open"),
            models.Index(fields=["patient", "code"], name="due_by_patient"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["patient", "code"], condition=Q(state="open"), name="due_one_open"),
            models.CheckConstraint(condition=Q(state__in=State.values), name="due_state_known"),
            models.CheckConstraint(
                condition=Q(state="open", closed_at=None, closed_why="")
                | (~Q(state="open") & Q(closed_at__isnull=False) & ~Q(closed_why="")),
                name="due_closed_with_reason",
            ),
            models.CheckConstraint(condition=~Q(asks=[]) & ~Q(reason=""), name="due_asked_by_something"),
            models.CheckConstraint(
                condition=Q(refill_asks_on=None) | Q(refill_asks_on__gt=F("due_on")), name="due_asks_once_overdue"
            ),
        ]
        triggers = [
            guards.never_deleted(),
            guards.once("due_closed_for_good", "closed_at", "state", "closed_why", "due_on", "asks"),
            guards.never_emptied(),
        ]

    def __str__(self) -> str:
        return f"due {self.pk}"


class Looked(Row):
    """With what a patient was last looked at in the night, and the first day on which that may say something else.

    `stamp`: knowledge, choices, code. `facts`, `items`: numbers of all rows that the answer was made of, and of what
    was open afterwards; other rows have other numbers (`looks`). It is a help of the nightly job, no clinical record.
    """

    patient = models.OneToOneField(Patient, on_delete=models.PROTECT, related_name="+")
    stamp = models.CharField(max_length=40)
    facts = models.BigIntegerField()
    items = models.BigIntegerField()
    looked_on = models.DateField()
    next_on = models.DateField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(next_on__gt=F("looked_on")), name="looked_at_holds_for_a_day"),
        ]

    def __str__(self) -> str:
        return f"looked {self.patient_id}"


class Circumstance(Row):
    """Something about a person that changes what is due, recorded by a clinician, from a day until it ends."""

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="circumstances")
    key = models.CharField(max_length=40)
    words = models.CharField(max_length=300)
    since = models.DateField()
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(USER, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["-since"]
        constraints = [
            models.UniqueConstraint(
                fields=["patient", "key"], condition=Q(ended_at=None), name="circumstance_once_while_it_lasts"
            ),
            models.CheckConstraint(condition=~Q(words=""), name="circumstance_has_words"),
            models.CheckConstraint(
                condition=Q(ended_at=None, ended_by=None) | Q(ended_at__isnull=False, ended_by__isnull=False),
                name="circumstance_ended_by_somebody",
            ),
        ]
        triggers = [
            guards.only_changes("circumstance_stays_as_written", "ended_at", "ended_by_id"),
            guards.once("circumstance_ended_for_good", "ended_at", "ended_by_id"),
            guards.never_emptied(),
        ]

    def __str__(self) -> str:
        return f"circumstance {self.pk}"


class ResultFile(Row):
    """A file of results between upload and import: its text until it is imported, then only the lines refused.

    Once asked for, its lines are taken one share after the other: `done` of `lines`, which are `saved` and `refused`.
    """

    by = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField()
    text = models.TextField(blank=True)
    columns = models.JSONField(default=dict, blank=True)  # field: place of its column
    asked_at = models.DateTimeField(null=True, blank=True)
    imported_at = models.DateTimeField(null=True, blank=True)
    lines = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    saved = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)
    rejects = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(asked_at=None, imported_at=None, done=0)
                | Q(asked_at__isnull=False, imported_at=None, done__lt=F("lines"))
                | Q(asked_at__isnull=False, imported_at__isnull=False, done=F("lines"), text=""),
                name="result_file_imported_once",
            ),
            models.CheckConstraint(condition=Q(done=F("saved") + F("refused")), name="result_file_counts_each_line"),
        ]

    def __str__(self) -> str:
        return f"result file {self.pk}"
