"""The nightly job of monitoring, as the schedule names it (settings.JOBS)."""

from medications.monitoring import actions


def renew_due() -> dict[str, int]:
    """Make, move and close what is due for everybody."""
    return actions.sweep()
