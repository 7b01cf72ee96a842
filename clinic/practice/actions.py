"""Every write of the practice room."""

from collections.abc import Sequence
from datetime import date, time
from typing import TYPE_CHECKING, Any

from django.db import transaction

from clinic import clock
from clinic.audit import actions as audit
from clinic.audit.enums import Kind
from clinic.practice import rules
from clinic.practice.models import Closure, OpeningHours, Practice, Room, Setting, Site
from clinic.refusal import check, refuse

if TYPE_CHECKING:
    from clinic.staff.models import User

Stretch = tuple[time, time]


@transaction.atomic
def configure(key: str, value: Any, *, effective_from: date, reason: str, by: "User | None") -> Setting:
    """Let `key` have `value` from the day `effective_from` on. Refused when out of its range; never edits the past."""
    check(rules.setting_value, key, value, effective_from)
    setting = Setting.objects.create(
        key=key, value=value, effective_from=effective_from, set_at=clock.now(), set_by=by, reason=reason
    )
    detail = {"key": key, "value": value, "from": effective_from}
    audit.record(Kind.CHANGED, by=by, on=setting, what="practice.configured", why=reason, detail=detail)
    return setting


@transaction.atomic
def change_practice(practice: Practice, *, legal_name: str, display_name: str, phone: str, by: "User") -> Practice:
    """Change the names and the number that messages offer. Refused if the short name says what we treat (R-RE-01)."""
    refuse(rules.display_name(display_name), field="display_name")
    found = Practice.objects.select_for_update().get(pk=practice.pk)
    found.legal_name, found.display_name, found.phone = legal_name, display_name, phone
    found.save()
    audit.record(Kind.CHANGED, by=by, on=found, what="practice.changed")
    return found


@transaction.atomic
def save_site(site: Site | None, *, by: "User", **fields: Any) -> Site:
    """Add a site, or change the one given. Refused for a name that is taken or an unknown time zone."""
    check(rules.site, site, str(fields["name"]), str(fields["time_zone"]))
    found = Site.objects.select_for_update().get(pk=site.pk) if site else Site()
    for name, value in fields.items():
        setattr(found, name, value)
    found.save()
    audit.record(Kind.CHANGED if site else Kind.CREATED, by=by, on=found, what="practice.site_saved")
    return found


@transaction.atomic
def save_room(room: Room | None, *, site: Site, name: str, seats: int, active: bool = True, by: "User") -> Room:
    """Add a room to a site, or change the one given. Refused for a name that the site has already."""
    refuse(rules.room(room, site, name), field="name")
    found = Room.objects.select_for_update().get(pk=room.pk) if room else Room(site=site)
    found.name, found.seats, found.active = name, seats, active
    found.save()
    audit.record(Kind.CHANGED if room else Kind.CREATED, by=by, on=found, what="practice.room_saved")
    return found


@transaction.atomic
def close_on(site: Site, *, on: date, reason: str, by: "User") -> Closure:
    """Close a site on a day: no new bookings; those that stand are for the desk to move."""
    refuse(rules.closure(site, on), field="on")
    closure = Closure.objects.create(site=site, on=on, reason=reason)
    audit.record(Kind.CREATED, by=by, on=closure, what="practice.closed_on", detail={"on": on})
    return closure


@transaction.atomic
def open_again(closure: Closure, *, by: "User") -> None:
    """Take a closure back; the audit keeps that there was one."""
    audit.record(Kind.CHANGED, by=by, on=closure, what="practice.opened_again", detail={"on": closure.on})
    closure.delete()


@transaction.atomic
def set_opening(site: Site, *, weekday: int, stretches: Sequence[Stretch], by: "User") -> list[OpeningHours]:
    """Replace the opening hours of a weekday (0 is Monday) by `stretches`; none means closed. Refused for overlaps."""
    refuse(rules.opening(stretches), field="closes")
    locked = Site.objects.select_for_update().get(pk=site.pk)
    locked.opening_hours.filter(weekday=weekday).delete()
    rows = [OpeningHours(site=locked, weekday=weekday, opens=opens, closes=closes) for opens, closes in stretches]
    OpeningHours.objects.bulk_create(rows)
    audit.record(Kind.CHANGED, by=by, on=locked, what="practice.opening_set", detail={"weekday": weekday})
    return rows
