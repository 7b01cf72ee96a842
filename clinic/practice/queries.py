"""Reading the practice."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import QuerySet

from clinic.practice.config import KEYS, Key
from clinic.practice.models import Practice, Setting, Site


@dataclass(frozen=True)
class Configured:
    """A key with its value today and the changes that are dated ahead."""

    key: str
    spec: Key
    value: Any
    since: date | None
    ahead: list[Setting]


def the_practice() -> Practice | None:
    """The one practice of this database, if it is set up."""
    return Practice.objects.first()


def sites() -> QuerySet[Site]:
    """All sites with rooms, hours and closures; four queries."""
    return Site.objects.order_by("name").prefetch_related("rooms", "opening_hours", "closures")


def configured(on: date) -> list[Configured]:
    """Every key as it stands on the day, one query."""
    rows = list(Setting.objects.select_related("set_by").order_by("effective_from", "set_at"))
    found = []
    for key, spec in KEYS.items():
        mine = [row for row in rows if row.key == key]
        past = [row for row in mine if row.effective_from <= on]
        now = past[-1] if past else None
        ahead = [row for row in mine if row.effective_from > on]
        found.append(
            Configured(key, spec, now.value if now else spec.default, now.effective_from if now else None, ahead)
        )
    return found


def history(key: str) -> QuerySet[Setting]:
    """All values a key ever had, newest first."""
    return Setting.objects.filter(key=key).select_related("set_by").order_by("-effective_from", "-set_at")
