"""The therapy session: begun from a booking or without one, saved with its note, signed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import transaction

from clinic.audit import actions as audit
from clinic.audit.enums import Kind as AuditKind
from clinic.refusal import Refused, check, refuse
from patients.notes import actions as notes
from patients.notes import cpt
from patients.notes import rules as note_rules
from patients.notes.enums import Contact, Kind
from patients.notes.models import Note
from patients.record.calc import clean_line
from patients.record.models import Patient
from patients.scheduling import actions as scheduling
from patients.scheduling.enums import NOT_HELD, Service, Status
from patients.scheduling.models import Attendance
from patients.timeline import actions as timeline
from patients.timeline.enums import EntryKind
from therapy.sessions import queries, rules
from therapy.sessions.models import Homework, Session, SessionObjective, Technique

if TYPE_CHECKING:
    from clinic.staff.models import User

Marks = Mapping[UUID, tuple[str, str]]
WAITING = (Status.BOOKED, Status.CONFIRMED, Status.ARRIVED)


@dataclass(frozen=True)
class Facts:
    """What a session says beside its text. `results`: homework id → how it went, in a word and in words."""

    modality: str = ""
    response: str = ""
    topic: str = ""
    objectives: Marks = field(default_factory=dict)
    techniques: Sequence[str] = ()
    results: Mapping[UUID, tuple[str, str]] = field(default_factory=dict)


@transaction.atomic
def begin(
    patient: Patient,
    *,
    by: "User",
    attendance: Attendance | None = None,
    started_at: datetime | None = None,
    contact: str | None = None,
) -> Session:
    """The session on an attendance (set in session if it waited) or without one; the open one if there is one."""
    if attendance is not None:
        attendance = Attendance.objects.select_related("segment").get(pk=attendance.pk)
        if attendance.patient_id == patient.pk and attendance.status in WAITING:
            scheduling.start(attendance, by=by)
            attendance.refresh_from_db()
    note = notes.begin(
        patient, kind=Kind.SESSION, contact=contact or _contact(attendance), attendance=attendance,
        started_at=started_at or (attendance.started_at if attendance else None), by=by,
    )  # fmt: skip
    session, created = Session.objects.get_or_create(note=note, defaults={"patient": patient})
    if created:
        audit.record(AuditKind.CREATED, by=by, on=session, what="sessions.begin")
    return session


def _contact(attendance: Attendance | None) -> Contact:
    if attendance is None:
        return Contact.VISIT
    if attendance.status in NOT_HELD:
        return Contact.MISSED
    services = {Service.INTAKE: Contact.INTAKE, Service.TELEPHONE: Contact.TELEPHONE}
    return services.get(Service(attendance.segment.service), Contact.VISIT)


@transaction.atomic
def save(
    session: Session,
    *,
    modality: str = "",
    response: str = "",
    topic: str = "",
    objectives: Marks | None = None,
    techniques: Sequence[str] = (),
    by: "User",
) -> Session:
    """Say what the session was about and which objectives it worked on (R-TP-10); the note moves on a revision."""
    session = _lock(session)
    check(note_rules.change, session.note, by)
    if _apply(session, Facts(modality, response, topic, objectives or {}, techniques), by):
        session.note = notes.write(session.note, parts={}, based_on=session.note.revision, by=by, touched=True)
    return session


def save_page(
    session: Session, *, parts: Mapping[str, str], based_on: int, facts: Facts | None, by: "User", **note_fields: Any
) -> Session:
    """Save the session's page in one go: text and facts stand together or not at all.

    On an old base the text that was sent is kept and Stale raised (409); nothing else changes. `facts`: None where
    they cannot be stored as sent (their form says why); the text is saved all the same.
    """
    try:
        return _save_page(session, parts=parts, based_on=based_on, facts=facts, by=by, **note_fields)
    except notes.Stale as stale:
        notes.set_aside(stale.note, parts=parts, based_on=based_on, by=by)
        raise


@transaction.atomic
def _save_page(
    session: Session, *, parts: Mapping[str, str], based_on: int, facts: Facts | None, by: "User", **note_fields: Any
) -> Session:
    session = _lock(session)
    if session.note.is_signed or session.note.revision != based_on:
        session.note = notes.write(session.note, parts=parts, based_on=based_on, by=by, **note_fields)
        if facts is not None and not _stands(session, facts):
            raise notes.stale(session.note)
        return session  # the same was saved before: an answer was lost
    touched = facts is not None and _apply(session, facts, by)
    session.note = notes.write(session.note, parts=parts, based_on=based_on, by=by, touched=touched, **note_fields)
    return session


def _stands(session: Session, facts: Facts) -> bool:
    """Whether the rows say already what was sent."""
    marked = {row.objective_id: (row.progress, row.how) for row in session.objectives.all()}
    answered = {row.pk: (row.result, row.result_words) for row in session.looked_at.all()}
    return (
        (session.modality, session.response, session.topic) == (facts.modality, facts.response, facts.topic)
        and marked == dict(facts.objectives)
        and set(session.techniques.values_list("key", flat=True)) == set(facts.techniques)
        and answered == {key: value for key, value in facts.results.items() if value[0]}
    )


def _apply(session: Session, facts: Facts, by: "User") -> bool:
    """Store what differs; whether anything did."""
    check(note_rules.change, session.note, by)
    check(rules.words, facts.modality, facts.response, facts.techniques)
    check(rules.objectives, session, list(facts.objectives), [mark for mark, _ in facts.objectives.values()])
    before = (session.modality, session.response, session.topic)
    topic = clean_line(facts.topic, most=200, field="topic")
    session.modality, session.response, session.topic = facts.modality, facts.response, topic
    changed = before != (session.modality, session.response, session.topic)
    if changed:
        session.save()
    changed |= _apply_marks(session, facts.objectives)
    changed |= _apply_techniques(session, facts.techniques)
    asked = Homework.objects.filter(pk__in=list(facts.results), patient_id=session.patient_id)
    for row in asked if facts.results else ():
        result, words = facts.results[row.pk]
        if (row.result, row.result_words) != (result, words if result else ""):
            _answer(row, result, words, session, by)
            changed = True
    return changed


def _apply_marks(session: Session, marks: Marks) -> bool:
    wanted = {key: (mark, clean_line(how, most=300, field="objectives")) for key, (mark, how) in marks.items()}
    rows = {row.objective_id: row for row in session.objectives.all()}
    held = {key: (row.progress, row.how) for key, row in rows.items()}
    if wanted == held:
        return False
    if gone := [row.pk for key, row in rows.items() if key not in wanted]:
        session.objectives.filter(pk__in=gone).delete()
    for key in wanted.keys() & held.keys():
        if wanted[key] != held[key]:
            rows[key].progress, rows[key].how = wanted[key]
            rows[key].save(update_fields=["progress", "how"])
    SessionObjective.objects.bulk_create(
        [SessionObjective(session=session, objective_id=key, progress=progress, how=how)
         for key, (progress, how) in wanted.items() if key not in held]
    )  # fmt: skip
    return True


def _apply_techniques(session: Session, keys: Sequence[str]) -> bool:
    wanted, held = set(keys), set(session.techniques.values_list("key", flat=True))
    if held - wanted:
        session.techniques.filter(key__in=held - wanted).delete()
    Technique.objects.bulk_create([Technique(session=session, key=key) for key in keys if key in wanted - held])
    return wanted != held


@transaction.atomic
def switch_format(session: Session, *, format: str, by: "User") -> Session:
    """Show the note in another format, from the revision that stands (R-PN-01)."""
    session = _lock(session)
    session.note = notes.write(session.note, parts={}, based_on=session.note.revision, by=by, format=format)
    return session


@transaction.atomic
def give_homework(session: Session, *, kind: str, words: str, by: "User") -> Homework:
    """Give homework in this session; the next one asks how it went."""
    session = _lock(session)
    check(note_rules.change, session.note, by)
    check(rules.homework, kind, session.homework.count())
    line = clean_line(words, most=300, field="homework_words")
    if not line:
        raise Refused("Say what the homework is, in the person's words.", field="homework_words")
    if same := session.homework.filter(kind=kind, words=line).first():  # sent twice
        return same
    row = Homework.objects.create(session=session, patient_id=session.patient_id, kind=kind, words=line)
    audit.record(AuditKind.CREATED, by=by, on=row, what="sessions.give_homework")
    return row


@transaction.atomic
def drop_homework(homework: Homework, *, by: "User") -> None:
    """Take back homework that this session, not signed yet, was going to give."""
    session = _lock(homework.session)
    check(note_rules.change, session.note, by)
    audit.record(AuditKind.CHANGED, by=by, on=homework, what="sessions.drop_homework")
    homework.delete()


@transaction.atomic
def review_homework(homework: Homework, *, result: str, words: str = "", session: Session, by: "User") -> Homework:
    """Say in a later session how homework went; an empty result takes the answer back while that is not signed."""
    session = _lock(session)
    check(note_rules.change, session.note, by)
    return _answer(homework, result, words, session, by)


def _answer(homework: Homework, result: str, words: str, session: Session, by: "User") -> Homework:
    homework = Homework.objects.select_for_update().get(pk=homework.pk)
    check(rules.review, homework, session, result)
    homework.result = result
    homework.result_words = clean_line(words, most=300, field="homework") if result else ""
    homework.result_in = session if result else None
    homework.save(update_fields=["result", "result_words", "result_in"])
    audit.record(AuditKind.CHANGED, by=by, on=homework, what="sessions.review_homework")
    return homework


@transaction.atomic
def sign(session: Session, *, by: "User", reason: str = "") -> Session:
    """Sign the session: note and facts under one hash, the attendance completed, the timeline written (R-HS-05).

    The code is the one chosen, else the one that the minutes support (R-CPT-01). `reason`: why it stays where the
    day's rules ask (R-CPT-08). Where no plan is in force, the signed note says so (R-TP-10).
    """
    session = _lock(session)
    note, attendance = session.note, session.note.attendance
    check(note_rules.change, note, by)
    plan = queries.plan_in_force(session.patient_id)
    sentence = rules.sign(session, session.objectives.count(), plan_in_force=plan)
    refuse(sentence, field="" if session.topic else "topic")
    notes.end_now(note)
    extra = queries.structured(session) | {"plan": "" if plan else rules.NO_PLAN}
    code, add_on = _codes(note, note_rules.licence_of(by, note), session)
    note = notes.sign(note, by=by, code=code, add_on_code=add_on, extra=extra, reason=reason)
    if attendance is not None:
        _complete(attendance, by)
    _tell(session, note, by)
    audit.record(AuditKind.SIGNED, by=by, on=session, what="sessions.sign")
    session.note = note
    return session


def _codes(note: Note, licence: str, session: Session) -> tuple[str, str]:
    """The chosen codes, else those that contact and minutes support."""
    if note.code:
        return note.code, note.add_on_code
    group = note.attendance is not None and note.attendance.segment.service == Service.GROUP
    match Contact(note.contact):
        case Contact.INTAKE:
            return cpt.evaluation(licence), ""
        case Contact.CRISIS:
            codes = cpt.crisis(note.minutes or 0).codes
            return (codes[0] if codes else ""), (codes[1] if len(codes) > 1 else "")
        case Contact.VISIT:
            return (cpt.GROUP if group else cpt.therapy(note.minutes or 0).code), ""
    return "", ""


def _complete(attendance: Attendance, by: "User") -> None:
    """The visit is over once its note is signed; one that was completed or not held stays as it is."""
    if attendance.status in WAITING:
        attendance = scheduling.start(attendance, by=by)
    if attendance.status == Status.IN_SESSION:
        scheduling.complete(attendance, by=by)


def _tell(session: Session, note: Note, by: "User") -> None:
    """Write the session's line and its homework into the timeline; a visit not held wrote its own."""
    if note.contact == Contact.MISSED:
        return
    timeline.note(
        note.patient_id, EntryKind.SESSION, on=note, occurred_at=note.started_at, until=note.ended_at,
        label=session.topic, value=note.minutes, unit="min", by=by, url_name="notes:note",
    )  # fmt: skip
    for row in session.homework.order_by("id"):
        timeline.note(
            note.patient_id, EntryKind.HOMEWORK, on=note, occurred_at=note.started_at, label=row.words, by=by,
            url_name="notes:note",
        )  # fmt: skip


def _lock(session: Session) -> Session:
    rows = Session.objects.select_for_update(of=("self",))
    session = rows.select_related("note__patient", "note__attendance__segment").get(pk=session.pk)
    session.patient = session.note.patient
    return session
