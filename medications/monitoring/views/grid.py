"""The caseload: who is due for what, the most dangerous first, filtered, exported with an audit row."""

import csv
from io import StringIO
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from clinic import clock, permissions
from clinic.audit import actions as audit
from clinic.audit.enums import Kind
from clinic.web.pages import me, needs
from medications.monitoring import knowledge, pages, queries
from medications.monitoring.actions.importing import harmless
from medications.prescribing.queries import practice_today
from patients.record.models import Patient

SHOWS = {"": "Overdue", "blocking": "Stops a refill", "soon": "Due in 14 days", "all": "Everything"}
MOST = 300
COLUMNS = ["record_number", "name", "born", "what", "due_on", "days_overdue", "stops_silent_refill", "medicine", "why"]


@require_GET
@needs("medication.read")
def grid(request: HttpRequest) -> HttpResponse:
    """A row for each thing that is due. Five queries, whatever the number."""
    show, code = _asked(request.GET)
    viewer, today = me(request), practice_today()
    rows = list(queries.caseload(viewer, today, show=show or "overdue", code=code)[: MOST + 1])
    found = pages.lines(rows[:MOST], today)
    everything = knowledge.current().codes()
    context = {
        "lines": found, "more": len(rows) > MOST, "most": MOST, "show": show, "shows": SHOWS.items(), "code": code,
        "codes": sorted(((key, item.short) for key, item in everything.items()), key=lambda one: one[1].casefold()),
        "alerts": pages.alert_lines(list(queries.unanswered(viewer)[:20]), plain=not _handles(viewer)),
        "may_export": permissions.may(viewer.held_roles(), "monitoring.export"),
        "may_import": permissions.may(viewer.held_roles(), "results.import"),
        "stopping": sum(one.blocking for one in found), "people": len({one.row.patient_id for one in found}),
        "nav_here": "monitoring:grid",
    }  # fmt: skip
    return render(request, "monitoring/grid.html", context)


@require_POST
@needs("monitoring.export")
def export(request: HttpRequest) -> HttpResponse:
    """What the filter shows, whole, as CSV; the export itself is in the audit (R-HS-04)."""
    show, code = _asked(request.POST)
    viewer, today = me(request), practice_today()
    rows = pages.lines(list(queries.caseload(viewer, today, show=show or "overdue", code=code)), today)
    audit.record(
        Kind.EXPORTED, by=viewer, what="monitoring.export", detail={"show": show, "code": code, "rows": len(rows)}
    )
    kept = StringIO()
    writer = csv.writer(kept)
    writer.writerow(COLUMNS)
    for one in rows:
        patient: Patient = one.row.patient
        cells: list[Any] = [
            patient.number, patient.name, patient.born_on, one.name, one.row.due_on, max(one.days, 0),
            "yes" if one.blocking else "no", one.drug, one.row.reason,
        ]  # fmt: skip
        writer.writerow([harmless(str(cell)) for cell in cells])
    name = f"monitoring-{clock.now():%Y%m%d-%H%M}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(kept.getvalue(), content_type="text/csv; charset=utf-8", headers=headers)


def _asked(data: Any) -> tuple[str, str]:
    """The filter; one that nobody could have chosen finds nothing."""
    show, code = data.get("show", ""), data.get("code", "")
    if show not in SHOWS or (code and code not in knowledge.current().codes()):
        raise Http404
    return show, code


def _handles(viewer: Any) -> bool:
    return permissions.may(viewer.held_roles(), "results.handle")
