"""Filters that write days, times and amounts as LOOK says. Built into every template."""

from datetime import date, datetime, time
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django import template
from django.utils import timezone

register = template.Library()


@register.filter
def day(value: date | datetime | None) -> str:
    """Mon Nov 23, in the present zone."""
    if not value:
        return ""
    if isinstance(value, datetime):
        value = timezone.localtime(value)
    return f"{value:%a %b} {value.day}"


@register.filter
def short_day(value: date | datetime | None) -> str:
    """Nov 23; with the year when it is not this one."""
    if not value:
        return ""
    if isinstance(value, datetime):
        value = timezone.localtime(value)
    from clinic import clock

    year = "" if value.year == clock.today(timezone.get_current_timezone_name()).year else f", {value.year}"
    return f"{value:%b} {value.day}{year}"


@register.filter
def full_day(value: date | datetime | None) -> str:
    """Mar 14, 1992."""
    if not value:
        return ""
    if isinstance(value, datetime):
        value = timezone.localtime(value)
    return f"{value:%b} {value.day}, {value.year}"


@register.filter
def clock_time(value: datetime | time | None, zone: str | ZoneInfo | None = None) -> str:
    """2:00 pm, in `zone` (a name or ZoneInfo) or the present one; a time without a day as it is."""
    if value is None:
        return ""
    local: datetime | time = value
    if isinstance(value, datetime):
        where = ZoneInfo(zone) if isinstance(zone, str) else zone
        local = value.astimezone(where) if where else timezone.localtime(value)
    return f"{local.hour % 12 or 12}:{local:%M} {'am' if local.hour < 12 else 'pm'}"


@register.filter
def amount(value: Decimal | int | float | str | None) -> str:
    """A number without trailing zeros: 150, 0.5; empty for None."""
    if value is None or value == "":
        return ""
    text = f"{Decimal(str(value)):f}"
    return (text.rstrip("0").rstrip(".") if "." in text else text).replace("-", "−")


@register.filter
def get(mapping: Any, key: Any) -> Any:
    """mapping[key], or None."""
    return mapping.get(key) if hasattr(mapping, "get") else None
