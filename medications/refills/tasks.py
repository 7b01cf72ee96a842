"""The nightly job of the refill desk, as the schedule names it (settings.JOBS)."""

from medications.refills import actions


def open_due() -> dict[str, int]:
    """Open, renew and withdraw requests; approve nothing (R-RX-11)."""
    return actions.open_due()
