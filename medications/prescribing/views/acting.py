"""Hold, resume, stop, fills, medicines from elsewhere, links to the plan, entered in error."""

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
from medications.prescribing import actions, checks, desk, forms, listing, plans, queries, remainders
from medications.prescribing.actions.ending import resuming
from medications.prescribing.models import DoseOrder, Prescription
from medications.prescribing.panels import TAB_KEY
from medications.safety.enums import OVERRIDES, Level
from medications.safety.facts import Finding
from patients.plan.models import Intervention, Problem
from patients.record.access import may, patient_view
from patients.record.models import Patient

COUNTS = "Recorded. It counts in every check from now on."
HELD = "None is taken from today until a prescriber resumes it. The order stays; nothing is dispensed meanwhile."
HELD_DEPOT = (
    "None is given from today until a prescriber resumes it; what was given goes on acting for weeks. The order stays; "
    "nothing is dispensed meanwhile."
)
HELD_STEPS = (
    "The further steps of the titration pack do not begin meanwhile: resumed on a later day it goes on at {}, and they "
    "are written anew."
)
ENDS = "Orders end, what is left of supplies is void. It stays in the history, and in the checks for its wash-out."
UNKNOWN = (
    "Recorded as it was told. The catalogue does not know this name, so no check counts it: look it up, or mark it as "
    "entered in error and add it again by its generic name."
)


@require_http_methods(["GET", "POST"])
@patient_view("medication.prescribe")
def hold(request: HttpRequest, patient: Patient, pk: UUID) -> HttpResponse:
    """Take none for now."""
    row = _row(patient, pk)
    form = forms.ReasonForm(_data(request), initial={"based_on": row.revision})
    if _done(request, form, actions.hold, prescription=row):
        return _back(request, patient, "On hold: none is taken until it is resumed.")
    line = _line(patient, row)
    words = HELD_DEPOT if line.depot else HELD
    if line.order and line.ahead and remainders.ahead(line.order, _today(patient)):
        words += f" {HELD_STEPS.format(line.rate)}"
    found = [one for one in checks.stopping(row, _today(patient)).findings if one.level != Level.NOTE]
    return _ask(
        request, patient, row, form, title="Put on hold", words=words, button="Put on hold", found=found, plain=True
    )


@require_http_methods(["GET", "POST"])
@patient_view("medication.prescribe")
def resume(request: HttpRequest, patient: Patient, pk: UUID) -> HttpResponse:
    """Take it again as ordered; what came to stand against it meanwhile is answered here."""
    row = _row(patient, pk)
    form = TandemForm(_data(request))
    if request.method == "POST" and form.is_valid():
        given = forms.answers(request.POST)
        if attempt(request, form, actions.resume, prescription=row, answers=given, by=me(request)):
            return _back(request, patient, "Resumed. It is taken again from today.")
    found = [one for one in resuming(row, patient) if one.level in (Level.STOP, Level.ASK)]
    words = "It is taken again from today, as the order says."
    if _line(patient, row).depot:
        words = "It is given again as the order says, so long after the last one that was given."
    if step := queries.held_step(row, _today(patient)):
        words = (
            f"It was put on hold in the middle of a titration pack. It is taken again from today at {step.dose} a day, "
            "the dose of that day. The further steps are off: write them anew once it goes well. What its pharmacy has "
            "not dispensed yet is void."
        )
    return _ask(
        request, patient, row, form, title="Resume", words=words, button="Resume", found=found, asks=True, plain=True
    )


@require_http_methods(["GET", "POST"])
@patient_view("medication.report")
def stop(request: HttpRequest, patient: Patient, pk: UUID) -> HttpResponse:
    """Stop from a day on; never abruptly what must not be, without its reason (R-TA-05)."""
    row = get_object_or_404(Prescription.objects.select_related("drug"), pk=pk, patient=patient)
    today, line = _today(patient), _line(patient, row)
    # An injection that was given lasts until the next would be due: that day is the first without.
    last = line.due if line.depot and line.given and line.due else today
    first = {"on": max(today, last, row.started_on), "based_on": row.revision}
    form = forms.StopForm(_data(request), initial=first)
    day = first["on"]
    if request.method == "POST" and form.is_valid():
        day = form.cleaned_data["on"]
        given = forms.answers(request.POST)
        if attempt(request, form, actions.stop, prescription=row, answers=given, by=me(request), **form.cleaned_data):
            return _back(request, patient, "Stopped.")
    found = checks.stopping(row, day).findings
    words = f"{_next_not_given(line, first['on'])}{ENDS}" if line.depot else ENDS
    return _ask(request, patient, row, form, title="Stop", words=words, button="Stop it", found=found, asks=True)


