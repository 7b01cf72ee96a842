"""What the visit's page shows: the note's editor in the middle, what helps beside it."""

from typing import Any

from django.http import HttpRequest

from clinic.ports import load
from clinic.web.pages import me
from medications.prescribing import queries as prescribing
from medications.visits.forms import VisitForm, stored
from medications.visits.models import Visit
from patients.measures import queries as measures
from patients.notes import pages as note_pages
from patients.notes.forms import NoteForm, initial
from patients.record.models import Patient
from patients.timeline.enums import EntryKind
from patients.timeline.models import Entry

IN_THE_BAR = ("Allergies", "Risk")


def context(request: HttpRequest, patient: Patient, visit: Visit, **more: Any) -> dict[str, Any]:
    """Everything the page needs. In `more`: `parts`, `form`, `visit_form`: what was sent and could not be saved."""
    viewer, note = me(request), visit.note
    parts = more.pop("parts", None)
    minutes = note.minutes or 0
    form = more.pop("form", None) or NoteForm(note, initial=initial(note, patient))
    strip = [part(patient, viewer) for part in load("STRIP_PARTS")]
    return {
        "patient": patient,
        "visit": visit,
        "note": note,
        "editor": note_pages.editor(note, viewer, parts=parts),
        "form": form,
        "visit_form": more.pop("visit_form", None) or VisitForm(initial=stored(visit)),
        "minutes": note_pages.running_minutes(note),
        "steps": note_pages.steps(minutes, with_visit=True),
        "time_fields": [(name, next(iter(form.errors.get(name, [])), "")) for name in ("starts", "ends", "minutes")],
        "saved": note_pages.saved_words(note),
        "strip": [part for part in strip if part and part.label in IN_THE_BAR],
        "sessions": sessions(patient),
        "scores": list(measures.latest(patient.pk).values()),
        "medicines": medicines(patient),
        "last": last_before(visit),
    } | more


def sessions(patient: Patient) -> list[Entry]:
    """The last therapy sessions as the timeline tells them: topic and minutes, never their text. One query."""
    rows = Entry.objects.filter(patient=patient, kind=EntryKind.SESSION, retracted_at=None).select_related("by")
    return list(rows.order_by("-occurred_at")[:3])


def medicines(patient: Patient) -> list[dict[str, Any]]:
    """What is taken now, with the order that holds today. Five queries."""
    return [
        {"row": row, "order": prescribing.current_order(row), "name": prescribing.generic_name(row)}
        for row in prescribing.active(patient.pk)
    ]


def last_before(visit: Visit) -> Visit | None:
    """The signed visit before this one. One query."""
    rows = Visit.objects.filter(patient_id=visit.patient_id, note__signed_at__isnull=False, note__retracted_at=None)
    return rows.exclude(pk=visit.pk).select_related("note__author").order_by("-note__started_at").first()
