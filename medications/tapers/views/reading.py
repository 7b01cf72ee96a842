"""The staircase that both clinicians see, and all of a patient's plans."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from clinic.web.pages import me
from medications.prescribing.actions.common import today_of
from medications.prescribing.panels import TAB_KEY
from medications.tapers import facts, forms, pages, queries, templates
from medications.tapers.enums import RUNNING, State
from medications.tapers.models import TaperPlan
from patients.record.access import patient_view, rights
from patients.record.models import Patient


@require_GET
@patient_view("medication.read")
def tapers(request: HttpRequest, patient: Patient) -> HttpResponse:
    """Every plan of the patient, the newest first. Three queries, whatever the number."""
    today = today_of(patient)
    found = [(plan, queries.standing(plan, today)) for plan in queries.of_patient(patient.pk)]
    rows = [{"plan": plan, "title": pages.title(plan), "plain": pages.plain(plan, now)} for plan, now in found]
    return render(request, "tapers/tapers.html", {"patient": patient, "tab": TAB_KEY, "rows": rows})


@require_GET
@patient_view("medication.read")
def taper(request: HttpRequest, patient: Patient, pk: UUID) -> HttpResponse:
    """One plan: the staircase, the next step, the check before it, what happened."""
    return page(request, patient, find(patient, pk))


def find(patient: Patient, pk: UUID) -> TaperPlan:
    """The plan with its steps, or 404."""
    return get_object_or_404(queries.with_steps(TaperPlan.objects.filter(patient=patient)), pk=pk)


def page(request: HttpRequest, patient: Patient, plan: TaperPlan, *, status: int = 200, **more: Any) -> HttpResponse:
    """The page, also with a check that could not be recorded (422)."""
    today = today_of(patient)
    now, events = queries.standing(plan, today), queries.history(plan)
    held = rights(request, patient)
    prescribes, checks = "medication.prescribe" in held, "taper.check" in held
    against = []
    if prescribes and plan.state in RUNNING and now.next is not None and not _over(plan):
        against = pages.next_findings(plan, now, max(now.next.on_day, today), by=me(request))
    context = {
        "patient": patient, "tab": TAB_KEY, "plan": plan, "now": now, "title": pages.title(plan),
        "plain": pages.plain(plan, now), "picture": pages.picture(plan, now, events), "lines": pages.lines(plan, now),
        "against": against, "events": list(reversed(events)), "may_prescribe": prescribes,
        "may_check": checks, "check_name": pages.CHECK_NAMES[_kind(plan)], "prompts": pages.prompts(plan),
        "watch": pages.watch_words(plan), "form": forms.CheckForm(kind=plan.kind), "over": _over(plan),
        "therapies": facts.therapies(patient.pk), "reviews": queries.open_reviews(plan),
        "struck": plan.checks.filter(retracted_at__isnull=False).select_related("recorded_by", "retracted_by"),
        "restart": templates.restart(_drug(plan), plan.template) if plan.kind == "titration" else None,
        "newer": bool(plan.template_version and plan.template_version != templates.version()),
        "running": plan.state in RUNNING, "draft": plan.state == State.DRAFT, "paused": plan.state == State.PAUSED,
        **more,
    }  # fmt: skip
    return render(request, "tapers/taper.html", context, status=status)


def _over(plan: TaperPlan) -> bool:
    """Whether the prescription was stopped or struck beside the plan."""
    return plan.prescription.stopped_on is not None or plan.prescription.retracted_at is not None


def _drug(plan: TaperPlan) -> str:
    return plan.prescription.drug.generic_name if plan.prescription.drug else ""


def _kind(plan: TaperPlan) -> Any:
    return plan.kind
