"""Pages of the lines between colleagues."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from clinic.web import language
from clinic.web.pages import attempt, me
from patients.handoffs import actions, queries
from patients.handoffs.forms import InErrorForm, LineForm, SendForm
from patients.handoffs.models import Handoff
from patients.record.access import patient_view
from patients.record.models import Patient

MOST = 100


@require_GET
@patient_view("handoff.write")
def lines(request: HttpRequest, patient: Patient) -> HttpResponse:
    """The patient's lines, newest first. A fixed number of queries."""
    found = list(queries.thread(patient.pk)[:MOST])
    context = {"patient": patient, "tab": "", "lines": found, "viewer": me(request)}
    return render(request, "handoffs/lines.html", context)


@require_http_methods(["GET", "POST"])
@patient_view("handoff.write")
def new(request: HttpRequest, patient: Patient) -> HttpResponse:
    """Write a line to somebody on the care team."""
    data = request.POST if request.method == "POST" else None
    form = SendForm(data, patient=patient, sender=me(request))
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        sent = attempt(
            request, form, actions.send, patient=patient, to_user=given["to_user"], words=given["words"],
            handoff_id=given["key"], by=me(request),
        )  # fmt: skip
        if sent is not None:
            messages.info(request, f"{sent.to_user.name} has your line.")
            return redirect("handoffs:lines", patient_id=patient.pk)
    context = {"patient": patient, "tab": "", "form": form, "hints": _hints(form)}
    return render(request, "handoffs/new.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@patient_view("handoff.write")
def line(request: HttpRequest, patient: Patient, pk: UUID) -> HttpResponse:
    """One line; its receiver answers here, which also takes note of it."""
    shown = _line(patient, pk)
    form = LineForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        sent = attempt(
            request, form, actions.send, patient=patient, to_user=shown.from_user, words=form.cleaned_data["words"],
            answer_to=shown, handoff_id=form.cleaned_data["key"], by=me(request),
        )  # fmt: skip
        if sent is not None:
            messages.info(request, f"{sent.to_user.name} has your answer.")
            return redirect("handoffs:lines", patient_id=patient.pk)
    return _page(request, patient, shown, form, InErrorForm(), 422 if form.errors else 200)


@require_POST
@patient_view("handoff.write")
def hints(request: HttpRequest, patient: Patient) -> HttpResponse:
    """Kinder or more exact words for what is being written; beside the field, never in the way."""
    found = language.apart(language.hints(request.POST.get("words", "")))
    return render(request, "handoffs/hints.html", {"hints": found})


@require_POST
@patient_view("handoff.write")
def mark_read(request: HttpRequest, patient: Patient, pk: UUID) -> HttpResponse:
    """The receiver has taken note."""
    actions.mark_read(_line(patient, pk), by=me(request))
    return redirect("handoffs:lines", patient_id=patient.pk)


@require_POST
@patient_view("handoff.write")
def retract(request: HttpRequest, patient: Patient, pk: UUID) -> HttpResponse:
    """The sender marks a line as entered in error."""
    shown, form = _line(patient, pk), InErrorForm(request.POST)
    if form.is_valid() and attempt(request, form, actions.retract, handoff=shown, by=me(request), **form.cleaned_data):
        return redirect("handoffs:lines", patient_id=patient.pk)
    return _page(request, patient, shown, LineForm(), form, 422)


def _line(patient: Patient, pk: UUID) -> Handoff:
    return get_object_or_404(queries.thread(patient.pk), pk=pk)


def _hints(form: BaseForm) -> list[Any]:
    words = form.data.get("words", "") if form.is_bound else ""
    return language.apart(language.hints(words))


def _page(
    request: HttpRequest, patient: Patient, shown: Handoff, form: LineForm, error_form: InErrorForm, status: int
) -> HttpResponse:
    context = {
        "patient": patient,
        "tab": "",
        "line": shown,
        "form": form,
        "error_form": error_form,
        "hints": _hints(form),
        "mine": shown.to_user_id == me(request).pk and not shown.in_error,
        "sent_by_me": shown.from_user_id == me(request).pk and not shown.in_error,
    }
    return render(request, "handoffs/line.html", context, status=status)
