"""Sent again, picked up, the module's number, a pharmacy told: each a form of one decision."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from clinic import clock
from clinic.web.forms import TandemForm
from clinic.web.pages import attempt, me
from medications.pharmacies import actions, queries, ways
from medications.pharmacies.forms import PAPER, ModuleForm, PickUpForm, ResendForm
from medications.pharmacies.models import Transmission
from medications.pharmacies.views.directory import posted
from medications.pharmacies.views.way import row_of
from medications.prescribing.panels import TAB_KEY
from patients.record.access import patient_view
from patients.record.models import Patient


@require_http_methods(["GET", "POST"])
@patient_view("medication.prescribe")
def resend(request: HttpRequest, patient: Patient, pk: UUID) -> HttpResponse:
    """What did not leave goes again, there or elsewhere."""
    row = row_of(patient, pk)
    chosen = queries.preferred(patient.pk)
    first = str((chosen.pharmacy_id if chosen else row.pharmacy_id) or PAPER)
    form = ResendForm(posted(request), pharmacies=queries.pharmacies(), initial={"where": first})
    if form.is_valid():
        again = attempt(request, form, actions.resend, row=row, pharmacy=form.chosen, by=me(request))
        if again is not None:
            return _back(request, again, "It leaves again in ten seconds.")
    return _page(request, row, form, "Send it again", "Send it again", "It leaves ten seconds after you send it.")


@require_http_methods(["GET", "POST"])
@patient_view("medication.report")
def picked_up(request: HttpRequest, patient: Patient, pk: UUID) -> HttpResponse:
    """The patient has it."""
    row = row_of(patient, pk)
    form = PickUpForm(posted(request), initial={"on": clock.today(patient.zone), "told_by": "pharmacy"})
    if form.is_valid() and attempt(request, form, actions.pick_up, row=row, by=me(request), **form.cleaned_data):
        return _back(request, row, "Noted: picked up.")
    return _page(request, row, form, "Picked up", "Record the pick-up")


@require_http_methods(["GET", "POST"])
@patient_view("medication.prescribe")
def module_sent(request: HttpRequest, patient: Patient, pk: UUID) -> HttpResponse:
    """It was signed in the certified module (R-RX-06)."""
    row = row_of(patient, pk)
    form = ModuleForm(posted(request))
    if form.is_valid() and attempt(request, form, actions.module_sent, row=row, by=me(request), **form.cleaned_data):
        return _back(request, row, "Noted, with its number.")
    return _page(request, row, form, "Signed in the certified module", "Record the number", ways.MODULE)


@require_POST
@patient_view("medication.prescribe")
def told(request: HttpRequest, patient: Patient, pk: UUID) -> HttpResponse:
    """Somebody called the pharmacy, or cancelled it in the certified module."""
    row = row_of(patient, pk)
    found = ways.cancellation(row)
    if found is None:
        raise Http404
    actions.told(found, by=me(request))
    return _back(request, row, "Noted: the pharmacy was told.")


def _back(request: HttpRequest, row: Transmission, sentence: str) -> HttpResponse:
    messages.info(request, sentence)
    return redirect("pharmacies:transmission", patient_id=row.patient_id, pk=row.pk)


def _page(
    request: HttpRequest, row: Transmission, form: TandemForm, title: str, button: str, says: str = ""
) -> HttpResponse:
    context: dict[str, Any] = {
        "patient": row.patient, "tab": TAB_KEY, "form": form, "title": title, "button": button, "says": says,
        "way": ways.of(row),
    }  # fmt: skip
    return render(request, "pharmacies/tell.html", context, status=422 if form.is_bound else 200)
