"""Pharmacies and prescriptions on their way that tests start from."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from clinic import clock
from clinic.outbox import actions as outbox
from clinic.outbox.models import OutboxItem
from clinic.staff.models import User
from medications.pharmacies import actions, calc
from medications.pharmacies.backends import Receipt, Received
from medications.pharmacies.models import Cancellation, Pharmacy, RenewalAnswer, Transmission
from medications.prescribing import actions as prescribing
from medications.prescribing.models import Authorisation, DoseOrder, Prescription
from tests.cast import Cast
from tests.medications.prescribing.given import NOW, TODAY, started

DETAILS = {
    "name": "Alderfinch Pharmacy", "address_line": "2110 SE Alder St", "city": "Portland", "state": "OR",
    "zip_code": "97214", "phone": "503-555-0171", "fax": "503-555-0172", "ncpdp_id": "3899018", "hours": "Mon–Fri 9–7",
}  # fmt: skip


class BackEnd:
    """Remembers the keys it was given; `trouble` is raised instead."""

    connected = False
    words = inbound_words = "A back end of the tests."
    sent: list[UUID] = []
    told: list[UUID] = []
    trouble: Exception | None = None

    def send(self, row: Transmission) -> Receipt:
        """Keep its key once."""
        if BackEnd.trouble:
            raise BackEnd.trouble
        if row.pk not in BackEnd.sent:
            BackEnd.sent.append(row.pk)
        return Receipt("printed")

    def cancel(self, row: Cancellation) -> Receipt:
        """Keep its key once."""
        if BackEnd.trouble:
            raise BackEnd.trouble
        if row.pk not in BackEnd.told:
            BackEnd.told.append(row.pk)
        return Receipt("printed")

    def answer(self, row: RenewalAnswer) -> Receipt:
        """Nothing is kept."""
        return Receipt("written")

    def waiting(self) -> list[Received]:
        """Nobody sends anything."""
        return []

    def put_aside(self, found: Received) -> None:
        """Nothing was there."""


def ncpdp(six: str) -> str:
    """An id with its check digit."""
    return f"{six}{calc.ncpdp_check(six)}"


def pharmacy(by: User, **more: str) -> Pharmacy:
    """A pharmacy of the list."""
    return actions.save_pharmacy(by=by, **{**DETAILS, **more})


def chosen(cast: Cast, **more: str) -> Pharmacy:
    """One that Ana prefers."""
    row = pharmacy(cast.max, **more)
    actions.choose(cast.ana, pharmacy=row, by=cast.fran)
    return row


def way(order: DoseOrder | Prescription) -> Transmission:
    """The newest transmission of the order's prescription, as it is now."""
    key = order.prescription_id if isinstance(order, DoseOrder) else order.pk
    return Transmission.objects.filter(authorisation__prescription=key).latest("asked_at", "pk")


@contextmanager
def later(seconds: float = 0, *, days: float = 0, start: datetime = NOW) -> Iterator[datetime]:
    """So much after the start."""
    with clock.at(start + timedelta(days=days, seconds=seconds)) as _:
        yield start + timedelta(days=days, seconds=seconds)


def sent(cast: Cast, **more: Any) -> Transmission:
    """Sertraline that was signed for Ana and has left."""
    order = started(cast.ana, by=cast.priya, **more)
    with later(10):
        outbox.deliver_due()
    return way(order)


def fill(row: Transmission, *, by: User, day: date = TODAY, quantity: int = 30, days: int = 30) -> Any:
    """A fill of it, as the pharmacy told."""
    prescription = Prescription.objects.get(pk=row.authorisation.prescription_id)
    return prescribing.record_fill(
        prescription, filled_on=day, quantity=Decimal(quantity), days_supply=days, told_by="pharmacy", by=by
    )


def state(row: Transmission) -> str:
    """Its state in the database."""
    return str(Transmission.objects.values_list("state", flat=True).get(pk=row.pk))


def work(of: str = "") -> list[tuple[str, str]]:
    """Kind and state of the due work of this room."""
    rows = OutboxItem.objects.filter(kind__startswith=f"pharmacies.{of}").order_by("created_at", "pk")
    return list(rows.values_list("kind", "state"))


def live(order: DoseOrder) -> Authorisation:
    """What is authorised now."""
    return Authorisation.objects.get(prescription_id=order.prescription_id, voided_at=None)
