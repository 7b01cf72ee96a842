"""The tab “Record”: allergies, conditions, medical facts, and marking them as entered in error."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from clinic import clock
from clinic.refusal import Conflict, Refused
from clinic.web.forms import TandemForm
from clinic.web.pages import attempt, me, note_refusal
from patients.record import actions, codes, queries
from patients.record.access import patient_view, rights
from patients.record.checklist import PREGNANCY, FactsForm
from patients.record.enums import ReadingKind
from patients.record.forms import AllergyForm, ConditionForm, EndedForm, ReasonForm
from patients.record.models import Allergy, Condition, MedicalFact, Patient, Reading, Retractable

KINDS: dict[str, type[Retractable]] = {
    "allergy": Allergy,
    "condition": Condition,
    "fact": MedicalFact,
    "reading": Reading,
}

ORDER = [str(kind) for kind in ReadingKind]


def _posted(request: HttpRequest) -> Any:
    return request.POST if request.method == "POST" else None


def form_page(
    request: HttpRequest, patient: Patient, title: str, form: TandemForm, button: str, **more: Any
) -> HttpResponse:
    """One form on a page of the record; 422 if it was sent and came back."""
    context = {"patient": patient, "tab": "record", "title": title, "form": form, "button": button, **more}
    return render(request, "record/form.html", context, status=422 if form.is_bound else 200)


@patient_view("chart.read")
def record(request: HttpRequest, patient: Patient) -> HttpResponse:
    """Allergies, conditions, medical facts, care team. A fixed number of queries."""
    held = rights(request, patient)
    facts = queries.facts(patient.pk)
    context = {
        "patient": patient,
        "tab": "record",
        "allergies": queries.all_allergies(patient.pk),
        "conditions": queries.all_conditions(patient.pk),
        "facts": sorted((fact for fact in facts if not fact.is_no), key=lambda fact: fact.answer is None),
        "answered_no": [fact for fact in facts if fact.is_no],
        "facts_in_error": queries.facts_in_error(patient.pk),
        "never_asked": sum(fact.answer is None for fact in facts),
        "readings": sorted(queries.readings(patient.pk).values(), key=lambda row: ORDER.index(row.kind)),
        "readings_in_error": queries.readings_in_error(patient.pk),
        "team": queries.care_team(patient),
        "past_team": queries.past_team(patient),
        "may_write": "record.write" in held,
        "release": codes.release(),
    }
    return render(request, "record/record.html", context)


@patient_view("record.write")
def allergy(request: HttpRequest, patient: Patient) -> HttpResponse:
    """List an allergy."""
    form = AllergyForm(_posted(request), initial={"kind": "ingredient"})
    if form.is_valid() and attempt(
        request, form, actions.record_allergy, patient=patient, by=me(request), **form.cleaned_data
    ):
        return redirect("record:record", patient.pk)
    return form_page(request, patient, "An allergy or intolerance", form, "Add allergy")


@require_POST
@patient_view("record.write")
def no_allergies(request: HttpRequest, patient: Patient) -> HttpResponse:
    """Asked: none known."""
    actions.no_known_allergies(patient, by=me(request))
    return redirect("record:record", patient.pk)


@patient_view("record.write")
def condition(request: HttpRequest, patient: Patient) -> HttpResponse:
    """List a condition: search, choose, add. “Find” shows the codes; with a script they come while typing."""
    form = ConditionForm(_posted(request))
    finding = "find" in request.POST
    if form.is_bound and not finding and form.is_valid():
        data = form.cleaned_data
        if not data["code"]:
            form.add_error("q", "Choose one of the codes below. Search by a word of the diagnosis or by the code.")
        elif attempt(
            request,
            form,
            actions.add_condition,
            patient=patient,
            code=data["code"],
            since=data["since"],
            by=me(request),
        ):
            return redirect("record:record", patient.pk)
    context = {"patient": patient, "tab": "record", "form": form, "release": codes.release()} | _codes(form)
    return render(request, "record/condition.html", context, status=422 if form.is_bound and not finding else 200)


@require_POST
@patient_view("record.write", audited=False)
def condition_codes(request: HttpRequest, patient: Patient) -> HttpResponse:
    """The codes that what is typed finds: a fragment."""
    form = ConditionForm(request.POST)
    return render(request, "record/condition.html#codes", {"patient": patient, "form": form} | _codes(form))


def _codes(form: ConditionForm) -> dict[str, Any]:
    chosen = codes.get(str(form.data.get("code", ""))[:20]) if form.is_bound else None
    found = form.found() if form.is_bound else []
    if chosen and chosen not in found:
        found = [chosen, *found]
    return {"codes": found, "chosen": chosen, "typed": bool(form.data.get("q", "").strip()) if form.is_bound else False}


@patient_view("record.write")
def ended(request: HttpRequest, patient: Patient, pk: UUID) -> HttpResponse:
    """A condition ended on a day."""
    row = get_object_or_404(Condition, pk=pk, patient=patient)
    form = EndedForm(_posted(request), initial={"on": clock.today(patient.zone)})
    if form.is_valid() and attempt(
        request, form, actions.resolve_condition, condition=row, on=form.cleaned_data["on"], by=me(request)
    ):
        return redirect("record:record", patient.pk)
    return form_page(request, patient, f"{row.title} ended", form, "Save the day")


@patient_view("record.write")
def facts(request: HttpRequest, patient: Patient) -> HttpResponse:
    """Ask what prescribing needs; a question without an answer stays as it was."""
    today, known = clock.today(patient.zone), queries.facts(patient.pk)
    pregnancy = patient.sex != "male" or any(one.answer for one in known if one.key in PREGNANCY)
    form = FactsForm(
        _posted(request), facts=known, asks_pregnancy=pregnancy,
        initial={"base": queries.facts_base(patient.pk), "taken_on": today},
    )  # fmt: skip
    status = 422 if form.is_bound else 200
    if form.is_valid():
        try:
            kept = actions.ask(
                patient, answers=form.answers(), readings=form.readings, taken_on=form.taken(today),
                confirm=form.cleaned_data["confirm"], based_on=form.cleaned_data["base"] or None, by=me(request),
            )  # fmt: skip
        except Refused as refused:
            form.add_error(refused.field if refused.field in form.fields else None, refused.sentence)
            note_refusal(request, refused, patient.pk)
            if isinstance(refused, Conflict):
                status, form.data = 409, request.POST.copy()
                form.data["base"] = queries.facts_base(patient.pk)
        else:
            messages.info(request, f"{kept} answers kept." if kept != 1 else "One answer kept.")
            return redirect("record:record", patient.pk)
    context = {
        "patient": patient, "tab": "record", "form": form, "known": sum(one.answer is not None for one in known),
        "measured": queries.readings(patient.pk), "today": today,
    }  # fmt: skip
    return render(request, "record/facts.html", context, status=status)


@patient_view("record.write")
def in_error(request: HttpRequest, patient: Patient, kind: str, pk: UUID) -> HttpResponse:
    """Mark a row as entered in error, with a reason."""
    if kind not in KINDS:
        raise Http404
    row = get_object_or_404(KINDS[kind], pk=pk, patient=patient)
    form = ReasonForm(_posted(request))
    if form.is_valid() and attempt(
        request, form, actions.retract, row=row, reason=form.cleaned_data["reason"], by=me(request)
    ):
        return redirect("record:record", patient.pk)
    if form.is_bound is False and row.in_error:
        raise Refused("This is marked as entered in error already.")
    what = row.name if isinstance(row, Allergy) else row.title if isinstance(row, Condition) else ""
    what = what or (row.get_key_display() if isinstance(row, MedicalFact) else "")
    what = what or (row.get_kind_display() if isinstance(row, Reading) else "")
    says = "It stays in the record, struck through with your reason, and leaves the story and the checks."
    return form_page(
        request, patient, f"Entered in error: {what}", form, "Mark as entered in error", says=says, danger=True
    )
