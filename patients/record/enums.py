"""Words of the record."""

from django.db.models import TextChoices


class TeamRole(TextChoices):
    """A person's part in a patient's care."""

    THERAPIST = "therapist", "therapist"
    PRESCRIBER = "prescriber", "prescriber"
    COVER = "cover", "covering"


class ContactChannel(TextChoices):
    """How the patient wants to be reached (R-HP-09)."""

    TEXT = "text", "text message"
    EMAIL = "email", "e-mail"
    NONE = "none", "no messages"


class AllergyAnswer(TextChoices):
    """Whether allergies were asked: never asked differs from none known."""

    NEVER_ASKED = "never_asked", "never asked"
    NONE_KNOWN = "none_known", "none known"
    SOME = "some", "listed"


class AllergyKind(TextChoices):
    """What an allergy names, as the knowledge base matches it."""

    INGREDIENT = "ingredient", "medicine"
    CLASS = "class", "group of medicines"
    SUBSTANCE = "substance", "other substance"


class FactKey(TextChoices):
    """Medical facts that prescribing asks about; absent: never asked."""

    PREGNANT = "pregnant", "pregnant"
    COULD_BECOME_PREGNANT = "could_become_pregnant", "could become pregnant"
    BREASTFEEDING = "breastfeeding", "breast-feeding"
    KIDNEY = "kidney", "kidney disease"
    LIVER = "liver", "liver disease"
    HEART_QT = "heart_qt", "heart rhythm or QT problem"
    SEIZURE = "seizure", "seizures"
    GLAUCOMA = "glaucoma", "narrow-angle glaucoma"
    SLEEP_APNOEA = "sleep_apnoea", "sleep apnea"
    EATING_DISORDER = "eating_disorder", "eating disorder"
    OUTSIDE_MEDICINES = "outside_medicines", "medicines from elsewhere"


class FactAnswer(TextChoices):
    """The answer to a medical fact."""

    YES = "yes", "yes"
    NO = "no", "no"
    UNSURE = "unsure", "not sure"
