"""States of due work."""

from django.db.models import TextChoices


class State(TextChoices):
    """due → claimed → done | dropped | failed; a lapsed lease makes it due again with the same key."""

    DUE = "due", "due"
    CLAIMED = "claimed", "being done"
    DONE = "done", "done"
    DROPPED = "dropped", "dropped"
    FAILED = "failed", "failed"


class Channel(TextChoices):
    """How a message reaches a patient."""

    TEXT = "text", "text message"
    EMAIL = "email", "e-mail"
