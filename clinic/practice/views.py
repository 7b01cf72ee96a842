"""Pages of the practice manager: names and sites, rooms, closures, opening hours, configuration."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from clinic import clock
from clinic.practice import actions, queries
from clinic.practice.config import KEYS
from clinic.practice.forms import ClosureForm, OpeningForm, PracticeForm, RoomForm, SettingForm, SiteForm, shown
from clinic.practice.models import Closure, Room, Site
from clinic.web.forms import TandemForm
from clinic.web.pages import attempt, me, needs

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MANAGE = "practice.configure"


def _posted(request: HttpRequest) -> Any:
    return request.POST if request.method == "POST" else None


def _page(request: HttpRequest, title: str, form: TandemForm, **context: Any) -> HttpResponse:
    """One form on a page of its own; 422 if it was sent and came back."""
    status = 422 if form.is_bound else 200
    return render(request, "practice/form.html", {"title": title, "form": form, **context}, status=status)


@needs(MANAGE)
def overview(request: HttpRequest) -> HttpResponse:
    """The practice, its sites with rooms, hours and days closed. Six queries."""
    sites = [
        {
            "site": site,
            "rooms": site.rooms.all(),
            "closures": [c for c in site.closures.all() if c.on >= clock.today(site.zone)],
            "week": [
                (number, name, [h for h in site.opening_hours.all() if h.weekday == number])
                for number, name in enumerate(WEEKDAYS)
            ],
        }
        for site in queries.sites()
    ]
    return render(request, "practice/overview.html", {"practice": queries.the_practice(), "sites": sites})


@needs(MANAGE)
def practice(request: HttpRequest) -> HttpResponse:
    """Change the practice's names and number."""
    found = queries.the_practice()
    if found is None:
        raise Http404
    form = PracticeForm(_posted(request), initial=PracticeForm.of(found))
    if form.is_valid() and attempt(
        request, form, actions.change_practice, practice=found, by=me(request), **form.cleaned_data
    ):
        return redirect("practice:overview")
    return _page(request, "The practice", form)


@needs(MANAGE)
def site(request: HttpRequest, pk: UUID | None = None) -> HttpResponse:
    """Add a site or change one."""
    found = get_object_or_404(Site, pk=pk) if pk else None
    form = SiteForm(_posted(request), initial=SiteForm.of(found) if found else None)
    if form.is_valid() and attempt(request, form, actions.save_site, site=found, by=me(request), **form.cleaned_data):
        return redirect("practice:overview")
    return _page(request, found.name if found else "A new site", form)


@needs(MANAGE)
def room(request: HttpRequest, site_id: UUID, pk: UUID | None = None) -> HttpResponse:
    """Add a room to a site or change one."""
    of = get_object_or_404(Site, pk=site_id)
    found = get_object_or_404(Room, pk=pk, site=of) if pk else None
    form = RoomForm(_posted(request), initial=RoomForm.of(found) if found else None)
    if form.is_valid() and attempt(
        request, form, actions.save_room, room=found, site=of, by=me(request), **form.cleaned_data
    ):
        return redirect("practice:overview")
    return _page(request, f"{of.name}: {found.name if found else 'a new room'}", form)


@needs(MANAGE)
def closure(request: HttpRequest, site_id: UUID) -> HttpResponse:
    """Close a site on a day."""
    of = get_object_or_404(Site, pk=site_id)
    form = ClosureForm(_posted(request))
    if form.is_valid() and attempt(request, form, actions.close_on, site=of, by=me(request), **form.cleaned_data):
        return redirect("practice:overview")
    return _page(request, f"{of.name}: a day closed", form)


@require_POST
@needs(MANAGE)
def open_again(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Take a closure back."""
    actions.open_again(get_object_or_404(Closure, pk=pk), by=me(request))
    return redirect("practice:overview")


@needs(MANAGE)
def opening(request: HttpRequest, site_id: UUID, weekday: int) -> HttpResponse:
    """Set a weekday's opening hours."""
    of = get_object_or_404(Site, pk=site_id)
    if weekday > 6:
        raise Http404
    now = list(of.opening_hours.filter(weekday=weekday))[:2]
    initial = dict(zip(("opens", "opens_again"), (h.opens for h in now), strict=False))
    initial |= dict(zip(("closes", "closes_again"), (h.closes for h in now), strict=False))
    form = OpeningForm(_posted(request), initial=initial)
    if form.is_valid():
        done = attempt(
            request, form, actions.set_opening, site=of, weekday=weekday, stretches=form.stretches(), by=me(request)
        )
        if done is not None:
            return redirect("practice:overview")
    return _page(request, f"{of.name}: {WEEKDAYS[weekday]}", form)


@needs(MANAGE)
def configuration(request: HttpRequest) -> HttpResponse:
    """Every value with its source, since when, and what is dated ahead. One query."""
    today = clock.today("America/Los_Angeles")
    rows = [
        {"row": row, "now": shown(row.value, row.spec), "default": shown(row.spec.default, row.spec),
         "ahead": [(setting.effective_from, shown(setting.value, row.spec)) for setting in row.ahead]}
        for row in queries.configured(today)
    ]  # fmt: skip
    return render(request, "practice/configuration.html", {"rows": rows})


@needs(MANAGE)
def setting(request: HttpRequest, key: str) -> HttpResponse:
    """Change one value from a day on; below it, all it ever was."""
    if key not in KEYS:
        raise Http404
    today = clock.today("America/Los_Angeles")
    now = next(row for row in queries.configured(today) if row.key == key)
    form = SettingForm(_posted(request), key=key, initial={"value": shown(now.value), "effective_from": today})
    if form.is_valid() and attempt(request, form, actions.configure, key=key, by=me(request), **form.cleaned_data):
        return redirect("practice:configuration")
    rows = [(row, shown(row.value, KEYS[key])) for row in queries.history(key)]
    return _page(request, "Configuration", form, history=rows, back="practice:configuration")
