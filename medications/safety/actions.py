"""Attestations before a controlled substance, and the practice's tuning of checks that ask."""

from datetime import date
from typing import TYPE_CHECKING

from django.db import transaction

from clinic import clock
from clinic.audit import actions as audit
from clinic.audit.enums import Kind
from clinic.refusal import Refused, check
from medications.safety import rules
from medications.safety.models import InPersonExam, PdmpCheck, Tuning
from patients.inbox import actions as inbox
from patients.record.calc import clean_line
from patients.record.models import Patient
from patients.timeline import actions as timeline
from patients.timeline.enums import EntryKind

if TYPE_CHECKING:
    from clinic.staff.models import User


def _locked(patient: Patient) -> Patient:
    return Patient.objects.select_for_update(no_key=True).get(pk=patient.pk)


@transaction.atomic
def look_up(patient: Patient, *, result: str, words: str = "", looked_on: date | None = None, by: "User") -> PdmpCheck:
    """Attest what the monitoring program showed, or why it was not looked up (R-RX-10). No report is copied."""
    patient = _locked(patient)
    check(rules.attest, by, patient.pk)
    today = clock.today(patient.zone)
    words = clean_line(words, most=300, field="words")
    day = looked_on or today
    if sentence := rules.pdmp(result, words, day, today):
        raise Refused(sentence, field="looked_on" if "day" in sentence or "week" in sentence else "words")
    row = PdmpCheck.objects.create(
        patient=patient, looked_on=day, result=result, words=words, recorded_at=clock.now(), recorded_by=by
    )
    if result != "skipped":
        inbox.finish(f"pdmp:{patient.pk}", by=by, outcome="looked up")
    audit.record(Kind.CREATED, by=by, on=row, what="safety.look_up", detail={"result": result})
    return row


@transaction.atomic
def record_exam(
    patient: Patient, *, examined_on: date | None = None, where: str = "here", words: str = "", by: "User"
) -> InPersonExam:
    """Record an examination in person (R-RX-09); of one day only once."""
    patient = _locked(patient)
    check(rules.attest, by, patient.pk)
    today = clock.today(patient.zone)
    words = clean_line(words, most=300, field="words")
    day = examined_on or today
    if sentence := rules.exam(where, words, day, today, patient.born_on):
        raise Refused(sentence, field="examined_on" if "day" in sentence else "words")
    known = InPersonExam.objects.filter(patient=patient, examined_on=day, where=where, retracted_at=None).first()
    if known is not None:
        return known
    row = InPersonExam.objects.create(
        patient=patient, examined_on=day, where=where, words=words, recorded_at=clock.now(), recorded_by=by
    )
    audit.record(Kind.CREATED, by=by, on=row, what="safety.record_exam")
    timeline.note(
        patient.pk, EntryKind.RECORD, on=row, occurred_at=clock.now(), until=clock.now(),
        label=f"Examined in person on {day:%b} {day.day}, {day.year}", by=by,
    )  # fmt: skip
    return row


@transaction.atomic
def retract(row: PdmpCheck | InPersonExam, *, reason: str, by: "User") -> PdmpCheck | InPersonExam:
    """Mark an attestation as entered in error: it leaves the checks and stays in the record."""
    found: PdmpCheck | InPersonExam = type(row).objects.select_for_update().get(pk=row.pk)
    check(rules.attest, by, found.patient_id)
    words = clean_line(reason, most=300, field="reason")
    if sentence := rules.retract(found.in_error, words):
        raise Refused(sentence, field="reason")
    found.retracted_at, found.retracted_by, found.retracted_reason = clock.now(), by, words
    found.save(update_fields=["retracted_at", "retracted_by", "retracted_reason"])
    timeline.retract(found)
    audit.record(Kind.RETRACTED, by=by, on=found, what="safety.retract", why=words)
    return found


@transaction.atomic
def lower(rule_id: str, *, reason: str, by: "User") -> Tuning:
    """Lower a check of the data from “ask” to “note” for the practice, from now on. Never a stop."""
    reason = clean_line(reason, most=300, field="reason")
    live = Tuning.objects.select_for_update().filter(rule_id=rule_id, ended_at=None).first()
    if sentence := rules.lower(by, rule_id, reason, live):
        raise Refused(sentence, field="reason")
    row = Tuning.objects.create(rule_id=rule_id, reason=reason, began_at=clock.now(), began_by=by)
    audit.record(Kind.CHANGED, by=by, on=row, what="safety.lower", why=reason, detail={"rule": rule_id})
    return row


@transaction.atomic
def ask_again(tuning: Tuning, *, reason: str, by: "User") -> Tuning:
    """End a tuning: the check asks for a reason again."""
    row = Tuning.objects.select_for_update().get(pk=tuning.pk)
    reason = clean_line(reason, most=300, field="reason")
    if sentence := rules.end(by, row, reason):
        raise Refused(sentence, field="reason")
    row.ended_at, row.ended_by, row.ended_reason = clock.now(), by, reason
    row.save(update_fields=["ended_at", "ended_by", "ended_reason"])
    audit.record(Kind.CHANGED, by=by, on=row, what="safety.ask_again", why=reason, detail={"rule": row.rule_id})
    return row
