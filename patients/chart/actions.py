"""Every write of the chart: life events, which the timeline draws as flags."""

from datetime import date, datetime, time
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import transaction

from clinic import clock
from clinic.audit import actions as audit
from clinic.audit.enums import Kind
from clinic.refusal import Refused
from patients.chart import rules
from patients.chart.models import LifeEvent
from patients.record.calc import clean_line
from patients.record.models import Patient
from patients.timeline import actions as timeline
from patients.timeline.enums import EntryKind

if TYPE_CHECKING:
    from clinic.staff.models import User

MOST_WORDS = 120
MOST_REASON = 300


@transaction.atomic
def add_event(patient: Patient, *, words: str, on: date, by: "User", event_id: UUID | None = None) -> LifeEvent:
    """Record an event of the patient's life on a day. `event_id`: so that a repeated submit records once."""
    patient.hold()
    if event_id and (there := LifeEvent.objects.filter(pk=event_id, patient=patient).first()):
        return there
    if event_id and LifeEvent.objects.filter(pk=event_id).exists():
        raise Refused("This page was used already. Open it again and enter the event anew.")
    line = clean_line(words, most=MOST_WORDS, field="words")
    if sentence := rules.event(line, on, patient.born_on, clock.today(patient.zone)):
        raise Refused(sentence, field="on" if line else "words")
    now = clock.now()
    event = LifeEvent(patient=patient, on=on, words=line, recorded_at=now, recorded_by=by)
    if event_id:
        event.pk = event_id
    event.save(force_insert=True)
    noon = datetime.combine(on, time(12), tzinfo=patient.zone)
    timeline.note(
        patient.pk, EntryKind.EVENT, on=event, occurred_at=min(noon, now), label=line, by=by,
        url_name="chart:life_event",
    )  # fmt: skip
    audit.record(Kind.CREATED, by=by, on=event, what="chart.add_event")
    return event


@transaction.atomic
def retract_event(event: LifeEvent, *, reason: str, by: "User") -> LifeEvent:
    """Mark an event as entered in error; it leaves the timeline and stays in the table."""
    event = LifeEvent.objects.select_for_update(of=("self",)).get(pk=event.pk)
    line = clean_line(reason, most=MOST_REASON, field="reason")
    if sentence := rules.retract(event, line):
        raise Refused(sentence, field="reason")
    event.retracted_at, event.retracted_by, event.retracted_reason = clock.now(), by, line
    event.save(update_fields=["retracted_at", "retracted_by", "retracted_reason"])
    timeline.retract(event)
    audit.record(Kind.RETRACTED, by=by, on=event, what="chart.retract_event")
    return event
