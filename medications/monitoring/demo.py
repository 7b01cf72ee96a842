"""The demo's results."""

from clinic.demo import Demo


def load(demo: Demo) -> str:
    """To come."""
    return ""
