"""Who and what is taken over which time. Only here are occupancies written; the database refuses overlaps."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from django.db import IntegrityError, transaction

from clinic.practice.models import Room
from clinic.refusal import Refused
from clinic.staff.models import User
from patients.record.models import Patient
from patients.scheduling.calc import Range
from patients.scheduling.models import Occupancy, Segment
from patients.scheduling.queries import in_the_way
from patients.scheduling.rules import words

OVERLAP = "23P01"  # PostgreSQL: an exclusion constraint was violated


def lock(*, clinicians: Iterable[UUID], patients: Iterable[UUID], rooms: Iterable[UUID | None] = ()) -> None:
    """Queue up for these calendars, always in the same order, so that two desks wait instead of blocking each other.

    The exclusion constraints decide; this only keeps concurrent inserts from meeting as a deadlock.
    """
    for model, keys in ((User, clinicians), (Patient, patients), (Room, rooms)):
        wanted = sorted({key for key in keys if key})
        if wanted:
            list(model.objects.filter(pk__in=wanted).order_by("pk").select_for_update(no_key=True).values_list("pk"))


def occupy(segments: Iterable[Segment], patients: Sequence[UUID]) -> None:
    """Take the time of each segment's clinician and room, and of the patients. Refused if one of them is taken."""
    rows: list[Occupancy] = []
    segments = list(segments)
    for segment in segments:
        span = {"segment": segment, "starts_at": segment.starts_at, "ends_at": segment.ends_at}
        rows.append(Occupancy(clinician_id=segment.clinician_id, **span))
        if segment.room_id:
            rows.append(Occupancy(room_id=segment.room_id, **span))
        rows += [Occupancy(patient_id=patient, **span) for patient in patients]
    try:
        with transaction.atomic():
            Occupancy.objects.bulk_create(rows)
    except IntegrityError as error:
        if getattr(error.__cause__, "pgcode", "") != OVERLAP:
            raise
        raise Refused(taken(rows, segments)) from None


def taken(rows: Iterable[Occupancy], segments: Sequence[Segment]) -> str:
    """The sentence that says who or what is booked when."""
    other = in_the_way(rows, segments=[segment.pk for segment in segments])
    if other is None:
        return "Somebody booked this time just now. Choose another time."
    when = words(Range(other.starts_at, other.ends_at), segments[0].booking.site.zone)
    if segments[0].booking.walk_in:  # who is here now has no other time to choose
        return _not_now(other, when, later=other.starts_at > segments[0].starts_at)
    if other.clinician:
        return f"{other.clinician.given_name} is booked {when} by now. Choose another time."
    if other.room:
        return f"{other.room.name} is taken {when} by now. Choose another room or time."
    return f"This person has another visit {when}. Choose another time."


def _not_now(other: Occupancy, when: str, *, later: bool) -> str:
    """The same for a walk-in: what the desk can do with somebody who stands before it."""
    if other.patient:
        return f"This person has a visit {when} already. Open it on the day board instead."
    rest = "write fewer minutes" if later else "book a visit for later"
    if other.clinician:
        return f"{other.clinician.given_name} is booked {when}. Choose another clinician, or {rest}."
    return f"{other.room.name if other.room else 'The room'} is taken {when}. Try again, or {rest}."


def release(segment: Segment, *, patient_id: UUID | None = None) -> None:
    """Give back the patient's time in the segment; and everybody's, once nobody is left in it."""
    rows = Occupancy.objects.filter(segment=segment)
    if patient_id is not None:
        rows.filter(patient_id=patient_id).delete()
        if rows.filter(patient__isnull=False).exists():
            return
    rows.delete()
