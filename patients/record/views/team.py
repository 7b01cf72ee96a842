"""The care team: who joins, who leaves. The front desk puts the first clinicians on it, the team the others."""

from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from clinic.refusal import Refused
from clinic.web.pages import attempt, me
from patients.record import access, actions
from patients.record.access import patient_view, rights
from patients.record.forms import TeamForm
from patients.record.models import CareTeamMember, Patient
from patients.record.views.clinical import form_page


def _may_change(request: HttpRequest, patient: Patient) -> None:
    """The desk, and who is on the team: an emergency opens the chart for an hour, not the team (R-HS-02)."""
    held = rights(request, patient)
    if "patient.register" in held:
        return
    if "record.write" not in held or not access.on_team(me(request), patient.pk):
        raise Refused("The care team is changed by those who are on it, or by the front desk.")


def _back(request: HttpRequest, patient: Patient) -> HttpResponse:
    return redirect("record:record" if "chart.read" in rights(request, patient) else "record:desk", patient.pk)


@patient_view("patient.contacts")
def team(request: HttpRequest, patient: Patient) -> HttpResponse:
    """Put somebody on the care team; covering until a day's end."""
    _may_change(request, patient)
    form = TeamForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        data = form.cleaned_data
        until = data["until"]
        ends: Any = datetime.combine(until + timedelta(days=1), time(), patient.site.zone) if until else None
        if attempt(
            request, form, actions.add_to_team, patient=patient, user=data["user"], role=data["role"], ends_at=ends,
            by=me(request),
        ):  # fmt: skip
            return _back(request, patient)
    tab = "record" if "chart.read" in rights(request, patient) else "desk"
    return form_page(request, patient, "Who joins the care team", form, "Add to the care team", tab=tab)


@require_POST
@patient_view("patient.contacts")
def leave(request: HttpRequest, patient: Patient, pk: UUID) -> HttpResponse:
    """End somebody's part now."""
    member = get_object_or_404(CareTeamMember, pk=pk, patient=patient)
    _may_change(request, patient)
    actions.leave_team(member, by=me(request))
    if rights(request, patient) and not access.may(me(request), "patient.contacts", patient.pk):
        return redirect("record:find")
    return _back(request, patient)
