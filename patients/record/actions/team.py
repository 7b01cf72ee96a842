"""Who treats the patient: dated parts in the care, cover included."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, transaction

from clinic import clock
from clinic.audit import actions as audit
from clinic.audit.enums import Kind
from clinic.refusal import Refused, check
from patients.record import access, rules
from patients.record.actions.reach import locked
from patients.record.enums import TeamRole
from patients.record.models import CareTeamMember, Patient

if TYPE_CHECKING:
    from clinic.staff.models import User


@transaction.atomic
def add_to_team(
    patient: Patient,
    user: "User",
    role: str,
    *,
    by: "User | None",
    starts_at: datetime | None = None,
    ends_at: datetime | None = None,
) -> CareTeamMember:
    """Put a person on the care team, from now on or from `starts_at`; it opens the chart. Cover needs an end.

    Cover that is on the team already is prolonged, so that a duty that goes on is one row.
    """
    patient = locked(patient)
    starts_at = starts_at or clock.now()
    check(rules.add_to_team, user, role, starts_at, ends_at)
    if role == TeamRole.COVER and (live := access.members(starts_at).filter(patient=patient, user=user, role=role)):
        return _prolong(live[0], ends_at, by=by)
    try:
        with transaction.atomic():
            member = CareTeamMember.objects.create(
                patient=patient, user=user, role=role, starts_at=starts_at, ends_at=ends_at, added_by=by
            )
    except IntegrityError:
        raise Refused("This person is on the care team in that role already.") from None
    detail = {"role": role, "user": str(user.pk), "until": ends_at}
    audit.record(Kind.CREATED, by=by, on=member, what="record.add_to_team", detail=detail)
    return member


def _prolong(member: CareTeamMember, ends_at: datetime | None, *, by: "User | None") -> CareTeamMember:
    if ends_at and member.ends_at and ends_at > member.ends_at:
        member.ends_at = ends_at
        member.save(update_fields=["ends_at"])
        audit.record(Kind.CHANGED, by=by, on=member, what="record.prolong_cover", detail={"until": ends_at})
    return member


@transaction.atomic
def leave_team(member: CareTeamMember, *, by: "User") -> CareTeamMember:
    """End a person's part now; the row stays. One that has not begun ends as it begins."""
    member = CareTeamMember.objects.select_for_update().get(pk=member.pk)
    now = clock.now()
    check(rules.leave_team, member, now)
    member.ends_at = max(now, member.starts_at + timedelta(microseconds=1))
    member.save(update_fields=["ends_at"])
    detail = {"role": member.role, "user": str(member.user_id)}
    audit.record(Kind.CHANGED, by=by, on=member, what="record.leave_team", detail=detail)
    return member


def cover_absence(absence: Any, by: "User | None") -> None:
    """Who covers an absence is on the care teams of the absent one for that time (port ABSENCE_COVERED)."""
    if absence.covered_by_id is None:
        return
    treated = access.members(max(absence.starts_at, clock.now())).filter(user_id=absence.user_id).exclude(role="cover")
    for patient in Patient.objects.filter(pk__in=treated.values("patient_id")).order_by("pk"):
        try:
            with transaction.atomic():
                add_to_team(
                    patient, absence.covered_by, TeamRole.COVER, starts_at=absence.starts_at, ends_at=absence.ends_at,
                    by=by,
                )  # fmt: skip
        except Refused:
            continue  # covers this patient in a part of that time already
