"""What came to stand against signed orders, and what prescribers override most, with its tuning."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from clinic import clock, permissions
from clinic.web.pages import attempt, me, needs
from medications.safety import actions as safety
from medications.safety import rules as safety_rules
from medications.safety.enums import OVERRIDES
from medications.safety.knowledge import current
from medications.safety.models import Tuning
from medications.vigilance import actions, forms, queries
from medications.vigilance.models import LateFinding
from patients.record.access import may, patient_view
from patients.record.models import Patient

TAB = "medication"


def _data(request: HttpRequest) -> Any:
    return request.POST if request.method == "POST" else None


@require_GET
@patient_view("medication.read")
def late(request: HttpRequest, patient: Patient) -> HttpResponse:
    """What came to stand against the patient's orders since they were signed."""
    context = {
        "patient": patient, "tab": TAB, "rows": queries.of_patient(patient.pk), "overrides": OVERRIDES,
        "may_prescribe": may(me(request), "medication.prescribe", patient.pk),
    }  # fmt: skip
    return render(request, "vigilance/late.html", context)


@require_http_methods(["GET", "POST"])
@patient_view("medication.prescribe")
def answer(request: HttpRequest, patient: Patient, pk: UUID) -> HttpResponse:
    """Go on against one finding, with a reason; or change or stop the order."""
    row = get_object_or_404(LateFinding.objects.select_related("order__prescription__drug"), pk=pk, patient=patient)
    form = forms.AnswerForm(_data(request))
    if row.level != "stop":
        del form.fields["code"]
    if form.is_valid() and attempt(request, form, actions.answer, finding=row, by=me(request), **form.cleaned_data):
        messages.success(request, "Answered.")
        return redirect("vigilance:late", patient.pk)
    context = {"patient": patient, "tab": TAB, "row": row, "form": form}
    return render(request, "vigilance/answer.html", context, status=422 if form.is_bound else 200)


@require_GET
@needs("safety.review")
def overrides(request: HttpRequest) -> HttpResponse:
    """What is overridden most, by rule: counts alone, no patient. Five queries of its own."""
    lowered = {row.rule_id: row for row in Tuning.objects.filter(ended_at=None).select_related("began_by")}
    rows = [
        {"one": one, "tuning": lowered.get(one.rule_id), "may": safety_rules.may_be_lowered(one.rule_id)}
        for one in queries.overridden(clock.now(), current())
    ]
    context = {
        "rows": rows, "version": current().version, "days": queries.WINDOW_DAYS,
        "tunings": [(row, current().title(row.rule_id)) for row in _tunings()],
        "may_tune": permissions.may(me(request).held_roles(), "safety.tune"),
    }  # fmt: skip
    return render(request, "vigilance/overrides.html", context)


def _tunings() -> list[Tuning]:
    return list(Tuning.objects.select_related("began_by", "ended_by").order_by("-began_at")[:60])


@require_http_methods(["GET", "POST"])
@needs("safety.tune")
def lower(request: HttpRequest, rule: str) -> HttpResponse:
    """Lower a check that asks to a note, with a reason; never a stop."""
    if not current().title(rule):
        raise Http404
    form = forms.TuneForm(_data(request))
    if form.is_valid() and attempt(
        request, form, safety.lower, rule_id=rule, reason=form.cleaned_data["reason"], by=me(request)
    ):
        messages.success(request, "Lowered to a note from now on.")
        return redirect("vigilance:overrides")
    words = "It no longer asks for a reason: it is listed as a note at every signing. Stops are never lowered."
    return _tune(request, form, rule, "Lower to a note", words)


@require_http_methods(["GET", "POST"])
@needs("safety.tune")
def ask_again(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Let a lowered check ask for a reason again."""
    row = get_object_or_404(Tuning, pk=pk)
    form = forms.TuneForm(_data(request))
    if form.is_valid() and attempt(
        request, form, safety.ask_again, tuning=row, reason=form.cleaned_data["reason"], by=me(request)
    ):
        messages.success(request, "It asks again from now on.")
        return redirect("vigilance:overrides")
    return _tune(request, form, row.rule_id, "Ask again", "It asks for a reason at every signing again.")


def _tune(request: HttpRequest, form: forms.TuneForm, rule: str, button: str, words: str) -> HttpResponse:
    context = {"form": form, "rule": rule, "about": current().title(rule), "button": button, "words": words}
    return render(request, "vigilance/tune.html", context, status=422 if form.is_bound else 200)
