"""Every write of scores: recording, acknowledging, marking as entered in error."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import transaction

from clinic import clock
from clinic.audit import actions as audit
from clinic.audit.enums import Kind
from clinic.refusal import Refused, check
from patients.inbox import actions as inbox
from patients.measures import calc, instruments, rules
from patients.measures.calc import Scored
from patients.measures.instruments import Instrument
from patients.measures.models import Score
from patients.measures.questions import alert_sentence
from patients.record.calc import clean_line
from patients.record.models import Patient
from patients.risk import actions as risk
from patients.risk.models import Source
from patients.risk.queries import care_team, flag_of
from patients.scheduling.models import Attendance
from patients.timeline import actions as timeline
from patients.timeline.enums import EntryKind

if TYPE_CHECKING:
    from clinic.staff.models import User


@transaction.atomic
def record(
    patient: Patient,
    *,
    instrument: str,
    answers: Sequence[int | None],
    answered_at: datetime,
    channel: str,
    attendance: Attendance | None = None,
    score_id: UUID | None = None,
    by: "User | None",
) -> Score:
    """Score the answers and keep them; a missing scored item leaves the total null (R-MB-02).

    An answer about suicide or self-harm above its threshold raises a flag on any channel, total or not (R-MB-07).
    `score_id`: the key of the score to be, so that a repeated submit records once. `by`: None at the desk's device.
    """
    known = instruments.everything().get(instrument)
    check(rules.record, known, answers, answered_at, patient, attendance)
    assert known is not None
    patient.hold()
    if score_id is not None and (there := Score.objects.filter(pk=score_id).first()):
        if (there.patient_id, there.instrument) != (patient.pk, instrument):
            raise Refused("This page was used already. Open it again and enter the answers anew.")
        return there
    scored = calc.score(known, answers)
    score = Score(
        patient=patient, attendance=attendance, instrument=instrument, version=known.version[:80],
        answered_at=answered_at, channel=channel, answers=list(answers), total=scored.total, band=scored.band or "",
        alerts=list(scored.alerts), recorded_at=clock.now(), recorded_by=by,
    )  # fmt: skip
    if score_id is not None:
        score.pk = score_id
    score.save(force_insert=True)
    audit.record(Kind.CREATED, by=by, on=score, what="measures.record", detail={"instrument": instrument})
    timeline.note(
        patient.pk, EntryKind.SCORE, on=score, occurred_at=answered_at, label=_label(known, scored), by=by,
        series=instrument, value=scored.total, url_name="measures:score",
    )  # fmt: skip
    _alert(score, patient, known, scored, by=by)
    return score


@transaction.atomic
def acknowledge(score: Score, *, by: "User") -> Score:
    """A licensed clinician has seen the answers that raised an alert; only now is the score complete (R-MB-07)."""
    score = Score.objects.select_for_update(of=("self",)).get(pk=score.pk)
    check(rules.acknowledge, score, by)
    if score.acknowledged_at:
        return score
    score.acknowledged_at, score.acknowledged_by = clock.now(), by
    score.save(update_fields=["acknowledged_at", "acknowledged_by"])
    audit.record(Kind.CHANGED, by=by, on=score, what="measures.acknowledge")
    inbox.finish(_purpose(score), by=by, outcome="acknowledged")
    flag = flag_of(score.pk)
    if flag is not None and flag.closed_at is None:
        risk.acknowledge(flag, by=by)
    return score


@transaction.atomic
def retract(score: Score, *, reason: str, by: "User") -> Score:
    """Mark a score as entered in error: struck through, gone from timeline, curves and checks; never deleted.

    A flag that it raised stays open until somebody closes it by name: it does not vanish with the score (R-MB-07).
    """
    score = Score.objects.select_for_update(of=("self",)).get(pk=score.pk)
    reason = clean_line(reason, most=300, field="reason")
    if sentence := rules.retract(score, reason):
        raise Refused(sentence, field="reason")
    score.retracted_at, score.retracted_by, score.retracted_reason = clock.now(), by, reason
    score.save(update_fields=["retracted_at", "retracted_by", "retracted_reason"])
    audit.record(Kind.RETRACTED, by=by, on=score, what="measures.retract", why=reason)
    timeline.retract(score)
    inbox.finish(_purpose(score), by=by, outcome="entered in error")
    return score


def _alert(score: Score, patient: Patient, known: Instrument, scored: Scored, *, by: "User | None") -> None:
    answers = dict(zip(known.numbers, score.answers, strict=True))
    for n in scored.risk_alerts[:1]:
        risk.raise_flag(
            patient, source=Source.ITEM, sentence=alert_sentence(known, n, answers[n] or 0), object_id=score.pk, by=by
        )
    if scored.alerts:
        inbox.ask(
            "measures.acknowledge", sentence=f"Read the answers of {known.short_name} and acknowledge them.",
            purpose=_purpose(score), patient_id=patient.pk, users=care_team(patient.pk), object_id=score.pk, by=by,
        )  # fmt: skip


def _label(known: Instrument, scored: Scored) -> str:
    if scored.total is None:
        count = len(scored.missing)
        return f"{known.short_name}, no total: {count} {'item' if count == 1 else 'items'} not answered"
    return f"{known.short_name} {scored.total}{', ' + scored.band if scored.band else ''}"


def _purpose(score: Score) -> str:
    return f"score-acknowledge:{score.pk}"
