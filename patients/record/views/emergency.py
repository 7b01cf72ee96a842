"""Opening a chart in an emergency, and the privacy officer's list of such openings (R-HS-02)."""

from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from clinic import clock
from clinic.practice import config
from clinic.web.pages import attempt, me, needs
from patients.record import actions, queries
from patients.record.access import patient_view, rights
from patients.record.forms import EmergencyForm
from patients.record.models import EmergencyAccess, Patient

A_PAGE = 50


@patient_view("emergency.open", audited=False)
def emergency(request: HttpRequest, patient: Patient) -> HttpResponse:
    """Says what will happen, asks why, opens the chart for a limited time."""
    form = EmergencyForm(request.POST if request.method == "POST" else None)
    if form.is_valid() and attempt(
        request, form, actions.open_in_emergency, patient=patient, reason=form.cleaned_data["reason"], by=me(request)
    ):
        return redirect("chart:chart", patient.pk)
    context = {
        "patient": patient,
        "form": form,
        "minutes": config.value("emergency_minutes", clock.today(patient.site.zone)),
        "is_open": "chart.read" in rights(request, patient),
    }
    return render(request, "record/emergency.html", context, status=422 if form.is_bound else 200)


@needs("audit.read")
def emergencies(request: HttpRequest) -> HttpResponse:
    """Every emergency opening, those to review first. Two queries for the list."""
    page = Paginator(queries.emergencies(), A_PAGE).get_page(request.GET.get("page"))
    return render(request, "record/emergencies.html", {"page": page, "now": clock.now()})


@require_POST
@needs("audit.read")
def review(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The privacy officer has read it."""
    actions.review_emergency(get_object_or_404(EmergencyAccess, pk=pk), by=me(request))
    return redirect("record:emergencies")
