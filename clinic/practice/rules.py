"""Why the practice room says no."""

import re
from collections.abc import Sequence
from datetime import date, time
from typing import Any

from clinic import clock
from clinic.practice.config import KEYS
from clinic.practice.models import Closure, Room, Site

FARTHEST_DAYS = 5 * 366  # a later day is a slip of the pen

# Words that tell what a practice treats; a message with one of them on a shared telephone is a leak (R-RE-01).
TELLING = re.compile(
    r"psych|mental|therap|counsel|behavio|addict|recover|rehab|mood|anxi|depress|trauma|wellness|mind", re.IGNORECASE
)


def setting_value(key: str, value: Any, effective_from: date) -> str | None:
    """A configuration value must be of its key's kind and in its range, and may not change the past."""
    if key not in KEYS:
        return "There is no such setting."
    spec = KEYS[key]
    if effective_from < clock.today("America/Los_Angeles"):
        return "A setting can change from today on; the past stays as it was."
    if (effective_from - clock.today("America/Los_Angeles")).days > FARTHEST_DAYS:
        return "That day is more than five years ahead. Check the year."
    if isinstance(spec.default, bool):
        return None if isinstance(value, bool) else "Answer yes or no."
    numbers = value if isinstance(spec.default, list) else [value]
    if key == "reminder_window":
        return _window(value)
    if spec.choices:
        return None if value in spec.choices else f"Choose one of these: {', '.join(spec.choices.values())}."
    if isinstance(spec.default, str):
        return _day(value)
    for number in numbers:
        if isinstance(number, bool) or not isinstance(number, int):
            return "Write whole numbers."
        if spec.least is not None and not (spec.least <= number <= (spec.most or number)):
            return f"Write a number from {spec.least:g} to {spec.most:g}."
    if len(set(numbers)) < len(numbers):
        return "One number is written twice. Write each once."
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


def display_name(text: str) -> str | None:
    """The short name goes into every message, so it must not say what we treat (R-RE-01)."""
    if TELLING.search(text):
        return "The short name stands in every message and must not say what we treat. Use a street's name, say."
    return None


def site(existing: Site | None, name: str, time_zone: str) -> str | None:
    """A site's name is its own, its time zone is one that exists."""
    others = Site.objects.filter(name=name)
    if (others.exclude(pk=existing.pk) if existing else others).exists():
        return "Another site has this name already."
    if time_zone not in clock.zones():
        return "Write a time zone such as America/Los_Angeles."
    return None


def room(existing: Room | None, of: Site, name: str) -> str | None:
    """A room's name is its own at its site."""
    others = Room.objects.filter(site=of, name=name)
    if (others.exclude(pk=existing.pk) if existing else others).exists():
        return "This site has a room of that name already."
    return None


def closure(of: Site, on: date) -> str | None:
    """A day is closed once, and not in the past."""
    if on < clock.today(of.zone):
        return "The day is over. Choose today or a later day."
    if Closure.objects.filter(site=of, on=on).exists():
        return "The site is closed on that day already."
    return None


def opening(stretches: Sequence[tuple[time, time]]) -> str | None:
    """Opening hours end after they start and do not overlap."""
    before = None
    for opens, closes in sorted(stretches):
        if closes <= opens:
            return "Opening hours must end after they start."
        if before and opens < before:
            return "The opening hours of a day overlap."
        before = closes
    return None
