"""The plan builder: choose a template or start blank, write the steps, see the staircase while one types."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from clinic.refusal import Conflict, Refused
from clinic.rows import new_id
from clinic.web.pages import attempt, me
from medications.prescribing.calc import Unclear
from medications.prescribing.forms import answers
from medications.prescribing.models import Prescription
from medications.prescribing.panels import TAB_KEY
from medications.prescribing.queries import generic_name
from medications.tapers import actions, calc, design, drawing, forms, pages, queries, rules, templates
from medications.tapers.calc import Stair
from medications.tapers.design import Ground
from medications.tapers.enums import OPEN, RUNNING
from medications.tapers.models import TaperPlan, TaperStep
from patients.record.access import patient_view
from patients.record.models import Patient

NUMBERS = ("starts_on", "percent", "step_mg", "interval", "total_days", "count", "emax", "k", "source", "floor")
SHOWN_BY_MODE = {
    "percent_of_current": ("percent", "interval"), "absolute_bands": ("step_mg", "interval"),
    "absolute_step": ("step_mg", "interval"), "linear_over_days": ("total_days", "step_mg", "count"),
    "hyperbolic_occupancy": ("count", "interval", "emax", "k", "source"),
}  # fmt: skip


@require_http_methods(["GET", "POST"])
@patient_view("medication.prescribe")
def new(request: HttpRequest, patient: Patient, pk: UUID) -> HttpResponse:
    """Plan the steps of a prescription; POST keeps them as a draft."""
    row = _prescription(patient, pk)
    known = queries.open_plan(row.pk)
    if known is not None and request.method == "GET":
        return redirect("tapers:taper", patient_id=patient.pk, pk=known.pk)
    on = design.ground(patient, row)
    if request.method == "GET":
        return _page(request, on, _first(on))
    form = _bound(request, on)
    if request.POST.get("do") == "fill":
        return _page(request, on, _filled(on, form))
    if (found := _design(form, on)) is not None:
        plan = attempt(
            request, form, actions.draft, prescription=row, design=found, key=form.cleaned_data["key"], by=me(request)
        )
        if plan is not None:
            messages.success(request, "Kept as a draft. Look at it, then start it.")
            return redirect("tapers:taper", patient_id=patient.pk, pk=plan.pk)
    return _page(request, on, form, status=422)


@require_http_methods(["GET", "POST"])
@patient_view("medication.prescribe")
def steps(request: HttpRequest, patient: Patient, pk: UUID) -> HttpResponse:
    """Write the steps that are not confirmed anew; `?restart=1` begins the template from its first step."""
    plan = get_object_or_404(queries.with_steps(TaperPlan.objects.filter(patient=patient, state__in=OPEN)), pk=pk)
    on = design.ground(patient, plan.prescription, plan)
    if request.method == "GET":
        return _page(request, on, _kept(on, plan, restart="restart" in request.GET))
    form = _bound(request, on)
    if request.POST.get("do") == "fill":
        return _page(request, on, _filled(on, form))
    conflict = False
    if (found := _design(form, on)) is not None:
        given = answers(request.POST)
        try:
            actions.revise(
                plan, design=found, reason=form.cleaned_data["reason"], answers=given,
                based_on=form.cleaned_data["based_on"], by=me(request),
            )  # fmt: skip
            messages.success(request, "The steps are kept.")
            return redirect("tapers:taper", patient_id=patient.pk, pk=plan.pk)
        except Refused as refused:
            conflict = isinstance(refused, Conflict)
            if not refused.field.startswith("answer:"):
                form.add_error(refused.field if refused.field in form.fields else None, refused.sentence)
    return _page(request, on, form, status=409 if conflict else 422, tried=True)


@require_POST
@patient_view("medication.prescribe")
def fill(request: HttpRequest, patient: Patient, pk: UUID) -> HttpResponse:
    """Numbers and steps of the chosen template, as a fragment. Writes nothing."""
    on = _ground(patient, pk)
    template = "tapers/rows.html" if "rows" in request.GET else "tapers/design.html"
    return render(request, template, _context(request, on, _filled(on, _bound(request, on))))


@require_POST
@patient_view("medication.prescribe")
def preview(request: HttpRequest, patient: Patient, pk: UUID) -> HttpResponse:
    """The picture of the steps as they are typed, and what stands against them, as a fragment. Writes nothing."""
    on = _ground(patient, pk)
    return render(request, "tapers/seen.html", _context(request, on, _bound(request, on)))


def _prescription(patient: Patient, pk: UUID) -> Prescription:
    rows = Prescription.objects.select_related("drug").filter(patient=patient, origin="ours", retracted_at=None)
    return get_object_or_404(rows, pk=pk, stopped_on=None, drug__isnull=False)


def _ground(patient: Patient, pk: UUID) -> Ground:
    row = _prescription(patient, pk)
    return design.ground(patient, row, queries.open_plan(row.pk))


def _bound(request: HttpRequest, on: Ground) -> forms.PlanForm:
    form = forms.PlanForm(request.POST, choices=on.choices, count=forms.SPARE)
    form.is_valid()
    return form


def _unbound(on: Ground, initial: dict[str, Any], stairs: Sequence[Stair]) -> forms.PlanForm:
    """A form with these steps; `stairs` is set as if they had been typed."""
    count = min(len(stairs) + forms.SPARE, calc.MOST_STEPS + forms.SPARE)
    form = forms.PlanForm(initial=initial | forms.of_stairs(stairs), choices=on.choices, count=count)
    form.stairs = list(stairs)
    form.floor_mg = calc.lowest(on.units) if on.units else None
    return form


def _first(on: Ground) -> forms.PlanForm:
    """The template that fits best, with its usual numbers and its steps."""
    key = on.choices[0][0]
    initial = design.usual(on, key) | {"key": new_id()}
    return _with_steps(on, initial)


def _with_steps(on: Ground, initial: dict[str, Any], *, restart: bool = False) -> forms.PlanForm:
    sentence, stairs = "", []
    try:
        stairs = design.build(on, initial, restart=restart)
    except Unclear as unclear:
        sentence = str(unclear)
    form = _unbound(on, initial, stairs)
    form.sentence = sentence  # type: ignore[attr-defined]
    return form


def _kept(on: Ground, plan: TaperPlan, *, restart: bool) -> forms.PlanForm:
    """The plan as it is; or its template from the first step, after days without (R-MO-CLZ, R-MO-LTG)."""
    key = plan.template or f"blank-{plan.kind}"
    base = design.usual(on, key) | {"floor": plan.floor_mg.normalize(), "based_on": plan.revision, **plan.constants}
    base["floor"] = f"{plan.floor_mg.normalize():f}"
    if restart and templates.get(plan.template) is not None:
        return _with_steps(on, base | {"reason": "Days without a dose: from the first step again."}, restart=True)
    ahead = [one for one in queries.live_steps(plan) if one.confirmed_at is None]
    return _unbound(on, base, queries.stairs_of(ahead))


def _filled(on: Ground, form: forms.PlanForm) -> forms.PlanForm:
    """The form anew, with the steps that the numbers build; another template brings its own numbers."""
    data = form.cleaned_data
    key = data.get("template") or on.choices[0][0]
    kept = {name: data.get(name) or "" for name in ("based_on", "key", "reason")}
    if key != data.get("template_was"):
        return _with_steps(on, design.usual(on, key) | kept)
    numbers = {name: form.data.get(name, "") for name in NUMBERS} | {"starts_on": data.get("starts_on")}
    for name in ("interval", "total_days", "count"):
        numbers[name] = data.get(name)
    made = _with_steps(on, {"template": key, "template_was": key} | numbers | kept)
    wrong = [str(error) for name in NUMBERS for error in form.errors.get(name, [])]
    if wrong:
        made.sentence = wrong[0]  # type: ignore[attr-defined]
    return made


def _design(form: forms.PlanForm, on: Ground) -> actions.Design | None:
    """What was designed, if it can be read."""
    if not form.is_valid() or form.floor_mg is None:
        if form.is_valid():
            form.add_error("floor", "Write the dose to stop from: the last step goes to zero from there.")
        return None
    data = form.cleaned_data
    key = data["template"] if templates.get(data["template"]) else ""
    constants = {name: str(data[name]) for name in ("emax", "k", "source") if data.get(name)}
    return actions.Design(on.kind(data["template"]), key, form.stairs, form.floor_mg, constants)


@dataclass(frozen=True)
class Row:
    """One step as it is typed: its fields, how it is made, how far it falls."""

    fields: Any
    made: str
    change: str
    needs_liquid: bool


def _context(request: HttpRequest, on: Ground, form: forms.PlanForm, tried: bool = False) -> dict[str, Any]:
    shown = _seen(on, form)
    key = str(form["template"].value() or "")
    found = templates.get(key)
    kind = on.kind(key)
    against, sentence = [], getattr(form, "sentence", "")
    running = on.plan is not None and on.plan.state in RUNNING
    if form.stairs:
        sentence = sentence or rules.stairs(kind, form.stairs, on.start, on.earliest, on.today) or ""
    drawn = bool(form.stairs) and not sentence
    if drawn:
        made = actions.Design(kind, found.key if found else "", form.stairs, form.floor_mg or calc.lowest(on.units))
        level = on.plan.care_level if on.plan else ""
        against = actions.against(on.prescription, on.patient, made, by=me(request), care_level=level)
    return {
        "patient": on.patient, "tab": TAB_KEY, "form": form, "on": on, "plan": on.plan, "template": found, "kind": kind,
        "name": generic_name(on.prescription), "numbers": [form[n] for n in _numbers(found)], "shown": shown,
        "picture": drawing.draw(pages.of_stairs(on, form.stairs, [s for s in shown if s])) if drawn else "",
        "sentence": sentence, "asked": pages.asked(against, answers(request.POST), tried), "running": running,
        "rows": [
            {"fields": fields, "step": shown[n] if n < len(shown) else None} for n, fields in enumerate(form.rows)
        ],
    }  # fmt: skip


def _numbers(found: templates.Template | None) -> tuple[str, ...]:
    """The numbers that the template asks for, between the first day and the floor."""
    return ("starts_on", *(SHOWN_BY_MODE.get(found.mode, ()) if found else ()), "floor")


def _seen(on: Ground, form: forms.PlanForm) -> list[TaperStep | None]:
    """The typed steps as rows of the table, at the places of their fields; not saved."""
    by_day = {one.day: one for one in form.stairs}
    before = on.start
    found: list[TaperStep | None] = []
    for fields in form.rows:
        typed = fields["day"].value()
        stair = next((one for day, one in by_day.items() if str(day) == str(typed)), None)
        if stair is None or not str(fields["dose"].value() or "").strip():
            found.append(None)
            continue
        made = calc.made_of(stair.dose, on.units) if stair.dose else None
        found.append(
            TaperStep(
                on_day=stair.day, dose_mg=stair.dose, every_n_days=stair.every, units=made.words if made else "",
                fall_percent=calc.fall_percent(before, stair.average), needs_liquid=bool(stair.dose) and made is None,
            )
        )  # fmt: skip
        before = stair.average
    return found


def _page(
    request: HttpRequest, on: Ground, form: forms.PlanForm, *, status: int = 200, tried: bool = False
) -> HttpResponse:
    return render(request, "tapers/plan.html", _context(request, on, form, tried), status=status)
