"""Starting a drug and changing its dose, with the checks while one types."""

from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from clinic import clock
from clinic.refusal import Conflict, Refused
from clinic.rows import new_id
from clinic.web.pages import me, note_refusal
from medications.catalogue import queries as catalogue
from medications.catalogue.models import Drug, Product
from medications.prescribing import actions, calc, desk, forms, listing, queries, rhythms
from medications.prescribing.checks import is_depot
from medications.prescribing.models import DoseOrder, Prescription, StoredFinding
from medications.prescribing.panels import TAB_KEY
from medications.prescribing.plans import problem_choices
from medications.safety.knowledge import current
from patients.plan.models import Problem
from patients.record.access import patient_view
from patients.record.models import Patient

NO_SUPPLY = "Nothing goes to a pharmacy: no quantity was written."


@require_http_methods(["GET", "POST"])
@patient_view("medication.prescribe")
def new(request: HttpRequest, patient: Patient) -> HttpResponse:
    """Choose a drug; with `?drug=<id>` write its first order."""
    drug = _asked_drug(request)
    if drug is None:
        return render(request, "prescribing/choose.html", {"patient": patient, "tab": TAB_KEY})
    form = _new_form(request, patient, drug)
    given = forms.answers(request.POST)
    if request.method == "POST" and form.is_valid():
        order = _attempt(
            request, form, actions.prescribe, patient=patient, regimen=form.regimen, supply=form.supply,
            target_symptom=form.cleaned_data["target_symptom"], reason=form.cleaned_data["reason"],
            from_day=form.cleaned_data["from_day"], problem=_problem(patient, form.cleaned_data["problem"]),
            key=form.cleaned_data["key"], seen=form.cleaned_data["seen"], then=form.then, sample=form.sampled,
            answers=given, by=me(request),
        )  # fmt: skip
        if order is not None:
            messages.success(request, "Signed." if form.supply else f"Signed. {NO_SUPPLY}")
            return redirect("prescribing:medication", patient_id=patient.pk)
    return _dose_page(request, patient, form, drug, None, given)


@require_http_methods(["GET", "POST"])
@patient_view("medication.prescribe")
def change(request: HttpRequest, patient: Patient, pk: UUID) -> HttpResponse:
    """Change the dose: now → new, the picture, the findings, one button."""
    prescription = _live(patient, pk)
    order = queries.last_order(prescription, clock.today(patient.zone))
    if order is None or prescription.drug is None:
        raise Http404
    form = _change_form(request, patient, prescription)
    given = forms.answers(request.POST) if request.method == "POST" else _earlier(prescription)
    if request.method == "POST" and form.is_valid():
        changed = _attempt(
            request, form, actions.change_dose, prescription=prescription, regimen=form.regimen, supply=form.supply,
            reason=form.cleaned_data["reason"], from_day=form.cleaned_data["from_day"],
            based_on=form.cleaned_data["based_on"], then=form.then, sample=form.sampled, answers=given,
            by=me(request),
        )  # fmt: skip
        if changed is not None:
            said = "The care team sees it now."
            messages.success(request, f"Signed. {said}" if form.supply else f"Signed. {said} {NO_SUPPLY}")
            return redirect("prescribing:medication", patient_id=patient.pk)
    return _dose_page(request, patient, form, prescription.drug, prescription, given)


@require_POST
@patient_view("medication.prescribe")
def check(request: HttpRequest, patient: Patient, pk: UUID | None = None) -> HttpResponse:
    """What stands against the dose as it is typed: findings, picture, foot. Writes nothing."""
    if pk is None:
        drug = _asked_drug(request)
        if drug is None:
            raise Http404
        prescription: Prescription | None = None
        form: forms.DoseForm = _new_form(request, patient, drug)
    else:
        prescription = _live(patient, pk)
        if prescription.drug is None:
            raise Http404
        drug, form = prescription.drug, _change_form(request, patient, prescription)
    seen = desk.look(
        patient, form, drug, prescription=prescription, answers=forms.answers(request.POST), by=me(request)
    )
    context = {"desk": seen, "patient": patient, "prescription": prescription}
    return render(request, "prescribing/checked.html", context)


