"""Pages of sessions: begin, write, save by itself, sign, and the list of all contacts."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from clinic.refusal import Refused
from clinic.web.pages import me, note_refusal
from patients.notes import pages as note_pages
from patients.notes.actions import Stale
from patients.notes.forms import NoteForm, initial, parts_of
from patients.notes.models import Note
from patients.record import access
from patients.record.access import patient_view
from patients.record.models import Patient
from patients.scheduling.models import Attendance
from therapy.sessions import actions, pages, queries
from therapy.sessions.forms import facts_sent, new_homework
from therapy.sessions.models import Homework, Session


@require_POST
@patient_view("session.write")
def begin(request: HttpRequest, patient: Patient) -> HttpResponse:
    """Open the session on an attendance (field "attendance"), or one without a booking."""
    attendance = None
    if key := request.POST.get("attendance"):
        try:
            attendance = get_object_or_404(Attendance, pk=UUID(key), patient=patient)
        except ValueError:
            raise Http404 from None
    session = actions.begin(patient, by=me(request), attendance=attendance)
    return redirect("sessions:session", patient_id=patient.pk, pk=session.pk)


def _session(patient: Patient, pk: UUID) -> Session:
    rows = Session.objects.select_related("note__author", "note__patient", "note__attendance__segment", "patient")
    return get_object_or_404(rows, pk=pk, patient=patient)


@require_http_methods(["GET", "POST"])
@patient_view("session.write")
def session(request: HttpRequest, patient: Patient, pk: UUID) -> HttpResponse:
    """The session while it happens; a POST saves the whole page and then does what was pressed."""
    row = _session(patient, pk)
    if row.note.author_id != me(request).pk or row.note.is_signed or row.note.retracted_at:
        if request.method == "POST" and row.note.author_id == me(request).pk and row.note.is_signed:
            _keep_late(request, row)
        return redirect("notes:note", patient_id=patient.pk, pk=row.note_id)
    if request.method == "GET":
        return render(request, "sessions/session.html", pages.context(request, patient, row))
    return _sent(request, patient, row)


def _keep_late(request: HttpRequest, row: Session) -> None:
    """Text that comes after the signature, from Back or a second tab, is kept beside the note."""
    try:
        actions.save_page(row, parts=parts_of(request.POST), based_on=-1, facts=None, by=me(request))
    except Refused as refused:
        note_refusal(request, refused)


def _save(request: HttpRequest, row: Session, form: NoteForm) -> Session:
    return actions.save_page(
        row, parts=parts_of(request.POST), based_on=form.base(), facts=facts_sent(request.POST), by=me(request),
        **form.fields_to_save(),
    )  # fmt: skip


def _sent(request: HttpRequest, patient: Patient, row: Session) -> HttpResponse:
    """Save, then do: sign, switch the format, give or take back homework. A refusal keeps every word (422, 409)."""
    form = NoteForm(row.note, request.POST, initial=initial(row.note, patient))
    form.is_valid()
    more: dict[str, Any] = {"facts": facts_sent(request.POST), "parts": parts_of(request.POST), "form": form}
    kind, words = new_homework(request.POST)
    more |= {"new_homework": {"kind": kind, "words": words}}
    saved = False
    try:
        row = _save(request, row, form)
        saved = True
        if not form.is_valid():
            more["form"] = _moved_on(request, row)
            return _again(request, patient, row, 422, **more)
        _do(request, row, kind, words)
    except Stale as stale:
        note_refusal(request, stale)
        fresh = _session(patient, row.pk)
        more["form"] = _moved_on(request, fresh)
        return _again(request, patient, fresh, 409, conflict=note_pages.conflict(stale, parts_of(request.POST)), **more)
    except Refused as refused:
        note_refusal(request, refused)
        fresh = _session(patient, row.pk)
        if saved:  # else another window's text would be overwritten unseen
            more["form"] = _moved_on(request, fresh)
        return _again(request, patient, fresh, 422, refused=refused, **more)
    row.refresh_from_db()
    if Note.objects.filter(pk=row.note_id, signed_at__isnull=False).exists():
        return redirect("notes:note", patient_id=patient.pk, pk=row.note_id)
    return redirect("sessions:session", patient_id=patient.pk, pk=row.pk)


def _do(request: HttpRequest, row: Session, kind: str, words: str) -> None:
    """What the pressed button asks beside saving. Homework in the fields is given with every press but autosave."""
    do = request.POST.get("do", "save")
    if words.strip():
        actions.give_homework(row, kind=kind, words=words, by=me(request))
    if do == "sign":
        actions.sign(row, by=me(request))
    elif do.startswith("format:"):
        row.note.refresh_from_db()
        actions.switch_format(row, format=do.removeprefix("format:"), by=me(request))
    elif do.startswith("drop:"):
        try:
            piece = get_object_or_404(Homework, pk=UUID(do.removeprefix("drop:")), session=row)
        except ValueError:
            raise Http404 from None
        actions.drop_homework(piece, by=me(request))


def _moved_on(request: HttpRequest, row: Session) -> NoteForm:
    """The form as it was sent, on the revision that stands now: pressing again means it."""
    data = request.POST.copy()
    data["based_on"] = str(row.note.revision)
    form = NoteForm(row.note, data, initial=initial(row.note, row.patient))
    form.is_valid()
    return form


def _again(request: HttpRequest, patient: Patient, row: Session, status: int, **more: Any) -> HttpResponse:
    return render(request, "sessions/session.html", pages.context(request, patient, row, **more), status=status)


@require_POST
@patient_view("session.write")
def save(request: HttpRequest, patient: Patient, pk: UUID) -> HttpResponse:
    """Save the page by itself; JSON for its script."""
    row = _session(patient, pk)
    if row.note.author_id != me(request).pk:
        raise Http404
    form = NoteForm(row.note, request.POST, initial=initial(row.note, patient))
    form.is_valid()
    return note_pages.answer(request, form, lambda: _save(request, row, form).note)


@require_GET
@patient_view("chart.read")
def contacts(request: HttpRequest, patient: Patient) -> HttpResponse:
    """The tab "Sessions": sessions, notes of both disciplines, visits not held."""
    lines = queries.contacts(patient.pk)
    return render(
        request, "sessions/list.html",
        {"patient": patient, "tab": "sessions", "contacts": lines, "may_begin": _may_begin(request, patient)},
    )  # fmt: skip


def _may_begin(request: HttpRequest, patient: Patient) -> bool:
    return access.may(me(request), "session.write", patient.pk)
