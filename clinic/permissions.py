"""Who may do what, as data: (role, capability, scope). One page, so that a nurse could check it.

A scope says for whom: PRACTICE (anyone's), TEAM (patients whose care team the person is on, cover and
emergency access included), SUPERVISED (patients of the people they supervise), OWN (what they wrote or hold).
`docs/generated/permissions.md` is generated from here; `patients/record/access.py` resolves scopes for a patient.
"""

from functools import cache
from typing import NamedTuple

from clinic.staff.enums import Role

PRACTICE, TEAM, SUPERVISED = "practice", "team", "supervised"


class Grant(NamedTuple):
    """One line of the table."""

    role: Role
    capability: str
    scope: str


CAPABILITIES: dict[str, str] = {
    "home": "sign in and see one's own day, inbox and settings",
    "patient.find": "find a patient by name, birth date, telephone or record number",
    "patient.register": "register a patient and change name, contacts, reminder choices",
    "patient.contacts": "see a patient's name, contacts, schedule and whether forms are complete",
    "schedule.read": "see the day board",
    "schedule.book": "book, move, cancel, check in, mark a visit not held",
    "kiosk.start": "hand the questionnaire to the patient at the desk",
    "chart.read": "open a patient's chart",
    "record.write": "record allergies, conditions, care team and outside medicines",
    "note.write": "write, sign and add to one's own notes",
    "measures.record": "record scores",
    "risk.raise": "raise a risk flag",
    "risk.resolve": "acknowledge and close a risk flag with a disposition",
    "plan.write": "draft the shared plan",
    "plan.sign": "sign the shared plan",
    "session.write": "log a therapy session",
    "handoff.write": "send an observation to another member of the care team",
    "medication.read": "see prescriptions, doses and safety findings",
    "medication.report": "record medicines from outside, and what the patient says of how theirs are taken",
    "medication.prescribe": "prescribe, change a dose, hold, resume, stop",
    "safety.review": "see which checks are overridden most, without patients",
    "safety.tune": "lower a check that asks to a note, with a reason",
    "results.record": "record results and circumstances of monitoring",
    "results.handle": "answer results that alert, decide a rhythm of one's own",
    "results.import": "import files of results",
    "monitoring.export": "export the caseload's monitoring",
    "taper.check": "record a withdrawal or tolerability check, and pause a taper",
    "refill.decide": "approve or decline refill requests",
    "refill.ask": "record that a patient asks for a refill call",
    "pharmacy.read": "see the list of pharmacies and check the code of a prescription",
    "pharmacy.add": "add a pharmacy to the list",
    "pharmacy.manage": "change a pharmacy of the list, or mark it as no longer used",
    "pharmacy.messages": "clear what pharmacies sent and nobody could match",
    "pharmacy.choose": "say which pharmacy a patient prefers",
    "emergency.open": "open a chart in an emergency, with a reason (R-HS-02)",
    "staff.manage": "invite people, give roles, set hours, absences and on-call",
    "practice.configure": "sites, rooms, closures and configuration",
    "jobs.read": "see what the jobs did and what waits",
    "mailbox.read": "see the demo's mailbox (never in production)",
    "audit.read": "read the audit and verify its chain",
}

_T, _P, _S = Role.THERAPIST, Role.PRESCRIBER, Role.SUPERVISOR
_F, _M, _O = Role.FRONT_DESK, Role.PRACTICE_MANAGER, Role.PRIVACY_OFFICER


def _grants(scope: str, roles: list[Role], capabilities: str) -> list[Grant]:
    return [Grant(role, capability, scope) for role in roles for capability in capabilities.split()]


GRANTS: list[Grant] = [
    *_grants(PRACTICE, [_T, _P, _S, _F, _M, _O], "home"),
    *_grants(PRACTICE, [_T, _P, _S, _F], "patient.find schedule.read"),
    *_grants(PRACTICE, [_F], "patient.register patient.contacts schedule.book kiosk.start refill.ask"),
    *_grants(PRACTICE, [_T, _P, _F, _M], "pharmacy.read"),
    *_grants(PRACTICE, [_P, _F, _M], "pharmacy.add"),
    *_grants(PRACTICE, [_P, _F], "pharmacy.messages"),
    *_grants(PRACTICE, [_M], "pharmacy.manage"),
    *_grants(PRACTICE, [_F], "pharmacy.choose"),
    *_grants(TEAM, [_T, _P], "pharmacy.choose"),
    *_grants(TEAM, [_T, _P], "patient.contacts schedule.book kiosk.start"),
    *_grants(TEAM, [_T, _P], "chart.read record.write note.write measures.record risk.raise risk.resolve"),
    *_grants(TEAM, [_T, _P], "plan.write plan.sign handoff.write medication.read medication.report"),
    *_grants(TEAM, [_T, _P], "results.record taper.check"),
    *_grants(TEAM, [_T], "session.write"),
    *_grants(TEAM, [_P], "medication.prescribe refill.decide results.handle results.import monitoring.export"),
    *_grants(SUPERVISED, [_S], "chart.read patient.contacts medication.read risk.raise risk.resolve"),
    *_grants(PRACTICE, [_P], "safety.review safety.tune"),
    *_grants(PRACTICE, [_M], "safety.review"),
    *_grants(PRACTICE, [_T, _P, _S], "emergency.open"),
    *_grants(PRACTICE, [_M], "staff.manage practice.configure jobs.read mailbox.read schedule.read"),
    *_grants(PRACTICE, [_F], "mailbox.read"),
    *_grants(PRACTICE, [_O], "audit.read jobs.read"),
]


@cache
def scopes(roles: frozenset[Role], capability: str) -> frozenset[str]:
    """The scopes in which the holder of `roles` has `capability`; empty: not at all."""
    if capability not in CAPABILITIES:
        raise KeyError(capability)
    return frozenset(grant.scope for grant in GRANTS if grant.role in roles and grant.capability == capability)


def may(roles: frozenset[Role], capability: str) -> bool:
    """Whether the holder of `roles` has `capability` in any scope."""
    return bool(scopes(roles, capability))
