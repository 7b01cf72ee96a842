"""Words of monitoring."""

from django.db.models import TextChoices


class Anchor(TextChoices):
    """What a due day counts from."""

    BASELINE = "baseline", "before the start"
    START = "start", "the start"
    DOSE_CHANGE = "dose_change", "the change of dose"
    LAST_RESULT = "last_result", "the last result"
    LOW_COUNT = "low_count", "a low count"


class State(TextChoices):
    """Of a due item. Dropped has its reason; one is open for a patient and a code."""

    OPEN = "open", "open"
    DONE = "done", "done"
    DROPPED = "dropped", "dropped"


class Source(TextChoices):
    """How a result came in."""

    TYPED = "typed", "typed"
    IMPORTED = "imported", "imported"


class Level(TextChoices):
    """How much a result says. Critical asks for an answer now."""

    NONE = "", "none"
    WATCH = "watch", "outside its range"
    CRITICAL = "critical", "critical"
