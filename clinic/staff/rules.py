"""Why the staff room says no."""

from datetime import date, datetime, time

from clinic import clock
from clinic.staff.enums import PRESCRIBING, Role
from clinic.staff.models import Absence, Invitation, Licence, OnCall, RoleGrant, User

LONGEST_ABSENCE_DAYS = 400


def give_role(user: User, role: Role) -> str | None:
    """Clinical roles need the licence that goes with them; a role is held once."""
    if not user.is_active:
        return "This person no longer works here. Let them in again first."
    if role in user.held_roles():
        return f"{user.name} has this role already."
    if role == Role.PRESCRIBER and not has_licence(user, prescribing=True):
        return "A prescriber needs a licence to prescribe that is in force. Enter the licence first."
    if role == Role.THERAPIST and not has_licence(user):
        return "A therapist needs a licence that is in force. Enter the licence first."
    return None


def take_role(user: User, role: Role) -> str | None:
    """The practice keeps one manager at least."""
    if role not in user.held_roles():
        return f"{user.name} does not have this role."
    if role == Role.PRACTICE_MANAGER and not _other_managers(user):
        return "This is the only practice manager. Give the role to somebody else first."
    return None


def deactivate(user: User, by: User) -> str | None:
    """Nobody shuts themselves out, and the practice keeps one manager."""
    if user.pk == by.pk:
        return "You cannot end your own access. Ask another practice manager."
    if Role.PRACTICE_MANAGER in user.held_roles() and not _other_managers(user):
        return "This is the only practice manager. Give the role to somebody else first."
    return None


def invite(email: str) -> str | None:
    """One address, one person (R-HS-01)."""
    if User.objects.filter(email=email).exists():
        return "Somebody with this e-mail address is known already. Open their page and invite them again from there."
    return None


def invite_again(user: User) -> str | None:
    """Who no longer works here is let in again first."""
    return None if user.is_active else "This person no longer works here. Let them in again first."


DEAD_LINK = "This link does not open anything. It was used, or it has lapsed. Ask the practice manager for a new one."


def accept(invitation: Invitation | None) -> str | None:
    """An invitation works once, until it lapses, and only the newest one; which of these failed is not told."""
    if invitation is None or invitation.accepted_at is not None or invitation.expires_at <= clock.now():
        return DEAD_LINK
    if not invitation.user.is_active:
        return DEAD_LINK
    newest = Invitation.objects.filter(user=invitation.user_id).order_by("-pk").first()
    return None if newest is not None and newest.pk == invitation.pk else DEAD_LINK


def _other_managers(user: User) -> bool:
    return (
        RoleGrant.objects.filter(role=Role.PRACTICE_MANAGER, ended_at=None, user__is_active=True)
        .exclude(user=user)
        .exists()
    )


def has_licence(user: User, *, prescribing: bool = False, on: date | None = None) -> bool:
    """Whether the person holds a licence in force on the day (today at their site), one to prescribe if asked."""
    day = on or clock.today(user.site.time_zone if user.site else "America/Los_Angeles")
    held: list[Licence] = list(user.licences.all())
    return any(one.in_force(day) and (not prescribing or one.profession in PRESCRIBING) for one in held)


def may_sign(user: User, *, prescribing: bool = False) -> str | None:
    """A lapsed licence cannot sign."""
    if has_licence(user, prescribing=prescribing):
        return None
    if prescribing:
        return "No licence to prescribe is in force for you, so you cannot sign. The practice manager keeps licences."
    return "Your licence is not in force, so you cannot sign. The practice manager keeps licences."


def licence(issued_on: date, expires_on: date) -> str | None:
    """A licence ends after it begins."""
    return "The licence must end after it begins." if expires_on <= issued_on else None


def hours(starts: time, ends: time, from_day: date, until_day: date | None) -> str | None:
    """Hours end after they start, on one day."""
    if ends <= starts:
        return "The hours must end after they start."
    if until_day and until_day < from_day:
        return "The last day lies before the first."
    return None


def absence(user: User, starts_at: datetime, ends_at: datetime, covered_by: User | None) -> str | None:
    """An absence is a time that nobody entered before; who covers is somebody else, and clinical."""
    if ends_at <= starts_at:
        return "The absence must end after it starts."
    if ends_at <= clock.now():
        return "The absence lies in the past, where it changes nothing. Correct the days."
    if (ends_at - starts_at).days > LONGEST_ABSENCE_DAYS:
        return "An absence lasts at most 400 days. For longer, end the person's hours."
    if Absence.objects.filter(user=user, starts_at__lt=ends_at, ends_at__gt=starts_at).exists():
        return "This overlaps an absence that is entered already. Change the times, or remove the other one."
    if covered_by is None:
        return None
    if covered_by.pk == user.pk:
        return "Somebody else must cover."
    if not {Role.THERAPIST, Role.PRESCRIBER} & covered_by.held_roles():
        return "Who covers must be a therapist or a prescriber."
    return None


def on_call(user: User, starts_at: datetime, ends_at: datetime) -> str | None:
    """One clinician is on call at a time."""
    if ends_at <= starts_at:
        return "The time on call must end after it starts."
    if not {Role.THERAPIST, Role.PRESCRIBER} & user.held_roles():
        return "Who is on call must be a therapist or a prescriber."
    if OnCall.objects.filter(starts_at__lt=ends_at, ends_at__gt=starts_at).exists():
        return "Somebody is on call in that time already. Choose another time, or remove the other one."
    return None
