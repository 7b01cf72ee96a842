"""Pages of a risk flag: what raised it, who was told, and how it ends."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from clinic.web.pages import attempt, me, needs
from patients.record.access import may, patient_view
from patients.record.models import Patient
from patients.risk import actions, queries
from patients.risk.forms import CloseForm, RaiseForm
from patients.risk.models import RiskFlag, Source
from patients.risk.rules import licensed


@require_GET
@needs("risk.resolve")
def flags(request: HttpRequest) -> HttpResponse:
    """The open flags of the viewer's patients, the oldest first."""
    return render(request, "risk/flags.html", {"flags": queries.open_for(me(request))})


@require_http_methods(["GET", "POST"])
@patient_view("risk.raise")
def raise_flag(request: HttpRequest, patient: Patient) -> HttpResponse:
    """A clinician raises a flag by hand."""
    form = RaiseForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        flag = attempt(
            request, form, actions.raise_flag, patient=patient, source=Source.CLINICIAN,
            sentence=form.cleaned_data["sentence"], by=me(request),
        )  # fmt: skip
        if flag is not None:
            messages.info(request, "The care team and who is on call have been told.")
            return redirect("risk:flag", patient_id=patient.pk, pk=flag.pk)
    context = {"patient": patient, "tab": "", "form": form}
    return render(request, "risk/raise.html", context, status=422 if form.errors else 200)


@require_GET
@patient_view("chart.read")
def flag(request: HttpRequest, patient: Patient, pk: UUID) -> HttpResponse:
    """One flag; open: acknowledge and close; closed: how it ended."""
    return _page(request, patient, _flag(patient, pk), CloseForm())


@require_POST
@patient_view("risk.resolve")
def acknowledge(request: HttpRequest, patient: Patient, pk: UUID) -> HttpResponse:
    """A licensed clinician has seen it."""
    actions.acknowledge(_flag(patient, pk), by=me(request))
    return redirect("risk:flag", patient_id=patient.pk, pk=pk)


@require_POST
@patient_view("risk.resolve")
def close(request: HttpRequest, patient: Patient, pk: UUID) -> HttpResponse:
    """End the flag with a disposition and words."""
    shown, form = _flag(patient, pk), CloseForm(request.POST)
    if form.is_valid() and attempt(request, form, actions.close, flag=shown, by=me(request), **form.cleaned_data):
        messages.info(request, "The flag is closed, for everybody who had it.")
        return redirect("risk:flag", patient_id=patient.pk, pk=pk)
    shown = _flag(patient, pk)  # closed meanwhile: 409, and what was typed is shown to be kept
    return _page(request, patient, shown, form, status=409 if shown.closed_at else 422)


def _flag(patient: Patient, pk: UUID) -> RiskFlag:
    return get_object_or_404(queries.with_people(), pk=pk, patient=patient)


def _page(request: HttpRequest, patient: Patient, shown: RiskFlag, form: CloseForm, status: int = 200) -> HttpResponse:
    viewer = me(request)
    resolver = may(viewer, "risk.resolve", patient.pk)
    context = {
        "patient": patient,
        "tab": "",
        "flag": shown,
        "told": queries.told(shown),
        "source_url": queries.source_url(shown),
        "others": [other for other in queries.all_flags(patient.pk) if other.pk != shown.pk],
        "form": form,
        "may_resolve": resolver,
        "refusal": licensed(viewer) if resolver else None,
    }
    return render(request, "risk/flag.html", context, status=status)
