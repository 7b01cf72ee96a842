"""What a patient may answer to a line of the list of medicines."""

from django.db.models import TextChoices


class Answer(TextChoices):
    """How the medicine is taken, as the patient says."""

    CONFIRMED = "confirmed", "as it says"
    DIFFERENTLY = "differently", "taken differently"
    STOPPED = "stopped", "stopped by the patient"
    UNKNOWN = "unknown", "not known"


IN_WORDS = (Answer.DIFFERENTLY, Answer.STOPPED)  # these say nothing without words
