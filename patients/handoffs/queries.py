"""What the handoffs room reads."""

from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet

from clinic.staff.models import User
from patients.handoffs.models import Handoff
from patients.record.access import members


def receivers(patient_id: UUID, sender: User) -> QuerySet[User]:
    """Who on the care team now may be handed a line: everybody but the sender."""
    team = members().filter(patient_id=patient_id).values("user_id")
    return User.objects.filter(pk__in=team, is_active=True).exclude(pk=sender.pk).order_by("family_name", "given_name")


def unanswered(patient_id: UUID, receiver: User) -> list[Handoff]:
    """The newest line of each sender that the receiver has not answered, newest first. One query."""
    answered = Handoff.objects.filter(answer_to=OuterRef("pk"), retracted_at=None)
    newest = (
        Handoff.objects.filter(~Exists(answered), patient_id=patient_id, to_user=receiver, retracted_at=None)
        .order_by("from_user_id", "-recorded_at", "-pk")
        .distinct("from_user_id")
        .select_related("from_user")
    )
    return sorted(newest, key=lambda line: line.recorded_at, reverse=True)


def thread(patient_id: UUID) -> QuerySet[Handoff]:
    """The patient's lines with their people and what they answer, newest first."""
    return (
        Handoff.objects.filter(patient_id=patient_id)
        .select_related("from_user", "to_user", "answer_to__from_user")
        .order_by("-recorded_at", "-pk")
    )
