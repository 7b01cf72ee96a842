"""Why the way to the pharmacy says no. Sentences name no drug and no patient."""

from datetime import date, datetime
from typing import TYPE_CHECKING

from localflavor.us.us_states import USPS_CHOICES
from phonenumber_field.phonenumber import to_python

from clinic import permissions
from medications.pharmacies import calc
from medications.pharmacies.enums import Cancelling, Route, State
from medications.pharmacies.models import Cancellation, InboundMessage, Pharmacy, Transmission
from medications.pharmacies.script import RENEWAL, Message
from medications.prescribing.models import Fill

if TYPE_CHECKING:
    from uuid import UUID

    from clinic.staff.models import User

OVER = "The ten seconds are over: it has left. Change or stop the dose instead, and the pharmacy is told."
STATES = frozenset(code for code, _ in USPS_CHOICES)


def undo(row: Transmission, now: datetime) -> str | None:
    """Within ten seconds, by the server's clock, and only what has not left."""
    if row.state == State.UNDONE:
        return "This was taken back already."
    if row.state not in (State.WAITING, State.LISTED) or now >= row.leaves_at:
        return OVER
    return None


def resend(row: Transmission, pharmacy: Pharmacy | None) -> str | None:
    """Only what failed, is not void and was not sent again meanwhile; to a pharmacy that is open."""
    if row.authorisation.voided_at is not None:
        return "This prescription is void: it is not sent any more."
    if row.state != State.FAILED:
        return "This has not failed, or somebody has sent it again already. Reload the page."
    if Transmission.objects.filter(replaces=row).exists():
        return "Somebody has sent this again already. Reload the page."
    return closed(pharmacy) if pharmacy is not None else None


def no_npi(by: "User") -> str | None:
    """What stands on every prescription instead of the number; signing is not refused for it."""
    if by.npi:
        return None
    return (
        "Your NPI is not on record: the prescription says so, and a pharmacy may send it back. Ask the practice "
        "manager to add it."
    )


def closed(pharmacy: Pharmacy) -> str | None:
    """A pharmacy that is no longer used gets nothing."""
    if pharmacy.closed_at is not None:
        return "This pharmacy is no longer in use. Choose another."
    return None


def module_sent(row: Transmission, number: str) -> str | None:
    """What a person signed in the certified module: only what is listed, with its number (R-RX-06)."""
    if row.route != Route.MODULE:
        return "Only controlled substances go by the certified module."
    if row.state != State.LISTED:
        return "This is no longer on the list for the certified module. Reload the page."
    if not number:
        return "Write the number that the certified module gave."
    return None


def pick_up(row: Transmission, fill: Fill | None, on: date, today: date) -> str | None:
    """A fill that was told, on or after its day, not in the future."""
    if fill is None or row.state not in (State.FILLED, State.PICKED_UP):
        return "No fill is told that could be picked up. Record the fill first."
    if row.state == State.PICKED_UP:
        return "This was picked up already."
    if on > today:
        return "That day lies in the future. Correct it."
    if on < fill.filled_on:
        return f"It was filled on {fill.filled_on:%b} {fill.filled_on.day}; it cannot be picked up before that."
    return None


def renewal(message: Message, pharmacy: Pharmacy | None, sent: Transmission | None) -> str | None:
    """Why a message is for a person: everything that it says has to fit one prescription of ours. Names nobody."""
    if message.kind != RENEWAL:
        return f"It is no request for a renewal but {message.kind}, which is not read here."
    if pharmacy is None:
        return "Its sender is no pharmacy of the list."
    if sent is None:
        return "It names no prescription of ours by its number."
    if sent.pharmacy_id != pharmacy.pk or sent.sent_at is None:
        return "The prescription that it names did not go to this pharmacy."
    if message.born_on is None or message.born_on != sent.patient.born_on:
        return "The birth date in it is not that of the patient of the prescription it names."
    return None


def clear(by: "User", row: InboundMessage) -> str | None:
    """Who may see it, once, and only what nobody was asked about."""
    if not permissions.may(by.held_roles(), "pharmacy.messages"):
        return "The front desk and prescribers clear what pharmacies send."
    if not row.why:
        return "This waits at the refill desk. Decide it there."
    return "Somebody has cleared this already." if row.done_at is not None else None


def cleared_how(words: str) -> str | None:
    """The next person reads what became of it."""
    return None if words else "Write what you cleared with the pharmacy."


def told(row: Cancellation) -> str | None:
    """Only what still has to be told."""
    if row.state == Cancelling.SENT:
        return "The pharmacy was told already."
    if row.state == Cancelling.WAITING and row.transmission.route == Route.PHARMACY:
        return "This is on its way to the pharmacy. Wait a minute, then reload the page."
    return None


def pharmacy(row: Pharmacy | None, *, state: str, zip_code: str, ncpdp_id: str, phone: str, fax: str) -> dict[str, str]:
    """What is wrong with a pharmacy's numbers, by field; empty: nothing."""
    wrong: dict[str, str] = {}
    if state not in STATES:
        wrong["state"] = "Write the state as two letters, such as OR."
    digits = zip_code.replace("-", "", 1)
    if not (digits.isascii() and digits.isdigit() and len(digits) in (5, 9)):
        wrong["zip_code"] = "Write the ZIP code as five digits, such as 97205."
    if not _is_phone(phone):
        wrong["phone"] = "Write the telephone number with its area code, such as 503-555-0100."
    if fax and not _is_phone(fax):
        wrong["fax"] = "Write the fax number with its area code, or leave it empty."
    if ncpdp_id and not calc.is_ncpdp(ncpdp_id):
        wrong["ncpdp_id"] = "An NCPDP id has seven digits, and the last one does not fit the others. Look again."
    elif ncpdp_id and _taken(row, ncpdp_id):
        wrong["ncpdp_id"] = "A pharmacy with this NCPDP id is in the list already."
    return wrong


def _is_phone(text: str) -> bool:
    number = to_python(text, region="US")
    return bool(number and number.is_valid())


def _taken(row: Pharmacy | None, ncpdp_id: str) -> bool:
    others = Pharmacy.objects.filter(ncpdp_id=ncpdp_id, closed_at=None)
    return (others.exclude(pk=row.pk) if row else others).exists()


def change(row: Pharmacy, based_on: int | None) -> str | None:
    """Nobody's change is lost."""
    if based_on is not None and based_on != row.revision:
        return "Somebody changed this pharmacy meanwhile. What you typed is kept: look at it again, then save."
    return None


def choose(pharmacy_id: "UUID | None", found: Pharmacy | None) -> str | None:
    """A pharmacy of the list, in use; none is a choice too."""
    if pharmacy_id is None:
        return None
    return "Choose a pharmacy of the list." if found is None else closed(found)
