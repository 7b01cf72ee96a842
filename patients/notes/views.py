"""Pages of notes: reading a signed one, adding to it, marking it as entered in error; the answers to autosave."""

from contextlib import suppress
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import NoReverseMatch, reverse
from django.views.decorators.http import require_GET, require_POST

from clinic.web.pages import attempt, me
from patients.notes import actions, cpt, formats, pages, queries, rules
from patients.notes.forms import AddendumForm, NoteForm, RetractForm, initial, parts_of
from patients.notes.models import Note
from patients.notes.reading import facts
from patients.record import access
from patients.record.access import patient_view
from patients.record.models import Patient


def _note(patient: Patient, pk: UUID) -> Note:
    rows = Note.objects.select_related("author", "patient", "cosigner", "retracted_by", "attendance")
    return get_object_or_404(rows, pk=pk, patient=patient)


@require_GET
@patient_view("chart.read")
def note(request: HttpRequest, patient: Patient, pk: UUID) -> HttpResponse:
    """A note to read: signed, with hash and signature, or a colleague's draft's outline; one's own draft opens."""
    row = _note(patient, pk)
    own_draft = not row.is_signed and row.retracted_at is None and row.author_id == me(request).pk
    if own_draft and (address := _editor(row)):
        return redirect(address)
    return render(request, "notes/note.html", _reading(request, patient, row))


def _editor(row: Note) -> str:
    """The page of the upper room in which the draft is written; empty where it has none."""
    for relation, url_name in (("session", "sessions:session"), ("medication_visit", "visits:visit")):
        owner: Any = getattr(row, relation, None)
        if owner is not None:
            with suppress(NoReverseMatch):
                return reverse(url_name, kwargs={"patient_id": row.patient_id, "pk": owner.pk})
    return ""


def _reading(request: HttpRequest, patient: Patient, row: Note, **forms: Any) -> dict[str, Any]:
    viewer = me(request)
    readable = row.is_signed or row.author_id == viewer.pk
    known = cpt.everything()
    return {
        "patient": patient,
        "tab": "sessions",
        "note": row,
        "texts": formats.as_text(row.parts, row.format) if readable else {},
        "facts": facts(row.extra) if readable else [],
        "addenda": queries.latest_addenda(row),
        "intact": queries.is_intact(row),
        "codes": [known[code] for code in (row.code, row.add_on_code) if code in known],
        "may_add": row.is_signed and rules.add_addendum(row, viewer) is None and access_note(viewer, patient),
        "may_retract": rules.retract(row, viewer) is None,
        "may_cosign": rules.cosign(row, viewer) is None,
        "set_aside": queries.set_aside(row, viewer) if row.author_id == viewer.pk else [],
        "addendum_form": AddendumForm(),
        "retract_form": RetractForm(),
    } | forms


def access_note(viewer: Any, patient: Patient) -> bool:
    """Whether the viewer may send what the page's forms send."""
    return access.may(viewer, "note.write", patient.pk)


@require_POST
@patient_view("note.write")
def addendum(request: HttpRequest, patient: Patient, pk: UUID) -> HttpResponse:
    """Add to a signed note."""
    row = _note(patient, pk)
    form = AddendumForm(request.POST)
    if form.is_valid() and attempt(
        request, form, actions.add_addendum, note=row, text=form.cleaned_data["text"], by=me(request)
    ):
        return redirect("notes:note", patient_id=patient.pk, pk=row.pk)
    return render(request, "notes/note.html", _reading(request, patient, row, addendum_form=form), status=422)


@require_POST
@patient_view("chart.read")
def retract(request: HttpRequest, patient: Patient, pk: UUID) -> HttpResponse:
    """Mark a note as entered in error."""
    row = _note(patient, pk)
    form = RetractForm(request.POST)
    if form.is_valid() and attempt(
        request, form, actions.retract, note=row, reason=form.cleaned_data["reason"], by=me(request)
    ):
        return redirect("notes:note", patient_id=patient.pk, pk=row.pk)
    return render(request, "notes/note.html", _reading(request, patient, row, retract_form=form), status=422)


@require_POST
@patient_view("chart.read")
def cosign(request: HttpRequest, patient: Patient, pk: UUID) -> HttpResponse:
    """The supervisor who was asked signs beside the author."""
    actions.cosign(_note(patient, pk), by=me(request))
    return redirect("notes:note", patient_id=patient.pk, pk=pk)


@require_POST
@patient_view("note.write")
def save(request: HttpRequest, patient: Patient, pk: UUID) -> HttpResponse:
    """Save a draft's text and times, for any page that holds the editor; JSON for its script."""
    row = _own(request, patient, pk)
    form = NoteForm(row, request.POST, initial=initial(row, patient))
    form.is_valid()

    def run() -> Note:
        parts = parts_of(request.POST)
        return actions.save(row, parts=parts, based_on=form.base(), by=me(request), **form.fields_to_save())

    if pages.wants_json(request):
        return pages.answer(request, form, run)
    run()
    return redirect("notes:note", patient_id=patient.pk, pk=pk)


@require_GET
@patient_view("note.write", audited=False)
def state(request: HttpRequest, patient: Patient, pk: UUID) -> HttpResponse:
    """Whether the person is signed in again, with a fresh token; says nothing of the note's content."""
    return pages.state(request, _own(request, patient, pk))


@require_GET
@patient_view("note.write", audited=False)
def back(request: HttpRequest, patient: Patient, pk: UUID) -> HttpResponse:
    """Where the sign-in in a second tab ends: close it, the first one goes on by itself."""
    _own(request, patient, pk)
    return render(request, "notes/back.html")


def _own(request: HttpRequest, patient: Patient, pk: UUID) -> Note:
    row = _note(patient, pk)
    if row.author_id != me(request).pk:
        raise Http404
    return row
