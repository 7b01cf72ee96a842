"""The demo's therapy sessions: written, tied to the plan, and signed by the product's own actions."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from clinic import clock
from clinic.demo import Demo, data
from patients.notes import actions as notes
from patients.notes.enums import Format
from patients.record.models import Patient
from patients.scheduling.demo import Visit
from therapy.sessions import actions, vocabulary
from therapy.sessions.models import Homework, Session

TOPICS = (
    "what the week asked and what helped",
    "the thought that keeps coming back",
    "a plan for the evenings",
    "asking for help before it is late",
    "sleep, and what comes before it",
    "small steps toward people",
)
LEFT_TO_COSIGN_DAYS = 14
LEFT_UNSIGNED_DAYS = 4  # the last days' notes of one therapist are still drafts, as people find them


def load(demo: Demo) -> str:
    """Sessions in the order of time, each written in the session's last minutes and signed ten minutes later."""
    signed = drafts = 0
    for visit in demo.extra["visits"]:
        if visit.row["modality"] in (None, "medication") or visit.row["status"] != "completed":
            continue
        for key in filter(demo.patients.__contains__, visit.row["patients"]):
            if _write(demo, visit, key):
                signed += 1
            else:
                drafts += 1
    return f"{signed} sessions signed, {drafts} still drafts"


def _write(demo: Demo, visit: Visit, key: str) -> bool:
    row, therapist, patient = visit.row, visit.clinician, demo.patients[key]
    attendance = visit.attendances[key]
    minutes = row["minutes"] or 45
    topic = row["topic"] or TOPICS[visit.starts_at.toordinal() % len(TOPICS)]
    with clock.at(visit.starts_at + timedelta(minutes=minutes)):
        session = actions.begin(patient, by=therapist, attendance=attendance)
        facts = actions.Facts(
            modality=_modality(row["modality"]), response=_known(row["response"], vocabulary.responses()),
            topic=topic[:1].upper() + topic[1:], objectives=_marks(demo, key, row),
            techniques=[t for t in row["techniques"] if t in vocabulary.techniques()],
            results=_last_homework(session, patient, row),
        )  # fmt: skip
        session = actions.save_page(
            session, parts=_text(row, topic, key, visit), based_on=session.note.revision, facts=facts, by=therapist,
            format=Format.DAP, ended_at=visit.starts_at + timedelta(minutes=minutes), minutes=minutes,
        )  # fmt: skip
        if row["homework"] in vocabulary.homework_kinds():
            kind = vocabulary.homework_kinds()[row["homework"]]
            actions.give_homework(session, kind=kind.key, words=f"{kind.name}, on the days that suit", by=therapist)
    if visit.day > demo.today - timedelta(days=LEFT_UNSIGNED_DAYS) and visit.clinician == demo.users["th_brandvold"]:
        return False
    with clock.at(visit.starts_at + timedelta(minutes=minutes + 10)):
        note = actions.sign(session, by=therapist, reason="the course's own code" if row["code"] else "").note
    if note.cosigner and visit.day <= demo.today - timedelta(days=LEFT_TO_COSIGN_DAYS):
        with clock.at(visit.starts_at + timedelta(hours=8)):
            notes.cosign(note, by=note.cosigner)
    return True


def _modality(text: str) -> str:
    found = vocabulary.modality(text)
    return found.key if found else ""


def _known(key: str | None, terms: Any) -> str:
    return key if key and key in terms else ""


def _marks(demo: Demo, key: str, row: dict[str, Any]) -> dict[Any, tuple[str, str]]:
    """The objectives that the story names, or the plan's first, each with where it stands."""
    mine = demo.extra["objectives"].get(key, {})
    named = [mine[one] for one in row["objectives"] if one in mine] or list(mine.values())[:1]
    standing = {"engaged": "better", "partly": "same", "distressed_settled": "same", "distressed": "worse"}
    return {one.pk: (standing.get(row["response"] or "", "same"), "") for one in named}


def _last_homework(session: Session, patient: Patient, row: dict[str, Any]) -> dict[UUID, tuple[str, str]]:
    """How the homework of the session before went, in the words of its kind."""
    result = row["last_homework"]
    if not result:
        return {}
    given = Homework.objects.filter(patient=patient, result="").exclude(session=session).order_by("-id").first()
    known = given is not None and result in vocabulary.homework_kinds()[given.kind].results
    return {given.pk: (result, "")} if given is not None and known else {}


def _text(row: dict[str, Any], topic: str, key: str, visit: Visit) -> dict[str, str]:
    """Three paragraphs, person-first, that say only what the story says."""
    person = next(one for one in data()["patients"] if one["key"] == key)
    name = person["goes_by"] or person["given"]
    used = ", ".join(vocabulary.techniques()[t].name.lower() for t in row["techniques"] if t in vocabulary.techniques())
    response = row["response"] and vocabulary.responses().get(row["response"])
    homework = vocabulary.homework_kinds().get(row["homework"] or "")
    return {
        "data": f"{name} came on {visit.starts_at:%B} {visit.starts_at.day}. We worked on {topic}."
        + (f" Used: {used}." if used else ""),
        "assessment": f"{response.words if response else 'Took part as far as the day allowed.'} "
        "Nothing new that speaks against going on as planned.",
        "plan": (f"To try until next time: {homework.name.lower()}. " if homework else "")
        + "Go on with the objectives of the plan; look at the scores together next time.",
    }
