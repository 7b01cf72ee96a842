"""What the visit's page shows: the note's editor in the middle, what helps beside it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.http import HttpRequest

from clinic import clock
from clinic.ports import load
from clinic.web.pages import me
from medications.prescribing import listing
from medications.prescribing import queries as prescribing
from medications.prescribing.models import Prescription
from medications.visits.forms import VisitForm, stored
from medications.visits.models import Visit
from medications.visits.rules import LEVELS, WITHOUT_LEVEL
from patients.handoffs import queries as handoffs
from patients.measures import instruments
from patients.measures import queries as measures
from patients.measures.models import Score
from patients.notes import cpt
from patients.notes import pages as note_pages
from patients.notes.enums import Contact
from patients.notes.forms import NoteForm, initial
from patients.record.models import Patient
from patients.timeline.enums import EntryKind
from patients.timeline.models import Entry

if TYPE_CHECKING:
    from clinic.staff.models import User

IN_THE_BAR = ("Allergies", "Risk")
ADD_ONS = ("90833", "90836", "90838")
SESSIONS, MOST_SCORES = 4, 6


@dataclass(frozen=True)
class Course:
    """An instrument's newest score, and the one before it."""

    name: str
    now: Score
    was: Score | None


def context(request: HttpRequest, patient: Patient, visit: Visit, **more: Any) -> dict[str, Any]:
    """Everything the page needs. In `more`: `parts`, `form`, `visit_form`: what was sent and could not be saved."""
    viewer, note = me(request), visit.note
    parts = more.pop("parts", None)
    form = more.pop("form", None) or NoteForm(note, initial=initial(note, patient))
    visit_form = more.pop("visit_form", None) or VisitForm(initial=stored(visit))
    strip = [part(patient, viewer) for part in load("STRIP_PARTS")]
    return {
        "patient": patient,
        "visit": visit,
        "note": note,
        "editor": note_pages.editor(note, viewer, parts=parts),
        "form": form,
        "visit_form": visit_form,
        "levels": levels(note.contact),
        "add_ons": [cpt.everything()[code] for code in ADD_ONS],
        "fixed": fixed(note.contact),
        "time_fields": [(name, next(iter(form.errors.get(name, [])), "")) for name in ("starts", "ends", "minutes")],
        "saved": note_pages.saved_words(note),
        "strip": [part for part in strip if part and part.label in IN_THE_BAR],
        **therapists_side(patient, viewer),
        "medicines": medicines(patient),
        "told": listing.told(patient, viewer),
        "last": last_before(visit),
    } | more


def therapists_side(patient: Patient, viewer: "User") -> dict[str, Any]:
    """What the therapist saw: the lines handed over, the topics of the last sessions, the scores. Three queries."""
    return {
        "handed": handoffs.unanswered(patient.pk, viewer),
        "sessions": sessions(patient),
        "scores": scores(patient.pk),
    }


def sessions(patient: Patient) -> list[Entry]:
    """The last therapy sessions as the timeline tells them: topic and minutes, never their text. One query."""
    rows = Entry.objects.filter(patient=patient, kind=EntryKind.SESSION, retracted_at=None).select_related("by")
    return list(rows.order_by("-occurred_at")[:SESSIONS])


def scores(patient_id: UUID) -> list[Course]:
    """The newest score of each instrument and the one before, the newest instrument first. One query."""
    known = instruments.everything()
    rows: dict[str, list[Score]] = {}
    for score in measures.series(patient_id, known):
        rows.setdefault(score.instrument, []).append(score)
    found = [
        Course(known[key].short_name, course[-1], course[-2] if len(course) > 1 else None)
        for key, course in rows.items()
    ]
    return sorted(found, key=lambda one: one.now.answered_at, reverse=True)[:MOST_SCORES]


def levels(contact: str) -> list[tuple[str, str]]:
    """The levels of decision making, each with its code (R-CPT-03); none where no level is chosen."""
    if Contact(contact) in WITHOUT_LEVEL:
        return []
    return [(level, cpt.visit_by_decisions(level, new_patient=False)) for level in LEVELS]


def fixed(contact: str) -> str:
    """What the foot bar says where no level decides the code."""
    match Contact(contact):
        case Contact.INTAKE:
            return "First visit: 90792, not by minutes."
        case Contact.VISIT:
            return ""
    return "No code."


def medicines(patient: Patient) -> list[dict[str, Any]]:
    """What is taken now, with the order that holds today and the one to come. Six queries at most."""
    today = clock.today(patient.zone)
    rows = prescribing.active(patient.pk, today)
    given = listing.last_given(rows)
    return [_medicine(row, today, given) for row in rows]


def _medicine(row: Prescription, today: date, given: Mapping[UUID, date]) -> dict[str, Any]:
    order, due = prescribing.current_order(row, today), listing.due(row, today, given)
    return {
        "row": row,
        "order": order,
        "ahead": prescribing.next_order(row, today),
        "name": prescribing.generic_name(row),
        "dose": prescribing.dose(order) if order else "",
        "due": due,
        "overdue": due is not None and due < today,
    }


def last_before(visit: Visit) -> Visit | None:
    """The signed visit before this one. One query."""
    rows = Visit.objects.filter(patient_id=visit.patient_id, note__signed_at__isnull=False, note__retracted_at=None)
    return rows.exclude(pk=visit.pk).select_related("note__author").order_by("-note__started_at").first()
