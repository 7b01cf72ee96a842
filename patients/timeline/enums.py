"""Kinds of timeline rows."""

from django.db.models import TextChoices


class EntryKind(TextChoices):
    """What happened to the patient; decides mark and lane."""

    SCORE = "score", "score"
    DOSE = "dose", "dose"
    HOLD = "hold", "on hold"
    STOP = "stop", "stopped"
    SESSION = "session", "session"
    VISIT = "visit", "medication visit"
    MISSED = "missed", "visit not held"
    RISK = "risk", "risk"
    EVENT = "event", "life event"
    PLAN = "plan", "plan"
    HOMEWORK = "homework", "homework"
    REFILL = "refill", "refill"
    RECORD = "record", "record"
    MESSAGE = "message", "message"
