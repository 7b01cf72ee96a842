"""The daily job of controlled substances, as the schedule names it (settings.JOBS)."""

from medications.controlled import actions


def remind() -> dict[str, int]:
    """Open what is due: telehealth, programs, logs (R-RX-07, R-RX-09, R-RX-10)."""
    return actions.remind()
