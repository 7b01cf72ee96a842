"""Words of the staff room."""

from django.db.models import TextChoices


class Role(TextChoices):
    """What a person does here; one person may hold several."""

    THERAPIST = "therapist", "therapist"
    PRESCRIBER = "prescriber", "prescriber"
    FRONT_DESK = "front_desk", "front desk"
    SUPERVISOR = "supervisor", "supervisor"
    PRACTICE_MANAGER = "practice_manager", "practice manager"
    PRIVACY_OFFICER = "privacy_officer", "privacy officer"


CLINICAL_ROLES = frozenset({Role.THERAPIST, Role.PRESCRIBER, Role.SUPERVISOR})


class Profession(TextChoices):
    """The licence a clinician holds; decides which codes they may use and whether they may prescribe."""

    LPC = "LPC", "LPC"
    LPC_A = "LPC-A", "LPC-A (associate)"
    LCSW = "LCSW", "LCSW"
    LMFT = "LMFT", "LMFT"
    PHD = "PhD", "PhD"
    PSYD = "PsyD", "PsyD"
    MD = "MD", "MD"
    DO = "DO", "DO"
    PMHNP = "PMHNP", "PMHNP"
    PA = "PA", "PA"


PRESCRIBING = frozenset({Profession.MD, Profession.DO, Profession.PMHNP, Profession.PA})
