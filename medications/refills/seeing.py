"""When patients were last seen by a prescriber, and when the next visit is: two gates of the desk (R-RX-12)."""

from collections.abc import Iterable
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Max, Min, QuerySet

from clinic import clock
from clinic.rows import these
from clinic.staff.enums import Role
from clinic.staff.models import RoleGrant
from patients.notes.enums import Contact, Kind
from patients.notes.models import Note
from patients.scheduling.enums import OPEN, Service, Status
from patients.scheduling.models import Attendance

ZONE = ZoneInfo(settings.TIME_ZONE)
NO_VISIT = (Contact.MISSED, Contact.TELEPHONE)


def prescribers() -> QuerySet[RoleGrant]:
    """Who holds the prescriber's role now."""
    return RoleGrant.objects.filter(role=Role.PRESCRIBER, ended_at=None)


def last_seen(patients: Iterable[UUID | str]) -> dict[UUID, date]:
    """The last visit of each patient with any prescriber: completed on the schedule, or a signed note. Two queries."""
    known = list(patients)
    who = prescribers().values("user")
    held = Attendance.objects.filter(patient__in=these(known), status=Status.COMPLETED, segment__clinician__in=who)
    written = Note.objects.filter(
        patient__in=these(known), kind=Kind.MEDICATION, signed_at__isnull=False, retracted_at=None
    ).exclude(contact__in=NO_VISIT)
    found: dict[UUID, datetime] = {}
    for rows in (
        held.exclude(segment__service=Service.TELEPHONE).values("patient_id").annotate(at=Max("segment__starts_at")),
        written.values("patient_id").annotate(at=Max("started_at")),
    ):
        for row in rows:
            found[row["patient_id"]] = max(row["at"], found.get(row["patient_id"], row["at"]))
    return {key: moment.astimezone(ZONE).date() for key, moment in found.items()}


def next_visit(patients: Iterable[UUID | str]) -> dict[UUID, date]:
    """The next visit of each patient that is booked with any prescriber. One query."""
    rows = (
        Attendance.objects.filter(
            patient__in=these(patients), status__in=OPEN, segment__starts_at__gt=clock.now(),
            segment__clinician__in=prescribers().values("user"),
        )
        .exclude(segment__service=Service.TELEPHONE)
        .values("patient_id")
        .annotate(at=Min("segment__starts_at"))
    )  # fmt: skip
    return {row["patient_id"]: row["at"].astimezone(ZONE).date() for row in rows}
