"""The day board and its live part."""

from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from clinic import clock
from clinic.audit import actions as audit
from clinic.audit.enums import Kind
from clinic.practice.models import Site
from clinic.staff.models import User
from clinic.web.pages import me, needs
from patients.scheduling import drawing, queries
from patients.scheduling.board import Board
from patients.scheduling.board import board as read
from patients.scheduling.enums import Status

YEARS = range(2000, 2100)


@needs("schedule.read")
def board(request: HttpRequest) -> HttpResponse:
    """A day at a site, a column a clinician, or the same as a list. Reading it is one row of the audit."""
    context = _context(request)
    found: Board = context["board"]
    audit.record(Kind.READ, by=me(request), what="scheduling.board", detail={"site": found.site.pk, "day": found.day})
    return render(request, "scheduling/board.html", context)


@needs("schedule.read")
def live(request: HttpRequest) -> HttpResponse:
    """The part that is polled. Polling is not audited again."""
    return render(request, "scheduling/board.html#live", _context(request))


def _context(request: HttpRequest) -> dict[str, Any]:
    viewer, sites = me(request), queries.sites()
    site = _site(request, viewer, sites)
    today = clock.today(site.zone)
    day = _day(request, today)
    as_list = request.GET.get("view") == "list"
    found = read(viewer, site, day, clock.now())
    counts = found.counts

    def address(**changed: Any) -> str:
        known = {"day": day.isoformat(), "site": str(site.pk), "view": "list" if as_list else ""} | changed
        return urlencode({key: value for key, value in known.items() if value})

    return {
        "board": found,
        "as_list": as_list,
        "picture": drawing.agenda(found) if as_list else drawing.day(found),
        "waiting": [drawing.waiting_line(visit, found) for visit in found.waiting],
        "late": [drawing.late_line(visit, found) for visit in found.late],
        "closed": next((reason for _, reason in found.facts.closed), ""),
        "booked": counts.total() - counts[Status.NO_SHOW],
        "done": counts[Status.COMPLETED],
        "in_session": counts[Status.IN_SESSION],
        "here": counts[Status.ARRIVED],
        "no_shows": counts[Status.NO_SHOW],
        "sites": [(one, address(site=str(one.pk))) for one in sites],
        "before": day - timedelta(days=1),
        "after": day + timedelta(days=1),
        "query": address(),
        "query_before": address(day=(day - timedelta(days=1)).isoformat()),
        "query_after": address(day=(day + timedelta(days=1)).isoformat()),
        "query_today": address(day="") if day != today else "",
        "query_day": address(view=""),
        "query_list": address(view="list"),
        "nav_here": "scheduling:board",
    }


def _site(request: HttpRequest, viewer: User, sites: list[Site]) -> Site:
    """The site asked for, else the viewer's own, else the first."""
    wanted = request.GET.get("site")
    if wanted:
        try:
            key = UUID(wanted)
        except ValueError:
            raise Http404 from None
        found = [site for site in sites if site.pk == key]
    else:
        found = [site for site in sites if site.pk == viewer.site_id] or sites
    if not found:
        raise Http404
    return found[0]


def _day(request: HttpRequest, today: date) -> date:
    """The day asked for, else today; an impossible one finds nothing."""
    wanted = request.GET.get("day")
    if not wanted:
        return today
    try:
        day = date.fromisoformat(wanted)
    except ValueError:
        raise Http404 from None
    if day.year not in YEARS:
        raise Http404
    return day
