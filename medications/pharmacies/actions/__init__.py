"""Every write of pharmacies: the directory, preferences, and a prescription's way from signature to pick-up."""

from medications.pharmacies.actions.directory import change_pharmacy, choose, close_pharmacy, save_pharmacy
from medications.pharmacies.actions.following import filled, pick_up, unfilled
from medications.pharmacies.actions.leaving import arrived, begin, come_back, resend, send_out, undo
from medications.pharmacies.actions.module import module_sent
from medications.pharmacies.actions.receiving import cleared, read_in, take_in
from medications.pharmacies.actions.replying import not_replied, replied, reply, take_back_replies
from medications.pharmacies.actions.rising import look_after
from medications.pharmacies.actions.stopping import cancelled, not_cancelled, told, voided

__all__ = [
    "arrived", "begin", "cancelled", "change_pharmacy", "choose", "cleared", "close_pharmacy", "come_back", "filled",
    "look_after", "module_sent", "not_cancelled", "not_replied", "pick_up", "read_in", "replied", "reply", "resend",
    "save_pharmacy", "send_out", "take_back_replies", "take_in", "told", "undo", "unfilled", "voided",
]  # fmt: skip
