"""Finding a patient, by POST only: no address holds a name."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST

from clinic import permissions
from clinic.audit import actions as audit
from clinic.audit.enums import Kind
from clinic.staff.models import User
from clinic.web.pages import me, needs
from patients.record import queries
from patients.record.forms import FindForm
from patients.record.queries import Hit


def _searched(user: User, text: str, what: str) -> list[Hit]:
    """Search, and record that it was done: how many were found, never what was typed (R-HS-04, R-HS-07)."""
    hits = queries.find(text, user)
    audit.record(Kind.SEARCHED, by=user, what=what, detail={"found": len(hits)})
    return hits


def _shown(user: User, hits: list[Hit]) -> dict[str, Any]:
    """What each row may show: contacts and next visit to who may see them, else name and birth date (R-HP-08)."""
    roles = user.held_roles()
    desk = permissions.may(roles, "patient.register")
    return {
        "hits": hits,
        "desk": desk,
        "visits": queries.next_visits([hit.patient for hit in hits if hit.is_open]) if hits else {},
        "may_open_in_emergency": permissions.may(roles, "emergency.open"),
    }


@needs("patient.find")
def find(request: HttpRequest) -> HttpResponse:
    """The list of patients: the ones opened last, or those whom the search finds. Three queries for the rows."""
    user = me(request)
    form = FindForm(request.POST if request.method == "POST" else None)
    status, searched = 200, False
    if form.is_bound and not form.is_valid():
        status, hits = 422, []
    elif form.is_bound and (text := form.cleaned_data["q"].strip()):
        searched, hits = True, _searched(user, text, "record.find")
    else:
        hits = queries.recent(user)
    context = _shown(user, hits) | {"form": form, "searched": searched}
    template = "record/find.html#found" if getattr(request, "htmx", False) else "record/find.html"
    return render(request, template, context, status=status)


@require_POST
@needs("patient.find")
def palette(request: HttpRequest) -> HttpResponse:
    """Links to patients for Ctrl K: a fragment."""
    form = FindForm(request.POST)
    hits = _searched(me(request), form.cleaned_data["q"], "record.palette")[:8] if form.is_valid() else []
    return render(request, "record/palette.html", _shown(me(request), hits))
