"""Kinds of audit rows (R-HS-04): what was done, whether it was allowed."""

from django.db.models import TextChoices


class Kind(TextChoices):
    """What happened. The first word is the verb an investigator searches by."""

    READ = "read", "read"
    SEARCHED = "searched", "searched"
    CREATED = "created", "created"
    CHANGED = "changed", "changed"
    SIGNED = "signed", "signed"
    RETRACTED = "retracted", "marked as entered in error"
    OVERRODE = "overrode", "went on against a finding"
    PRINTED = "printed", "printed"
    EXPORTED = "exported", "exported"
    SIGNED_IN = "signed_in", "signed in"
    SIGNED_OUT = "signed_out", "signed out"
    SIGN_IN_FAILED = "sign_in_failed", "sign-in failed"
    EMERGENCY = "emergency", "opened in an emergency"
    SENT = "sent", "sent a message"
    RAN = "ran", "ran by the clock"


class Outcome(TextChoices):
    """Whether it was done."""

    DONE = "done", "done"
    REFUSED = "refused", "refused"
