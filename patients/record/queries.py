"""Reading the record: allergies, conditions, facts, care team, channel, emergencies."""

import hashlib
import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING
from uuid import UUID

from django.contrib.postgres.search import TrigramSimilarity
from django.db.models import Count, F, Max, Q, QuerySet

from clinic import clock
from clinic.ports import NextVisit, load
from clinic.staff.enums import Role
from patients.record.access import members
from patients.record.calc import normalise
from patients.record.calc import search_text as searched_as
from patients.record.enums import ContactChannel, FactAnswer, FactKey
from patients.record.models import (
    Allergy,
    CareTeamMember,
    Condition,
    EmergencyAccess,
    MedicalFact,
    MessageConsent,
    Patient,
    Reading,
)
from patients.record.search import Hit, find, recent

if TYPE_CHECKING:
    from clinic.staff.models import User

__all__ = ["Hit", "find", "recent"]

ALIKE = 0.3  # of 1: names this similar with one birth date may be one person
MOST_ALIKE = 5
EDITABLE = (
    "given_name", "family_name", "preferred_name", "pronouns", "sex", "born_on", "site_id",
    "time_zone", "quiet_from", "quiet_until", "language", "interpreter", "phone", "email",
    "address_line", "city", "state", "zip_code", "contact_note",
)  # fmt: skip


@dataclass(frozen=True)
class Fact:
    """A question that prescribing needs, with its newest answer, or none: never asked."""

    key: str
    label: str
    answer: MedicalFact | None

    @property
    def is_no(self) -> bool:
        """Answered “no” and nothing beside it: what a reader may pass over."""
        return self.answer is not None and self.answer.answer == FactAnswer.NO and not self.answer.note


def care_team(patient: Patient) -> list[CareTeamMember]:
    """Who treats the patient now: therapist, prescriber, then cover; user loaded. One query."""
    rows = members().filter(patient=patient).select_related("user")
    order = {"therapist": 0, "prescriber": 1, "cover": 2}
    return sorted(rows, key=lambda row: (order[row.role], row.starts_at))


def past_team(patient: Patient, *, most: int = 20) -> list[CareTeamMember]:
    """Who has treated the patient or will begin to; user loaded, the latest first. One query."""
    now = clock.now()
    rows = CareTeamMember.objects.filter(Q(ends_at__lte=now) | Q(starts_at__gt=now), patient=patient)
    return list(rows.select_related("user").order_by(F("ends_at").desc(nulls_first=True))[:most])


def team_users(patient_id: UUID) -> "list[User]":
    """The people on the care team now, cover included, each once. One query."""
    rows = members().filter(patient_id=patient_id).select_related("user").order_by("starts_at")
    return list({row.user_id: row.user for row in rows}.values())


def teams(patients: "Iterable[UUID]") -> "dict[UUID, list[User]]":
    """By patient, the people on the care team now, cover included, each once. One query, whatever the number."""
    found: dict[UUID, dict[UUID, User]] = {}
    rows = members().filter(patient__in=list(patients)).select_related("user")
    for row in rows.order_by("starts_at"):
        found.setdefault(row.patient_id, {})[row.user_id] = row.user
    return {patient: list(users.values()) for patient, users in found.items()}


def team_prescribers(patients: Collection[UUID]) -> "dict[UUID, list[User]]":
    """By patient, the prescribers on the care team now, cover included, each once. One query, whatever the number."""
    rows = members().filter(
        patient__in=patients, user__role_grants__role=Role.PRESCRIBER, user__role_grants__ended_at=None,
        user__is_active=True,
    )  # fmt: skip
    found: dict[UUID, dict[UUID, User]] = {}
    for row in rows.select_related("user").order_by("starts_at"):
        found.setdefault(row.patient_id, {})[row.user_id] = row.user
    return {patient: list(users.values()) for patient, users in found.items()}


def allergies(patient_id: UUID) -> list[Allergy]:
    """What is listed and not in error. One query."""
    return list(Allergy.objects.filter(patient_id=patient_id, retracted_at=None).select_related("recorded_by"))


def listed_allergy(patient_id: UUID, kind: str, name: str) -> bool:
    """Whether the same is listed already, whatever its writing."""
    same = normalise(name) or name.casefold()
    return any(a.kind == kind and (normalise(a.name) or a.name.casefold()) == same for a in allergies(patient_id))


def conditions(patient_id: UUID) -> list[Condition]:
    """Conditions that go on and are not in error. One query."""
    return list(Condition.objects.filter(patient_id=patient_id, retracted_at=None, resolved_on=None))


def all_allergies(patient_id: UUID) -> list[Allergy]:
    """What is listed, severe ones first, and at the end what was entered in error. One query."""
    rows = Allergy.objects.filter(patient_id=patient_id).select_related("recorded_by", "retracted_by")
    return sorted(rows, key=lambda row: (row.in_error, not row.severe, row.name.casefold()))


