"""What was dispensed and what was lost: the forms, the list, entered in error."""

from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from clinic import clock
from clinic.web.forms import TandemForm
from clinic.web.pages import attempt, me
from medications.prescribing import actions, calc, forms, listing, queries
from medications.prescribing.models import Fill, LostSupply, Prescription
from medications.prescribing.panels import TAB_KEY
from patients.record.access import may, patient_view
from patients.record.models import Patient

SOONER = "Recorded. It runs out sooner; a prescriber decides what replaces it."
AS_BEFORE = (
    "Recorded. It runs out no sooner: nothing was left by then, or what was dispensed on that day is counted as "
    "replacing it. Tell the prescriber if that is gone, too."
)


@require_http_methods(["GET", "POST"])
@patient_view("medication.report")
def fill(request: HttpRequest, patient: Patient, pk: UUID) -> HttpResponse:
    """What was dispensed, as pharmacy or patient tells."""
    row = _row(patient, pk)
    live = queries.live_authorisation(row)
    first: dict[str, Any] = {"filled_on": clock.today(patient.zone), "told_by": "pharmacy"}
    owed = queries.owed(row, first["filled_on"]) if live is not None else None
    if live is not None:
        quantity, days = (owed.quantity, owed.days) if owed else (live.quantity, live.days_supply)
        first |= {"quantity": calc.short(quantity), "days_supply": days}
    samples = may(me(request), "medication.prescribe", patient.pk) and row.drug is not None and not row.drug.schedule
    form = forms.FillForm(_data(request), initial=first, samples=samples)
    if _done(request, form, actions.record_fill, prescription=row):
        return _back(request, patient, "The fill is recorded.")
    return _page(request, patient, row, form, title="Record a fill", button="Record the fill", owed=owed)


@require_http_methods(["GET", "POST"])
@patient_view("medication.report")
def lost(request: HttpRequest, patient: Patient, pk: UUID) -> HttpResponse:
    """What the patient no longer has."""
    row = _row(patient, pk)
    form = forms.LossForm(_data(request), initial={"lost_on": clock.today(patient.zone)})
    before = _lasts(patient, row)
    if _done(request, form, actions.record_loss, prescription=row):
        return _back(request, patient, SOONER if _lasts(patient, _row(patient, pk)) != before else AS_BEFORE)
    return _page(request, patient, row, form, title="A supply was lost", button="Record the loss", losing=True)


@require_POST
@patient_view("medication.report")
def fill_in_error(request: HttpRequest, patient: Patient, pk: UUID) -> HttpResponse:
    """That fill never was."""
    row = get_object_or_404(Fill.objects.select_related("prescription"), pk=pk, patient=patient)
    actions.retract_fill(row, reason=request.POST.get("reason", ""), by=me(request))
    messages.success(request, "The fill is struck through; the run-out is counted without it.")
    return redirect("prescribing:fill", patient_id=patient.pk, pk=row.prescription_id)


@require_POST
@patient_view("medication.report")
def loss_in_error(request: HttpRequest, patient: Patient, pk: UUID) -> HttpResponse:
    """Nothing was lost."""
    row = get_object_or_404(LostSupply.objects.select_related("prescription"), pk=pk, patient=patient)
    actions.retract_loss(row, reason=request.POST.get("reason", ""), by=me(request))
    messages.success(request, "The loss is struck through; the run-out is counted without it.")
    return redirect("prescribing:fill", patient_id=patient.pk, pk=row.prescription_id)


def _data(request: HttpRequest) -> Any:
    return request.POST if request.method == "POST" else None


def _done(request: HttpRequest, form: TandemForm, action: Any, **kwargs: Any) -> Any:
    """Whether the form was sent, is valid, and its action was done."""
    if request.method != "POST" or not form.is_valid():
        return None
    return attempt(request, form, action, by=me(request), **kwargs, **form.cleaned_data)


def _lasts(patient: Patient, row: Prescription) -> date | None:
    """The day on which what is known to have been had is used up."""
    known = listing.run_out([row], clock.today(patient.zone)).get(row.pk)
    return known.on if known is not None else None


def _row(patient: Patient, pk: UUID) -> Prescription:
    rows = queries.with_orders(Prescription.objects.filter(patient=patient, origin="ours", retracted_at=None))
    return get_object_or_404(rows, pk=pk)


def _back(request: HttpRequest, patient: Patient, sentence: str) -> HttpResponse:
    messages.success(request, sentence)
    return redirect("prescribing:medication", patient_id=patient.pk)


def _page(
    request: HttpRequest, patient: Patient, row: Prescription, form: TandemForm, *, title: str, button: str,
    losing: bool = False, owed: queries.Owed | None = None,
) -> HttpResponse:  # fmt: skip
    today = clock.today(patient.zone)
    context = {
        "patient": patient, "tab": TAB_KEY, "form": form, "row": row, "title": title, "button": button,
        "losing": losing, "owed": owed, "line": listing.line(row, today, {}, {}, ends=listing.run_out([row], today)),
        "supplies": listing.supplies(row.pk),
    }  # fmt: skip
    return render(request, "prescribing/supplies.html", context, status=422 if request.method == "POST" else 200)
