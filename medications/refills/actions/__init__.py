"""Every write of the refill desk. Jobs prepare; only a prescriber decides (R-RX-11)."""

from medications.refills.actions.asking import pharmacy_asks, renewal_asked
from medications.refills.actions.batching import approve_each
from medications.refills.actions.calling import ask_for_call, call_done
from medications.refills.actions.deciding import anew, approve, bridge, decline, usual_supply
from medications.refills.actions.opening import open_due
from medications.refills.actions.reopening import reopen
from medications.refills.actions.visiting import ask_for_visit

__all__ = [
    "anew", "approve", "approve_each", "ask_for_call", "ask_for_visit", "bridge", "call_done", "decline", "open_due",
    "pharmacy_asks", "renewal_asked", "reopen", "usual_supply",
]  # fmt: skip
