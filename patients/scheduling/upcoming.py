"""The next visits of some patients, for pages of the record that stand below the schedule (port NEXT_VISITS)."""

from collections.abc import Collection
from uuid import UUID

from clinic import clock
from clinic.ports import NextVisit
from patients.scheduling.enums import NOT_HELD, Status
from patients.scheduling.models import Attendance


def next_visits(patient_ids: Collection[UUID]) -> dict[UUID, NextVisit]:
    """The next visit still to be held of each patient who has one. One query."""
    rows = (
        Attendance.objects.filter(patient_id__in=patient_ids, segment__ends_at__gt=clock.now())
        .exclude(status__in=[*NOT_HELD, Status.COMPLETED])
        .order_by("patient_id", "segment__starts_at")
        .distinct("patient_id")
        .select_related("segment__booking__site", "segment__clinician")
    )
    return {
        row.patient_id: NextVisit(
            row.pk, row.segment.starts_at, row.segment.booking.site.time_zone, row.segment.clinician.signature
        )
        for row in rows
    }
