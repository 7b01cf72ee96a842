"""The plan in force, its versions, what changed between two, and where behaviours stand."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from clinic import clock
from clinic.web.pages import attempt, me
from patients.plan import actions, queries, tree
from patients.plan.calc import days_overdue
from patients.plan.enums import VersionState
from patients.plan.forms import ReadingForm
from patients.plan.models import Objective, PlanVersion
from patients.record import access
from patients.record.access import patient_view
from patients.record.models import Patient


@require_GET
@patient_view("chart.read")
def plan(request: HttpRequest, patient: Patient) -> HttpResponse:
    """The version in force as a tree, and the versions before it. A fixed number of queries."""
    version = queries.in_force(patient.pk)
    return _page(request, patient, version, live=True)


@require_GET
@patient_view("chart.read")
def version(request: HttpRequest, patient: Patient, pk: UUID) -> HttpResponse:
    """A signed version as it was signed."""
    rows = PlanVersion.objects.filter(patient=patient).exclude(state=VersionState.DRAFT)
    found = get_object_or_404(queries.with_rows(rows), pk=pk)
    return _page(request, patient, found, live=found.state == VersionState.SIGNED)


def _page(request: HttpRequest, patient: Patient, found: PlanVersion | None, *, live: bool) -> HttpResponse:
    versions = queries.history(patient.pk)
    draft = PlanVersion.objects.filter(patient=patient, state=VersionState.DRAFT).select_related("created_by").first()
    before = next((one for one in versions if found and one.number < found.number), None)
    overdue = days_overdue(found.review_due_on, clock.today(patient.zone)) if found and found.review_due_on else 0
    context: dict[str, Any] = {
        "patient": patient,
        "tab": "plan",
        "version": found,
        "live": live,
        "problems": tree.problems(found, live=live) if found else [],
        "versions": versions,
        "before": before,
        "draft": draft,
        "overdue": overdue,
        "may_write": access.may(me(request), "plan.write", patient.pk),
    }
    with timezone.override(patient.zone):
        return render(request, "plan/plan.html", context)


@require_GET
@patient_view("chart.read")
def compare(request: HttpRequest, patient: Patient) -> HttpResponse:
    """What changed between two versions, word by word (R-TP-09); `old` and `new` are ids."""
    rows = queries.with_rows(PlanVersion.objects.filter(patient=patient))
    found = {str(one.pk): one for one in rows.filter(pk__in=_ids(request))}
    old, new = (found.get(request.GET.get(name, "")) for name in ("old", "new"))
    if old is None or new is None:
        raise Http404
    context = {
        "patient": patient,
        "tab": "plan",
        "old": old,
        "new": new,
        "versions": queries.history(patient.pk),
        "changes": queries.compare(old, new),
    }
    with timezone.override(patient.zone):
        return render(request, "plan/compare.html", context)


def _ids(request: HttpRequest) -> list[UUID]:
    try:
        return [UUID(request.GET.get(name, "")) for name in ("old", "new")]
    except ValueError:
        raise Http404 from None


@require_http_methods(["GET", "POST"])
@patient_view("plan.write")
def reading(request: HttpRequest, patient: Patient, pk: UUID) -> HttpResponse:
    """Write down where a behaviour stands."""
    objective = get_object_or_404(Objective, pk=pk, patient=patient)
    version = queries.in_force(patient.pk)
    stands = next((one for one in queries.objectives_now(patient.pk, version) if one.row.objective_id == pk), None)
    if stands is None or stands.row.instrument:
        raise Http404
    today = clock.today(patient.zone)
    form = ReadingForm(request.POST if request.method == "POST" else None, initial={"on": today})
    if request.method == "POST" and form.is_valid():
        made = attempt(request, form, actions.record_reading, objective=objective, by=me(request), **form.cleaned_data)
        if made is not None:
            messages.info(request, "The reading is in the plan.")
            return redirect("plan:plan", patient_id=patient.pk)
    context = {"patient": patient, "tab": "plan", "form": form, "stands": stands}
    with timezone.override(patient.zone):
        return render(request, "plan/reading.html", context, status=422 if form.errors else 200)
