"""Words of the schedule."""

from django.db.models import TextChoices

from clinic.staff.enums import Role

SEEING = frozenset({Role.THERAPIST, Role.PRESCRIBER})  # roles whose people see patients


class Service(TextChoices):
    """What a segment of a booking is for; the front desk sees neutral words (no discipline in messages)."""

    INTAKE = "intake", "first visit"
    THERAPY = "therapy", "therapy session"
    MEDICATION = "medication", "medication visit"
    GROUP = "group", "group"
    TELEPHONE = "telephone", "telephone contact"


class Mode(TextChoices):
    """How people meet."""

    IN_PERSON = "in_person", "in person"
    VIDEO = "video", "video"
    PHONE = "phone", "telephone"


class Status(TextChoices):
    """An attendance's way: booked → confirmed → arrived → in session → completed, or not held."""

    BOOKED = "booked", "booked"
    CONFIRMED = "confirmed", "confirmed"
    ARRIVED = "arrived", "arrived"
    IN_SESSION = "in_session", "in session"
    COMPLETED = "completed", "completed"
    NO_SHOW = "no_show", "no-show"
    CANCELLED = "cancelled", "cancelled"


OPEN = (Status.BOOKED, Status.CONFIRMED, Status.ARRIVED, Status.IN_SESSION)
MOVABLE = (Status.BOOKED, Status.CONFIRMED)
NOT_HELD = (Status.NO_SHOW, Status.CANCELLED)


class Reason(TextChoices):
    """Why a visit was not held (R-RE-08)."""

    PATIENT_ASKED = "patient_asked", "patient asked"
    UNWELL = "unwell", "patient unwell"
    TRANSPORT = "transport", "no way to come"
    WORK = "work", "work or school"
    FORGOT = "forgot", "slipped their mind"
    NO_WORD = "no_word", "no word"
    CLINICIAN = "clinician", "clinician away"
    PRACTICE = "practice", "practice closed"
    MOVED = "moved", "moved to another time"
    IN_ERROR = "in_error", "entered in error"
    OTHER = "other", "other"
