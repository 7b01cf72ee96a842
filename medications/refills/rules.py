"""Why the refill desk says no. Sentences name no drug and no patient."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING
from uuid import UUID

from medications.refills import gates
from medications.refills.calc import Answer
from medications.refills.models import RefillRequest
from patients.record import access

if TYPE_CHECKING:
    from clinic.staff.models import User

OLDEST_ASK = 31  # days
NOT_DUE = "Nothing is due here any more: the order ended, changed or got a supply meanwhile. Reload the desk."


def open_request(request: RefillRequest) -> str | None:
    """A request is decided once."""
    if request.state == "requested":
        return None
    if request.decided_by is None:
        return NOT_DUE
    if request.state == "undone":
        return "This was undone before it was sent; the request is open again. Reload the desk."
    return f"This was {request.state} by {request.decided_by.name} already. Reload the desk."


def sign(answers: Sequence[dict[str, str]], reasons: Mapping[str, str], *, anew: bool = False) -> str | None:
    """Nothing refuses, and every gate that asks has its reason (R-RX-12).

    `anew`: a new prescription in place of a refill, which Schedule II does not have (R-RX-01).
    """
    if refused := gates.refused(answers, but="schedule" if anew else ""):
        return refused["sentence"]
    for gate in gates.against(answers):
        if not reasons.get(gate["gate"], "").strip():
            return f"{gate['sentence']} Write your reason, then sign."
    return None


def batch(answers: Sequence[dict[str, str]], schedule: str, days_left: int, early: str | None = None) -> str | None:
    """Signed with others only where every gate is in order, none unknown; never a controlled substance (R-RX-12).

    Nor what has run out: whether it is still taken, and may go on at the same dose, is a question of its own. Nor what
    somebody asks for before it is due (`early`): what is still authorised would be replaced unseen.
    """
    if schedule:
        return "A controlled substance is signed by itself."
    if days_left < 0:
        return "It has run out: ask whether it is still taken, then sign it by itself."
    if early:
        return f"{early} Look at it by itself."
    if any(gate["answer"] != Answer.IN_ORDER for gate in answers):
        return "Not every gate is in order any more: look at it by itself."
    return None


def early(due: bool, opens_on: date, fills_left: int) -> str | None:
    """What a pharmacy asks for before the desk would be asked (R-RX-11): signing it voids the fills that are left."""
    if due:
        return None
    asked = f"It is asked for early: the desk would be asked on {opens_on:%b} {opens_on.day}."
    if not fills_left:
        return asked
    fills = "the fill that is" if fills_left == 1 else f"the {fills_left} fills that are"
    return f"{asked} Signing it replaces {fills} still authorised."


def anew(schedule: str, refills: int) -> str | None:
    """Only Schedule II is prescribed anew here, and without refills (R-RX-01)."""
    if schedule != "II":
        return "This is refilled, not prescribed anew."
    return "Schedule II has no refills." if refills else None


def decline(reason: str, told_patient: str) -> str | None:
    """A refusal has a reason, and the patient is told something."""
    if not reason.strip():
        return "Write why, in a line: the care team reads it."
    if not told_patient.strip():
        return "Write what the patient is told."
    return None


def note_ask(by: "User", patient_id: UUID) -> str | None:
    """Whoever may record medicines notes what a pharmacy asks."""
    return None if access.may(by, "medication.report", patient_id) else "Only the care team can record this."


def call(by: "User", patient_id: UUID) -> str | None:
    """Whoever may decide refills says that the call was made."""
    if access.may(by, "refill.decide", patient_id):
        return None
    return "Only a prescriber on the care team calls back about refills."
