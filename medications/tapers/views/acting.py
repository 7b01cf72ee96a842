"""Starting, checking, pausing, resuming, confirming a step, ending; judging what came after."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from clinic.refusal import Conflict, Refused
from clinic.web.forms import TandemForm
from clinic.web.pages import attempt, me, note_refusal
from medications.pharmacies.panels import supply_way
from medications.prescribing import checks
from medications.prescribing import queries as prescribing
from medications.prescribing.actions.common import today_of
from medications.prescribing.calc import short
from medications.prescribing.checks import Checked
from medications.prescribing.forms import answers
from medications.prescribing.panels import TAB_KEY
from medications.safety.enums import Level
from medications.safety.facts import Finding
from medications.tapers import actions, forms, pages, panels, queries, rules
from medications.tapers.actions.common import dose_words
from medications.tapers.enums import Kind, State
from medications.tapers.models import ReturnReview, StepCheck, TaperPlan
from medications.tapers.queries import Standing
from medications.tapers.views.reading import find, page
from patients.record.access import patient_view
from patients.record.models import Patient


@require_http_methods(["GET", "POST"])
@patient_view("taper.check")
def check(request: HttpRequest, patient: Patient, pk: UUID) -> HttpResponse:
    """Record what was found before the next step; also from the session's page, in its place (htmx)."""
    plan = find(patient, pk)
    inside = getattr(request, "htmx", False)
    if request.method == "GET":
        return page(request, patient, plan)
    form = forms.CheckForm(request.POST, kind=plan.kind)
    if form.is_valid():
        row = attempt(request, form, actions.record_check, plan=plan, by=me(request), **form.cleaned_data)
        if row is not None:
            paused = TaperPlan.objects.get(pk=plan.pk).state == State.PAUSED and plan.state != State.PAUSED
            said = "Recorded. The dose stays as it is: it is paused." if paused else "Recorded."
            if inside:
                return _panel(request, patient, find(patient, pk), None, said)
            messages.success(request, said)
            return redirect("tapers:taper", patient_id=patient.pk, pk=plan.pk)
    if inside:
        return _panel(request, patient, plan, form, "")
    return page(request, patient, plan, form=form, status=422)


def _panel(
    request: HttpRequest, patient: Patient, plan: TaperPlan, form: forms.CheckForm | None, said: str
) -> HttpResponse:
    line = panels.line(plan, today_of(patient), form=form, said=said)
    return render(request, "tapers/session_plan.html", {"patient": patient, "line": line}, status=422 if form else 200)


@require_http_methods(["GET", "POST"])
@patient_view("taper.check")
def pause(request: HttpRequest, patient: Patient, pk: UUID) -> HttpResponse:
    """Stay at this dose. Either clinician; the prescribers are told."""
    plan = find(patient, pk)
    form = forms.PauseForm(_data(request), initial={"based_on": plan.revision})
    if _done(request, form, actions.pause, plan=plan):
        return _back(request, plan, "Paused: the dose stays as it is.")
    dose = short(queries.standing(plan, today_of(patient)).dose)
    words = f"{dose}\u00a0mg is taken on, and does not change until a prescriber resumes it. The prescriber is told."
    return _ask(request, plan, form, title="Pause", words=words, button="Pause")


@require_http_methods(["GET", "POST"])
@patient_view("medication.prescribe")
def resume(request: HttpRequest, patient: Patient, pk: UUID) -> HttpResponse:
    """Go on; the next step moves by as much as the pause was long."""
    plan, today = find(patient, pk), today_of(patient)
    now = queries.standing(plan, today)
    first: dict[str, Any] = {"based_on": plan.revision, "next_on": today}
    if now.next is not None and plan.paused_at is not None:
        first["next_on"] = forms.later(now.next.on_day, plan.paused_at.astimezone(patient.zone).date(), today)
    form = forms.ResumeForm(_data(request), initial=first)
    if _done(request, form, actions.resume, plan=plan):
        return _back(request, plan, "Resumed. The steps after the next one are pushed with it.")
    words = f"Paused because: “{plan.pause_reason}”" if plan.pause_reason else "This is not paused."
    return _ask(request, plan, form, title="Resume", words=words, button="Resume")


