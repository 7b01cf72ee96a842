"""The audit, for the privacy officer: what was asked for, newest first; the chain; the export (R-HS-04)."""

import csv
from collections.abc import Iterator
from io import StringIO
from typing import Any, cast
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse, QueryDict, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import NoReverseMatch, reverse
from django.views.decorators.http import require_POST

from clinic import clock
from clinic.audit import actions as audit
from clinic.audit import queries, sentences
from clinic.audit.enums import Kind
from clinic.audit.forms import AddressForm, WantedForm
from clinic.audit.models import AuditEvent
from clinic.audit.queries import Verdict, Wanted
from clinic.outbox.models import JobRun
from clinic.ports import PatientName, load
from clinic.web.pages import me, needs

COLUMNS = [
    "at", "kind", "outcome", "person", "person_id", "roles", "record_number", "patient_id", "what", "page", "why",
    "object_kind", "object_id", "detail", "address", "request_id", "id", "chain_position",
]  # fmt: skip


def _asked(data: QueryDict) -> AddressForm:
    """The filter in an address or hidden fields; one that was tampered with finds nothing."""
    form = AddressForm(data)
    if not form.is_valid():
        raise Http404
    return form


def _patients(rows: list[AuditEvent], *more: Any) -> dict[Any, PatientName]:
    (names,) = load("PATIENT_NAMES")
    named: dict[Any, PatientName] = names.named(pk for pk in [*(row.patient_id for row in rows), *more] if pk)
    return named


def _form(data: Any, wanted: Wanted, patient: PatientName | None) -> WantedForm:
    choices = [(str(pk), name) for pk, name in queries.everybody()]
    initial = {**wanted.query(), "number": patient.number if patient else None}
    return WantedForm(data, people=choices, initial=initial)


@needs("audit.read")
def events(request: HttpRequest) -> HttpResponse:
    """What was asked for, fifty a page, newest first. POST turns what was typed into an address of ids."""
    if request.method == "POST":
        form = _form(request.POST, Wanted(), None)
        if form.is_valid():
            wanted = Wanted(**{key: form.cleaned_data.get(key) or None for key in Wanted.__dataclass_fields__})
            return redirect(f"{reverse('audit:events')}?{urlencode(wanted.query())}")
        return _page(request, Wanted(), None, form=form, status=422)
    asked = _asked(request.GET)
    wanted, cursor = asked.wanted(), asked.cleaned_data["before"]
    before = get_object_or_404(AuditEvent, pk=cursor) if cursor else None
    if before is None:
        audit.record(
            Kind.READ, by=me(request), patient_id=wanted.patient, what="audit:events", detail=dict(wanted.query())
        )
    return _page(request, wanted, before)


def _page(
    request: HttpRequest, wanted: Wanted, before: AuditEvent | None, *, form: WantedForm | None = None,
    verdict: Verdict | None = None, status: int = 200,
) -> HttpResponse:  # fmt: skip
    """Six queries: events, names of people and patients, people to choose, the last verification, rows not sealed."""
    rows, more = queries.page(wanted, before)
    patients = _patients(rows, wanted.patient)
    patient = patients.get(wanted.patient) if wanted.patient else None
    people = queries.people(row.actor_id for row in rows)
    older = urlencode({**wanted.query(), "before": rows[-1].pk}) if more else ""
    context = {
        "lines": sentences.lines(rows, people, patients), "older": older, "wanted": wanted, "patient": patient,
        "newest": urlencode(wanted.query()) if before else None, "form": form or _form(None, wanted, patient),
        "verdict": verdict, "broken": verdict and verdict.broken_event and _broken(verdict),
        "last_run": JobRun.objects.filter(job="audit.verify", failed=False).order_by("-started_at").first(),
        "waiting": AuditEvent.objects.filter(seal=None).count(), "emergencies": _emergencies(),
    }  # fmt: skip
    return render(request, "audit/events.html", context, status=status)


def _broken(verdict: Verdict) -> sentences.Line:
    """The first event whose link does not fit, as a sentence."""
    rows = [AuditEvent.objects.get(pk=str(verdict.broken_event))]
    return sentences.lines(rows, queries.people(row.actor_id for row in rows), _patients(rows))[0]


def _emergencies() -> str:
    """The list of charts opened in an emergency, where that room has one."""
    try:
        return reverse("record:emergencies")
    except NoReverseMatch:
        return ""


@needs("audit.read")
@require_POST
def verify(request: HttpRequest) -> HttpResponse:
    """Walk the chain now and show what was found, above the events asked for."""
    wanted = _asked(request.POST).wanted()
    verdict = queries.verify()
    audit.record(
        Kind.RAN, by=me(request), what="audit.verify",
        detail={"checked": verdict.checked, "waiting": verdict.waiting, "broken_at": verdict.broken_at},
    )  # fmt: skip
    return _page(request, wanted, None, verdict=verdict)


@needs("audit.read")
@require_POST
def export(request: HttpRequest) -> HttpResponse:
    """Everything asked for, as CSV; the export itself is in the audit (R-HS-04)."""
    wanted = _asked(request.POST).wanted()
    audit.record(
        Kind.EXPORTED, by=me(request), patient_id=wanted.patient, what="audit.export", detail=dict(wanted.query())
    )
    name = f"audit-{clock.now():%Y%m%d-%H%M}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    answer = StreamingHttpResponse(_csv(wanted), content_type="text/csv; charset=utf-8", headers=headers)
    return cast(HttpResponse, answer)


def _csv(wanted: Wanted) -> Iterator[str]:
    """The lines, a few thousand at a time."""
    yield _written([COLUMNS])
    for rows in queries.in_chunks(wanted):
        people, patients = queries.people(row.actor_id for row in rows), _patients(rows)
        yield _written([_cells(row, sentences.who(row, people), patients) for row in rows])


def _cells(row: AuditEvent, who: str, patients: dict[Any, PatientName]) -> list[Any]:
    patient = patients.get(row.patient_id)
    return [
        row.at.isoformat(), row.kind, row.outcome, who, row.actor_id or "", " ".join(row.roles),
        patient.number if patient else "", row.patient_id or "", row.what, row.page, row.why, row.object_kind,
        row.object_id or "", row.detail or "", row.address or "", row.request_id, row.pk,
        getattr(row, "sealed", None) or "",
    ]  # fmt: skip


def _written(rows: list[list[Any]]) -> str:
    """As CSV; a cell that a spreadsheet would take for a formula begins with an apostrophe."""
    kept = StringIO()
    safe = [[f"'{cell}" if str(cell)[:1] in tuple("=+-@\t\r") else cell for cell in row] for row in rows]
    csv.writer(kept).writerows(safe)
    return kept.getvalue()
