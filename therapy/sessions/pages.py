"""What the session's page shows: the note's editor in the middle, what helps beside it."""

from typing import Any

from django.http import HttpRequest
from django.template.loader import render_to_string

from clinic.ports import StripPart, load
from clinic.staff.enums import Role
from clinic.web.pages import me
from patients.notes import cpt, rules
from patients.notes import pages as note_pages
from patients.notes.enums import Contact
from patients.notes.forms import NoteForm, initial
from patients.notes.models import Note
from patients.plan import queries as plan
from patients.plan.enums import Progress
from patients.record import access
from patients.record.models import Patient
from therapy.sessions import queries, vocabulary
from therapy.sessions.actions import Facts
from therapy.sessions.forms import facts_stored
from therapy.sessions.models import Session

BILLED = frozenset({"psychotherapy", "evaluation", "crisis", "family", "group"})
IN_THE_BAR = ("Allergies", "Risk")
OWNER_MARKS = {"therapist": "t", "prescriber": "m", "both": "tm", "patient": "p"}


def context(
    request: HttpRequest, patient: Patient, session: Session, *, facts: Facts | None = None, **more: Any
) -> dict[str, Any]:
    """Everything the page needs. `facts` and, in `more`, `parts` and `form`: what was sent and could not be saved."""
    viewer, note = me(request), session.note
    facts = facts or facts_stored(session)
    parts = more.pop("parts", None)
    minutes, licence = note_pages.running_minutes(note), rules.licence_of(viewer, note)
    form = more.pop("form", None) or NoteForm(note, initial=initial(note, patient))
    return {
        "patient": patient,
        "session": session,
        "note": note,
        "editor": note_pages.editor(note, viewer, parts=parts),
        "form": form,
        "facts": facts,
        "minutes": minutes,
        "steps": note_pages.steps(minutes),
        "codes": codes_for(licence),
        "fixed_code": fixed_code(note, licence),
        "time_fields": [(name, next(iter(form.errors.get(name, [])), "")) for name in ("starts", "ends", "minutes")],
        "saved": note_pages.saved_words(note),
        "strip": strip(patient, viewer),
        "panels": panels(request, patient, session),
        "last": queries.last_before(session),
        "homework": [
            (row, facts.results.get(row.pk, (row.result, row.result_words))) for row in queries.homework_for(session)
        ],
        "given": list(session.homework.order_by("id")),
        "prescribers": prescribers(patient),
        **objectives(patient, facts),
        **words(facts),
    } | more


def objectives(patient: Patient, facts: Facts) -> dict[str, Any]:
    """The objectives of the plan in force with what is marked today; what was marked of older plans stays."""
    version = plan.in_force(patient.pk)
    rows = plan.objectives_now(patient.pk, version) if version else []
    shown = [
        {
            "id": now.row.objective_id, "label": now.label, "words": now.words, "mark": OWNER_MARKS[now.owner],
            "now": now.now, "unit": now.row.unit, "aim": now.aim, "below": now.below,
            "progress": facts.objectives.get(now.row.objective_id, ("", ""))[0],
            "how": facts.objectives.get(now.row.objective_id, ("", ""))[1],
        }
        for now in rows
    ]  # fmt: skip
    older = [key for key in facts.objectives if key not in {row["id"] for row in shown}]
    for key, found in queries.words_of(older, patient.pk).items() if older else ():
        progress, how = facts.objectives[key]
        shown.append({"id": key, "label": "", "words": found, "mark": "t", "progress": progress, "how": how})
    return {"objectives": shown, "plan": version, "progress": Progress.choices}


def words(facts: Facts) -> dict[str, Any]:
    """The vocabularies for the pickers, and the names of what is chosen."""
    return {
        "technique_groups": vocabulary.grouped(vocabulary.techniques()),
        "chosen_techniques": queries.technique_names(facts.techniques),
        "responses": vocabulary.responses().values(),
        "modalities": vocabulary.modalities().values(),
        "homework_kinds": vocabulary.homework_kinds().values(),
        "homework_results": {key: kind.results for key, kind in vocabulary.homework_kinds().items()},
    }


def codes_for(licence: str) -> list[cpt.Code]:
    """The therapy codes that a licence may bill, for the choice of another than the minutes support."""
    return [
        code
        for code in cpt.everything().values()
        if licence and code.kind in BILLED and code.code[0].isdigit() and cpt.may_bill(code.code, licence)
    ]


def fixed_code(note: Note, licence: str) -> str:
    """What the foot bar says where minutes do not decide the code; empty where they do."""
    if note.code:
        return f"{note.code}, as you chose."
    match Contact(note.contact):
        case Contact.INTAKE:
            return f"First visit: {cpt.evaluation(licence)}, not by minutes."
        case Contact.TELEPHONE | Contact.MISSED:
            return "No code."
        case Contact.CRISIS:
            return "Crisis: 90839 from minute 30."
    return ""


def strip(patient: Patient, viewer: Any) -> list[StripPart]:
    """Allergies and risk: the bar of the session is short, but risk never hides."""
    found = [part(patient, viewer) for part in load("STRIP_PARTS")]
    return [part for part in found if part and part.label in IN_THE_BAR]


def panels(request: HttpRequest, patient: Patient, session: Session) -> list[dict[str, str]]:
    """What other rooms show beside the note (port SESSION_PANELS), for people with their capability."""
    found = []
    for panel in load("SESSION_PANELS"):
        if not access.may(me(request), panel.capability, patient.pk):
            continue
        content = panel.context(patient, me(request), _since(session))
        if content is not None:
            html = render_to_string(panel.template, {"panel": panel, "patient": patient, **content}, request)
            found.append({"key": panel.key, "title": panel.title, "html": html})
    return found


def prescribers(patient: Patient) -> list[Any]:
    """The prescribers on the care team today, for "Hand to …". One query."""
    team = access.members().filter(patient=patient, user__role_grants__role=Role.PRESCRIBER)
    rows = team.filter(user__role_grants__ended_at=None).select_related("user").order_by("starts_at")
    return list({row.user_id: row.user for row in rows}.values())


def _since(session: Session) -> Any:
    last: Note | None = next((row.note for row in queries.signed(session.patient_id)[:1]), None)
    return last.started_at if last else None
