"""What prescribing writes into the timeline: doses with their end, holds, stops; always in the action's transaction."""

from datetime import date, datetime, time
from typing import TYPE_CHECKING

from clinic import clock
from medications.prescribing import calc
from medications.prescribing.models import DoseOrder, HoldPeriod, Prescription
from medications.prescribing.queries import dose as dose_words
from medications.prescribing.queries import generic_name, series
from patients.record.models import Patient
from patients.timeline import actions as timeline
from patients.timeline.enums import EntryKind
from patients.timeline.models import Entry

if TYPE_CHECKING:
    from clinic.staff.models import User

PAGE = "prescribing:order"


def moment(day: date, patient: Patient) -> datetime:
    """When something of that day is drawn: now for today, else the day's beginning where the patient lives."""
    now = clock.now()
    if day == now.astimezone(patient.zone).date():
        return now
    return datetime.combine(day, time(), tzinfo=patient.zone)


def dose(order: DoseOrder, patient: Patient, before: DoseOrder | None, *, by: "User") -> None:
    """A dose begins; the label says from what it comes."""
    name = generic_name(order.prescription)
    amount, (value, unit) = dose_words(order), order.told
    if before is None:
        label = f"{name.capitalize()} {amount} started"
    elif before.sig == order.sig:
        label = f"{name.capitalize()} stays at {amount}"
    elif dose_words(before) == amount:
        label = f"{name.capitalize()} {amount}, taken differently"
    elif "injection" in order.product.form or before.unit != order.unit:
        label = f"{name.capitalize()} {dose_words(before)} → {amount}"
    else:
        label = f"{name.capitalize()} {calc.short(before.daily_amount)} → {amount}"
    timeline.note(
        order.patient_id, EntryKind.DOSE, on=order, occurred_at=moment(order.from_day, patient), label=label, by=by,
        series=series(order.prescription), value=value, unit=unit, url_name=PAGE,
    )  # fmt: skip
    if order.until_day is not None:  # a step of a titration pack
        timeline.close(order, until=moment(order.until_day, patient))


def ended(order: DoseOrder, day: date, patient: Patient) -> None:
    """A dose ends with the day before; one that never began is no longer told."""
    now = clock.now()
    begins = Entry.objects.filter(object_id=order.pk, kind=EntryKind.DOSE, retracted_at=None).values_list(
        "occurred_at", flat=True
    )
    if any(at > now for at in begins) and day <= order.from_day:
        timeline.retract(order)
    else:
        timeline.close(order, until=moment(day, patient))


def restored(order: DoseOrder, patient: Patient) -> None:
    """A dose whose replacement was an error goes on, with the end it has now; one that was taken off is told anew."""
    rows = Entry.objects.filter(object_id=order.pk, kind=EntryKind.DOSE)
    if not rows.filter(retracted_at=None).update(until=None) and (told := rows.order_by("recorded_at").last()):
        timeline.note(
            order.patient_id, EntryKind.DOSE, on=order, occurred_at=told.occurred_at, label=told.label, by=told.by,
            series=told.series, value=told.value, unit=told.unit, url_name=told.url_name,
        )  # fmt: skip
    if order.until_day is not None:
        timeline.close(order, until=moment(order.until_day, patient))


def held(hold: HoldPeriod, prescription: Prescription, *, by: "User") -> None:
    """On hold: none, until the line is closed."""
    name = generic_name(prescription)
    timeline.note(
        prescription.patient_id, EntryKind.HOLD, on=hold, occurred_at=hold.at, label=f"{name.capitalize()} on hold",
        by=by, series=series(prescription),
    )  # fmt: skip


def resumed(hold: HoldPeriod) -> None:
    """The hold ends now."""
    timeline.close(hold, until=clock.now())


def stopped(prescription: Prescription, patient: Patient, *, by: "User") -> None:
    """None from the day on."""
    assert prescription.stopped_on is not None
    name = generic_name(prescription)
    timeline.note(
        prescription.patient_id, EntryKind.STOP, on=prescription, occurred_at=moment(prescription.stopped_on, patient),
        label=f"{name.capitalize()} stopped", by=by,
        series=series(prescription) if prescription.origin == "ours" else "",
    )  # fmt: skip


def reported(prescription: Prescription, *, by: "User") -> None:
    """A medicine from elsewhere became known."""
    name = generic_name(prescription)
    whose = "from elsewhere" if prescription.origin == "outside" else "as the patient reports"
    timeline.note(
        prescription.patient_id, EntryKind.RECORD, on=prescription, occurred_at=clock.now(),
        label=f"{name[0].upper()}{name[1:]}, {whose}", by=by,
    )  # fmt: skip
