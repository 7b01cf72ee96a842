"""Reading the timeline: what came in since a moment, what is drawn from a day on. One index scan each."""

from datetime import date, datetime, time
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet
from django.utils import timezone

from patients.timeline.enums import EntryKind
from patients.timeline.models import Entry

LASTING = (EntryKind.DOSE, EntryKind.HOLD)  # kinds that go on until they are closed


def since(patient_id: UUID, moment: datetime) -> QuerySet[Entry]:
    """What was recorded after `moment` and is not in error, in the order of recording; whenever it happened."""
    return (
        Entry.objects.filter(patient_id=patient_id, recorded_at__gt=moment, retracted_at=None)
        .select_related("by")
        .order_by("recorded_at", "id")
    )


def drawn(patient_id: UUID, from_day: date, *, zone: ZoneInfo | None = None) -> QuerySet[Entry]:
    """What a picture from `from_day` (in `zone`) on shows, by the time it happened.

    What began before and went on into the picture, such as a dose, is in it; what is in error is not.
    """
    start = datetime.combine(from_day, time(), zone or timezone.get_current_timezone())
    shown = Q(occurred_at__gte=start) | Q(until__gt=start) | Q(until=None, kind__in=LASTING)
    return Entry.objects.filter(shown, patient_id=patient_id, retracted_at=None).order_by("occurred_at", "id")
