"""What the measures room reads."""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import DateTimeField as DateTime
from django.db.models import Exists, ExpressionWrapper, OuterRef, Q, QuerySet

from clinic import clock
from clinic.practice.models import Practice
from patients.measures.models import DeskSession, Score
from patients.record.access import members
from patients.scheduling.models import Attendance
from patients.timeline.enums import EntryKind
from patients.timeline.models import Entry

AT_THE_DESK = ("phq9", "gad7")  # what the patient is handed before a visit
FORMS_DAYS = 7  # so many days before a visit answers still count for it


def latest(patient_id: UUID) -> dict[str, Score]:
    """The newest score of each instrument that was not entered in error, total or not. One query."""
    rows = Score.objects.filter(patient_id=patient_id, retracted_at=None)
    newest = rows.order_by("instrument", "-answered_at", "-pk").distinct("instrument")
    return {score.instrument: score for score in newest}


def series(patient_id: UUID, instruments: Iterable[str]) -> list[Score]:
    """The scores with a total, not entered in error, oldest first: what a curve draws. One query."""
    return list(
        Score.objects.filter(
            patient_id=patient_id, instrument__in=list(instruments), retracted_at=None, total__isnull=False
        ).order_by("answered_at", "pk")
    )


def everything(patient_id: UUID) -> list[Score]:
    """All scores, those entered in error too, newest first. One query."""
    return list(
        Score.objects.filter(patient_id=patient_id)
        .select_related("recorded_by", "acknowledged_by", "retracted_by")
        .order_by("-answered_at", "-pk")
    )


def last_answer(patient_id: UUID, instrument: str, position: int) -> tuple[int, datetime] | None:
    """The newest answer to one item, and when; None where it was never answered. One query, one row.

    Scores entered in error are left out, and totals that came without their items have none.
    """
    item = f"answers__{position}"
    rows = Score.objects.filter(patient_id=patient_id, instrument=instrument, retracted_at=None, **{f"{item}__gte": 0})
    return rows.order_by("-answered_at", "-pk").values_list(item, "answered_at").first()


def last_start(patient_id: UUID) -> datetime | None:
    """When the plan or a dose last began anew: what “on track” is measured from (R-MB-06). One query."""
    begun = Entry.objects.filter(
        patient_id=patient_id,
        kind__in=[EntryKind.PLAN, EntryKind.DOSE],
        retracted_at=None,
        occurred_at__lte=clock.now(),
    )
    return begun.order_by("-occurred_at").values_list("occurred_at", flat=True).first()


def forms_complete(attendance_ids: Collection[UUID]) -> dict[UUID, bool]:
    """Whether both questionnaires were answered in full for each visit, or in the 7 days before it. One query.

    Says nothing of what was answered: it is all that the front desk sees (R-HP-08).
    """
    if not attendance_ids:
        return {}
    starts, ends = OuterRef("segment__starts_at"), OuterRef("segment__ends_at")
    week_before = ExpressionWrapper(starts - timedelta(days=FORMS_DAYS), output_field=DateTime())
    answered = {
        key: Exists(
            Score.objects.filter(
                Q(attendance=OuterRef("pk")) | Q(answered_at__gte=week_before, answered_at__lte=ends),
                patient=OuterRef("patient"), instrument=key, retracted_at=None, total__isnull=False,
            )
        )
        for key in AT_THE_DESK
    }  # fmt: skip
    rows = Attendance.objects.filter(pk__in=list(attendance_ids)).values_list("pk", *answered.values())
    found = {row[0]: all(row[1:]) for row in rows}
    return {pk: found.get(pk, False) for pk in attendance_ids}


def visit_forms(attendance_ids: Collection[UUID]) -> list[UUID]:
    """The visits whose forms are complete (port VISIT_FORMS). One query."""
    return [pk for pk, complete in forms_complete(attendance_ids).items() if complete]


def open_desk(token_hash: str) -> DeskSession | None:
    """The desk session of a token, open or not, with its patient and site. One query."""
    return DeskSession.objects.select_related("patient__site").filter(token_hash=token_hash).first()


def desk_by_code(code_hash: str) -> QuerySet[DeskSession]:
    """The desk session that waits for this code now, to be locked."""
    now = clock.now()
    return DeskSession.objects.filter(
        code_hash=code_hash, code_until__gt=now, finished_at=None, expires_at__gt=now
    ).exclude(code_hash="")


def unfinished(patient_id: UUID, attendance_id: UUID | None) -> QuerySet[DeskSession]:
    """The desk session that is not finished for this visit, or for no visit, to be locked."""
    of_visit = Q(attendance=None) if attendance_id is None else Q(attendance_id=attendance_id)
    return DeskSession.objects.filter(of_visit, patient_id=patient_id, finished_at=None)


def lapsed() -> QuerySet[DeskSession]:
    """Desk sessions whose time is over and whose answers are not scored yet."""
    return DeskSession.objects.filter(finished_at=None, expires_at__lte=clock.now())


def practice_name() -> str:
    """The practice's short name, as messages and the device show it. One query."""
    return Practice.objects.values_list("display_name", flat=True).first() or ""


def has_team(patient_id: UUID) -> bool:
    """Whether anybody on the care team could be told. One query."""
    return members().filter(patient_id=patient_id).exists()
