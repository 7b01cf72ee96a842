"""The Medication tab, and one order as it was signed."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from clinic import clock
from clinic.ports import MedicineLink, load
from clinic.web.pages import me
from medications.prescribing import forms, listing, queries
from medications.prescribing import history as courses
from medications.prescribing.desk import unasked
from medications.prescribing.models import DoseOrder
from medications.prescribing.panels import TAB_KEY
from medications.safety import knowledge
from medications.safety.enums import OVERRIDES
from patients.record.access import may, patient_view
from patients.record.models import Patient


@require_GET
@patient_view("medication.read")
def medication(request: HttpRequest, patient: Patient) -> HttpResponse:
    """Everything that is taken, was taken, or was entered in error. A fixed number of queries."""
    return page(request, patient)


def page(request: HttpRequest, patient: Patient, **failed: object) -> HttpResponse:
    """The tab; with a dialog's form that came back with an error, open again (422)."""
    today = clock.today(patient.zone)
    medicines = listing.medicines(patient.pk, today)
    ours = [line.row.pk for line in medicines.ours]
    context = {
        "patient": patient,
        "tab": TAB_KEY,
        "today": today,
        "medicines": medicines,
        "told": listing.told(patient, me(request)),
        "parts": [(one.template, one.of(patient, me(request), ours)) for one in load("MEDICATION_PARTS")],
        "may_prescribe": may(me(request), "medication.prescribe", patient.pk),
        "may_report": may(me(request), "medication.report", patient.pk),
        "version": knowledge.current().version,
        "links": links(patient, me(request)),
        **failed,
    }
    return render(request, "prescribing/medication.html", context, status=422 if failed else 200)


def links(patient: Patient, viewer: object) -> dict[UUID, list[MedicineLink]]:
    """What upper rooms offer beside each medicine (port MEDICINE_LINKS), and their queries."""
    found: dict[UUID, list[MedicineLink]] = {}
    for room in load("MEDICINE_LINKS"):
        for pk, offered in room(patient, viewer).items():
            found.setdefault(pk, []).extend(offered)
    return found


@require_GET
@patient_view("medication.read")
def history(request: HttpRequest, patient: Patient) -> HttpResponse:
    """Every prescription as a lane over time, under the symptom curves; ?window= says how far back."""
    found = courses.context(patient, request.GET.get("window", ""))
    return render(request, "prescribing/history.html", {**found, "tab": TAB_KEY})


@require_GET
@patient_view("medication.read")
def order(request: HttpRequest, patient: Patient, pk: UUID) -> HttpResponse:
    """One dose order: what was signed, why, and what stood against it."""
    rows = DoseOrder.objects.select_related("prescription__drug", "product", "signed_by", "retracted_by")
    found = get_object_or_404(rows, pk=pk, patient=patient)
    said = listing.findings(listing.signed_with(found))
    kept = [one for rows in said.values() for one in rows]
    context = {
        "patient": patient,
        "tab": TAB_KEY,
        "order": found,
        "name": queries.generic_name(found.prescription).capitalize(),
        "dose": queries.dose(found),
        "product": forms.product_label(found.product),
        "steps": (steps := queries.pack_of(found)),
        "first_of_steps": bool(steps) and found.pack_id is None,
        "rest": queries.rest_without(found),
        "supplies": queries.supplies_of(found),
        "findings": [one for one in kept if one.level != "not_checked"],
        "unchecked": unasked(one.title for one in kept if one.level == "not_checked"),
        "overrides": OVERRIDES,
        "may_prescribe": may(me(request), "medication.prescribe", patient.pk),
    }
    return render(request, "prescribing/order.html", context)