def _dose_page(
    request: HttpRequest,
    patient: Patient,
    form: forms.DoseForm,
    drug: Drug,
    prescription: Prescription | None,
    given: dict[str, actions.Override],
) -> HttpResponse:
    tried = request.method == "POST"
    today = clock.today(patient.zone)
    context: dict[str, Any] = {
        "patient": patient,
        "tab": TAB_KEY,
        "form": form,
        "drug": drug,
        "prescription": prescription,
        "now": queries.last_order(prescription, today) if prescription else None,
        "ahead": queries.next_order(prescription, today) if prescription else None,
        "later": queries.after_next(prescription, today) if prescription else [],
        "desk": desk.look(patient, form, drug, prescription=prescription, answers=given, tried=tried, by=me(request)),
        "said": listing.told(patient, me(request)).said.get(prescription.pk) if prescription else None,
        "schedule": drug.schedule,
        "moment": clock.now(),
    }
    status = 200 if not tried else 409 if getattr(form, "conflict", False) else 422
    return render(request, "prescribing/dose.html", context, status=status)


def _attempt(request: HttpRequest, form: forms.DoseForm, action: Any, **kwargs: Any) -> Any:
    """The action, or its refusal beside its field; a conflict also renews the base, so that signing again is meant."""
    try:
        return action(**kwargs)
    except Refused as refused:
        field = refused.field if refused.field in form.fields else None
        if not refused.field.startswith("answer:"):
            form.add_error(field, refused.sentence)
        if isinstance(refused, Conflict):
            form.conflict = True  # type: ignore[attr-defined]
            renewed = request.POST.copy()
            renewed["based_on"] = str(Prescription.objects.get(pk=kwargs["prescription"].pk).revision)
            form.data = renewed
        note_refusal(request, refused)
        return None


def _asked_drug(request: HttpRequest) -> Drug | None:
    try:
        pk = UUID(request.POST.get("drug") or request.GET.get("drug") or "")
    except ValueError:
        return None
    return get_object_or_404(Drug, pk=pk)


def _new_form(request: HttpRequest, patient: Patient, drug: Drug) -> forms.NewForm:
    products = list(catalogue.products(drug.pk))
    first = _first(products, drug)
    shown = calc.short(first.strength) if first else ""
    initial = {
        "product": str(first.pk) if first else "", "from_day": clock.today(patient.zone), "every_days": "1",
        "q_morning": "1", "daily": shown, "daily_shown": shown, "quantity": "30", "days": 30, "refills": 0,
        "key": new_id(),
    }  # fmt: skip
    if first and is_depot(first):  # none is daily: most are given every four weeks
        initial |= {"every_days": "28", "quantity": "1", "days": 28}
    data = request.POST if request.method == "POST" else None
    return forms.NewForm(data, initial=initial, products=products, problems=problem_choices(patient.pk))


def _first(products: list[Product], drug: Drug) -> Product | None:
    """The product that comes nearest to the label's start in one piece."""
    known = current().drug(drug.generic_name)
    start = known.start_mg if known else None
    whole = [one for one in products if not one.per and one.unit == "mg"] or products
    if start is None or not whole:
        return whole[0] if whole else None
    return min(whole, key=lambda one: (abs(one.strength - start), one.form != "tablet", one.release != "immediate"))


def _change_form(request: HttpRequest, patient: Patient, prescription: Prescription) -> forms.DoseForm:
    assert prescription.drug_id is not None
    order = queries.last_order(prescription, clock.today(patient.zone))
    initial = forms.of_order(order, _begins(order, prescription, clock.today(patient.zone))) if order else {}
    initial["based_on"] = prescription.revision
    products = list(catalogue.products(prescription.drug_id))
    if order is not None and order.product_id not in {one.pk for one in products}:
        products.insert(0, order.product)
    data = request.POST if request.method == "POST" else None
    return forms.DoseForm(data, initial=initial, products=products)


def _begins(order: DoseOrder, prescription: Prescription, today: date) -> date:
    """When a change begins: today; what is not taken daily on its next day, so that its rhythm is kept."""
    if queries.is_depot(order):
        last = listing.last_given([prescription]).get(prescription.pk)
        first = rhythms.after_given(order.from_day, order.every_days, last, None) or today
    else:
        first = rhythms.next_due(order.from_day, order.every_days, today) if order.every_days > 1 else today
    return max(first, today, prescription.started_on)


def _live(patient: Patient, pk: UUID) -> Prescription:
    rows = queries.with_orders(Prescription.objects.filter(patient=patient, origin="ours", retracted_at=None))
    return get_object_or_404(rows, pk=pk, stopped_on=None)


def _problem(patient: Patient, pk: str) -> Problem | None:
    return Problem.objects.filter(patient=patient, pk=pk).first() if pk else None


def _earlier(prescription: Prescription) -> dict[str, actions.Override]:
    """The reasons given at the last signature, so that the same finding is not explained from nothing."""
    rows = StoredFinding.objects.filter(
        order__prescription=prescription, order__retracted_at=None, level__in=["stop", "ask"]
    ).order_by("order__signed_at", "pk")
    return {row.code: actions.Override(row.override_code, row.override_words) for row in rows}
