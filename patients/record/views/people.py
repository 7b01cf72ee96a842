"""Registering and changing a person, and the front desk's page of them."""

from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from clinic.refusal import Conflict, Refused
from clinic.web.pages import attempt, me, needs, note_refusal
from patients.record import actions, queries
from patients.record.access import patient_view, rights
from patients.record.consent import CONSENT_TEXT, WORDS
from patients.record.forms import EditForm, RegisterForm
from patients.record.models import Patient


def _posted(request: HttpRequest) -> Any:
    return request.POST if request.method == "POST" else None


@needs("patient.register")
def register(request: HttpRequest) -> HttpResponse:
    """Register a person. Who looks like somebody registered is shown beside them first."""
    form = RegisterForm(_posted(request), at=me(request).site_id)
    if form.is_valid():
        made: Patient | None = attempt(request, form, actions.register, by=me(request), **form.cleaned_data)
        if made is not None:
            messages.info(request, f"Registered with record number {made.number}.")
            return redirect("record:desk", made.pk)
    alike = _alike(form) if "different_person" in form.errors or form.data.get("different_person") else []
    context = {"form": form, "alike": alike, "consent": WORDS[CONSENT_TEXT]}
    return render(request, "record/register.html", context, status=422 if form.is_bound else 200)


def _alike(form: RegisterForm) -> list[Patient]:
    """Who might be the same person, by what was typed."""
    data = form.cleaned_data
    if not all(data.get(name) for name in ("family_name", "given_name", "born_on")):
        return []
    return queries.alike(data["family_name"], data["given_name"], data["born_on"])


@patient_view("patient.register")
def edit(request: HttpRequest, patient: Patient) -> HttpResponse:
    """Change name, contacts and reminders. Somebody else's change meanwhile answers 409 and keeps what was typed."""
    initial = EditForm.of(patient, queries.channel(patient.pk)) | {"based_on": queries.fingerprint(patient)}
    form = EditForm(_posted(request), initial=initial)
    status = 422 if form.is_bound else 200
    if form.is_valid():
        try:
            actions.change(patient, by=me(request), **form.cleaned_data)
            return redirect("record:desk", patient.pk)
        except Refused as refused:
            form.add_error(refused.field if refused.field in form.fields else None, refused.sentence)
            note_refusal(request, refused, patient.pk)
            if isinstance(refused, Conflict):
                status = 409
                # Saving again is then a decision, made with the present state in view.
                form.data = {**request.POST.dict(), "based_on": initial["based_on"]}
    context = {"patient": patient, "tab": "desk", "form": form, "consent": WORDS[CONSENT_TEXT]}
    return render(request, "record/edit.html", context | {"changed_meanwhile": status == 409}, status=status)


@patient_view("patient.contacts")
def desk(request: HttpRequest, patient: Patient) -> HttpResponse:
    """Contacts, reminders, next visit, "forms complete", who treats: no clinical word (R-HP-08)."""
    held = rights(request, patient)
    visit = queries.next_visits([patient]).get(patient.pk)
    consent = queries.consent(patient.pk)
    context = {
        "patient": patient,
        "tab": "desk",
        "visit": visit,
        "visit_zone": ZoneInfo(visit.zone) if visit else None,
        "forms": queries.forms_complete(visit),
        "consent": consent,
        "words": WORDS.get(consent.text_version, "") if consent else "",
        "team": queries.care_team(patient),
        "may_change": "patient.register" in held,
        "may_book": "schedule.book" in held,
        "may_team": "patient.register" in held or "record.write" in held,
    }
    return render(request, "record/desk.html", context)


@require_POST
@patient_view("patient.contacts")
def stop_messages(request: HttpRequest, patient: Patient) -> HttpResponse:
    """The patient said, in whatever words, that messages shall stop: at once (R-RE-03)."""
    actions.revoke_messages(patient, how="desk", by=me(request))
    messages.info(request, "No messages go to this patient any more.")
    return redirect("record:desk", patient.pk)
