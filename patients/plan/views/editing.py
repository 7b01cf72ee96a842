"""The draft editor: rows are added, changed and removed inside the tree, each by a fragment of its own.

Without scripts the same addresses answer whole pages with the form open in its place.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from clinic import clock
from clinic.refusal import Conflict, Refused
from clinic.web.pages import me, note_refusal
from patients.plan import actions, queries, rules, tree
from patients.plan.forms import CriteriaForm, InterventionForm, ObjectiveForm, ProblemForm, RowForm, initial_of
from patients.plan.models import DraftStep, InterventionRow, ObjectiveRow, PlanVersion, ProblemRow
from patients.record.access import patient_view
from patients.record.models import Patient

Row = ProblemRow | ObjectiveRow | InterventionRow


@dataclass(frozen=True)
class Kind:
    """What the editor needs to know of a kind of row."""

    key: str
    model: type[Any]
    form: type[RowForm]
    add: Callable[..., Any]
    change: Callable[..., Any]
    remove: Callable[..., None]


KINDS = {
    "problem": Kind(
        "problem", ProblemRow, ProblemForm, actions.add_problem, actions.change_problem, actions.remove_problem
    ),
    "objective": Kind(
        "objective", ObjectiveRow, ObjectiveForm, actions.add_objective, actions.change_objective,
        actions.remove_objective,
    ),
    "intervention": Kind(
        "intervention", InterventionRow, InterventionForm, actions.add_intervention, actions.change_intervention,
        actions.remove_intervention,
    ),
}  # fmt: skip


@require_POST
@patient_view("plan.write")
def draft(request: HttpRequest, patient: Patient) -> HttpResponse:
    """Open the draft, or begin one as a copy of the version in force."""
    actions.draft(patient, by=me(request))
    return redirect("plan:edit", patient_id=patient.pk)


@require_GET
@patient_view("plan.write")
def edit(request: HttpRequest, patient: Patient) -> HttpResponse:
    """The draft with its editor."""
    return _page(request, patient, queries.open_draft(patient.pk))


@require_http_methods(["GET", "POST"])
@patient_view("plan.write")
def add(request: HttpRequest, patient: Patient, kind: str, problem: UUID | None = None) -> HttpResponse:
    """A new row; `problem`: the problem that it hangs below."""
    found, version = _kind(kind), _draft(patient)
    if (found.model is ProblemRow) != (problem is None):
        raise Http404
    parent = get_object_or_404(ProblemRow, pk=problem, version=version) if problem else version
    first = {"owner": "therapist", "arm": "therapy", "provider": me(request).pk}
    form = found.form(request.POST if request.method == "POST" else None, patient=patient, initial=first)
    place = f"add-{kind}-{problem}" if problem else "add-problem"
    if request.method == "POST":
        row = _run(request, form, found.add, parent, by=me(request)) if form.is_valid() else None
        if row is not None:
            return _done(request, patient, row.pk)
    return _form(request, patient, version, form, kind=found, place=place)


@require_http_methods(["GET", "POST"])
@patient_view("plan.write")
def change(request: HttpRequest, patient: Patient, kind: str, pk: UUID) -> HttpResponse:
    """Change a row. Where somebody else changed or removed it, 409 with what they did; every typed word stays."""
    found, version = _kind(kind), _draft(patient)
    row = found.model.objects.filter(pk=pk, version=version).first()
    if row is None and not DraftStep.objects.filter(version=version, thing_id=pk, kind=kind).exists():
        raise Http404
    initial = initial_of(row) if row is not None else {}
    form = found.form(request.POST if request.method == "POST" else None, patient=patient, initial=initial)
    if request.method == "POST" and form.is_valid():
        given = form.given()
        given.pop("arm", None)
        based_on = form.cleaned_data["based_on"]
        target = row if row is not None else found.model(pk=pk, version=version)
        if _run(request, form, found.change, target, given, by=me(request), based_on=based_on) is not None:
            return _done(request, patient, pk)
    return _form(request, patient, version, form, kind=found, place=f"row-{pk}", thing=pk)


@require_http_methods(["GET", "POST"])
@patient_view("plan.write")
def remove(request: HttpRequest, patient: Patient, kind: str, pk: UUID) -> HttpResponse:
    """Ask whether a row leaves the draft, in its place; POST takes it out."""
    found, version = _kind(kind), _draft(patient)
    row = found.model.objects.filter(pk=pk, version=version).first()
    if request.method == "GET":
        if row is None:
            raise Http404
        below = row.objective_rows.count() + row.intervention_rows.count() if found.model is ProblemRow else 0
        opened = {"kind": kind, "place": f"row-{pk}", "url": request.path, "removing": True, "below": below}
        return _page(request, patient, version, opened=opened)
    if row is not None:
        found.remove(row, by=me(request))
    elif not DraftStep.objects.filter(version=version, thing_id=pk).exists():
        raise Http404
    return _done(request, patient, None)


@require_POST
@patient_view("plan.write")
def criteria(request: HttpRequest, patient: Patient) -> HttpResponse:
    """When the plan has done its work (R-TP-02)."""
    version = _draft(patient)
    form = CriteriaForm(request.POST)
    if form.is_valid():
        given = form.cleaned_data
        if _run(request, form, actions.save, version, given, by=me(request)) is not None:
            return _done(request, patient, "criteria")
    thing = version.pk if getattr(form, "conflict", False) else None
    changed = _changed(request, version, thing)
    return _page(request, patient, version, criteria_form=form, changed=changed, fragment="criteria")


def _kind(key: str) -> Kind:
    if key not in KINDS:
        raise Http404
    return KINDS[key]


def _draft(patient: Patient) -> PlanVersion:
    found = queries.open_draft(patient.pk)
    if found is None:
        raise Http404
    return found


def _run(
    request: HttpRequest, form: Any, action: Callable[..., Any], on: Any, given: Any = None, **others: Any
) -> Any | None:
    """The action's row, or None with the refusal beside its field; `form.conflict` says that somebody was faster."""
    try:
        return action(on, **(form.given() if given is None else given), **others)
    except Refused as refused:
        form.conflict = isinstance(refused, Conflict)
        form.add_error(refused.field if refused.field in form.fields else None, refused.sentence)
        note_refusal(request, refused)
        return None


