"""The job of this room, as the schedule names it (settings.JOBS)."""

from medications.pharmacies import actions


def look_after() -> dict[str, int]:
    """Bring back what did not leave; ask about what is not filled. It sends and signs nothing."""
    return actions.look_after()
