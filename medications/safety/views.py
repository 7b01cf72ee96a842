"""What is attested of a patient before a controlled substance: look-ups, examinations, and marking them as errors."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from clinic import clock
from clinic.web.forms import TandemForm
from clinic.web.pages import attempt, me
from medications.safety import actions, forms
from medications.safety.models import InPersonExam, PdmpCheck
from patients.record.access import may, patient_view
from patients.record.models import Patient

TAB = "medication"
KINDS: dict[str, type[PdmpCheck] | type[InPersonExam]] = {"look-up": PdmpCheck, "exam": InPersonExam}


def _data(request: HttpRequest) -> Any:
    return request.POST if request.method == "POST" else None


def _page(
    request: HttpRequest, patient: Patient, title: str, form: TandemForm, button: str, **more: Any
) -> HttpResponse:
    context = {"patient": patient, "tab": TAB, "title": title, "form": form, "button": button, **more}
    return render(request, "safety/form.html", context, status=422 if form.is_bound else 200)


@require_GET
@patient_view("medication.read")
def attested(request: HttpRequest, patient: Patient) -> HttpResponse:
    """Look-ups of the program and examinations in person, errors struck through. Two queries of its own."""
    context = {
        "patient": patient,
        "tab": TAB,
        "look_ups": PdmpCheck.objects.filter(patient=patient).select_related("recorded_by", "retracted_by")[:60],
        "exams": InPersonExam.objects.filter(patient=patient).select_related("recorded_by", "retracted_by")[:60],
        "may_prescribe": may(me(request), "medication.prescribe", patient.pk),
    }
    return render(request, "safety/attested.html", context)


@require_http_methods(["GET", "POST"])
@patient_view("medication.prescribe")
def look_up(request: HttpRequest, patient: Patient) -> HttpResponse:
    """Record a look-up of the monitoring program, or why there was none (R-RX-10)."""
    form = forms.LookUpForm(_data(request), initial={"looked_on": clock.today(patient.zone)})
    if form.is_valid() and attempt(
        request, form, actions.look_up, patient=patient, by=me(request), **form.cleaned_data
    ):
        messages.success(request, "Recorded.")
        return redirect("safety:attested", patient.pk)
    return _page(request, patient, "Prescription monitoring program", form, "Record the look-up")


@require_http_methods(["GET", "POST"])
@patient_view("medication.prescribe")
def exam(request: HttpRequest, patient: Patient) -> HttpResponse:
    """Record an examination in person (R-RX-09)."""
    form = forms.ExamForm(_data(request), initial={"examined_on": clock.today(patient.zone), "where": "here"})
    if form.is_valid() and attempt(
        request, form, actions.record_exam, patient=patient, by=me(request), **form.cleaned_data
    ):
        messages.success(request, "Recorded.")
        return redirect("safety:attested", patient.pk)
    return _page(request, patient, "Examination in person", form, "Record the examination")


@require_http_methods(["GET", "POST"])
@patient_view("medication.prescribe")
def in_error(request: HttpRequest, patient: Patient, kind: str, pk: UUID) -> HttpResponse:
    """Mark an attestation as entered in error."""
    if kind not in KINDS:
        raise Http404
    row = get_object_or_404(KINDS[kind], pk=pk, patient=patient)
    form = forms.ReasonForm(_data(request))
    if form.is_valid() and attempt(
        request, form, actions.retract, row=row, reason=form.cleaned_data["reason"], by=me(request)
    ):
        return redirect("safety:attested", patient.pk)
    says = "It stays here, struck through with your reason, and leaves the checks."
    return _page(request, patient, "Entered in error", form, "Mark as entered in error", says=says, danger=True)