def _done(request: HttpRequest, patient: Patient, place: object) -> HttpResponse:
    """The tree as it is now: as a fragment, or the page again at its place."""
    if getattr(request, "htmx", False):
        version = queries.open_draft(patient.pk)
        if place == "criteria":
            return _page(request, patient, version, fragment="criteria", criteria_saved=True)
        shown = _page(request, patient, version)
        shown["HX-Retarget"], shown["HX-Reswap"] = "#tree", "outerHTML"
        return shown
    response = redirect("plan:edit", patient_id=patient.pk)
    if place:
        response["Location"] += f"#row-{place}" if isinstance(place, UUID) else f"#{place}"
    return response


def _form(
    request: HttpRequest, patient: Patient, version: PlanVersion, form: RowForm, *, kind: Kind, place: str,
    thing: UUID | None = None,
) -> HttpResponse:  # fmt: skip
    """The form in its place, alone for a fragment, within the whole page otherwise."""
    conflict = getattr(form, "conflict", False)
    opened = {
        "form": form, "kind": kind.key, "place": place, "url": request.path, "adding": thing is None,
        "orphan": thing is not None and not kind.model.objects.filter(pk=thing).exists(),
        "changed": _changed(request, version, thing) if conflict else [],
    }  # fmt: skip
    return _page(request, patient, version, opened=opened)


def _changed(request: HttpRequest, version: PlanVersion, thing: UUID | None) -> list[dict[str, Any]]:
    """What others did to the thing since the typed words were begun."""
    base = request.POST.get("based_on", "")
    if thing is None or not base.isascii() or not base.isdigit():
        return []
    steps = DraftStep.objects.filter(version=version, thing_id=thing, revision__gt=min(int(base), 2**31 - 1))
    return [{"step": step, "fields": step_fields(step)} for step in steps.select_related("by")]


def step_fields(step: DraftStep) -> list[tuple[str, str, str]]:
    """The words that a step changed: name, before, after."""
    names = [*step.now, *(name for name in step.was if name not in step.now)]
    pairs = [(name, step.was.get(name, ""), step.now.get(name, "")) for name in names]
    return [(name, was, now) for name, was, now in pairs if was != now]


def _page(request: HttpRequest, patient: Patient, version: PlanVersion | None, **more: Any) -> HttpResponse:
    opened = more.get("opened")
    form = opened.get("form") if opened else more.get("criteria_form")
    status = 200
    if form is not None and form.errors:
        status = 409 if getattr(form, "conflict", False) else 422
    context = {"patient": patient, "tab": "plan", "version": version, "opened": None, **more}
    if version is not None:
        arms = queries.live_arms(patient.pk)
        context["problems"] = tree.problems(version, live=False, arms=arms)
        against = rules.against_signing(version, arms, queries.measures_against(patient.pk), clock.today(patient.zone))
        context["against"] = against
        if "criteria_form" not in context:
            context["criteria_form"] = CriteriaForm(
                initial={"based_on": version.revision, "discharge_criteria": version.discharge_criteria}
            )
    name = "plan/edit.html"
    if getattr(request, "htmx", False):
        name = f"plan/edit.html#{more.get('fragment') or ('opened' if opened else 'tree')}"
    with timezone.override(patient.zone):
        return render(request, name, context, status=status)
