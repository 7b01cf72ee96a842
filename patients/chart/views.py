"""The chart, my day, and events of a patient's life."""

from datetime import date
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from clinic import clock
from clinic.web.pages import attempt, me, needs
from patients.chart import actions, page
from patients.chart.day import day_of
from patients.chart.forms import EventForm, InErrorForm
from patients.chart.models import LifeEvent
from patients.chart.queries import WINDOWS
from patients.record.access import patient_view
from patients.record.models import Patient


@require_GET
@patient_view("chart.read")
def chart(request: HttpRequest, patient: Patient) -> HttpResponse:
    """What changed since the viewer last saw the patient, what today holds, dose on score, and the rooms' panels."""
    asked = request.GET.get("window", "")
    with timezone.override(patient.zone):
        context = page.chart(patient, me(request), asked if asked in WINDOWS else "", get_token(request))
        return render(request, "chart/chart.html", context)


@require_http_methods(["GET", "POST"])
@patient_view("record.write")
def event(request: HttpRequest, patient: Patient) -> HttpResponse:
    """Enter an event of the patient's life."""
    data = request.POST if request.method == "POST" else None
    form = EventForm(data, initial={"on": clock.today(patient.zone)})
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        made = attempt(
            request, form, actions.add_event, patient=patient, words=given["words"], on=given["on"],
            event_id=given["key"], by=me(request),
        )  # fmt: skip
        if made is not None:
            messages.info(request, "The event is on the timeline.")
            return redirect("chart:chart", patient_id=patient.pk)
    context = {"patient": patient, "tab": "chart", "form": form}
    return render(request, "chart/event.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@patient_view("chart.read")
def life_event(request: HttpRequest, patient: Patient, pk: UUID) -> HttpResponse:
    """One event; whoever may write the record marks it as entered in error."""
    row = get_object_or_404(LifeEvent.objects.select_related("recorded_by", "retracted_by"), pk=pk, patient=patient)
    may_write = page.may_of(me(request), patient.pk)("record.write")
    form = InErrorForm(request.POST if request.method == "POST" else None)
    if request.method == "POST":
        if not may_write:
            raise Http404
        if form.is_valid() and attempt(
            request, form, actions.retract_event, event=row, reason=form.cleaned_data["reason"], by=me(request)
        ):
            return redirect("chart:chart", patient_id=patient.pk)
    context = {"patient": patient, "tab": "chart", "event": row, "form": form, "may_write": may_write}
    return render(request, "chart/life_event.html", context, status=422 if form.errors else 200)


@require_GET
@needs("note.write")
def my_day(request: HttpRequest, day: date | None = None) -> HttpResponse:
    """The bookings of the viewer's day, what to know before each, what waits to be signed."""
    found = day_of(me(request), day)
    with timezone.override(found.zone):
        context = {"day": found, "today": clock.today(found.zone), "nav_here": "chart:my_day"}
        return render(request, "chart/my_day.html", context)
