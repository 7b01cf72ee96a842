"""Every write of the staff room: people, roles, licences, hours, absences, on-call."""

import hashlib
import secrets
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction

from clinic import clock
from clinic.audit import actions as audit
from clinic.audit.enums import Kind
from clinic.ports import load
from clinic.practice import config
from clinic.practice.models import Site
from clinic.refusal import Refused, check, refuse
from clinic.staff import rules
from clinic.staff.enums import Profession, Role
from clinic.staff.models import Absence, Invitation, Licence, OnCall, RoleGrant, User, WorkingHours

CHANGEABLE = frozenset(
    {"given_name", "family_name", "pronouns", "credentials", "phone", "npi", "site", "usual_room", "supervisor"}
)


def _locked(user: User) -> User:
    """The person's row, locked, with roles read anew."""
    return User.objects.select_for_update(of=("self",)).select_related("site").get(pk=user.pk)


@transaction.atomic
def change_person(user: User, *, by: User, **fields: Any) -> User:
    """Change name, contacts, site, room or supervisor. Raises Refused; unknown fields raise ValueError."""
    if strange := set(fields) - CHANGEABLE:
        raise ValueError(f"Not changeable: {sorted(strange)}")
    person = _locked(user)
    if fields.get("supervisor") == person:
        raise Refused("Nobody supervises themselves.", field="supervisor")
    for name, value in fields.items():
        setattr(person, name, value)
    person.save(update_fields=[*fields])
    audit.record(Kind.CHANGED, by=by, on=person, what="staff.person_changed", detail={"fields": sorted(fields)})
    return person


def _token_hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def _invitation(user: User, *, by: User | None) -> tuple[Invitation, str]:
    """A new way in; earlier ones of the same person stop working, see `rules.accept`."""
    token, now = secrets.token_urlsafe(32), clock.now()
    zone = user.site.time_zone if user.site else settings.TIME_ZONE
    days = config.value("invitation_days", clock.today(zone))
    invitation = Invitation.objects.create(
        user=user, token_hash=_token_hash(token), sent_at=now, sent_by=by, expires_at=now + timedelta(days=days)
    )
    audit.record(Kind.CREATED, by=by, on=invitation, what="staff.invited", detail={"user": str(user.pk)})
    return invitation, token


@transaction.atomic
def invite(
    *,
    email: str,
    given_name: str,
    family_name: str,
    roles: Iterable[Role],
    credentials: str = "",
    supervisor: User | None = None,
    npi: str = "",
    by: User | None,
    **fields: Any,
) -> tuple[Invitation, str]:
    """Make a person known who cannot sign in yet, and a way in: the invitation and its token, which is kept nowhere.

    Roles that need a licence in force (`rules.give_role`) are not given here; they follow once it is entered.
    Raises Refused for an address that is known already. `by` is None for the first practice manager.
    """
    if strange := set(fields) - CHANGEABLE:
        raise ValueError(f"Not changeable: {sorted(strange)}")
    email = email.strip().lower()
    try:
        validate_email(email)
    except ValidationError:
        raise Refused("This is no e-mail address. Enter one like name@example.org.", field="email") from None
    refuse(rules.invite(email), field="email")
    try:
        with transaction.atomic():
            user = User.objects.create_user(
                email, None, given_name=given_name, family_name=family_name, credentials=credentials,
                supervisor=supervisor, npi=npi, created_at=clock.now(), **fields,
            )  # fmt: skip
    except IntegrityError:
        raise Refused("Somebody with this e-mail address was invited just now. Reload the page.") from None
    for role in dict.fromkeys(roles):
        if rules.give_role(user, role) is None:
            give_role(user, role, by=by)
    return _invitation(_locked(user), by=by)


@transaction.atomic
def invite_again(user: User, *, by: User | None) -> tuple[Invitation, str]:
    """A new way in for somebody known: the first was lost or has lapsed, or the password is forgotten."""
    person = _locked(user)
    check(rules.invite_again, person)
    return _invitation(person, by=by)


