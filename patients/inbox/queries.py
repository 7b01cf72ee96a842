"""What the inbox reads: which tasks a person has, and only of patients whom they may see."""

from datetime import timedelta
from functools import cache

from django.db.models import F, Q, QuerySet

from clinic import clock, permissions
from clinic.ports import TaskKind, load
from clinic.staff.enums import Role
from clinic.staff.models import User
from patients.inbox.models import Task
from patients.record.access import visible_patients

MOST = 200
DONE_DAYS = 14
AHEAD = timedelta(days=14)  # a task shows so long before its day
UNKNOWN = "chart.read"  # what a task needs whose kind no room registers any more


@cache
def kinds() -> dict[str, TaskKind]:
    """Every registered kind by key; port TASK_KINDS names a TaskKind, a list of them, or a callable for either."""
    found: dict[str, TaskKind] = {}
    for thing in load("TASK_KINDS"):
        given = thing() if callable(thing) else thing
        for kind in [given] if isinstance(given, TaskKind) else given:
            found[kind.key] = kind
    return found


def mine(user: User) -> QuerySet[Task]:
    """The open tasks of a person and of their roles, of patients whom they may see, most urgent first."""
    return (
        Task.objects.filter(_for(user) & _visible(user) & _soon(), done_at=None)
        .select_related("patient", "created_by")
        .order_by("-urgent", F("due_on").asc(nulls_last=True), "created_at", "pk")
    )


def done(user: User) -> list[Task]:
    """What was done lately of a person's tasks, the newest first. One query."""
    since = clock.now() - timedelta(days=DONE_DAYS)
    tasks = Task.objects.filter(_for(user), _visible(user), done_at__gte=since)
    return list(tasks.select_related("patient", "done_by").order_by("-done_at")[:50])


def nav_count(user: User) -> dict[str, int]:
    """How many tasks wait, for the top bar (port NAV_COUNTS). One query."""
    return {"inbox:tasks": Task.objects.filter(_for(user) & _visible(user) & _soon(), done_at=None).count()}


def _soon() -> Q:
    """Tasks without a day, and those due within two weeks or overdue: what lies months ahead is no work of today."""
    return Q(due_on=None) | Q(due_on__lte=(clock.now() + AHEAD).date())


def _for(user: User) -> Q:
    return Q(for_user=user) | Q(for_role__in=[str(role) for role in user.held_roles()])


def _visible(user: User) -> Q:
    """Tasks without a patient, and those of patients for whom the person has the right that the kind needs."""
    allowed = Q(patient=None)
    for keys, capability in _alike(user.held_roles()):
        allowed |= Q(kind__in=keys) & visible_patients(user, capability, by="patient_id")
    return allowed | ~Q(kind__in=list(kinds())) & visible_patients(user, UNKNOWN, by="patient_id")


@cache
def _alike(roles: frozenset[Role]) -> list[tuple[list[str], str]]:
    """The kinds whose patients the holder of `roles` sees by the same scopes, and a capability of each such group."""
    found: dict[frozenset[str], tuple[list[str], str]] = {}
    for kind in kinds().values():
        found.setdefault(permissions.scopes(roles, kind.capability), ([], kind.capability))[0].append(kind.key)
    return [group for scopes, group in found.items() if scopes]
