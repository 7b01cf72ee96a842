"""The nightly job of injections, as the schedule names it (settings.JOBS)."""

from medications.injections import actions


def watch() -> dict[str, int]:
    """Ask for injections that are due within a week; close what was given."""
    return actions.watch()