@require_http_methods(["GET", "POST"])
@patient_view("medication.prescribe")
def start(request: HttpRequest, patient: Patient, pk: UUID) -> HttpResponse:
    """Put a draft under way, with every finding answered."""
    plan = find(patient, pk)
    form = forms.StartForm(_data(request), initial={"based_on": plan.revision})
    given = answers(request.POST)
    if _done(request, form, actions.start, plan=plan, answers=given):
        return _back(
            request, plan, "Under way. Both of you see the staircase now; the first step waits to be confirmed."
        )
    stairs = queries.stairs_of(queries.live_steps(plan))
    design = actions.Design(Kind(plan.kind), plan.template, stairs, plan.floor_mg)
    level = str(form["care_level"].value() or "")
    found = actions.against(plan.prescription, patient, design, by=me(request), care_level=level)
    refused = rules.start(plan) or ""
    return _ask(
        request, plan, form, title="Start", words=refused or plan.guideline, button="Start it", found=found,
        given=given,
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
@patient_view("medication.prescribe")
def confirm(request: HttpRequest, patient: Patient, pk: UUID) -> HttpResponse:
    """Make the next step an order: what stands against the step and against the order, its supply, one button."""
    plan, today = find(patient, pk), today_of(patient)
    now = queries.standing(plan, today)
    form = forms.ConfirmForm(_data(request), initial=_confirm_initial(plan, now))
    given = answers(request.POST) if request.method == "POST" else pages.earlier_answers(plan, queries.history(plan))
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        more = {"on": data["on"], "reason": data["reason"], "based_on": data["based_on"], "supply": form.supply}
        if _attempt(request, form, actions.confirm_step, plan=plan, answers=given, by=me(request), **more):
            return _back(request, plan, "Signed. The step is an order now; the care team sees it.")
    day = form.cleaned_data.get("on") if form.is_bound and form.is_valid() else None
    if day is None or (now.next is not None and rules.confirm_day(now, day)):
        day = max(now.next.on_day, today) if now.next else today
    refused = rules.confirm(now, today) or ""
    found: list[Finding] = []
    if not refused and now.next is not None:
        found = pages.next_findings(plan, now, day, by=me(request))
        found += _order_findings(plan, now, form, day, patient)
    context: dict[str, Any] = {
        "step": now.next, "dose": dose_words(now.next) if now.next else "", "refused": refused
    }  # fmt: skip
    if now.next is not None and now.next.dose_mg:
        drug = plan.prescription.drug
        context["way"] = supply_way(patient.pk, by=me(request), schedule=drug.schedule if drug else "")
    return _ask(
        request, plan, form, title="Confirm the next step", words="", button="Sign the step", found=found, given=given,
        template="tapers/confirm.html", now=now, **context,
    )  # fmt: skip


def _confirm_initial(plan: TaperPlan, now: Standing) -> dict[str, Any]:
    if now.next is None:
        return {"based_on": plan.revision}
    supply = actions.supply_for(plan, now.next, list(now.steps))
    first: dict[str, Any] = {"on": max(now.next.on_day, now.today), "based_on": plan.revision}
    if supply is not None:
        first |= {"quantity": short(supply.quantity), "days": supply.days}
    return first


def _order_findings(
    plan: TaperPlan, now: Standing, form: forms.ConfirmForm, day: Any, patient: Patient
) -> list[Finding]:
    """What the checks of the order itself say: the same as on the page of a dose."""
    assert now.next is not None
    checked: Checked
    if now.next.dose_mg == 0:
        checked = checks.stopping(plan.prescription, day)
        return checked.findings
    try:
        regimen = actions.regimen_of(plan.prescription, now.next, prescribing.last_order(plan.prescription, day))
    except Refused:
        return []
    supply = getattr(form, "supply", None)
    checked = checks.order(patient, regimen, supply, from_day=day, prescription=plan.prescription)
    return [one for one in checked.findings if one.level != Level.NOT_CHECKED]


@require_http_methods(["GET", "POST"])
@patient_view("medication.prescribe")
def end(request: HttpRequest, patient: Patient, pk: UUID) -> HttpResponse:
    """End the plan where it is: the lower dose is a good end."""
    plan = find(patient, pk)
    form = forms.EndForm(
        _data(request), kind=plan.kind, drafted=plan.state == State.DRAFT, initial={"based_on": plan.revision}
    )
    if _done(request, form, actions.end, plan=plan):
        return _back(request, plan, "Ended. The dose stays as it is ordered.")
    words = "The dose stays as it is ordered; the steps that were not confirmed fall away. Staying is a good end, too."
    return _ask(request, plan, form, title="End it here", words=words, button="End it here", danger=True)


@require_http_methods(["GET", "POST"])
@patient_view("taper.check")
def retract(request: HttpRequest, patient: Patient, pk: UUID) -> HttpResponse:
    """A check was entered in error."""
    row = get_object_or_404(StepCheck.objects.select_related("plan"), pk=pk, plan__patient=patient)
    plan = find(patient, row.plan_id)
    form = forms.ErrorForm(_data(request))
    if request.method == "POST" and form.is_valid():
        reason = form.cleaned_data["reason"]
        if attempt(request, form, actions.retract_check, found=row, reason=reason, by=me(request)):
            return _back(request, plan, "Struck through. It counts no more.")
    words = f"“{pages.check_words(row)}” stays, struck through, and counts no more. A pause stays paused."
    return _ask(request, plan, form, title="Entered in error", words=words, button="Strike it through", danger=True)


@require_http_methods(["GET", "POST"])
@patient_view("taper.check")
def review(request: HttpRequest, patient: Patient, pk: UUID) -> HttpResponse:
    """Withdrawal or relapse? (R-TA-10)"""
    row = get_object_or_404(ReturnReview.objects.select_related("plan", "score"), pk=pk, plan__patient=patient)
    plan = find(patient, row.plan_id)
    form = forms.ReviewForm(_data(request))
    if (
        request.method == "POST"
        and form.is_valid()
        and attempt(request, form, actions.decide, review=row, by=me(request), **form.answers)
    ):
        return _back(request, plan, "Recorded. The care team sees it.")
    words = (
        f"A score rose by {row.rise} within eight weeks of the end. Withdrawal begins within days of a change and is "
        "felt in the body; relapse comes later and feels like the illness did before."
    )
    return _ask(request, plan, form, title="Withdrawal or relapse?", words=words, button="Record it")


def _data(request: HttpRequest) -> Any:
    return request.POST if request.method == "POST" else None


def _done(request: HttpRequest, form: TandemForm, action: Any, **more: Any) -> bool:
    """Whether the form was sent, can be read, and the action took it."""
    if request.method != "POST" or not form.is_valid():
        return False
    return _attempt(request, form, action, by=me(request), **more, **form.cleaned_data)


def _attempt(request: HttpRequest, form: TandemForm, action: Any, **kwargs: Any) -> bool:
    """The action, or its refusal beside its field; a conflict renews the base, so that sending again is meant."""
    try:
        action(**kwargs)
        return True
    except Refused as refused:
        if not refused.field.startswith("answer:"):
            form.add_error(refused.field if refused.field in form.fields else None, refused.sentence)
        if isinstance(refused, Conflict):
            form.conflict = True  # type: ignore[attr-defined]
            renewed = request.POST.copy()
            renewed["based_on"] = str(TaperPlan.objects.get(pk=kwargs["plan"].pk).revision)
            form.data = renewed
        note_refusal(request, refused)
        return False


def _back(request: HttpRequest, plan: TaperPlan, words: str) -> HttpResponse:
    messages.success(request, words)
    return redirect("tapers:taper", patient_id=plan.patient_id, pk=plan.pk)


def _ask(
    request: HttpRequest,
    plan: TaperPlan,
    form: TandemForm,
    *,
    found: list[Finding] | None = None,
    given: Any = None,
    template: str = "tapers/ask.html",
    **words: Any,
) -> HttpResponse:
    """The page that asks before an action; after a refusal with every word kept (422, or 409)."""
    tried = form.is_bound
    context = {
        "patient": plan.patient, "tab": TAB_KEY, "plan": plan, "form": form, "name": pages.title(plan),
        "asked": pages.asked(found or [], given or {}, tried), **words,
    }  # fmt: skip
    status = 200 if not tried else 409 if getattr(form, "conflict", False) else 422
    return render(request, template, context, status=status)
