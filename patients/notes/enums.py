"""Words of the note machine."""

from django.db.models import TextChoices


class Format(TextChoices):
    """A note's format: a list of sections (R-PN-01)."""

    SOAP = "SOAP", "SOAP"
    DAP = "DAP", "DAP"
    BIRP = "BIRP", "BIRP"
    GIRP = "GIRP", "GIRP"
    PIRP = "PIRP", "PIRP"
    MED = "MED", "medication visit"


class Kind(TextChoices):
    """Which discipline's note it is."""

    SESSION = "session", "session note"
    MEDICATION = "medication", "medication visit note"


class Contact(TextChoices):
    """What happened; all but intake, crisis, missed and telephone name the objectives addressed (R-TP-10)."""

    VISIT = "visit", "visit"
    INTAKE = "intake", "intake"
    CRISIS = "crisis", "crisis"
    MISSED = "missed", "missed visit"
    TELEPHONE = "telephone", "telephone contact"


class Service(TextChoices):
    """What a billed service is, as far as minutes decide its code."""

    THERAPY = "psychotherapy", "therapy"
    CRISIS = "crisis", "crisis"
    VISIT = "E/M by time", "medical visit, by time"
    FAMILY_WITH = "family with patient", "family with the patient"
    FAMILY_WITHOUT = "family without patient", "family without the patient"
