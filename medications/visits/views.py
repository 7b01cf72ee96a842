"""Pages of medication visits: begin, write, save by itself, sign."""

import json
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from clinic.refusal import Refused
from clinic.web.pages import me, note_refusal
from medications.visits import actions, pages
from medications.visits.forms import VisitForm
from medications.visits.models import Visit
from patients.notes import pages as note_pages
from patients.notes.actions import Stale
from patients.notes.forms import NoteForm, initial, parts_of
from patients.notes.models import Note
from patients.record.access import patient_view
from patients.record.models import Patient
from patients.scheduling.models import Attendance

WRITE = "medication.prescribe"


@require_POST
@patient_view(WRITE)
def begin(request: HttpRequest, patient: Patient) -> HttpResponse:
    """Open the visit on an attendance (field "attendance"), or one without a booking."""
    attendance = None
    if key := request.POST.get("attendance"):
        try:
            attendance = get_object_or_404(Attendance, pk=UUID(key), patient=patient)
        except ValueError:
            raise Http404 from None
    visit = actions.begin(patient, by=me(request), attendance=attendance)
    return redirect("visits:visit", patient_id=patient.pk, pk=visit.pk)


def _visit(patient: Patient, pk: UUID) -> Visit:
    rows = Visit.objects.select_related("note__author", "note__patient", "note__attendance__segment", "patient")
    return get_object_or_404(rows, pk=pk, patient=patient)


@require_http_methods(["GET", "POST"])
@patient_view(WRITE)
def visit(request: HttpRequest, patient: Patient, pk: UUID) -> HttpResponse:
    """The visit while it happens; a POST saves the whole page and then does what was pressed."""
    row = _visit(patient, pk)
    mine = row.note.author_id == me(request).pk
    if not mine or row.note.is_signed or row.note.retracted_at:
        if request.method == "POST" and mine and row.note.is_signed:
            _keep_late(request, row)
        return redirect("notes:note", patient_id=patient.pk, pk=row.note_id)
    if request.method == "GET":
        return render(request, "visits/visit.html", pages.context(request, patient, row))
    return _sent(request, patient, row)


def _keep_late(request: HttpRequest, row: Visit) -> None:
    """Text that comes after the signature, from Back or a second tab, is kept beside the note."""
    try:
        actions.save_page(row, parts=parts_of(request.POST), based_on=-1, facts=None, by=me(request))
    except Refused as refused:
        note_refusal(request, refused)


def _forms(request: HttpRequest, row: Visit) -> tuple[NoteForm, VisitForm]:
    """Both forms, bound; the times of the note are judged with the minutes of the visit as they were typed."""
    visit_form = VisitForm(request.POST)
    if visit_form.is_valid() or "em_minutes" not in visit_form.errors:
        row.note.em_minutes = visit_form.facts(row).em_minutes
    form = NoteForm(row.note, request.POST, initial=initial(row.note, row.patient))
    form.is_valid()
    return form, visit_form


def _save(request: HttpRequest, row: Visit, form: NoteForm, visit_form: VisitForm) -> Visit:
    return actions.save_page(
        row, parts=parts_of(request.POST), based_on=form.base(), facts=visit_form.facts(row), by=me(request),
        **form.fields_to_save(),
    )  # fmt: skip


def _sent(request: HttpRequest, patient: Patient, row: Visit) -> HttpResponse:
    """Save, then sign or switch the format. A refusal keeps every word (422, 409)."""
    form, visit_form = _forms(request, _visit(patient, row.pk))
    more: dict[str, Any] = {"parts": parts_of(request.POST), "form": form, "visit_form": visit_form}
    saved = False
    try:
        row = _save(request, row, form, visit_form)
        saved = True
        if not (form.is_valid() and visit_form.is_valid()):
            more["form"] = _moved_on(request, row)
            return _again(request, patient, row, 422, **more)
        do = request.POST.get("do", "save")
        if do == "sign":
            actions.sign(row, by=me(request))
        elif do.startswith("format:"):
            actions.switch_format(row, format=do.removeprefix("format:"), by=me(request))
    except Stale as stale:
        note_refusal(request, stale)
        fresh = _visit(patient, row.pk)
        more["form"] = _moved_on(request, fresh)
        return _again(request, patient, fresh, 409, conflict=note_pages.conflict(stale, parts_of(request.POST)), **more)
    except Refused as refused:
        note_refusal(request, refused)
        fresh = _visit(patient, row.pk)
        if saved:  # else another window's text would be overwritten unseen
            more["form"] = _moved_on(request, fresh)
        if refused.field in visit_form.fields:
            visit_form.add_error(refused.field, refused.sentence)
        return _again(request, patient, fresh, 422, refused=refused, **more)
    if Note.objects.filter(pk=row.note_id, signed_at__isnull=False).exists():
        return redirect("notes:note", patient_id=patient.pk, pk=row.note_id)
    return redirect("visits:visit", patient_id=patient.pk, pk=row.pk)


def _moved_on(request: HttpRequest, row: Visit) -> NoteForm:
    """The form as it was sent, on the revision that stands now: pressing again means it."""
    data = request.POST.copy()
    data["based_on"] = str(row.note.revision)
    form = NoteForm(row.note, data, initial=initial(row.note, row.patient))
    form.is_valid()
    return form


def _again(request: HttpRequest, patient: Patient, row: Visit, status: int, **more: Any) -> HttpResponse:
    return render(request, "visits/visit.html", pages.context(request, patient, row, **more), status=status)


@require_POST
@patient_view(WRITE)
def save(request: HttpRequest, patient: Patient, pk: UUID) -> HttpResponse:
    """Save the page by itself; JSON for its script, with what is wrong beside the note too."""
    row = _visit(patient, pk)
    if row.note.author_id != me(request).pk:
        raise Http404
    form, visit_form = _forms(request, _visit(patient, pk))
    answer = note_pages.answer(request, form, lambda: _save(request, row, form, visit_form).note)
    if answer.status_code != 200 or not visit_form.errors:
        return answer
    body = json.loads(answer.content)
    body["errors"] |= {name: str(errors[0]) for name, errors in visit_form.errors.items()}
    return JsonResponse(body)
