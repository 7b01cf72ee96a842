"""Where a behaviour stands, as somebody saw it."""

from datetime import date, datetime, time
from decimal import Decimal
from typing import TYPE_CHECKING

from django.db import transaction

from clinic import clock
from clinic.audit import actions as audit
from clinic.audit.enums import Kind
from clinic.refusal import Refused
from patients.plan import rules
from patients.plan.enums import VersionState
from patients.plan.models import Objective, ObjectiveReading, ObjectiveRow
from patients.timeline import actions as timeline
from patients.timeline.enums import EntryKind

if TYPE_CHECKING:
    from clinic.staff.models import User


@transaction.atomic
def record_reading(objective: Objective, *, value: Decimal | int, on: date, by: "User") -> ObjectiveReading:
    """Write down where a behaviour stood on a day; a wrong reading is followed by a right one, never changed."""
    objective = Objective.objects.select_for_update(no_key=True).select_related("patient").get(pk=objective.pk)
    row = (
        ObjectiveRow.objects.filter(objective=objective, version__state=VersionState.SIGNED).first()
        or ObjectiveRow.objects.filter(objective=objective).order_by("-version__number").first()
    )
    if row is not None and row.instrument:
        raise Refused("A questionnaire measures this objective; record its score.", field="value")
    if sentence := rules.amount_fits(Decimal(value)):
        raise Refused(sentence, field="value")
    if sentence := rules.reading_on(on, clock.today(objective.patient.zone)):
        raise Refused(sentence, field="on")
    now = clock.now()
    reading = ObjectiveReading.objects.create(objective=objective, value=value, on=on, recorded_at=now, recorded_by=by)
    noon = datetime.combine(on, time(12), tzinfo=objective.patient.zone)
    timeline.note(
        objective.patient_id, EntryKind.RECORD, on=reading, occurred_at=min(noon, now), by=by,
        label=row.words if row else "", series=f"objective:{objective.pk}", value=Decimal(value),
        unit=(row.unit if row else "")[:20],
    )  # fmt: skip
    audit.record(
        Kind.CREATED, by=by, on=reading, patient_id=objective.patient_id, what="plan.reading",
        detail={"objective": str(objective.pk)},
    )  # fmt: skip
    return reading
