"""Reading sessions: where we left it, homework, what was addressed, the list of all contacts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Prefetch, Q, QuerySet

from patients.notes.enums import Kind
from patients.notes.models import Note
from patients.plan.enums import VersionState
from patients.plan.models import ObjectiveRow, PlanVersion
from patients.scheduling.enums import NOT_HELD, Reason
from patients.scheduling.models import Attendance
from therapy.sessions.models import Homework, Session, SessionObjective
from therapy.sessions.vocabulary import Term, homework_kinds, modalities, responses, techniques

SHOWN = Q(note__signed_at__isnull=False, note__retracted_at=None)


def signed(patient_id: UUID) -> QuerySet[Session]:
    """The patient's signed sessions that stand, notes and authors loaded, the newest first."""
    return (
        Session.objects.filter(SHOWN, patient_id=patient_id)
        .select_related("note", "note__author")
        .order_by("-note__started_at")
    )


def last_before(session: Session) -> Session | None:
    """The signed session before this one: where we left it. One query."""
    return signed(session.patient_id).filter(note__started_at__lt=session.note.started_at).first()


def plan_in_force(patient_id: UUID) -> bool:
    """Whether a signed plan counts today. One query."""
    return PlanVersion.objects.filter(patient_id=patient_id, state=VersionState.SIGNED).exists()


def words_of(objectives: Sequence[UUID], patient_id: UUID) -> dict[UUID, str]:
    """The newest words of each objective of the patient. One query."""
    rows = ObjectiveRow.objects.filter(objective_id__in=objectives, version__patient_id=patient_id)
    return dict(rows.order_by("version__number").values_list("objective_id", "words"))


def homework_for(session: Session) -> list[Homework]:
    """What earlier signed sessions gave and this one may ask about: not answered yet, or answered in this one.

    The newest twelve; one query.
    """
    return list(
        Homework.objects.filter(
            Q(result="") | Q(result_in=session),
            session__note__signed_at__isnull=False,
            session__note__retracted_at=None,
            session__note__started_at__lt=session.note.started_at,
            patient_id=session.patient_id,
        )
        .select_related("session__note")
        .order_by("-session__note__started_at", "id")[:12]
    )


@dataclass(frozen=True, slots=True)
class Contact:
    """One line of the tab “Sessions”: a session, a medication visit's note, or a visit that was not held."""

    at: datetime
    mark: str  # t, m or missed
    title: str
    who: str
    minutes: int | None
    url_pk: UUID | None
    state: str  # signed, draft, error, missed
    homework: tuple[Homework, ...] = ()
    why: str = ""


def contacts(patient_id: UUID, limit: int = 200) -> list[Contact]:
    """Sessions, notes of both disciplines and visits that were not held, the newest first. Three queries."""
    found = [_of_note(note) for note in _notes(patient_id)[:limit]]
    missed = Attendance.objects.filter(patient_id=patient_id, status__in=NOT_HELD).exclude(
        reason__in=[Reason.MOVED, Reason.IN_ERROR]
    )
    for one in missed.select_related("segment__clinician").order_by("-segment__starts_at")[:limit]:
        who, why = one.segment.clinician.name, one.get_reason_display()
        found.append(Contact(one.segment.starts_at, "missed", "not held", who, None, None, "missed", why=why))
    return sorted(found, key=lambda contact: contact.at, reverse=True)[:limit]


def _notes(patient_id: UUID) -> QuerySet[Note]:
    homework = Homework.objects.order_by("id")
    return (
        Note.objects.filter(patient_id=patient_id)
        .select_related("author", "session")
        .prefetch_related(Prefetch("session__homework", queryset=homework, to_attr="given"))
        .order_by("-started_at")
    )


def _of_note(note: Note) -> Contact:
    session: Session | None = getattr(note, "session", None)
    state = "error" if note.retracted_at else "signed" if note.is_signed else "draft"
    title = session.topic if session and session.topic else note.get_kind_display()
    if state == "draft":
        title = f"{note.get_kind_display()}, not signed yet"
    given: Sequence[Homework] = getattr(session, "given", ()) if session and state == "signed" else ()
    mark = "t" if note.kind == Kind.SESSION else "m"
    return Contact(note.started_at, mark, title, note.author.name, note.minutes, note.pk, state, tuple(given))


def recent(patient_id: UUID, number: int = 4) -> list[Session]:
    """The last signed sessions with their homework, for the chart. Two queries."""
    given = Prefetch("homework", queryset=Homework.objects.order_by("id"), to_attr="given")
    return list(signed(patient_id).prefetch_related(given)[:number])


def marks(session: Session) -> dict[UUID, SessionObjective]:
    """The objectives marked in this session by objective id. One query."""
    return {row.objective_id: row for row in session.objectives.all()}


def structured(session: Session) -> dict[str, Any]:
    """Everything a session says beside its text, in words and keys, that the signature covers (R-HS-05).

    Five queries.
    """
    marked = list(session.objectives.order_by("objective_id"))
    words = words_of([row.objective_id for row in marked], session.patient_id)
    return {
        "topic": session.topic,
        "objectives": [
            {"id": str(m.objective_id), "words": words.get(m.objective_id, ""), "progress": m.progress, "how": m.how}
            for m in marked
        ],
        "kind_of_therapy": modality_name(session.modality),
        "modality_key": session.modality,
        "techniques": [
            {"key": key, "name": technique_names([key])[0]}
            for key in sorted(session.techniques.values_list("key", flat=True))
        ],
        "response": response_name(session.response),
        "response_key": session.response,
        "homework_given": [
            {"id": str(row.pk), "key": row.kind, "kind": homework_name(row.kind), "words": row.words}
            for row in session.homework.order_by("id")
        ],
        "earlier_homework": [
            {"id": str(row.pk), "words": row.words, "result": row.result, "how": row.result_words}
            for row in session.looked_at.order_by("id")
        ],
    }


def technique_names(keys: Sequence[str]) -> list[str]:
    """The names of techniques by key; a key that the vocabulary lost stays readable."""
    return [term.name if (term := techniques().get(key)) else key for key in keys]


def response_name(key: str) -> str:
    """The name of a response."""
    term: Term | None = responses().get(key)
    return term.name if term else key


def modality_name(key: str) -> str:
    """The name of a modality."""
    found = modalities().get(key)
    return found.name if found else key


def homework_name(key: str) -> str:
    """The name of a kind of homework."""
    found = homework_kinds().get(key)
    return found.name if found else key
