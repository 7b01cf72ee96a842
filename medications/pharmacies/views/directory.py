"""The practice's pharmacies, whom a patient prefers, and checking a code. No page here names a medicine (R-HP-08)."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from clinic import permissions
from clinic.audit import actions as audit
from clinic.audit.enums import Kind
from clinic.refusal import Conflict, Refused
from clinic.web.forms import TandemForm
from clinic.web.pages import attempt, me, needs, note_refusal
from medications.pharmacies import actions, calc, codes, document, queries
from medications.pharmacies.forms import NONE, ChooseForm, CloseForm, CodeForm, PharmacyForm
from medications.pharmacies.models import Pharmacy, Transmission
from medications.pharmacies.panels import TAB_KEY
from patients.record import access
from patients.record.access import patient_view
from patients.record.models import Patient


def posted(request: HttpRequest) -> Any:
    """What was sent, if something was."""
    return request.POST if request.method == "POST" else None


def form_page(request: HttpRequest, title: str, form: TandemForm, button: str, **more: Any) -> HttpResponse:
    """One form on a page of its own; 422 (409 after a conflict) if it was sent and came back."""
    status = 409 if getattr(form, "conflict", False) else 422 if form.is_bound else 200
    context = {"title": title, "form": form, "button": button, **more}
    return render(request, "pharmacies/form.html", context, status=status)


@require_GET
@needs("pharmacy.read")
def directory(request: HttpRequest) -> HttpResponse:
    """Every pharmacy of the practice, and how many patients prefer it. One query for the rows."""
    roles = me(request).held_roles()
    context = {
        "rows": queries.directory(), "may_add": permissions.may(roles, "pharmacy.add"),
        "may_manage": permissions.may(roles, "pharmacy.manage"),
        "may_clear": permissions.may(roles, "pharmacy.messages"),
    }  # fmt: skip
    return render(request, "pharmacies/directory.html", context)


@require_http_methods(["GET", "POST"])
@needs("pharmacy.add")
def add(request: HttpRequest) -> HttpResponse:
    """A new pharmacy."""
    form = PharmacyForm(posted(request))
    if form.is_valid():
        fields = {name: value for name, value in form.cleaned_data.items() if name != "based_on"}
        if attempt(request, form, actions.save_pharmacy, by=me(request), **fields):
            messages.info(request, "The pharmacy is on the list.")
            return redirect("pharmacies:directory")
    return form_page(request, "A new pharmacy", form, "Add pharmacy")


@require_http_methods(["GET", "POST"])
@needs("pharmacy.manage")
def change(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What the list says of it."""
    row = get_object_or_404(Pharmacy, pk=pk)
    form = PharmacyForm(posted(request), initial=PharmacyForm.of(row))
    if form.is_valid() and _changed(request, form, row):
        messages.info(request, "Changed. Prescriptions keep what they said when they were signed.")
        return redirect("pharmacies:directory")
    return form_page(request, row.name, form, "Save", row=row)


def _changed(request: HttpRequest, form: PharmacyForm, row: Pharmacy) -> Any:
    """The change, or its refusal beside its field; after a conflict saving again is meant."""
    try:
        return actions.change_pharmacy(row, by=me(request), **form.cleaned_data)
    except Refused as refused:
        form.add_error(refused.field if refused.field in form.fields else None, refused.sentence)
        note_refusal(request, refused)
        if isinstance(refused, Conflict):
            form.conflict = True  # type: ignore[attr-defined]
            renewed = request.POST.copy()
            renewed["based_on"] = str(Pharmacy.objects.get(pk=row.pk).revision)
            form.data = renewed
        return None


@require_http_methods(["GET", "POST"])
@needs("pharmacy.manage")
def close(request: HttpRequest, pk: UUID) -> HttpResponse:
    """It is used no more."""
    row = get_object_or_404(Pharmacy, pk=pk)
    form = CloseForm(posted(request))
    if form.is_valid():
        ended = attempt(request, form, actions.close_pharmacy, row=row, by=me(request), **form.cleaned_data)
        if ended is not None:
            said = f" {ended} patients preferred it: ask them anew." if ended else ""
            messages.info(request, f"Used no more.{said}")
            return redirect("pharmacies:directory")
    says = "It stays in the list, marked. Nothing is sent there any more; patients who prefer it are to be asked anew."
    return form_page(request, f"No longer used: {row.name}", form, "Mark as no longer used", says=says, danger=True)


@require_http_methods(["GET", "POST"])
@patient_view("pharmacy.choose")
def preferred(request: HttpRequest, patient: Patient) -> HttpResponse:
    """Where the patient wants medicines sent, and where before."""
    now = queries.preferred(patient.pk)
    form = ChooseForm(
        posted(request), pharmacies=queries.pharmacies(), initial={"pharmacy": str(now.pharmacy_id) if now else NONE}
    )
    if form.is_valid():
        done = attempt(request, form, _choose, patient=patient, pharmacy=form.chosen, by=me(request))
        if done is not None:
            messages.info(request, "Noted. What is signed from now on goes there.")
            return redirect("pharmacies:preferred", patient_id=patient.pk)
    context = {
        "patient": patient, "tab": TAB_KEY, "form": form, "now": now, "before": queries.preferred_before(patient.pk),
        "may_add": permissions.may(me(request).held_roles(), "pharmacy.add"),
    }  # fmt: skip
    return render(request, "pharmacies/preferred.html", context, status=422 if form.is_bound else 200)


def _choose(**given: Any) -> bool:
    """None is a choice that is done, too."""
    actions.choose(**given)
    return True


@require_http_methods(["GET", "POST"])
@needs("pharmacy.read")
def verify(request: HttpRequest) -> HttpResponse:
    """Somebody asks whether a prescription is ours: what its code proves. Names neither patient nor medicine."""
    form = CodeForm(posted(request))
    context: dict[str, Any] = {"form": form}
    if form.is_valid():
        row = queries.by_code(calc.read_code(form.cleaned_data["code"]))
        audit.record(
            Kind.SEARCHED, by=me(request), what="pharmacies.verify", on=row, detail={"found": int(row is not None)}
        )
        context |= {"asked": True, "row": row, "genuine": row is not None and codes.genuine(row)}
        if row is not None:
            context |= {"void": document.across(row), "open": _may_open(request, row)}
    return render(request, "pharmacies/verify.html", context, status=422 if form.errors else 200)


def _may_open(request: HttpRequest, row: Transmission) -> bool:
    return access.may(me(request), "medication.read", row.patient_id)
