"""Going through the list of medicines with the patient, and what was said."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from clinic import clock
from clinic.refusal import Conflict, Refused
from clinic.rows import new_id
from clinic.web.pages import me, note_refusal
from medications.prescribing.panels import TAB_KEY
from medications.reconciling import actions, forms, queries
from medications.reconciling.models import Reconciliation
from medications.reconciling.queries import Listed
from medications.visits.models import Visit
from patients.record.access import may, patient_view
from patients.record.models import Patient


@require_http_methods(["GET", "POST"])
@patient_view("medication.report")
def go(request: HttpRequest, patient: Patient) -> HttpResponse:
    """Every medicine with its four answers; one button. `?visit=<id>`: at a visit that is being written."""
    visit = _visit(request, patient)
    listed = queries.listed(patient.pk, clock.today(patient.zone))
    if request.method == "GET":
        return _page(request, patient, forms.ListForm(None, listed=listed), visit=visit)
    given = forms.seen(request.POST)
    form = forms.ListForm(request.POST, listed=listed)
    stale = bool(forms.stale(given, listed)) or len(given) != len(listed)
    if not stale and not form.is_valid():
        return _page(request, patient, form, visit=visit, status=422)
    try:
        actions.go_through(
            patient, said=given, after=forms.key(request.POST.get("after")), key=forms.key(request.POST.get("key")),
            visit=visit, by=me(request),
        )  # fmt: skip
    except Conflict as conflict:
        return _renewed(request, patient, conflict, visit)
    except Refused as refused:
        form.add_error(refused.field if refused.field in form.fields else None, refused.sentence)
        note_refusal(request, refused)
        return _page(request, patient, form, visit=visit, status=422)
    messages.success(request, "Recorded. No order was changed.")
    if "then_add" in request.POST:
        return redirect("prescribing:report", patient_id=patient.pk)
    return redirect(_back(patient, visit))


def _renewed(request: HttpRequest, patient: Patient, conflict: Conflict, visit: Visit | None) -> HttpResponse:
    """The page on the list as it is now, with what was entered: recording it again is meant."""
    note_refusal(request, conflict)
    listed = queries.listed(patient.pk, clock.today(patient.zone))
    data = forms.renewed(request.POST, listed)
    form = forms.ListForm(data, listed=listed, changed=forms.stale(forms.seen(request.POST), listed))
    form.is_valid()
    form.add_error(None, conflict.sentence)
    return _page(request, patient, form, visit=visit, status=409)


def _page(
    request: HttpRequest, patient: Patient, form: forms.ListForm, *, visit: Visit | None, status: int = 200
) -> HttpResponse:
    last = queries.last(patient.pk)
    context: dict[str, Any] = {
        "patient": patient,
        "tab": TAB_KEY,
        "form": form,
        "visit": visit,
        "key": forms.key(request.POST.get("key")) or new_id(),
        "last": last,
        "said": queries.said(patient.pk),
        "back": _back(patient, visit),
    }
    return render(request, "reconciling/list.html", context, status=status)


def _visit(request: HttpRequest, patient: Patient) -> Visit | None:
    """The visit that the page was opened from; a foreign one is none, and 404."""
    text = request.POST.get("visit") or request.GET.get("visit")
    if not text:
        return None
    pk = forms.key(text)
    if pk is None:
        raise Http404
    rows = Visit.objects.select_related("note").filter(patient=patient, note__author=me(request))
    found = get_object_or_404(rows, pk=pk)
    return None if found.note.is_signed else found


def _back(patient: Patient, visit: Visit | None) -> str:
    if visit is not None:
        return reverse("visits:visit", kwargs={"patient_id": patient.pk, "pk": visit.pk})
    return reverse("prescribing:medication", kwargs={"patient_id": patient.pk})


@require_GET
@patient_view("medication.read")
def told(request: HttpRequest, patient: Patient, pk: UUID) -> HttpResponse:
    """What was said that day, line by line, with the way to an answer; and the other times."""
    row = _row(patient, pk)
    lines = row.lines.select_related("prescription__drug", "order")
    open_lines = {line.pk for line in queries.said(patient.pk).values()}
    context = {
        "patient": patient,
        "tab": TAB_KEY,
        "row": row,
        "lines": [
            {"line": line, "listed": Listed(line.prescription, line.order, line.on_hold), "open": line.pk in open_lines}
            for line in lines
        ],
        "others": _others(patient, row),
        "may_prescribe": may(me(request), "medication.prescribe", patient.pk),
        "may_report": may(me(request), "medication.report", patient.pk),
    }
    return render(request, "reconciling/told.html", context)


def _others(patient: Patient, row: Reconciliation) -> Sequence[Reconciliation]:
    return [one for one in queries.times(patient.pk) if one.pk != row.pk]


@require_POST
@patient_view("medication.report")
def retract(request: HttpRequest, patient: Patient, pk: UUID) -> HttpResponse:
    """It was entered in error."""
    actions.retract(_row(patient, pk), reason=request.POST.get("reason", ""), by=me(request))
    messages.success(request, "Struck through. What came from elsewhere and was ended stays ended.")
    return redirect("prescribing:medication", patient_id=patient.pk)


def _row(patient: Patient, pk: UUID) -> Reconciliation:
    rows = Reconciliation.objects.select_related("recorded_by", "retracted_by", "visit__note")
    return get_object_or_404(rows, pk=pk, patient=patient)
