"""What the way to the pharmacy writes into the timeline, always in the action's transaction."""

from typing import TYPE_CHECKING

from medications.pharmacies.models import PickUp, Transmission
from medications.prescribing.calc import short
from medications.prescribing.models import Fill, Prescription
from medications.prescribing.queries import generic_name
from medications.prescribing.story import moment
from patients.timeline import actions as timeline
from patients.timeline.enums import EntryKind

if TYPE_CHECKING:
    from clinic.staff.models import User

PAGE = "pharmacies:transmission"


def sent(row: Transmission, *, by: "User | None") -> None:
    """It left: to which pharmacy, or on paper."""
    assert row.sent_at is not None
    name = generic_name(row.authorisation.prescription)
    where = f"sent to {row.pharmacy.name}" if row.pharmacy else "given on paper"
    timeline.note(
        row.patient_id, EntryKind.REFILL, on=row, occurred_at=row.sent_at,
        label=f"{name} prescription {where}", by=by, series=name, url_name=PAGE,
    )  # fmt: skip


def filled(fill: Fill, prescription: Prescription, *, by: "User") -> None:
    """A pharmacy dispensed it, on its day; or a sample was handed out here."""
    name, what = generic_name(prescription), "sample handed out" if fill.lot else "filled"
    timeline.note(
        fill.patient_id, EntryKind.REFILL, on=fill, occurred_at=moment(fill.filled_on, fill.patient),
        label=f"{name} {what}, {short(fill.quantity)} for {fill.days_supply} days", by=by, series=name,
    )  # fmt: skip


def picked_up(row: PickUp, prescription: Prescription, *, by: "User") -> None:
    """The patient has it."""
    name = generic_name(prescription)
    timeline.note(
        row.patient_id, EntryKind.REFILL, on=row, occurred_at=moment(row.on, row.patient), label=f"{name} picked up",
        by=by, series=name,
    )  # fmt: skip


def discontinued(row: Transmission, *, by: "User") -> None:
    """What had left is void, and the pharmacy is to be told."""
    name = generic_name(row.authorisation.prescription)
    where = f" at {row.pharmacy.name}" if row.pharmacy else ""
    assert row.cancelled_at is not None
    timeline.note(
        row.patient_id, EntryKind.REFILL, on=row, occurred_at=row.cancelled_at,
        label=f"{name} prescription discontinued{where}", by=by, series=name, url_name=PAGE,
    )  # fmt: skip