@transaction.atomic
def accept(token: str, *, password: str) -> User:
    """Take up an invitation by choosing a password. Raises Refused: the same sentence whatever is wrong with it."""
    live = Invitation.objects.select_for_update(of=("self",)).select_related("user")
    found = live.filter(token_hash=_token_hash(token)).first()
    check(rules.accept, found)
    assert found is not None
    user = _locked(found.user)
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise Refused(" ".join(error.messages), field="password") from None
    user.set_password(password)
    user.save(update_fields=["password"])
    found.accepted_at = clock.now()
    found.save(update_fields=["accepted_at"])
    audit.record(Kind.CHANGED, by=user, on=found, what="staff.invitation_accepted")
    return user


@transaction.atomic
def choose_keys(user: User, *, single_keys: bool, by: User) -> User:
    """Switch single-letter keys on or off for oneself."""
    person = _locked(user)
    person.single_keys = single_keys
    person.save(update_fields=["single_keys"])
    audit.record(Kind.CHANGED, by=by, on=person, what="staff.keys_chosen", detail={"on": single_keys})
    return person


@transaction.atomic
def give_role(user: User, role: Role, *, by: User | None) -> RoleGrant:
    """Let the person have the role from now on. Raises Refused by `rules.give_role`."""
    person = _locked(user)
    check(rules.give_role, person, role)
    grant = RoleGrant.objects.create(user=person, role=role, given_at=clock.now(), given_by=by)
    audit.record(Kind.CREATED, by=by, on=grant, what="staff.role_given", detail={"role": role, "user": str(person.pk)})
    return grant


@transaction.atomic
def take_role(user: User, role: Role, *, by: User) -> RoleGrant:
    """End the role now; the row keeps when it was held. Raises Refused by `rules.take_role`."""
    person = _locked(user)
    check(rules.take_role, person, role)
    grant = person.role_grants.get(role=role, ended_at=None)
    grant.ended_at, grant.ended_by = clock.now(), by
    grant.save(update_fields=["ended_at", "ended_by"])
    audit.record(Kind.CHANGED, by=by, on=grant, what="staff.role_taken", detail={"role": role, "user": str(person.pk)})
    return grant


@transaction.atomic
def deactivate(user: User, *, by: User) -> User:
    """End the person's access now; what they wrote stays. Raises Refused by `rules.deactivate`."""
    person = _locked(user)
    check(rules.deactivate, person, by)
    person.is_active = False
    person.save(update_fields=["is_active"])
    audit.record(Kind.CHANGED, by=by, on=person, what="staff.deactivated")
    return person


@transaction.atomic
def reactivate(user: User, *, by: User) -> User:
    """Let a person who left in again, with the roles they held."""
    person = _locked(user)
    person.is_active = True
    person.save(update_fields=["is_active"])
    audit.record(Kind.CHANGED, by=by, on=person, what="staff.reactivated")
    return person


@transaction.atomic
def add_licence(
    user: User, *, profession: Profession, state: str, number: str, issued_on: date, expires_on: date, by: User | None
) -> Licence:
    """Enter a licence. Raises Refused if it ends before it begins or is entered already."""
    refuse(rules.licence(issued_on, expires_on), field="expires_on")
    if Licence.objects.filter(profession=profession, state=state, number=number).exists():
        raise Refused("This licence is entered already.", field="number")
    licence = Licence.objects.create(
        user=user, profession=profession, state=state, number=number, issued_on=issued_on, expires_on=expires_on
    )
    audit.record(Kind.CREATED, by=by, on=licence, what="staff.licence_added", detail={"user": str(user.pk)})
    return licence


@transaction.atomic
def renew_licence(licence: Licence, *, expires_on: date, by: User) -> Licence:
    """Give a licence a later last day. Raises Refused."""
    found = Licence.objects.select_for_update().get(pk=licence.pk)
    refuse(rules.licence(found.issued_on, expires_on), field="expires_on")
    before, found.expires_on = found.expires_on, expires_on
    found.save(update_fields=["expires_on"])
    audit.record(Kind.CHANGED, by=by, on=found, what="staff.licence_renewed", detail={"was": before, "now": expires_on})
    return found


