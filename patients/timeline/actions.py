"""Writing the timeline, always inside the transaction of what happened."""

from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import models

from clinic import clock
from patients.timeline.enums import EntryKind
from patients.timeline.models import Entry

if TYPE_CHECKING:
    from clinic.staff.models import User


def note(
    patient_id: UUID,
    kind: EntryKind,
    *,
    on: models.Model,
    occurred_at: datetime,
    label: str,
    by: "User | None",
    until: datetime | None = None,
    series: str = "",
    value: Decimal | int | None = None,
    unit: str = "",
    url_name: str = "",
) -> Entry:
    """Write one line of the patient's story.

    `on`: the row it stands for. `series`: the curve or lane it belongs to. `value` and `unit`: a score or a dose.
    `url_name`: a page taking `patient_id` and `pk` (the row's key), if there is one.
    """
    return Entry.objects.create(
        patient_id=patient_id, kind=kind, occurred_at=occurred_at, until=until, recorded_at=clock.now(),
        series=series, label=label[:300], value=value, unit=unit, by=by,
        object_kind=on._meta.label_lower, object_id=on.pk, url_name=url_name,
    )  # fmt: skip


def close(on: models.Model, *, until: datetime) -> None:
    """End the lines of a row that would last longer (a dose that was replaced), at `until` or their start if later."""
    from django.db.models.functions import Greatest

    lasting = Entry.objects.filter(models.Q(until=None) | models.Q(until__gt=until), object_id=on.pk)
    lasting.update(until=Greatest("occurred_at", models.Value(until)))


def retract(on: models.Model) -> None:
    """Take a row's lines off the timeline; they stay in the table."""
    Entry.objects.filter(object_id=on.pk, retracted_at=None).update(retracted_at=clock.now())


def facts(entry: Entry) -> dict[str, Any]:
    """An entry as plain values, for comparing with what it was written from."""
    return {"kind": entry.kind, "at": entry.occurred_at, "series": entry.series, "value": entry.value}
