"""Reading the staff."""

from datetime import datetime

from django.db.models import Prefetch, QuerySet

from clinic import clock
from clinic.staff.enums import Role
from clinic.staff.models import Absence, OnCall, RoleGrant, User


def people() -> QuerySet[User]:
    """Everybody who works or worked here, with roles held, licences, site and supervisor. Three queries."""
    held = RoleGrant.objects.filter(ended_at=None)
    return (
        User.objects.select_related("site", "supervisor")
        .prefetch_related(Prefetch("role_grants", queryset=held, to_attr="held"), "role_grants", "licences")
        .order_by("-is_active", "family_name", "given_name")
    )


def with_role(*roles: Role) -> QuerySet[User]:
    """Active people who hold one of the roles now."""
    return User.objects.filter(
        is_active=True, pk__in=RoleGrant.objects.filter(role__in=roles, ended_at=None).values("user_id")
    ).order_by("family_name", "given_name")


def clinicians() -> QuerySet[User]:
    """Active therapists and prescribers."""
    return with_role(Role.THERAPIST, Role.PRESCRIBER)


def on_call_at(moment: datetime | None = None) -> User | None:
    """Who answers for the practice at the moment (now), if anybody. One query."""
    at = moment or clock.now()
    duty = OnCall.objects.select_related("user").filter(starts_at__lte=at, ends_at__gt=at).first()
    return duty.user if duty else None


def duties_ahead() -> QuerySet[OnCall]:
    """Times on call that are not over."""
    return OnCall.objects.select_related("user").filter(ends_at__gt=clock.now()).order_by("starts_at")


def absences_ahead() -> QuerySet[Absence]:
    """Absences that are not over."""
    return Absence.objects.select_related("user", "covered_by").filter(ends_at__gt=clock.now()).order_by("starts_at")
