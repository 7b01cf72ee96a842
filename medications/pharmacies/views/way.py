"""One prescription on its way: where it is, its document, undo; and the list for the certified module."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_POST

from clinic.audit import actions as audit
from clinic.audit.enums import Kind
from clinic.web.pages import me, needs
from medications.pharmacies import actions, queries, ways
from medications.pharmacies import document as documents
from medications.pharmacies.enums import Route
from medications.pharmacies.models import Transmission
from medications.prescribing.panels import TAB_KEY
from patients.record import access
from patients.record.access import patient_view, rights
from patients.record.models import Patient


def row_of(patient: Patient, pk: UUID) -> Transmission:
    """The transmission with all that is shown of it. One query."""
    return get_object_or_404(queries.with_all(Transmission.objects.all()), pk=pk, patient=patient)


def way_of(request: HttpRequest, patient: Patient, pk: UUID) -> ways.Way:
    """Its way, as far as the viewer may act on it."""
    held = rights(request, patient)
    return ways.of(row_of(patient, pk), may="medication.prescribe" in held, may_tell="medication.report" in held)


@require_GET
@patient_view("medication.read")
def transmission(request: HttpRequest, patient: Patient, pk: UUID) -> HttpResponse:
    """The whole way of one prescription, with dates and persons."""
    way = way_of(request, patient, pk)
    context = {"patient": patient, "tab": TAB_KEY, "way": way, "steps": list(way.steps())}
    return render(request, "pharmacies/transmission.html", context)


@require_GET
@patient_view("medication.read", audited=False)
def state(request: HttpRequest, patient: Patient, pk: UUID) -> HttpResponse:
    """The line that is asked again while it moves. Asking is no reading of its own."""
    context = {
        "patient": patient, "way": way_of(request, patient, pk), "named": request.GET.get("named") == "1",
        "next": _next(request.GET.get("next", ""), request) or "",
    }  # fmt: skip
    return render(request, "pharmacies/state.html", context)


@require_POST
@patient_view("medication.prescribe")
def undo(request: HttpRequest, patient: Patient, pk: UUID) -> HttpResponse:
    """Take it back within ten seconds; after that the refusal is a sentence (422)."""
    said = actions.undo(row_of(patient, pk), by=me(request))
    messages.info(request, " ".join(["Taken back: nothing left the practice, and nothing is authorized now.", *said]))
    back = _next(request.POST.get("next", ""), request)
    return redirect(back or reverse("prescribing:medication", kwargs={"patient_id": patient.pk}))


def _next(asked: str, request: HttpRequest) -> str | None:
    """A page of ours to go back to, if that is what was asked for."""
    fine = asked.startswith("/") and url_has_allowed_host_and_scheme(asked, allowed_hosts={request.get_host()})
    return asked if fine and len(asked) < 300 and asked.isascii() and "\n" not in asked else None


@require_GET
@patient_view("medication.prescribe")
def document(request: HttpRequest, patient: Patient, pk: UUID) -> HttpResponse:
    """The prescription as PDF, audited as printed; a page to print, with a sentence, where PDFs cannot be made."""
    row = row_of(patient, pk)
    if row.route == Route.MODULE:
        raise Http404  # the certified module makes its own
    audit.record(Kind.PRINTED, by=me(request), on=row, what="pharmacies.document")
    try:
        made = documents.pdf(row)
    except documents.NoLibraries:
        return render(request, "pharmacies/print.html", {"why": documents.NO_PDF, **documents.context(row)})
    answer = HttpResponse(made, content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="prescription-{row.pk}.pdf"'
    return answer


@require_GET
@needs("medication.prescribe")
def module(request: HttpRequest) -> HttpResponse:
    """Controlled substances to be signed in the certified module, by patient (R-RX-06). Each patient is a reading."""
    rows = queries.module_list(me(request))
    for patient_id in dict.fromkeys(row.patient_id for row in rows):
        access.read(me(request), patient_id)
    by_patient: dict[UUID, list[Any]] = {}
    for row in rows:
        by_patient.setdefault(row.patient_id, []).append(ways.of(row, may=True))
    context = {"groups": [(found[0].row.patient, found) for found in by_patient.values()], "words": ways.MODULE}
    return render(request, "pharmacies/module.html", context)
