"""Who may do what with which patient: resolves the scopes of `clinic.permissions` (TEAM, SUPERVISED) for a patient."""

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse

from clinic import clock, permissions
from clinic.audit import actions as audit
from clinic.permissions import PRACTICE, SUPERVISED, TEAM
from clinic.staff.enums import CLINICAL_ROLES
from clinic.web.pages import me
from patients.record.models import CareTeamMember, EmergencyAccess, Patient

if TYPE_CHECKING:
    from clinic.staff.models import User

P = ParamSpec("P")
PatientView = Callable[Concatenate[HttpRequest, Patient, P], HttpResponse]


def members(at: Any = None) -> QuerySet[CareTeamMember]:
    """The care-team rows in force now (or at a moment), cover included."""
    moment = at or clock.now()
    return CareTeamMember.objects.filter(Q(ends_at=None) | Q(ends_at__gt=moment), starts_at__lte=moment)


def on_team(user: "User", patient_id: UUID) -> bool:
    """Whether the person is on the patient's care team today, cover included. One query."""
    return members().filter(user=user, patient_id=patient_id).exists()


def has_emergency(user: "User", patient_id: UUID) -> bool:
    """Whether the person opened the chart in an emergency and the time has not run out (R-HS-02). One query."""
    now = clock.now()
    return EmergencyAccess.objects.filter(
        user=user, patient_id=patient_id, starts_at__lte=now, ends_at__gt=now
    ).exists()


def supervises_team(user: "User", patient_id: UUID) -> bool:
    """Whether somebody whom the person supervises is on the care team. One query."""
    return members().filter(user__supervisor=user, patient_id=patient_id).exists()


def may(user: "User", capability: str, patient_id: UUID) -> bool:
    """Whether the person has `capability` for this patient. At most three queries, none for PRACTICE scope.

    Emergency access counts as TEAM for a clinical role; it never opens psychotherapy notes, which ask elsewhere.
    """
    scopes = permissions.scopes(user.held_roles(), capability)
    if PRACTICE in scopes:
        return True
    if TEAM in scopes and on_team(user, patient_id):
        return True
    if SUPERVISED in scopes and supervises_team(user, patient_id):
        return True
    return TEAM in scopes and bool(user.held_roles() & CLINICAL_ROLES) and has_emergency(user, patient_id)


def visible_patients(user: "User", capability: str) -> Q:
    """A filter on Patient for the patients for whom the person has `capability` (emergency access left out)."""
    scopes = permissions.scopes(user.held_roles(), capability)
    if PRACTICE in scopes:
        return Q()
    allowed = Q(pk__in=[])
    if TEAM in scopes:
        allowed |= Q(pk__in=members().filter(user=user).values("patient_id"))
    if SUPERVISED in scopes:
        allowed |= Q(pk__in=members().filter(user__supervisor=user).values("patient_id"))
    return allowed


def read(user: "User", patient_id: UUID) -> None:
    """Audit one opening of a patient's page: once per viewer, patient and request; polling writes none."""
    audit.read(by=user, patient_id=patient_id)


def patient_view(capability: str, *, audited: bool = True) -> Callable[[PatientView[P]], Callable[..., HttpResponse]]:
    """A page about one patient: the URL's `patient_id` becomes the Patient; without the right, 404 as for nobody.

    GET is audited as a reading (R-HS-04), except polling and htmx fragments of a page already open.
    """
    if capability not in permissions.CAPABILITIES:
        raise KeyError(capability)

    def wrap(view: PatientView[P]) -> Callable[..., HttpResponse]:
        @wraps(view)
        @login_required
        def guarded(request: HttpRequest, patient_id: UUID, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            patient = Patient.objects.select_related("site").filter(pk=patient_id).first()
            if patient is None or not may(me(request), capability, patient.pk):
                raise Http404
            if audited and request.method == "GET" and not getattr(request, "htmx", False):
                read(me(request), patient.pk)
            return view(request, patient, *args, **kwargs)

        guarded.capability = capability  # type: ignore[attr-defined]
        return guarded

    return wrap