def all_conditions(patient_id: UUID) -> list[Condition]:
    """What goes on, then what ended, then what was entered in error. One query."""
    rows = Condition.objects.filter(patient_id=patient_id).select_related("recorded_by", "retracted_by")
    return sorted(rows, key=lambda row: (row.in_error, row.resolved_on is not None, row.code))


def facts_in_error(patient_id: UUID) -> list[MedicalFact]:
    """Answers that were entered in error, the newest first. One query."""
    rows = MedicalFact.objects.filter(patient_id=patient_id, retracted_at__isnull=False)
    return list(rows.select_related("recorded_by", "retracted_by").order_by("-recorded_at"))


def active_condition(patient_id: UUID, code: str) -> bool:
    """Whether the code is listed and goes on."""
    return Condition.objects.filter(patient_id=patient_id, code=code, retracted_at=None, resolved_on=None).exists()


def facts(patient_id: UUID) -> list[Fact]:
    """Every question that prescribing needs, in order, with its newest answer not in error. One query."""
    rows = (
        MedicalFact.objects.filter(patient_id=patient_id, retracted_at=None)
        .order_by("key", "-recorded_at", "-id")
        .distinct("key")
        .select_related("recorded_by")
    )
    newest = {row.key: row for row in rows}
    return [Fact(key.value, key.label, newest.get(key.value)) for key in FactKey]


def facts_base(patient_id: UUID) -> str:
    """What the checklist began with: the newest answer, and how many are not in error. One query."""
    rows = MedicalFact.objects.filter(patient_id=patient_id, retracted_at=None)
    found = rows.aggregate(newest=Max("recorded_at"), count=Count("pk"))
    return f"{found['count']}:{found['newest'].timestamp() if found['newest'] else 0}"


def readings(patient_id: UUID) -> dict[str, Reading]:
    """The newest reading of each kind that is not in error. One query."""
    rows = (
        Reading.objects.filter(patient_id=patient_id, retracted_at=None)
        .order_by("kind", "-taken_on", "-recorded_at", "-id")
        .distinct("kind")
        .select_related("recorded_by")
    )
    return {row.kind: row for row in rows}


def readings_in_error(patient_id: UUID) -> list[Reading]:
    """Readings that were entered in error, the newest first. One query."""
    rows = Reading.objects.filter(patient_id=patient_id, retracted_at__isnull=False)
    return list(rows.select_related("recorded_by", "retracted_by").order_by("-recorded_at"))


def consent(patient_id: UUID) -> MessageConsent | None:
    """The live choice of channel. One query."""
    return MessageConsent.objects.filter(patient_id=patient_id, revoked_at=None).select_related("given_by").first()


def channel(patient_id: UUID) -> ContactChannel:
    """How messages go to the patient now; without consent, none (R-RE-02). One query."""
    live = consent(patient_id)
    return ContactChannel(live.channel) if live else ContactChannel.NONE


def alike(family_name: str, given_name: str, born_on: date, *, besides: UUID | None = None) -> list[Patient]:
    """Patients born on the day whose name is similar: perhaps the same person. One query."""
    text = searched_as(family_name, given_name)
    rows = Patient.objects.filter(born_on=born_on)
    if besides:
        rows = rows.exclude(pk=besides)
    found = list(rows.annotate(likeness=TrigramSimilarity("search_text", text)).order_by("-likeness")[:50])
    words = set(text.split())
    same: list[Patient] = [row for row in found if row.likeness >= ALIKE or words & set(row.search_text.split())]
    return same[:MOST_ALIKE]


def fingerprint(patient: Patient) -> str:
    """What the record's form began with, so that a change meanwhile is noticed."""
    values = [str(getattr(patient, name)) for name in EDITABLE]
    return hashlib.sha256(json.dumps(values).encode("utf-8", "replace")).hexdigest()[:24]


def next_visits(patients: Sequence[Patient]) -> dict[UUID, NextVisit]:
    """The next visit of each (port NEXT_VISITS). One query."""
    found: dict[UUID, NextVisit] = {}
    for ask in load("NEXT_VISITS"):
        found |= ask([patient.pk for patient in patients])
    return found


def forms_complete(visit: NextVisit | None) -> bool | None:
    """Whether every form of the visit is filled in (R-HP-08: the flag only); None: nothing asks for forms."""
    answers = load("VISIT_FORMS")
    if visit is None or not answers:
        return None
    return all(visit.attendance_id in answer([visit.attendance_id]) for answer in answers)


def live_emergency(user: "User", patient_id: UUID) -> EmergencyAccess | None:
    """The person's emergency opening whose time has not run out."""
    return EmergencyAccess.objects.filter(user=user, patient_id=patient_id, ends_at__gt=clock.now()).first()


def emergencies() -> QuerySet[EmergencyAccess]:
    """Every emergency opening, those not reviewed first, then the latest. One query."""
    return EmergencyAccess.objects.select_related("user", "patient", "reviewed_by").order_by(
        F("reviewed_at").asc(nulls_first=True), "-starts_at"
    )
