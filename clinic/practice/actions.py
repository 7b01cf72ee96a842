"""Every write of the practice room."""

from datetime import date
from typing import TYPE_CHECKING, Any

from django.db import transaction

from clinic import clock
from clinic.practice.config import KEYS
from clinic.practice.models import Setting
from clinic.practice.rules import setting_value
from clinic.refusal import check

if TYPE_CHECKING:
    from clinic.staff.models import User


@transaction.atomic
def configure(key: str, value: Any, *, effective_from: date, reason: str, by: "User | None") -> Setting:
    """Let `key` have `value` from the day `effective_from` on. Refused when out of its range; never edits the past."""
    check(setting_value, key, value, effective_from)
    return Setting.objects.create(
        key=key, value=value, effective_from=effective_from, set_at=clock.now(), set_by=by, reason=reason
    )


def known_keys() -> list[str]:
    """The keys that `configure` takes."""
    return sorted(KEYS)