@transaction.atomic
def set_hours(
    user: User,
    *,
    site: Site,
    weekday: int,
    starts: time,
    ends: time,
    from_day: date,
    until_day: date | None = None,
    by: User | None,
) -> WorkingHours:
    """Add a stretch of working hours on a weekday (0 is Monday) from a day on, local time of the site."""
    refuse(rules.hours(starts, ends, from_day, until_day), field="ends" if ends <= starts else "until_day")
    hours = WorkingHours.objects.create(
        user=user, site=site, weekday=weekday, starts=starts, ends=ends, from_day=from_day, until_day=until_day
    )
    audit.record(Kind.CREATED, by=by, on=hours, what="staff.hours_set", detail={"user": str(user.pk)})
    return hours


@transaction.atomic
def end_hours(hours: WorkingHours, *, until_day: date, by: User) -> WorkingHours:
    """Let hours end on a day, that day included. Raises Refused for a day before they begin."""
    found = WorkingHours.objects.select_for_update().get(pk=hours.pk)
    refuse(rules.hours(found.starts, found.ends, found.from_day, until_day), field="until_day")
    found.until_day = until_day
    found.save(update_fields=["until_day"])
    audit.record(Kind.CHANGED, by=by, on=found, what="staff.hours_ended", detail={"until": until_day})
    return found


@transaction.atomic
def add_absence(
    user: User,
    *,
    starts_at: datetime,
    ends_at: datetime,
    reason: str,
    covered_by: User | None = None,
    by: User | None,
) -> Absence:
    """Enter a time without visits (port ABSENCE_COVERED).

    Who covers is put on the care teams for that time; the front desk is asked to move the visits in it.
    """
    refuse(rules.absence(user, starts_at, ends_at, covered_by), field="until_day" if ends_at <= starts_at else "")
    try:
        with transaction.atomic():
            absence = Absence.objects.create(
                user=user, starts_at=starts_at, ends_at=ends_at, reason=reason, covered_by=covered_by
            )
    except IntegrityError:
        raise Refused("This overlaps an absence that somebody entered just now. Reload the page.") from None
    audit.record(Kind.CREATED, by=by, on=absence, what="staff.absence_added", detail={"user": str(user.pk)})
    for covered in load("ABSENCE_COVERED"):
        covered(absence, by)
    return absence


@transaction.atomic
def remove_absence(absence: Absence, *, by: User) -> None:
    """Take an absence off the rota; the audit keeps when it was. The visits in it stay (port ABSENCE_REMOVED)."""
    found = Absence.objects.select_for_update().get(pk=absence.pk)
    detail = {"user": str(found.user_id), "from": found.starts_at, "until": found.ends_at}
    audit.record(Kind.CHANGED, by=by, on=found, what="staff.absence_removed", detail=detail)
    for removed in load("ABSENCE_REMOVED"):
        removed(found, by)
    found.delete()


@transaction.atomic
def put_on_call(user: User, *, starts_at: datetime, ends_at: datetime, by: User | None) -> OnCall:
    """Let a clinician answer for the practice in a time. Raises Refused if somebody does already."""
    refuse(rules.on_call(user, starts_at, ends_at), field="until_day" if ends_at <= starts_at else "")
    try:
        with transaction.atomic():
            duty = OnCall.objects.create(user=user, starts_at=starts_at, ends_at=ends_at)
    except IntegrityError:
        raise Refused("Somebody was put on call in that time just now. Reload the page.") from None
    audit.record(Kind.CREATED, by=by, on=duty, what="staff.on_call_set", detail={"user": str(user.pk)})
    return duty


@transaction.atomic
def take_off_call(duty: OnCall, *, by: User) -> None:
    """Take a time on call off the rota; the audit keeps when it was."""
    found = OnCall.objects.select_for_update().get(pk=duty.pk)
    detail = {"user": str(found.user_id), "from": found.starts_at, "until": found.ends_at}
    audit.record(Kind.CHANGED, by=by, on=found, what="staff.on_call_removed", detail=detail)
    found.delete()
