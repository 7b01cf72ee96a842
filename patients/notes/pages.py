"""What the editor of any note shares, whichever page it stands in: its context, its answers to autosave."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.template.loader import render_to_string
from django.urls import reverse

from clinic import clock
from clinic.refusal import Refused
from clinic.web import language
from clinic.web.language import Hint
from clinic.web.pages import me, note_refusal
from clinic.web.templatetags.words import clock_time
from patients.notes import calc, cpt, formats, queries
from patients.notes.actions import Stale
from patients.notes.forms import NoteForm, parts_of
from patients.notes.models import Note

if TYPE_CHECKING:
    from clinic.staff.models import User

MOST_HINTS = 3  # a part shows so many at once


@dataclass(frozen=True, slots=True)
class Step:
    """From this minute on, this code; what comes next (R-CPT-01). `here`: the minutes of now lie in it."""

    minute: int
    code: str
    next_code: str
    next_minute: int | None
    here: bool


def wants_json(request: HttpRequest) -> bool:
    """Whether the page's own script asks."""
    return "application/json" in request.headers.get("Accept", "")


def editor(note: Note, viewer: "User", *, parts: Mapping[str, str] | None = None) -> dict[str, Any]:
    """What `notes/editor.html` needs: the sections of the format with their text, hints, addresses, the draft's key.

    `parts`: what was sent, where it could not be saved; it stands in the fields in place of what is stored.
    """
    shown = formats.present({**note.parts, **(parts or {})}, note.format)
    return {
        "note": note,
        "sections": shown,
        "formats": formats.formats_for(note.kind),
        "hints": {field.key: hints(field.text) for section in shown for field in section.fields},
        "draft_keys": queries.draft_keys(note, viewer),
        "state_url": reverse("notes:state", kwargs={"patient_id": note.patient_id, "pk": note.pk}),
        "set_aside": queries.set_aside(note, viewer) if note.revision else [],
        "now": clock.now(),
    }


def hints(text: str) -> list[Hint]:
    """The first person-first hints for a text; gentle, never blocking."""
    return language.apart(language.hints(text))[:MOST_HINTS]


def steps(minutes: int, *, with_visit: bool = False) -> list[Step]:
    """The codes by minutes with their reasons, for a line that follows the clock (R-CPT-01)."""
    found = []
    minute: int | None = 0
    while minute is not None:
        support = cpt.therapy(minute, with_visit=with_visit)
        following = support.next_minute
        here = minute <= minutes and (following is None or minutes < following)
        found.append(Step(minute, support.code, support.next_code, following, here))
        minute = following
    return found


def running_minutes(note: Note) -> int:
    """The minutes entered, else those between start and end, else those since the start."""
    if note.minutes is not None:
        return note.minutes
    return calc.minutes_between(note.started_at, max(note.ended_at or clock.now(), note.started_at))


def differences(note: Note, sent: Mapping[str, str]) -> list[dict[str, Any]]:
    """Part by part what is stored and what was sent, with names, for the page of a conflict."""
    stored = {key: note.parts.get(key, "") for key in sent}
    return [{"name": formats.NAMES[d.key], "diff": d} for d in calc.parts_diff(stored, sent)]


def answer(request: HttpRequest, form: NoteForm, save: Callable[[], Note]) -> HttpResponse:
    """Run a save that the page's script asked for and answer in JSON: saved, conflict (409) or refused (422)."""
    sent = parts_of(request.POST)
    try:
        note = save()
    except Stale as stale:
        note_refusal(request, stale)
        html = render_to_string("notes/conflict.html", conflict(stale, sent), request)
        body: dict[str, Any] = {
            "state": "conflict",
            "revision": stale.note.revision,
            "sentence": stale.sentence,
            "html": html,
        }
        body["parts"] = {key: stale.note.parts.get(key, "") for key in sent}
        return JsonResponse(body, status=409)
    except Refused as refused:
        note_refusal(request, refused)
        return JsonResponse({"state": "refused", "sentence": refused.sentence, "field": refused.field}, status=422)
    return JsonResponse(
        {
            "state": "saved",
            "revision": note.revision,
            "words": saved_words(note),
            "errors": {name: str(errors[0]) for name, errors in form.errors.items()},
            "hints": {
                key: render_to_string("notes/hints.html", {"hints": found, "key": key})
                for key, text in sent.items()
                if (found := hints(text))
            },
        }
    )


def conflict(stale: Stale, sent: Mapping[str, str]) -> dict[str, Any]:
    """What `notes/conflict.html` needs: both texts, and whether the note was signed meanwhile."""
    note = stale.note
    return {"note": note, "patient": note.patient, "sentence": stale.sentence, "differences": differences(note, sent)}


def saved_words(note: Note) -> str:
    """ "Saved 2:14 pm, revision 7"; "Not saved yet" before the first save."""
    if not note.revision:
        return "Not saved yet"
    return f"Saved {clock_time(note.saved_at, note.patient.zone)}, revision {note.revision}"


def state(request: HttpRequest, note: Note) -> JsonResponse:
    """What a page that lost its sign-in asks until it is back: a fresh token and the present revision."""
    mine = note.author_id == me(request).pk
    body = {"csrf": get_token(request), "revision": note.revision, "signed": note.is_signed, "mine": mine}
    return JsonResponse(body)
