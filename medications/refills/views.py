"""Pages of the refill desk, and the front desk's “asks for a refill call”."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from clinic.web.pages import attempt, me, needs
from medications.prescribing.queries import current_order, practice_today
from medications.refills import actions, calc, gates, queries
from medications.refills.forms import CallForm, DecideForm
from medications.refills.models import RefillCall, RefillRequest
from patients.record import access
from patients.record.access import patient_view
from patients.record.models import Patient

GATES = ("order", "dose", "seen", "booked", "monitoring", "risk", "change", "early", "schedule", "fills")
SHOWN = 200


def _row(request: RefillRequest, today: Any) -> dict[str, Any]:
    by_gate = {gate["gate"]: gate for gate in request.gates}
    order = current_order(request.prescription, today)
    return {
        "request": request, "gates": [by_gate.get(name) for name in GATES], "order": order,
        "days": calc.days_left(request.supply_end, today), "asks": len(gates.against(request.gates)),
        "refused": gates.refused(request.gates),
    }  # fmt: skip


def _desk(request: HttpRequest, pk: UUID | None = None, form: DecideForm | None = None) -> HttpResponse:
    """The whole desk with one request open, the first by default. Fixed queries, whatever the number of rows."""
    today = practice_today()
    waiting = queries.with_current_orders(queries.desk(me(request))[:SHOWN], today)
    chosen = next((one for one in waiting if one.pk == pk), waiting[0] if waiting else None)
    if chosen is not None:
        access.read(me(request), chosen.patient_id)
    if chosen is not None and form is None:
        form = DecideForm(request_row=chosen, initial=_initial(chosen))
    context = {
        "rows": [_row(one, today) for one in waiting], "chosen": _row(chosen, today) if chosen else None, "form": form,
        "calls": queries.calls(me(request)), "done": queries.desk(me(request), "done")[:12], "today": today,
        "labels": [gate["label"] for gate in (chosen.gates if chosen else [])],
    }  # fmt: skip
    return render(request, "refills/desk.html", context, status=422 if form is not None and form.is_bound else 200)


def _initial(request: RefillRequest) -> dict[str, Any]:
    usual = actions.usual_supply(request)
    return {"quantity": usual.quantity.normalize(), "days": usual.days, "refills": usual.refills}


@needs("refill.decide")
def desk(request: HttpRequest) -> HttpResponse:
    """What waits, the first to run out first."""
    return _desk(request)


@require_http_methods(["GET", "POST"])
@patient_view("refill.decide")
def decide(request: HttpRequest, patient: Patient, pk: UUID) -> HttpResponse:
    """One request open at the desk; POST decides it and goes on to the next."""
    row = get_object_or_404(
        RefillRequest.objects.select_related("prescription__drug", "patient"), pk=pk, patient=patient
    )
    if request.method == "GET":
        return _desk(request, row.pk)
    form = DecideForm(request.POST, request_row=row)
    if form.is_valid() and _done(request, form, row):
        messages.info(request, _said(RefillRequest.objects.get(pk=row.pk)))
        return redirect("refills:desk")
    return _desk(request, row.pk, form)


def _done(request: HttpRequest, form: DecideForm, row: RefillRequest) -> bool:
    do, by = request.POST.get("do", ""), me(request)
    if do == "decline":
        data = form.cleaned_data
        return bool(
            attempt(
                request, form, actions.decline, request=row, reason=data["reason"],
                told_patient=data["told_patient"], by=by,
            )
        )  # fmt: skip
    if do == "bridge":
        days = form.cleaned_data.get("days") or 0
        return bool(attempt(request, form, actions.bridge, request=row, days=days, reasons=form.reasons(), by=by))
    if do == "approve":
        return bool(
            attempt(request, form, actions.approve, request=row, supply=form.supply(), reasons=form.reasons(), by=by)
        )
    form.add_error(None, "Choose what happens: approve, bridge or decline.")
    return False


def _said(row: RefillRequest) -> str:
    return (
        f"{row.get_state_display().capitalize()}. The patient gets a neutral message; it is in the mailbox of the demo."
    )


@require_http_methods(["GET", "POST"])
@patient_view("refill.ask")
def ask(request: HttpRequest, patient: Patient) -> HttpResponse:
    """The front desk notes that the patient asks for a refill call; no medicine is shown or named (R-HP-08)."""
    form = CallForm(request.POST if request.method == "POST" else None)
    if form.is_valid() and attempt(
        request, form, actions.ask_for_call, patient=patient, words=form.cleaned_data["words"], by=me(request)
    ):
        messages.info(request, "The prescriber is asked to call.")
        return redirect("record:desk", patient_id=patient.pk)
    context = {"patient": patient, "tab": "", "form": form}
    return render(request, "refills/ask.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "POST"])
@patient_view("refill.decide")
def call(request: HttpRequest, patient: Patient, pk: UUID) -> HttpResponse:
    """A patient who asks to be called; POST says that it was done."""
    row = get_object_or_404(RefillCall, pk=pk, patient=patient)
    if request.method == "POST":
        actions.call_done(row, by=me(request))
        return redirect("refills:desk")
    return render(request, "refills/call.html", {"patient": patient, "tab": "", "call": row})


@require_POST
@needs("refill.decide")
def renew(request: HttpRequest) -> HttpResponse:
    """Run the nightly job now: open what is due, renew every gate's answer. It approves nothing."""
    counts = actions.open_due(by=me(request))
    messages.info(request, f"Looked anew: {counts['opened']} opened, {counts['withdrawn']} withdrawn.")
    return redirect("refills:desk")
