"""Why the practice room says no."""

from datetime import date, time
from typing import Any

from clinic import clock
from clinic.practice.config import KEYS


def setting_value(key: str, value: Any, effective_from: date) -> str | None:
    """A configuration value must be of its key's kind and in its range, and may not change the past."""
    if key not in KEYS:
        return "There is no such setting."
    spec = KEYS[key]
    if effective_from < clock.today("America/Los_Angeles"):
        return "A setting can change from today on; the past stays as it was."
    if isinstance(spec.default, bool):
        return None if isinstance(value, bool) else "Answer yes or no."
    numbers = value if isinstance(spec.default, list) else [value]
    if key == "reminder_window":
        return _window(value)
    if isinstance(spec.default, str):
        return _day(value)
    for number in numbers:
        if isinstance(number, bool) or not isinstance(number, int):
            return "Write whole numbers."
        if spec.least is not None and not (spec.least <= number <= (spec.most or number)):
            return f"Write a number from {spec.least:g} to {spec.most:g}."
    return None if numbers else "Write at least one number."


def _window(value: Any) -> str | None:
    try:
        first, last = (time.fromisoformat(part) for part in value)
    except (TypeError, ValueError):
        return "Write two times, such as 08:00 and 21:00."
    if not time(8) <= first < last <= time(21):
        return "Messages may leave between 08:00 and 21:00 only (R-RE-05)."
    return None


def _day(value: Any) -> str | None:
    try:
        date.fromisoformat(value)
    except (TypeError, ValueError):
        return "Write a date, such as 2026-12-31."
    return None
