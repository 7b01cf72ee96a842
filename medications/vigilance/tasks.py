"""The nightly job of vigilance, as the schedule names it (settings.JOBS)."""

from medications.vigilance import actions


def recheck() -> dict[str, int]:
    """Check active orders anew after knowledge or facts changed."""
    return actions.recheck()
