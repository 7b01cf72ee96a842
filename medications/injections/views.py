"""The injections of one medicine: what was given, when the next is due, and the form that records one."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from clinic import clock
from clinic.web.pages import attempt, me
from medications.injections import actions, queries
from medications.injections.enums import What
from medications.injections.forms import InjectionForm
from medications.injections.models import Injection
from medications.prescribing import listing
from medications.prescribing import queries as prescribing
from medications.prescribing.models import Prescription
from medications.prescribing.panels import TAB_KEY
from patients.record.access import may, patient_view
from patients.record.models import Patient


@require_http_methods(["GET", "POST"])
@patient_view("medication.read")
def injection(request: HttpRequest, patient: Patient, pk: UUID) -> HttpResponse:
    """Everything that was recorded of one depot, and for who may record it, the form."""
    row = _row(patient, pk)
    allowed = may(me(request), "medication.report", patient.pk)
    if request.method == "POST" and not allowed:
        raise Http404
    gives = may(me(request), "medication.prescribe", patient.pk)
    first = {"what": What.HERE if gives else What.ELSEWHERE, "on_day": clock.today(patient.zone)}
    form = InjectionForm(request.POST if request.method == "POST" else None, initial=first)
    done = form.is_valid() and attempt(
        request, form, actions.record, prescription=row, by=me(request), **form.cleaned_data
    )  # fmt: skip
    if done:
        messages.success(request, "Recorded. The next one is counted from what was given last.")
        return redirect("prescribing:medication", patient_id=patient.pk)
    context = {**_context(patient, row), "form": form, "gives": gives, "allowed": allowed}
    return render(request, "injections/injection.html", context, status=422 if form.is_bound else 200)


def _context(patient: Patient, row: Prescription) -> dict[str, Any]:
    today = clock.today(patient.zone)
    return {
        "patient": patient, "tab": TAB_KEY, "today": today, "rows": queries.of_prescription(row.pk),
        "line": listing.line(row, today, {}, {}, given=listing.last_given([row])),
        "open": row.stopped_on is None or row.stopped_on > today,
    }  # fmt: skip


@require_GET
@patient_view("medication.read")
def told(request: HttpRequest, patient: Patient, pk: UUID) -> HttpResponse:
    """Where the timeline leads: the page of the medicine, at this injection."""
    row = get_object_or_404(Injection, pk=pk, patient=patient)
    address = reverse("injections:injection", kwargs={"patient_id": patient.pk, "pk": row.prescription_id})
    return redirect(f"{address}#i-{row.pk}")


@require_POST
@patient_view("medication.report")
def retract(request: HttpRequest, patient: Patient, pk: UUID) -> HttpResponse:
    """It was entered in error."""
    row = get_object_or_404(Injection.objects.select_related("prescription"), pk=pk, patient=patient)
    actions.retract(row, reason=request.POST.get("reason", ""), by=me(request))
    messages.success(request, "Struck through. The next one is counted without it.")
    return redirect("injections:injection", patient_id=patient.pk, pk=row.prescription_id)


def _row(patient: Patient, pk: UUID) -> Prescription:
    rows = prescribing.with_orders(Prescription.objects.filter(patient=patient, origin="ours", retracted_at=None))
    row = get_object_or_404(rows, pk=pk)
    if not queries.is_depot(row):
        raise Http404
    return row
