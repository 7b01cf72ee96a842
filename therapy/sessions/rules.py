"""Why the session room says no."""

from collections.abc import Collection
from uuid import UUID

from patients.notes.enums import Contact
from patients.plan.enums import Progress
from patients.plan.models import Objective
from therapy.sessions.models import Homework, Session
from therapy.sessions.vocabulary import homework_kinds, modalities, responses, techniques

# R-TP-10: these contacts need not name objectives.
WITHOUT_OBJECTIVES = frozenset({Contact.INTAKE, Contact.CRISIS, Contact.MISSED, Contact.TELEPHONE})
MOST_HOMEWORK = 10
NO_PLAN = "No plan was in force when this was signed, so no objective could be named."


def words(modality: str, response: str, keys: Collection[str]) -> str | None:
    """Modality, response and techniques come from the vocabulary."""
    if modality and modality not in modalities():
        return "Choose a kind of therapy from the list."
    if response and response not in responses():
        return "Choose how it was taken from the list."
    if not set(keys) <= set(techniques()):
        return "Choose techniques from the list."
    return None


def objectives(session: Session, marked: Collection[UUID], progress: Collection[str]) -> str | None:
    """Only objectives of this patient, with a progress that exists."""
    own = Objective.objects.filter(patient_id=session.patient_id, pk__in=list(marked)).count()
    if own != len(set(marked)):
        return "An objective is not of this patient's plan. Reload the page; what you wrote is kept."
    if any(one and one not in Progress.values for one in progress):
        return "An objective is met, better, same or worse."
    return None


def homework(kind: str, given: int) -> str | None:
    """Homework is of a known kind, and no more than a person can do."""
    if kind not in homework_kinds():
        return "Choose a kind of homework from the list."
    return f"That is {MOST_HOMEWORK} pieces of homework already." if given >= MOST_HOMEWORK else None


def review(row: Homework, session: Session, result: str) -> str | None:
    """Homework of the same patient's earlier session gets one of its kind's answers, until that is signed."""
    if row.patient_id != session.patient_id or row.session_id == session.pk:
        return "This homework was not given in an earlier session of this patient."
    if row.result_in_id not in (None, session.pk):
        return "Another session has looked at this homework already."
    kind = homework_kinds().get(row.kind)
    if result and kind is not None and result not in kind.results:
        return f"Homework was {', '.join(kind.results)}. Choose one."
    return None


def sign(session: Session, objectives_named: int, *, plan_in_force: bool) -> str | None:
    """A session names what it was about and the objectives it worked on (R-TP-10).

    Where no plan is in force there is nothing to name: the note then says so itself, and can be signed.
    """
    contact = Contact(session.note.contact)
    if not session.topic and contact is not Contact.MISSED:
        return "Write the topic line: one sentence that the care team reads."
    if contact in WITHOUT_OBJECTIVES or objectives_named or not plan_in_force:
        return None
    return "Mark at least one objective that this session worked on, then sign."
