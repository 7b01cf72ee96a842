"""The Monitoring tab: what is due, courses with their safe range, one result, circumstances."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from clinic import clock
from clinic.web.pages import attempt, me
from medications.monitoring import actions, calc, knowledge, pages, queries
from medications.monitoring.circumstances import KNOWN
from medications.monitoring.forms import AnswerForm, CircumstanceForm, ResultForm, RetractForm
from medications.monitoring.models import Circumstance, Result
from medications.monitoring.panels import TAB
from patients.record.access import patient_view, rights
from patients.record.models import Patient


@require_GET
@patient_view("medication.read")
def monitoring(request: HttpRequest, patient: Patient) -> HttpResponse:
    """What is due and why, what waits for an answer, every course. A fixed number of queries."""
    return _tab(request, patient)


def _tab(
    request: HttpRequest, patient: Patient, form: CircumstanceForm | None = None, status: int = 200
) -> HttpResponse:
    due = pages.due_of(patient)
    mine = rights(request, patient)
    handles, records = "results.handle" in mine, "results.record" in mine
    readings = queries.situations([patient.pk])[patient.pk].results
    protocols = knowledge.current().protocols
    followed = [protocols[key] for key in dict.fromkeys(one.row.protocol for one in due) if key in protocols]
    context = {
        "patient": patient, "tab": TAB.key, "overdue": [one for one in due if one.days > 0],
        "ahead": [one for one in due if one.days <= 0], "protocols": followed,
        "alerts": pages.alert_lines(queries.to_handle(patient.pk), plain=not handles),
        "courses": pages.courses(patient, queries.results_of(patient.pk), readings),
        "may_record": records, "recordable": pages.recordable(patient.pk, due) if records else [],
        "circumstances": [(one, KNOWN[one.key].words) for one in queries.circumstances(patient.pk) if one.key in KNOWN],
        "form": form or CircumstanceForm(initial={"since": clock.today(patient.zone)}),
        "attribution": knowledge.current().attribution, "version": knowledge.current().version,
    }  # fmt: skip
    return render(request, "monitoring/monitoring.html", context, status=status)


@require_http_methods(["GET", "POST"])
@patient_view("results.record")
def record(request: HttpRequest, patient: Patient, code: str) -> HttpResponse:
    """One result, entered with its unit, range and time after the dose."""
    item = knowledge.current().codes().get(code)
    if item is None or code in pages.MEASURES:
        raise Http404
    form = ResultForm(request.POST if request.method == "POST" else None, item=item, patient=patient)
    if request.method == "POST" and form.is_valid():
        row = attempt(
            request, form, actions.record, patient=patient, given=form.given(), key=form.cleaned_data["key"],
            by=me(request),
        )  # fmt: skip
        if row is not None and row.level:
            messages.info(request, "Recorded. It lies outside its range: read what the data say about it.")
            return redirect("monitoring:result", patient_id=patient.pk, pk=row.pk)
        if row is not None:
            messages.info(request, "Recorded. What is due follows it.")
            return redirect("monitoring:monitoring", patient_id=patient.pk)
    due = next((one for one in pages.due_of(patient) if one.row.code == code), None)
    context = {
        "patient": patient, "tab": TAB.key, "form": form, "item": item, "due": due, "unit": calc.shown_unit(item.unit),
        "name": item.title, "unsure": "value" in form.errors and "sure" in form.fields,
    }  # fmt: skip
    return render(request, "monitoring/record.html", context, status=422 if form.errors else 200)


@require_GET
@patient_view("medication.read")
def result(request: HttpRequest, patient: Patient, pk: UUID) -> HttpResponse:
    """One result: what it says, and what was done about it."""
    return _result(request, patient, _row(patient, pk))


@require_POST
@patient_view("results.handle")
def answer(request: HttpRequest, patient: Patient, pk: UUID) -> HttpResponse:
    """A prescriber says what is done about it."""
    row, form = _row(patient, pk), AnswerForm(request.POST)
    if form.is_valid() and attempt(request, form, actions.handle, result=row, by=me(request), **form.cleaned_data):
        messages.info(request, "Answered. The care team reads it here.")
        return redirect("monitoring:monitoring", patient_id=patient.pk)
    return _result(request, patient, _row(patient, pk), answering=form, status=422)


@require_POST
@patient_view("results.record")
def retract(request: HttpRequest, patient: Patient, pk: UUID) -> HttpResponse:
    """The result was entered in error."""
    row, form = _row(patient, pk), RetractForm(request.POST)
    if form.is_valid() and attempt(request, form, actions.retract, result=row, by=me(request), **form.cleaned_data):
        messages.info(request, "Struck through. What it had met is due again.")
        return redirect("monitoring:monitoring", patient_id=patient.pk)
    return _result(request, patient, _row(patient, pk), striking=form, status=422)


@require_http_methods(["POST"])
@patient_view("results.record")
def circumstance(request: HttpRequest, patient: Patient) -> HttpResponse:
    """Record something that changes what is due."""
    form = CircumstanceForm(request.POST)
    if form.is_valid() and attempt(request, form, actions.note, patient=patient, by=me(request), **form.cleaned_data):
        messages.info(request, "Recorded. What is due follows it.")
        return redirect("monitoring:monitoring", patient_id=patient.pk)
    return _tab(request, patient, form, status=422)


@require_POST
@patient_view("results.record")
def end(request: HttpRequest, patient: Patient, pk: UUID) -> HttpResponse:
    """A circumstance holds no longer."""
    actions.end(get_object_or_404(Circumstance, pk=pk, patient=patient), by=me(request))
    messages.info(request, "Ended. What is due follows it.")
    return redirect("monitoring:monitoring", patient_id=patient.pk)


def _row(patient: Patient, pk: UUID) -> Result:
    rows = Result.objects.select_related("recorded_by", "handled_by", "retracted_by")
    return get_object_or_404(rows, pk=pk, patient=patient)


def _result(
    request: HttpRequest, patient: Patient, row: Result, *, answering: AnswerForm | None = None,
    striking: RetractForm | None = None, status: int = 200,
) -> HttpResponse:  # fmt: skip
    item = knowledge.current().item(row.code)
    mine = rights(request, patient)
    handles = "results.handle" in mine
    context: dict[str, Any] = {
        "patient": patient, "tab": TAB.key, "row": row, "said": actions.results.said(row), "item": item,
        "unit": calc.shown_unit(row.unit), "may_answer": handles and row.level and not row.handled_at,
        "plain": not handles, "struck": bool(striking),
        "may_retract": row.retracted_at is None and "results.record" in mine,
        "answering": answering or AnswerForm(), "striking": striking or RetractForm(),
    }  # fmt: skip
    return render(request, "monitoring/result.html", context, status=status)
