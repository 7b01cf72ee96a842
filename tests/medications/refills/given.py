"""What tests of the refill desk stand on: sertraline since March 2, its requests, moments later."""

import re
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from clinic import clock
from clinic.refusal import Refused
from clinic.staff.models import User
from medications.prescribing import actions as prescribing
from medications.prescribing.models import Authorisation, DoseOrder, Prescription
from medications.refills import actions
from medications.refills.models import RefillRequest
from patients.record.models import Patient
from patients.scheduling import actions as scheduling
from patients.scheduling.actions import Part
from patients.scheduling.models import Attendance
from tests.cast import Cast, at
from tests.medications.prescribing.given import NOW, asked_everything, started, supply

START = date(2026, 3, 2)
DUE = at("2026-03-22 09:00")  # ten days before thirty days end, a Sunday
LATER = at("2026-03-27 09:00")


def day(number: int) -> date:
    """So many days after the start."""
    return START + timedelta(days=number)


def moment(number: int, time: str = "09:00") -> datetime:
    """A time on that day in Portland."""
    return at(f"{day(number)} {time}")


def running_out(patient: Patient, by: User, **more: Any) -> DoseOrder:
    """Sertraline 50 mg from March 2: thirty days, no refills, every fact answered."""
    with clock.at(NOW):
        if patient.allergies != "none_known":
            asked_everything(patient, by=by)
        return started(patient, by=by, **{"supply": supply(), **more})


def opened(order: DoseOrder, on: datetime = DUE) -> RefillRequest:
    """Its request, opened by the job."""
    with clock.at(on):
        actions.open_due()
    return RefillRequest.objects.get(prescription=order.prescription, state="requested")


def filled(order: DoseOrder, number: int, days: int = 30, *, by: User, quantity: int | None = None) -> None:
    """A fill told on its day."""
    with clock.at(moment(number)):
        prescribing.record_fill(
            Prescription.objects.get(pk=order.prescription_id), filled_on=day(number),
            quantity=Decimal(quantity or days), days_supply=days, told_by="pharmacy", by=by,
        )  # fmt: skip


def booked(cast: Cast, when: str, *, patient: Patient, with_: User, service: str = "medication") -> Attendance:
    """A visit on the schedule."""
    begin = at(when)
    with clock.at(begin - timedelta(days=1)):
        made = scheduling.book(
            patient=patient, site=cast.site, by=cast.fran,
            parts=[Part(with_, service, begin, begin + timedelta(minutes=30))],
        )  # fmt: skip
    return Attendance.objects.get(segment__booking=made, patient=patient)


def seen(cast: Cast, when: str, *, patient: Patient, with_: User, service: str = "medication") -> Attendance:
    """A visit that was held."""
    attendance = booked(cast, when, patient=patient, with_=with_, service=service)
    with clock.at(at(when)):
        scheduling.start(attendance, by=with_)
        return scheduling.complete(attendance, by=with_)


def all_clear(cast: Cast, patient: Patient | None = None, with_: User | None = None) -> None:
    """Seen on March 4, booked for April 6: nothing of R-RX-12 asks."""
    who, prescriber = patient or cast.ana, with_ or cast.priya
    seen(cast, "2026-03-04 10:00", patient=who, with_=prescriber)
    with clock.at(DUE):
        begin = at("2026-04-06 10:00")
        scheduling.book(
            patient=who, site=cast.site, by=cast.fran,
            parts=[Part(prescriber, "medication", begin, begin + timedelta(minutes=30))],
        )  # fmt: skip


def answer(request: RefillRequest, gate: str) -> str:
    """What a gate of the request says."""
    return next(str(one["answer"]) for one in request.gates if one["gate"] == gate)


WHY = {
    "seen": "Seen by telephone.", "booked": "Books on Monday.", "risk": "Safe: spouse holds it.", "dose": "Unchanged.",
    "change": "One box only.", "early": "Travels.", "bridge": "Snowed in.",
}  # fmt: skip


def refused(sentence: str) -> Any:
    """The block is refused with this sentence, or one that holds it."""
    return pytest.raises(Refused, match=re.escape(sentence))


def address(row: RefillRequest) -> str:
    return f"/refills/{row.patient_id}/{row.pk}/"


def approval(**more: Any) -> dict[str, Any]:
    """What the form sends to approve as usual."""
    return {"do": "approve", "quantity": "30", "days": "30", "refills": "0", **more}


def numbers(of: Any) -> tuple[str, int, int, bool]:
    """Quantity, days, refills of what is authorised now; whether it is a bridge."""
    found = live(of)
    return f"{found.quantity.normalize():f}", found.days_supply, found.refills, found.bridge


def live(order_or_request: Any) -> Authorisation:
    return Authorisation.objects.get(prescription=order_or_request.prescription, voided_at=None)
