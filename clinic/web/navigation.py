"""The top bar's words: data, so that a page of an upper room is named here only as a string."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse

from clinic import permissions
from clinic.ports import load

# label, URL name, the capability it needs; in the order of showing.
DESTINATIONS = [
    ("My day", "chart:my_day", "note.write"),
    ("Day board", "scheduling:board", "schedule.read"),
    ("Patients", "record:find", "patient.find"),
    ("Refills", "refills:desk", "refill.decide"),
    ("Monitoring", "monitoring:grid", "medication.read"),
    ("Staff", "staff:people", "staff.manage"),
    ("Practice", "practice:overview", "practice.configure"),
    ("Pharmacies", "pharmacies:directory", "pharmacy.manage"),
    ("Audit", "audit:events", "audit.read"),
    ("Inbox", "inbox:tasks", "home"),
    ("Jobs", "outbox:jobs", "jobs.read"),
    ("Mailbox", "outbox:mailbox", "mailbox.read"),
]

MOST = 5  # words in the bar (LOOK); what is over stands in the menu of the person
# What leaves the bar first where somebody has more than five.
SELDOM = (
    "outbox:mailbox", "outbox:jobs", "pharmacies:directory", "monitoring:grid", "audit:events", "staff:people",
    "practice:overview", "refills:desk",
)  # fmt: skip


@dataclass(frozen=True)
class Destination:
    """One word of the top bar."""

    label: str
    url: str
    name: str
    count: int | None = None


def destinations(user: Any, *, counted: bool = False) -> list[Destination]:
    """Where this person may go, in order. `counted` also asks the rooms how much waits there (port NAV_COUNTS)."""
    roles = user.held_roles()
    counts: dict[str, int] = {}
    if counted:
        for count in load("NAV_COUNTS"):
            counts |= count(user)
    found = []
    for label, name, capability in DESTINATIONS:
        if permissions.may(roles, capability):
            try:
                found.append(Destination(label, reverse(name), name, counts.get(name)))
            except NoReverseMatch:  # the mailbox does not exist in production
                continue
    return found


def parted(places: list[Destination]) -> tuple[list[Destination], list[Destination]]:
    """The five of the bar, and those that leave it: what is used least first, then the last."""
    surplus = max(len(places) - MOST, 0)
    known = [place.name for place in places]
    leaving = [name for name in SELDOM if name in known][:surplus]
    leaving += [name for name in reversed(known) if name not in leaving][: surplus - len(leaving)]
    bar = [place for place in places if place.name not in leaving]
    return bar, [place for place in places if place.name in leaving]


def here(request: HttpRequest, places: list[Destination]) -> str:
    """The word of the top bar that the page stands under: its own, Patients for a patient's page, or its room's."""
    match = request.resolver_match
    if match is None:
        return ""
    names = [place.name for place in places]
    if match.view_name in names:
        return match.view_name
    if "patient_id" in match.kwargs:
        return "record:find"
    return next((name for name in names if match.namespace and name.startswith(f"{match.namespace}:")), "")
