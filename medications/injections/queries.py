"""Reading injections: the last that was given, what was recorded, and which medicines are injected here."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import Max, QuerySet

from medications.injections.enums import GIVEN
from medications.injections.models import Injection
from medications.prescribing import listing
from medications.prescribing import queries as prescribing
from medications.prescribing.models import DoseOrder, Prescription
from patients.record.models import Patient

DEPOT = "long-acting"  # part of the form of every depot of the catalogue


@dataclass(frozen=True)
class Due:
    """A depot that is taken, and the next day on which it is due; `last`: the day it was given last, if known."""

    row: Prescription
    order: DoseOrder
    on: date
    last: date | None


def last_given(prescriptions: Collection[UUID]) -> dict[UUID, date]:
    """Port LAST_GIVEN: the day on which each was given last, here or elsewhere. One query."""
    rows = Injection.objects.filter(
        prescription__in=prescriptions, retracted_at=None, what__in=[str(one) for one in GIVEN]
    )
    return dict(rows.values("prescription").annotate(day=Max("on_day")).values_list("prescription", "day").order_by())


def of_prescription(prescription_id: UUID) -> list[Injection]:
    """Everything that was recorded, those in error too, the newest first. One query."""
    rows = Injection.objects.filter(prescription_id=prescription_id)
    return list(rows.select_related("recorded_by", "retracted_by", "order__product"))


def newest(patient_id: UUID) -> dict[UUID, Injection]:
    """What was recorded last for each prescription of the patient. One query."""
    rows = Injection.objects.filter(patient_id=patient_id, retracted_at=None)
    found = rows.order_by("prescription_id", "-on_day", "-recorded_at").distinct("prescription_id")
    return {row.prescription_id: row for row in found}


def is_depot(row: Prescription) -> bool:
    """Whether its newest order is a long-acting injection; the prescription is loaded with its orders."""
    orders = prescribing.orders_of(row)
    return bool(orders) and prescribing.is_depot(orders[-1])


def order_on(row: Prescription, day: date) -> DoseOrder | None:
    """The order that an injection of that day belongs to: the one in force, else the next, else the last before."""
    return prescribing.last_order(row, day)


def due(today: date, *, patients: "QuerySet[Patient] | Collection[UUID] | None" = None) -> list[Due]:
    """Every depot of ours that is taken (not on hold), with the day it is due; of `patients`, if they are given.

    Six queries, whatever the number.
    """
    depots = DoseOrder.objects.filter(product__form__contains=DEPOT, retracted_at=None)
    rows = Prescription.objects.filter(
        prescribing.not_over(today), origin="ours", held_at=None, pk__in=depots.values("prescription")
    )
    if patients is not None:
        rows = rows.filter(patient__in=patients)
    found = list(prescribing.with_orders(rows.order_by("pk")))
    given = last_given([row.pk for row in found])
    lines = [(row, prescribing.last_order(row, today), listing.due(row, today, given)) for row in found]
    return [
        Due(row, order, on, given.get(row.pk))
        for row, order, on in lines if order is not None and on is not None and is_depot(row)
    ]  # fmt: skip
