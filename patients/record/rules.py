"""Why the record says no."""

from datetime import date, datetime
from decimal import Decimal

from clinic import permissions
from clinic.staff.enums import CLINICAL_ROLES, Role
from clinic.staff.models import User
from patients.record import codes, queries
from patients.record.calc import birth_date_problem
from patients.record.enums import READING_UNITS, ContactChannel, ReadingKind, TeamRole
from patients.record.models import Allergy, CareTeamMember, Condition, EmergencyAccess, Patient, Retractable

LEAST_REASON = 10  # characters of an emergency's reason (R-HS-02)
NEEDED = {TeamRole.THERAPIST: {Role.THERAPIST}, TeamRole.PRESCRIBER: {Role.PRESCRIBER}, TeamRole.COVER: CLINICAL_ROLES}


def born(born_on: date, today: date) -> str | None:
    """A birth date that cannot be."""
    return birth_date_problem(born_on, today)


def same_person(alike: list[Patient], different_person: bool) -> str | None:
    """Somebody born on the same day with a similar name may be the same person: asked before registering."""
    if not alike or different_person:
        return None
    return (
        "Is this the same person? Somebody with this birth date and a similar name is registered. Open that record, "
        "or say that this is a different person."
    )


def channel(patient: Patient, wanted: str) -> str | None:
    """Messages go only to a number or an address that the patient gave (R-RE-02)."""
    if wanted not in ContactChannel.values:
        return "Choose text message, e-mail or no messages."
    if wanted == ContactChannel.TEXT and not patient.phone:
        return "There is no telephone number to send texts to. Enter the number first."
    if wanted == ContactChannel.EMAIL and not patient.email:
        return "There is no e-mail address to write to. Enter the address first."
    return None


def add_to_team(user: User, role: str, starts_at: datetime, ends_at: datetime | None) -> str | None:
    """Only people who work here in that role; cover has an end."""
    if role not in TeamRole.values:
        return "Choose therapist, prescriber or covering."
    if not user.is_active:
        return "This person does not work here any more. Choose somebody who does."
    if not user.held_roles() & NEEDED[TeamRole(role)]:
        return f"This person does not work here as a {TeamRole(role).label if role != 'cover' else 'clinician'}."
    if role == TeamRole.COVER and ends_at is None:
        return "Cover needs an end. Say until when."
    if ends_at is not None and ends_at <= starts_at:
        return "The end lies before the beginning. Choose a later day."
    return None


def leave_team(member: CareTeamMember, now: datetime) -> str | None:
    """Only once."""
    if member.ends_at is not None and member.ends_at <= now:
        return "This person has left the care team already."
    return None


def allergy(patient: Patient, kind: str, name: str) -> str | None:
    """Named, and listed once."""
    if not name:
        return "Write what the patient is allergic to."
    if queries.listed_allergy(patient.pk, kind, name):
        return "This allergy is listed already. To change it, mark the listed one as entered in error first."
    return None


def no_known_allergies(patient: Patient) -> str | None:
    """“None known” and a list exclude each other."""
    if queries.allergies(patient.pk):
        return "Allergies are listed. Mark those that are wrong as entered in error first."
    return None


def condition(patient: Patient, code: str, since: date | None, today: date) -> str | None:
    """Only codes of the list that may stand on a claim, once while active, not from the future."""
    found = codes.get(code)
    if found is None:
        return "There is no such code in the list. Search by a word of the diagnosis or by the code."
    if not found.billable:
        return "This code has finer codes below it. Choose one of those."
    if queries.active_condition(patient.pk, found.code):
        return "This condition is listed already."
    if since is not None and (since > today or since < patient.born_on):
        return "The first day lies in the future or before the birth date. Correct it or leave it empty."
    return None


def resolve_condition(condition: Condition, on: date, today: date) -> str | None:
    """An end after the beginning, of what has not ended."""
    if condition.in_error:
        return "This condition was entered in error."
    if condition.resolved_on is not None:
        return "This condition has ended already."
    if on > today:
        return "The day lies in the future. Enter it when it has come."
    if condition.since is not None and on < condition.since:
        return "The day lies before the condition began."
    return None


def reading(
    kind: str, value: Decimal, lower: Decimal | None, taken_on: date, today: date, born_on: date
) -> tuple[str, str] | None:
    """A number that a person can have, of a day that was: the sentence and its field ("value" or "taken_on")."""
    unit, least, most = READING_UNITS[ReadingKind(kind)]
    if not least <= value <= most or (lower is not None and not 20 <= lower <= 180):
        return f"{least} to {most} {unit} is what a person can have. Check the number and its unit.", "value"
    if (kind == ReadingKind.PRESSURE) != (lower is not None) or (lower is not None and lower >= value):
        return "Blood pressure is two numbers, the higher one first, such as 120/80.", "value"
    if taken_on > today or taken_on < born_on:
        return "The day lies in the future or before the birth date. Correct it.", "taken_on"
    return None


def emergency(user: User, reason: str, on_team: bool) -> str | None:
    """R-HS-02: a clinical role, a typed reason, and no other way in; never for the front desk."""
    if not permissions.may(user.held_roles(), "emergency.open") or not user.held_roles() & CLINICAL_ROLES:
        return "Only clinicians open a chart in an emergency. Tell a clinician what is needed."
    if on_team:
        return "This chart is open to you. Open it from the list of patients."
    if len(reason) < LEAST_REASON:
        return f"Write why you need this chart now, in {LEAST_REASON} characters or more. A privacy officer reads it."
    return None


def review(access: EmergencyAccess, by: User) -> str | None:
    """Reviewed once, by somebody else than who opened the chart."""
    if not permissions.may(by.held_roles(), "audit.read"):
        return "Only privacy officers review emergency openings."
    if access.reviewed_at is not None:
        return "This has been reviewed already."
    if access.user_id == by.pk:
        return "You opened this chart yourself. Another privacy officer reviews it."
    return None


def retract(row: Retractable, reason: str) -> str | None:
    """Once, with a reason."""
    if row.in_error:
        return "This is marked as entered in error already."
    if not reason:
        return "Write what was wrong, such as “other patient”."
    return None


def last_allergy(row: Retractable) -> bool:
    """Whether `row` is the only allergy that is listed: without it, allergies must be asked again."""
    return isinstance(row, Allergy) and [a.pk for a in queries.allergies(row.patient_id)] == [row.pk]
