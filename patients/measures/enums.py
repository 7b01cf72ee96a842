"""Words of the measures room."""

from django.db.models import TextChoices


class Method(TextChoices):
    """How an instrument turns answers into a total."""

    SUM = "sum", "sum"
    SUM_TIMES_4 = "sum_times_4", "sum times 4"
    THRESHOLDS = "thresholds", "answers at or above their own threshold"
    DOMAINS = "domains", "sum of nine domains"
    FIRST_13 = "first_13", "count of the first thirteen"
    TRIAGE = "triage", "triage by rules"


class Channel(TextChoices):
    """How answers reached us."""

    DESK = "desk", "at the desk"
    CLINICIAN = "clinician", "with a clinician"
    IMPORT = "import", "imported"


class RiskLevel(TextChoices):
    """What a suicide screener says (R-SI-01); the screener's own word stands beside it."""

    NONE = "none", "none"
    LOW = "low", "low"
    MODERATE = "moderate", "moderate"
    HIGH = "high", "high"
