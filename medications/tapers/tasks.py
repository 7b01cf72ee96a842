"""The nightly job of tapers, as the schedule names it (settings.JOBS)."""

from medications.tapers import actions


def watch() -> dict[str, int]:
    """Open reviews where a score rose after an end, close measures that were taken; confirm nothing (R-TA-10)."""
    return actions.watch()
