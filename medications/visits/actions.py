"""The medication visit: begun from a booking or without one, saved with its note, signed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db import transaction

from clinic.audit import actions as audit
from clinic.audit.enums import Kind as AuditKind
from clinic.refusal import Refused, check, refuse
from medications.visits import calc, content, rules
from medications.visits.models import Visit
from patients.notes import actions as notes
from patients.notes import rules as note_rules
from patients.notes.enums import Contact, Kind
from patients.record.calc import clean_line
from patients.record.models import Patient
from patients.scheduling import actions as scheduling
from patients.scheduling.enums import NOT_HELD, Service, Status
from patients.scheduling.models import Attendance
from patients.timeline import actions as timeline
from patients.timeline.enums import EntryKind

if TYPE_CHECKING:
    from clinic.staff.models import User

WAITING = (Status.BOOKED, Status.CONFIRMED, Status.ARRIVED)


@dataclass(frozen=True)
class Facts:
    """What a visit says beside its text. `em_minutes`: minutes of the medical visit, apart from therapy (R-CPT-03)."""

    line: str = ""
    em_level: str = ""
    systolic: int | None = None
    diastolic: int | None = None
    pulse: int | None = None
    weight_kg: Decimal | None = None
    em_minutes: int | None = None


@transaction.atomic
def begin(
    patient: Patient, *, by: "User", attendance: Attendance | None = None, started_at: datetime | None = None
) -> Visit:
    """The visit on an attendance (set in session if it waited) or without one; the open one if there is one."""
    if attendance is not None:
        # Locked, as the schedule's own steps lock it: of two clicks the second finds it in session.
        rows = Attendance.objects.select_for_update(of=("self",)).select_related("segment")
        attendance = rows.get(pk=attendance.pk)
    check(rules.begin, by, patient.pk, attendance)
    if attendance is not None and attendance.status in WAITING:
        scheduling.start(attendance, by=by)
        attendance.refresh_from_db()
    note = notes.begin(
        patient, kind=Kind.MEDICATION, contact=_contact(attendance), attendance=attendance,
        started_at=started_at or (attendance.started_at if attendance else None), by=by,
    )  # fmt: skip
    visit, created = Visit.objects.get_or_create(note=note, defaults={"patient": patient})
    if created:
        audit.record(AuditKind.CREATED, by=by, on=visit, what="visits.begin")
    return visit


def _contact(attendance: Attendance | None) -> Contact:
    if attendance is None:
        return Contact.VISIT
    if attendance.status in NOT_HELD:
        return Contact.MISSED
    services = {Service.INTAKE: Contact.INTAKE, Service.TELEPHONE: Contact.TELEPHONE}
    return services.get(Service(attendance.segment.service), Contact.VISIT)


@transaction.atomic
def save(
    visit: Visit,
    *,
    line: str = "",
    em_level: str = "",
    systolic: int | None = None,
    diastolic: int | None = None,
    pulse: int | None = None,
    weight_kg: Decimal | None = None,
    em_minutes: int | None = None,
    by: "User",
) -> Visit:
    """Say what the visit decided and measured; the note moves on a revision."""
    visit = _lock(visit)
    facts = Facts(line, em_level, systolic, diastolic, pulse, weight_kg, em_minutes)
    if _apply(visit, facts, by):
        visit.note = notes.write(
            visit.note, parts={}, based_on=visit.note.revision, by=by, touched=True, em_minutes=facts.em_minutes
        )
    return visit


def save_page(
    visit: Visit, *, parts: Mapping[str, str], based_on: int, facts: Facts | None, by: "User", **note_fields: Any
) -> Visit:
    """Save the page in one go; on an old base the text that was sent is kept and Stale raised (409)."""
    try:
        return _save_page(visit, parts=parts, based_on=based_on, facts=facts, by=by, **note_fields)
    except notes.Stale as stale:
        notes.set_aside(stale.note, parts=parts, based_on=based_on, by=by)
        raise


@transaction.atomic
def _save_page(
    visit: Visit, *, parts: Mapping[str, str], based_on: int, facts: Facts | None, by: "User", **note_fields: Any
) -> Visit:
    visit = _lock(visit)
    if visit.note.is_signed or visit.note.revision != based_on:
        notes.write(visit.note, parts=parts, based_on=based_on, by=by)  # says who may, and what is stale
    touched = facts is not None and _apply(visit, facts, by)
    if facts is not None:
        note_fields["em_minutes"] = facts.em_minutes
    visit.note = notes.write(visit.note, parts=parts, based_on=based_on, by=by, touched=touched, **note_fields)
    return visit


def _apply(visit: Visit, facts: Facts, by: "User") -> bool:
    """Store what differs; whether anything did."""
    check(note_rules.change, visit.note, by)
    check(rules.level, facts.em_level)
    for field, sentence in calc.vitals_problems(
        systolic=facts.systolic, diastolic=facts.diastolic, pulse=facts.pulse, weight_kg=facts.weight_kg
    ).items():
        raise Refused(sentence, field=field)
    new = {
        "line": clean_line(facts.line, most=500, field="line"), "em_level": facts.em_level,
        "systolic": facts.systolic, "diastolic": facts.diastolic, "pulse": facts.pulse, "weight_kg": facts.weight_kg,
    }  # fmt: skip
    changed = [name for name, value in new.items() if getattr(visit, name) != value]
    for name in changed:
        setattr(visit, name, new[name])
    if changed:
        visit.save(update_fields=changed)
    return bool(changed) or visit.note.em_minutes != facts.em_minutes


@transaction.atomic
def switch_format(visit: Visit, *, format: str, by: "User") -> Visit:
    """Show the note in another format, from the revision that stands (R-PN-01)."""
    visit = _lock(visit)
    visit.note = notes.write(visit.note, parts={}, based_on=visit.note.revision, by=by, format=format)
    return visit


@transaction.atomic
def sign(visit: Visit, *, by: "User", reason: str = "") -> Visit:
    """Sign the visit: note and facts under one hash, the attendance completed, the timeline written (R-HS-05).

    The level rests on decision making (R-CPT-03); therapy minutes add their code (R-CPT-02).
    """
    visit = _lock(visit)
    note, attendance = visit.note, visit.note.attendance
    check(note_rules.change, note, by)
    refuse(rules.sign(visit), field="" if visit.line else "line")
    notes.end_now(note)
    code, add_on = content.codes(visit, note_rules.licence_of(by, note))
    note = notes.sign(
        note, by=by, code=note.code or code, add_on_code=note.add_on_code or add_on, extra=content.structured(visit),
        reason=reason,
    )  # fmt: skip
    if attendance is not None:
        _complete(attendance, by)
    if note.contact != Contact.MISSED:
        timeline.note(
            note.patient_id, EntryKind.VISIT, on=note, occurred_at=note.started_at, until=note.ended_at,
            label=visit.line, by=by, url_name="notes:note",
        )  # fmt: skip
    audit.record(AuditKind.SIGNED, by=by, on=visit, what="visits.sign")
    visit.note = note
    return visit


def _complete(attendance: Attendance, by: "User") -> None:
    """The visit is over once its note is signed; one that was completed or not held stays as it is."""
    if attendance.status in WAITING:
        attendance = scheduling.start(attendance, by=by)
    if attendance.status == Status.IN_SESSION:
        scheduling.complete(attendance, by=by)


def _lock(visit: Visit) -> Visit:
    rows = Visit.objects.select_for_update(of=("self",))
    visit = rows.select_related("note__patient", "note__attendance__segment").get(pk=visit.pk)
    visit.patient = visit.note.patient
    return visit
