"""Words of tapers and titrations. “Paused” means: stay at this dose. It is never “on hold”, which means: take none."""

from django.db.models import TextChoices


class Kind(TextChoices):
    """Down to nothing or to a lower dose; or up to a dose that works."""

    TAPER = "taper", "taper"
    TITRATION = "titration", "titration"


class State(TextChoices):
    """A plan's way."""

    DRAFT = "draft", "draft"
    ACTIVE = "active", "under way"
    PAUSED = "paused", "paused"
    ENDED = "ended", "ended"


class Outcome(TextChoices):
    """How a plan ended; each is a proper end."""

    STOPPED = "stopped", "reached zero"
    LOWER_DOSE = "lower_dose", "stays at the lower dose"
    TARGET = "target", "reached its dose"
    ABANDONED = "abandoned", "given up"


class Severity(TextChoices):
    """What a check found (R-TA-02)."""

    NONE = "none", "none"
    MILD = "mild", "mild"
    SIGNIFICANT = "significant", "significant"


class EventKind(TextChoices):
    """What happened to a plan; the history is only added to."""

    DRAFTED = "drafted", "drafted"
    REVISED = "revised", "steps changed"
    STARTED = "started", "started"
    CONFIRMED = "confirmed", "step confirmed"
    PAUSED = "paused", "paused"
    RESUMED = "resumed", "resumed"
    ENDED = "ended", "ended"


class CareLevel(TextChoices):
    """Where the taper is safe (R-TA-04)."""

    OUTPATIENT = "outpatient", "at home, with visits here"
    INTENSIVE = "intensive", "intensive outpatient or day program"
    INPATIENT = "inpatient", "hospital or residential detox"


class Verdict(TextChoices):
    """What a rise of scores after the end was judged to be (R-TA-10)."""

    WITHDRAWAL = "withdrawal", "withdrawal"
    RELAPSE = "relapse", "relapse"
    BOTH = "both", "both"
    NEITHER = "neither", "neither: something else"
    UNCLEAR = "unclear", "not clear yet"


RUNNING = (State.ACTIVE, State.PAUSED)
OPEN = (State.DRAFT, *RUNNING)
