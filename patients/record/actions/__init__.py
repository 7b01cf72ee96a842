"""Every write of the record: the person, contacts, consent, allergies, conditions, facts, readings, team, more."""

from patients.record.actions.clinical import (
    add_condition,
    no_known_allergies,
    record_allergy,
    resolve_condition,
    retract,
)
from patients.record.actions.emergency import open_in_emergency, review_emergency
from patients.record.actions.medical import ask, record_fact, record_facts, record_reading
from patients.record.actions.people import change, register
from patients.record.actions.reach import choose_channel, revoke_messages
from patients.record.actions.team import add_to_team, cover_absence, leave_team

__all__ = [
    "add_condition",
    "add_to_team",
    "ask",
    "change",
    "choose_channel",
    "cover_absence",
    "leave_team",
    "no_known_allergies",
    "open_in_emergency",
    "record_allergy",
    "record_fact",
    "record_facts",
    "record_reading",
    "register",
    "resolve_condition",
    "retract",
    "review_emergency",
    "revoke_messages",
]
