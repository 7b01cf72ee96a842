"""Signing the draft: what still stands against it, each sentence leading to its place."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from clinic import clock
from clinic.refusal import Conflict, Refused
from clinic.staff.rules import may_sign
from clinic.web.pages import me, note_refusal
from patients.plan import actions, queries, rules, tree
from patients.plan.forms import SignForm
from patients.plan.models import DraftStep
from patients.plan.views.editing import step_fields
from patients.record.access import patient_view
from patients.record.models import Patient


@require_http_methods(["GET", "POST"])
@patient_view("plan.sign")
def sign(request: HttpRequest, patient: Patient) -> HttpResponse:
    """Read the draft once more, record the patient's word, sign. 409 where the draft is not the one that was read."""
    version = queries.open_draft(patient.pk)
    if version is None:
        if request.method == "POST":
            raise Conflict("Somebody signed this draft meanwhile. Open the plan to read it.")
        raise Http404
    status, changed = 200, []
    form = SignForm(request.POST if request.method == "POST" else None, initial={"based_on": version.revision})
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            signed = actions.sign(version, by=me(request), **given)
            messages.info(request, f"Plan v{signed.number} is signed.")
            return redirect("plan:plan", patient_id=patient.pk)
        except Refused as refused:
            form.add_error(refused.field if refused.field in form.fields else None, refused.sentence)
            note_refusal(request, refused)
            if isinstance(refused, Conflict):
                steps = DraftStep.objects.filter(version=version, revision__gt=min(given["based_on"], 2**31 - 1))
                changed = [{"step": step, "fields": step_fields(step)} for step in steps.select_related("by")]
                status = 409
    if form.errors and status == 200:
        status = 422
    arms = queries.live_arms(patient.pk)
    against = rules.against_signing(version, arms, queries.measures_against(patient.pk), clock.today(patient.zone))
    licence = may_sign(me(request))
    context = {
        "patient": patient, "tab": "plan", "version": version, "form": form, "against": against, "changed": changed,
        "problems": tree.problems(version, live=False, arms=arms), "licence": licence,
        "before": queries.in_force(patient.pk),
    }  # fmt: skip
    with timezone.override(patient.zone):
        return render(request, "plan/sign.html", context, status=status)
