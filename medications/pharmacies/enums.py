"""Words of the way to the pharmacy: routes and states."""

from datetime import timedelta

from django.db.models import TextChoices

UNDO = timedelta(seconds=10)  # so long nothing leaves
UNDONE = "Undone before it was sent."


class Route(TextChoices):
    """How a prescription leaves."""

    PHARMACY = "pharmacy", "to the pharmacy"
    PAPER = "paper", "on paper, given to the patient"
    MODULE = "module", "by the certified module"  # controlled substances: never by us (R-RX-06)


class State(TextChoices):
    """Where it is. Listed: intended, for the certified module. Undone: taken back before it left."""

    LISTED = "listed", "for the certified module"
    WAITING = "waiting", "about to leave"
    SENDING = "sending", "being sent"
    SENT = "sent", "sent"
    FILLED = "filled", "filled"
    PICKED_UP = "picked_up", "picked up"
    FAILED = "failed", "not sent"
    UNDONE = "undone", "undone"
    CANCELLED = "cancelled", "discontinued"


HERE = (State.LISTED, State.WAITING)  # nothing has left yet
GONE = (State.SENDING, State.SENT, State.FILLED, State.PICKED_UP)
LIVE = (*HERE, *GONE)


class Replying(TextChoices):
    """Where the answer to a renewal request is."""

    WAITING = "waiting", "about to be answered"
    SENT = "sent", "answered"
    FAILED = "failed", "could not be answered"
    UNDONE = "undone", "taken back before it left"


class Verdict(TextChoices):
    """What is answered, as SCRIPT names it. Denied, new to follow: what was signed goes another way."""

    APPROVED = "Approved", "approved"
    CHANGED = "ApprovedWithChanges", "approved with changes"
    DENIED = "Denied", "denied"
    DENIED_NEW = "DeniedNewPrescriptionToFollow", "denied, a new prescription follows"


class Cancelling(TextChoices):
    """Where the pharmacy's cancellation is."""

    WAITING = "waiting", "to be told"
    SENT = "sent", "told"
    FAILED = "failed", "could not be told"
