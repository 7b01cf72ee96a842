"""Who may do what with which patient: resolves the scopes of `clinic.permissions` (TEAM, SUPERVISED) for a patient."""

from collections.abc import Callable
from datetime import datetime
from functools import cache, reduce, wraps
from operator import or_
from typing import TYPE_CHECKING, Concatenate, ParamSpec
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.http import Http404, HttpRequest, HttpResponse

from clinic import clock, permissions
from clinic.audit import actions as audit
from clinic.audit.context import here
from clinic.once import once
from clinic.permissions import PRACTICE, SUPERVISED, TEAM
from clinic.staff.enums import CLINICAL_ROLES, Role
from clinic.web.pages import me
from patients.record.models import CareTeamMember, EmergencyAccess, Patient, PatientOpened

if TYPE_CHECKING:
    from clinic.staff.models import User

P = ParamSpec("P")
PatientView = Callable[Concatenate[HttpRequest, Patient, P], HttpResponse]
EMERGENCY = "emergency"


def members(at: datetime | None = None) -> QuerySet[CareTeamMember]:
    """The care-team rows in force now (or at a moment), cover included."""
    moment = at or clock.now()
    return CareTeamMember.objects.filter(Q(ends_at=None) | Q(ends_at__gt=moment), starts_at__lte=moment)


def emergencies() -> QuerySet[EmergencyAccess]:
    """The emergency openings whose time has not run out (R-HS-02)."""
    now = clock.now()
    return EmergencyAccess.objects.filter(starts_at__lte=now, ends_at__gt=now)


def on_team(user: "User", patient_id: UUID) -> bool:
    """Whether the person is on the patient's care team today, cover included. One query."""
    return members().filter(user=user, patient_id=patient_id).exists()


def has_emergency(user: "User", patient_id: UUID) -> bool:
    """Whether the person opened the chart in an emergency and the time has not run out (R-HS-02). One query."""
    return emergencies().filter(user=user, patient_id=patient_id).exists()


def supervises_team(user: "User", patient_id: UUID) -> bool:
    """Whether somebody whom the person supervises is on the care team. One query."""
    return members().filter(user__supervisor=user, patient_id=patient_id).exists()


def standing(user: "User", patient_id: UUID) -> frozenset[str]:
    """How the person stands to the patient: TEAM, SUPERVISED, EMERGENCY, whichever hold now. One query."""
    return _stands(user, patient_id)[0]


@once
def _stands(user: "User", patient_id: UUID) -> tuple[frozenset[str], datetime | None]:
    """The same, and when an emergency opening ends."""
    opened = emergencies().filter(user=user, patient_id=OuterRef("pk")).order_by("-ends_at")
    row = (
        Patient.objects.filter(pk=patient_id)
        .values_list(
            Exists(members().filter(user=user, patient_id=OuterRef("pk"))),
            Exists(members().filter(user__supervisor=user, patient_id=OuterRef("pk"))),
            Subquery(opened.values("ends_at")[:1]),
        )
        .first()
    ) or (False, False, None)
    names = zip((TEAM, SUPERVISED, EMERGENCY), row, strict=True)
    return frozenset(name for name, holds in names if holds), row[2]


def _granted(roles: frozenset[Role], capability: str, stands: frozenset[str]) -> bool:
    scopes = permissions.scopes(roles, capability)
    if PRACTICE in scopes or scopes & stands:
        return True
    # An emergency stands for the team, for clinical roles; never for psychotherapy notes, which ask elsewhere.
    return EMERGENCY in stands and bool(roles & CLINICAL_ROLES) and bool(scopes)


def capabilities(user: "User", patient_id: UUID) -> frozenset[str]:
    """Everything the person may do with this patient now. One query."""
    return _all(user.held_roles(), standing(user, patient_id))


@cache
def _all(roles: frozenset[Role], stands: frozenset[str]) -> frozenset[str]:
    return frozenset(name for name in permissions.CAPABILITIES if _granted(roles, name, stands))


def may(user: "User", capability: str, patient_id: UUID) -> bool:
    """Whether the person has `capability` for this patient. One query at most, none where the role alone decides."""
    scopes = permissions.scopes(user.held_roles(), capability)
    if PRACTICE in scopes or not scopes:
        return PRACTICE in scopes
    return _granted(user.held_roles(), capability, standing(user, patient_id))


def visible_patients(user: "User", capability: str, *, by: str = "pk") -> Q:
    """A filter for the patients for whom the person has `capability` (emergency access left out).

    It is on Patient, or with `by="patient_id"` on rows that belong to a patient, which joins nothing.
    """
    scopes = permissions.scopes(user.held_roles(), capability)
    if PRACTICE in scopes:
        return Q()
    ways = []
    if TEAM in scopes:
        ways.append(Q((f"{by}__in", members().filter(user=user).values("patient_id"))))
    if SUPERVISED in scopes:
        ways.append(Q((f"{by}__in", members().filter(user__supervisor=user).values("patient_id"))))
    return reduce(or_, ways) if ways else Q((f"{by}__in", []))


def read(user: "User", patient_id: UUID) -> None:
    """Audit one opening of a patient's page: once per viewer, patient and request; polling writes none."""
    audit.read(by=user, patient_id=patient_id)


def _remember(user: "User", patient_id: UUID) -> None:
    """For the list of recent patients; polling is nobody's opening. One statement."""
    if here().polling:
        return
    PatientOpened.objects.bulk_create(
        [PatientOpened(user=user, patient_id=patient_id, opened_at=clock.now())],
        update_conflicts=True,
        unique_fields=["user", "patient"],
        update_fields=["opened_at"],
    )


def rights(request: HttpRequest, patient: Patient) -> frozenset[str]:
    """What the viewer may do with the patient: as `patient_view` found it in this request, else asked now."""
    return _known(request, patient)[1]


def emergency_until(request: HttpRequest, patient: Patient) -> datetime | None:
    """Until when the chart is open to the viewer by an emergency alone (R-HS-02); None for who may open it anyway."""
    return _known(request, patient)[2]


def _known(request: HttpRequest, patient: Patient) -> tuple[UUID, frozenset[str], datetime | None]:
    """Asked once a request."""
    known: tuple[UUID, frozenset[str], datetime | None] | None = getattr(request, "patient_rights", None)
    if known is None or known[0] != patient.pk:
        viewer = me(request)
        stands, until = _stands(viewer, patient.pk)
        known = patient.pk, _all(viewer.held_roles(), stands), until if stands == {EMERGENCY} else None
        request.patient_rights = known  # type: ignore[attr-defined]
    return known


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
            if patient is None or capability not in rights(request, patient):
                raise Http404
            if audited and request.method == "GET" and not getattr(request, "htmx", False):
                read(me(request), patient.pk)
                _remember(me(request), patient.pk)
            return view(request, patient, *args, **kwargs)

        guarded.capability = capability  # type: ignore[attr-defined]
        return guarded

    return wrap
