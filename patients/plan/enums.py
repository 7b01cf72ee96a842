"""Words of the shared plan."""

from django.db.models import TextChoices


class Owner(TextChoices):
    """Who carries an objective."""

    THERAPIST = "therapist", "therapist"
    PRESCRIBER = "prescriber", "prescriber"
    BOTH = "both", "both"
    PATIENT = "patient", "patient"


class Arm(TextChoices):
    """What kind of intervention: text stands here (therapy, self) or resolves to a live prescription (medication)."""

    THERAPY = "therapy", "therapy"
    MEDICATION = "medication", "medication"
    PATIENT = "patient", "what the patient does"


class VersionState(TextChoices):
    """A plan version's way."""

    DRAFT = "draft", "draft"
    SIGNED = "signed", "signed"
    REPLACED = "replaced", "replaced"


class Progress(TextChoices):
    """What a session or a review says of an objective."""

    MET = "met", "met"
    BETTER = "better", "better"
    SAME = "same", "same"
    WORSE = "worse", "worse"


class StepKind(TextChoices):
    """What a change of a draft touched."""

    PROBLEM = "problem", "problem"
    OBJECTIVE = "objective", "objective"
    INTERVENTION = "intervention", "intervention"
    CRITERIA = "criteria", "when the plan has done its work"


class Agreement(TextChoices):
    """What the patient said of the plan (R-TP-04)."""

    AGREED = "agreed", "agrees with the plan"
    DECLINED = "declined", "declined to sign"
