"""Why the refill desk says no. Sentences name no drug and no person."""

from collections.abc import Mapping

from medications.refills import gates
from medications.refills.models import RefillRequest


def open_request(request: RefillRequest) -> str | None:
    """A request is decided once."""
    if request.state == "requested":
        return None
    who = f" by {request.decided_by.name}" if request.decided_by else ""
    return f"This was {request.state}{who} already. Reload the desk."


def approve(request: RefillRequest, reasons: Mapping[str, str]) -> str | None:
    """Nothing refuses, and every gate that asks has its reason (R-RX-12)."""
    if sentence := open_request(request):
        return sentence
    if refused := gates.refused(request.gates):
        return refused["sentence"]
    for gate in gates.against(request.gates):
        if not reasons.get(gate["gate"], "").strip():
            return f"{gate['sentence']} Write your reason, then sign."
    return None


def decline(request: RefillRequest, reason: str, told_patient: str) -> str | None:
    """A refusal has a reason, and the patient is told something."""
    if sentence := open_request(request):
        return sentence
    if not reason.strip():
        return "Write why, in a line: the care team reads it."
    if not told_patient.strip():
        return "Write what the patient is told."
    return None
