"""Every write of pharmacies: the directory, preferences, and a prescription's way from signature to pick-up."""

from medications.pharmacies.actions.directory import change_pharmacy, choose, close_pharmacy, save_pharmacy
from medications.pharmacies.actions.following import filled, pick_up, unfilled
from medications.pharmacies.actions.leaving import arrived, begin, come_back, resend, send_out, undo
from medications.pharmacies.actions.module import module_sent
from medications.pharmacies.actions.rising import look_after
from medications.pharmacies.actions.stopping import cancelled, not_cancelled, told, voided

__all__ = [
    "arrived", "begin", "cancelled", "change_pharmacy", "choose", "close_pharmacy", "come_back", "filled",
    "look_after", "module_sent", "not_cancelled", "pick_up", "resend", "save_pharmacy", "send_out", "told", "undo",
    "unfilled", "voided",
]  # fmt: skip
