"""What pharmacies and patients tell: filled, picked up, and what was told in error."""

from datetime import date
from typing import TYPE_CHECKING

from django.db import transaction

from clinic import clock
from clinic.audit import actions as audit
from clinic.audit.enums import Kind
from clinic.refusal import Refused, check
from medications.pharmacies import queries, rules, story
from medications.pharmacies.actions.common import asked_no_more, locked
from medications.pharmacies.enums import GONE, State
from medications.pharmacies.models import PickUp, Transmission
from medications.prescribing import rules as prescribing_rules
from medications.prescribing.models import Fill
from patients.timeline import actions as timeline

if TYPE_CHECKING:
    from clinic.staff.models import User

TOLD = "told"  # how a prescription left of which we only know that it was filled


@transaction.atomic
def filled(fill: Fill, *, by: "User") -> None:
    """A fill was told: the prescription that it used is filled, until the next one is picked up."""
    story.filled(fill, fill.prescription, by=by)
    if fill.authorisation is None:
        return
    for row in queries.live_of([fill.authorisation]):
        row = locked(row)
        if row.state == State.FAILED:  # it reached the pharmacy by another way
            row.sent_at, row.how = clock.now(), TOLD
            row.state = State.SENT
            row.save(update_fields=["state", "sent_at", "how"])
        follow(row)
        asked_no_more(row, "filled", by=by)


@transaction.atomic
def unfilled(fill: Fill, *, by: "User") -> None:
    """The fill was entered in error: its pick-up as well; the prescription is where it was before."""
    timeline.retract(fill)
    told = PickUp.objects.select_for_update().filter(fill=fill, retracted_at=None).first()
    if told is not None:
        told.retracted_at, told.retracted_by, told.retracted_reason = clock.now(), by, fill.retracted_reason
        told.save(update_fields=["retracted_at", "retracted_by", "retracted_reason"])
        timeline.retract(told)
        audit.record(Kind.RETRACTED, by=by, on=told, what="pharmacies.unfilled", why=fill.retracted_reason)
    for row in Transmission.objects.filter(fill=fill):
        follow(locked(row))


@transaction.atomic
def pick_up(row: Transmission, *, on: date, told_by: str, by: "User") -> PickUp:
    """The patient has the last fill in hand, as pharmacy or patient tells."""
    row = locked(row)
    check(prescribing_rules.report, by, row.patient_id)
    if told_by not in ("pharmacy", "patient"):
        raise Refused("Say who told it: the pharmacy or the patient.", field="told_by")
    fill = row.fill
    sentence = rules.pick_up(row, fill, on, clock.today(row.patient.zone))
    if fill is None or sentence:
        raise Refused(sentence or "", field="on")
    made = PickUp.objects.create(
        patient_id=row.patient_id, fill=fill, on=on, told_by=told_by, recorded_at=clock.now(), recorded_by=by
    )
    audit.record(Kind.CREATED, by=by, on=made, what="pharmacies.pick_up")
    story.picked_up(made, row.authorisation.prescription, by=by)
    follow(row)
    return made


def follow(row: Transmission) -> Transmission:
    """Let a prescription that has left say what its fills say: sent, filled, picked up. The caller holds the lock."""
    if row.state not in GONE or row.state == State.SENDING:
        return row
    fill = Fill.objects.filter(authorisation=row.authorisation, retracted_at=None).order_by("-filled_on", "-pk").first()
    told = PickUp.objects.filter(fill=fill, retracted_at=None).first() if fill else None
    row.fill, row.pick_up = fill, told
    row.state = State.PICKED_UP if told else State.FILLED if fill else State.SENT
    row.save(update_fields=["state", "fill", "pick_up"])
    return row