@require_http_methods(["GET", "POST"])
@patient_view("medication.report")
def report(request: HttpRequest, patient: Patient) -> HttpResponse:
    """A medicine from elsewhere."""
    form = forms.ReportForm(_data(request), initial={"started_on": _today(patient), "origin": "reported"})
    if row := _done(request, form, actions.report, patient=patient):
        return _back(request, patient, COUNTS if row.drug else UNKNOWN)
    context = {"patient": patient, "tab": TAB_KEY, "form": form}
    return render(request, "prescribing/report.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@patient_view("medication.read")
def link(request: HttpRequest, patient: Patient, pk: UUID) -> HttpResponse:
    """Which problem it is for, and as which intervention the plan shows it (R-TP-08)."""
    row = _row(patient, pk)
    form = forms.LinkForm(
        _data(request), problems=plans.problem_choices(patient.pk),
        interventions=plans.intervention_choices(patient.pk),
    )  # fmt: skip
    allowed = may(me(request), "medication.prescribe", patient.pk)
    if request.method == "POST" and form.is_valid():
        problem = get_object_or_404(Problem, pk=form.cleaned_data["problem"], patient=patient)
        chosen = form.cleaned_data["intervention"]
        intervention = get_object_or_404(Intervention, pk=chosen, patient=patient) if chosen else None
        if attempt(
            request, form, actions.link, prescription=row, problem=problem, intervention=intervention, by=me(request)
        ):
            return _back(request, patient, "The plan shows it.")
    names = plans.titles(patient.pk, set(row.targets.values_list("problem_id", flat=True)))
    context = {
        "patient": patient, "tab": TAB_KEY, "form": form, "row": row, "allowed": allowed,
        "name": queries.generic_name(row), "linked": list(names.values()),
    }  # fmt: skip
    return render(request, "prescribing/link.html", context, status=422 if form.errors else 200)


@require_POST
@patient_view("medication.prescribe")
def retract(request: HttpRequest, patient: Patient, pk: UUID) -> HttpResponse:
    """An order was entered in error."""
    order = get_object_or_404(DoseOrder.objects.select_related("prescription"), pk=pk, patient=patient)
    rest = queries.rest_without(order)
    actions.retract_order(order, reason=request.POST.get("reason", ""), by=me(request))
    return _back(request, patient, f"The order is struck through; {rest}. Supplies do not come back.")


@require_POST
@patient_view("medication.report")
def strike(request: HttpRequest, patient: Patient, pk: UUID) -> HttpResponse:
    """A whole prescription, or a medicine from elsewhere, was entered in error."""
    row = get_object_or_404(Prescription, pk=pk, patient=patient)
    actions.retract_prescription(row, reason=request.POST.get("reason", ""), by=me(request))
    return _back(request, patient, "Struck through. It has left the checks and the timeline.")


def _data(request: HttpRequest) -> Any:
    return request.POST if request.method == "POST" else None


def _done(request: HttpRequest, form: TandemForm, action: Any, **kwargs: Any) -> Any:
    """Whether the form was sent, is valid, and its action was done."""
    if request.method != "POST" or not form.is_valid():
        return None
    return attempt(request, form, action, by=me(request), **kwargs, **form.cleaned_data)


def _today(patient: Patient) -> Any:
    return clock.today(patient.zone)


def _row(patient: Patient, pk: UUID) -> Prescription:
    rows = Prescription.objects.select_related("drug").filter(patient=patient, origin="ours", retracted_at=None)
    return get_object_or_404(rows, pk=pk)


def _back(request: HttpRequest, patient: Patient, sentence: str) -> HttpResponse:
    messages.success(request, sentence)
    return redirect("prescribing:medication", patient_id=patient.pk)


def _line(patient: Patient, row: Prescription) -> listing.Line:
    """The prescription as the list tells it, a depot with the day on which it was given last."""
    return listing.line(row, _today(patient), {}, {}, given=listing.last_given([row]))


def _next_not_given(line: listing.Line, first: date) -> str:
    """What stopping a depot means, with its days."""
    last = f"It was given last on {line.given:%b} {line.given.day}. " if line.given else ""
    if line.given and first == line.due:
        return f"{last}The next injection, due on {first:%b} {first.day}, is not given: that is the first day without. "
    return f"{last}No further injection is given. "


def _ask(
    request: HttpRequest,
    patient: Patient,
    row: Prescription,
    form: TandemForm,
    *,
    title: str,
    words: str,
    button: str,
    found: list[Finding] | None = None,
    asks: bool = False,
    plain: bool = False,
) -> HttpResponse:
    """The page that says what will happen and asks why."""
    given = forms.answers(request.POST) if request.method == "POST" else {}
    tried = request.method == "POST"
    context = {
        "patient": patient, "tab": TAB_KEY, "form": form, "row": row, "title": title, "words": words,
        "button": button, "name": queries.generic_name(row), "asks": asks, "plain": plain,
        "this": {"overrides": OVERRIDES}, "line": _line(patient, row),
        "shown": [desk.shown(one, given, tried and asks) for one in found or []],
    }  # fmt: skip
    return render(request, "prescribing/ask.html", context, status=422 if tried else 200)
