"""The jobs of this room, as the schedule names them (settings.JOBS)."""

from medications.pharmacies import actions


def look_after() -> dict[str, int]:
    """Bring back what did not leave; ask about what is not filled. It sends and signs nothing."""
    return actions.look_after()


def read_in() -> dict[str, int]:
    """Take in what pharmacies sent; it decides nothing (R-RX-11)."""
    return actions.read_in()
