"""What the risk room reads."""

from uuid import UUID

from django.db.models import QuerySet
from django.urls import reverse

from clinic import clock
from clinic.staff.models import OnCall, User
from patients.record.access import members, visible_patients
from patients.record.models import Patient
from patients.risk.models import RiskFlag
from patients.timeline.models import Entry


def open_flags(patient_id: UUID) -> list[RiskFlag]:
    """The patient's open flags, newest first. One query."""
    return list(with_people().filter(patient_id=patient_id, closed_at=None))


def open_words(patient_id: UUID) -> list[RiskFlag]:
    """The same without the people, for the strip of every page. One query."""
    return list(RiskFlag.objects.filter(patient_id=patient_id, closed_at=None))


def all_flags(patient_id: UUID) -> list[RiskFlag]:
    """Every flag of the patient, open ones first. One query."""
    return sorted(with_people().filter(patient_id=patient_id), key=lambda flag: flag.closed_at is not None)


def open_for(user: User) -> list[RiskFlag]:
    """The open flags of the patients whose flags the person may close, oldest first. One query."""
    patients = Patient.objects.filter(visible_patients(user, "risk.resolve"))
    return list(
        with_people().filter(closed_at=None, patient__in=patients).select_related("patient").order_by("raised_at")
    )


def flag_of(object_id: UUID) -> RiskFlag | None:
    """The flag that a score raised, if any. One query."""
    return with_people().filter(object_id=object_id).first()


def care_team(patient_id: UUID) -> list[User]:
    """The people on the care team now, cover included, each once. One query."""
    rows = members().filter(patient_id=patient_id, user__is_active=True).select_related("user").order_by("starts_at")
    return list({row.user_id: row.user for row in rows}.values())


def on_call() -> OnCall | None:
    """Who answers for the whole practice now, if anybody does. One query."""
    now = clock.now()
    return OnCall.objects.filter(starts_at__lte=now, ends_at__gt=now).select_related("user").first()


def source_in_error(flag: RiskFlag) -> bool:
    """Whether the score that raised the flag was marked as entered in error. One query."""
    if flag.object_id is None:
        return False
    return Entry.objects.filter(object_id=flag.object_id, retracted_at__isnull=False).exists()


def source_url(flag: RiskFlag) -> str:
    """The page of the score that raised the flag, as the timeline names it; empty while it is not scored. One query."""
    if flag.object_id is None:
        return ""
    entry = Entry.objects.filter(object_id=flag.object_id).exclude(url_name="").first()
    if entry is None:
        return ""
    return reverse(entry.url_name, kwargs={"patient_id": flag.patient_id, "pk": flag.object_id})


def told(flag: RiskFlag) -> list[User]:
    """Who was given the flag to do, in the order of their names. One query."""
    return list(User.objects.filter(tasks__purpose=purpose_of(flag)).distinct().order_by("family_name", "given_name"))


def purpose_of(flag: RiskFlag) -> str:
    """The purpose of every task that the flag opened."""
    return f"risk-flag:{flag.pk}"


def with_people() -> QuerySet[RiskFlag]:
    """Flags with who raised, acknowledged and closed them."""
    return RiskFlag.objects.select_related("raised_by", "acknowledged_by", "closed_by")
