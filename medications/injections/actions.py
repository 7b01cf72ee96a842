"""Recording long-acting injections; asking for those that are due."""

from datetime import date, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import transaction

from clinic import clock
from clinic.audit import actions as audit
from clinic.audit.enums import Kind
from clinic.refusal import Refused, check
from medications.injections import queries, rules
from medications.injections.enums import Site, What
from medications.injections.models import Injection
from medications.prescribing import queries as prescribing
from medications.prescribing import story
from medications.prescribing.actions.common import locked, today_of
from medications.prescribing.models import Prescription
from patients.inbox import actions as inbox
from patients.inbox.models import Task
from patients.record.calc import clean_line
from patients.record.queries import team_prescribers
from patients.timeline import actions as timeline
from patients.timeline.enums import EntryKind

if TYPE_CHECKING:
    from clinic.staff.models import User

KIND, PAGE = "injections.due", "injections:injection"
AHEAD = 7  # days before its day the prescribers are asked
LABELS = {
    What.HERE: "Long-acting injection given", What.ELSEWHERE: "Long-acting injection given elsewhere",
    What.NOT_GIVEN: "Long-acting injection not given",
}  # fmt: skip


@transaction.atomic
def record(
    prescription: Prescription, *, what: str, on_day: date, site: str = "", lot: str = "", words: str = "", by: "User"
) -> Injection:
    """Record that an injection was given, or was not, on a day; the next one is due from the last that was given.

    Sent twice, it is kept once. Raises Refused with the sentence beside its field.
    """
    prescription, patient = locked(prescription)
    check(rules.record, by, patient.pk, what)
    check(rules.depot, prescription)
    lot, words = clean_line(lot or "", most=40, field="lot"), clean_line(words or "", most=300, field="words")
    same = Injection.objects.filter(prescription=prescription, on_day=on_day, retracted_at=None)
    if known := same.filter(what=what, site=site, lot=lot, words=words).first():
        return known
    _stand(prescription, what, on_day, site, lot, words, today_of(patient))
    order = queries.order_on(prescription, on_day)
    assert order is not None
    row = Injection.objects.create(
        patient=patient, prescription=prescription, order=order, what=what, on_day=on_day, site=site, lot=lot,
        words=words, recorded_at=clock.now(), recorded_by=by,
    )  # fmt: skip
    audit.record(Kind.CREATED, by=by, on=row, what="injections.record", detail={"what": str(what)})
    label = LABELS[What(what)] + (f", {Site(site).label}" if site else "")
    timeline.note(
        patient.pk,
        EntryKind.RECORD,
        on=row,
        occurred_at=story.moment(on_day, patient),
        label=label,
        by=by,
        url_name="injections:told",
    )
    _ask_anew(patient.pk, today_of(patient), by=by)
    return row


def _stand(row: Prescription, what: str, on: date, site: str, lot: str, words: str, today: date) -> None:
    """Raise what stands against it, beside its field."""
    order = queries.order_on(row, on)
    given = Injection.objects.filter(prescription=row, retracted_at=None).exclude(what=What.NOT_GIVEN)
    before = given.filter(on_day__lt=on).order_by("-on_day").values_list("on_day", flat=True).first()
    hold = row.holds.filter(until_day=None).values_list("from_day", flat=True).first()
    twice = what != What.NOT_GIVEN and given.filter(on_day=on).exists()
    found = (
        rules.details(what, site, lot, words)
        or rules.day(row, on, today)
        or rules.held(hold, on, what)
        or (("One was given that day already. Mark that as entered in error first.", "on_day") if twice else None)
        or (what != What.NOT_GIVEN and order and rules.interval(before, on, order.every_days, words))
    )
    if found:
        raise Refused(found[0], field=found[1])


@transaction.atomic
def retract(injection: Injection, *, reason: str, by: "User") -> Injection:
    """Mark it as entered in error: the next due day is counted without it."""
    _, patient = locked(injection.prescription)
    check(rules.record, by, patient.pk, injection.what)
    row = Injection.objects.select_for_update().get(pk=injection.pk)
    check(rules.retract, row)
    words = clean_line(reason or "", most=300, field="reason")
    if not words:
        raise Refused("Write what was wrong.", field="reason")
    row.retracted_at, row.retracted_by, row.retracted_reason = clock.now(), by, words
    row.save(update_fields=["retracted_at", "retracted_by", "retracted_reason"])
    timeline.retract(row)
    audit.record(Kind.RETRACTED, by=by, on=row, what="injections.retract", why=words)
    _ask_anew(patient.pk, today_of(patient), by=by)
    return row


@transaction.atomic
def watch(today: date | None = None, *, by: "User | None" = None) -> dict[str, int]:
    """Nightly: a task for the prescribers of everybody whose injection is due within a week, urgent once it is late.

    Run twice it leaves the same tasks; those of injections that were given or are no longer due are done.
    """
    day = today or prescribing.practice_today()
    found = [one for one in queries.due(day) if one.on <= day + timedelta(days=AHEAD)]
    team = team_prescribers({one.row.patient_id for one in found})
    asked = sum(_ask(one, team.get(one.row.patient_id, []), day, by=by) for one in found)
    closed = _close({_purpose(one) for one in found}, by=by)
    audit.record(Kind.RAN, by=by, what="injections.watch", detail={"due": len(found), "asked": asked, "closed": closed})
    return {"due": len(found), "asked": asked, "closed": closed}


def order_changed(patient_id: UUID, *, by: "User | None") -> None:
    """Port ORDER_CHANGED: what is stopped, on hold or ordered otherwise is no longer asked for."""
    if Task.objects.filter(kind=KIND, patient_id=patient_id, done_at=None).exists():
        _ask_anew(patient_id, prescribing.practice_today(), by=by)


def _ask_anew(patient_id: UUID, today: date, *, by: "User | None") -> None:
    """The patient's tasks as the day has it."""
    near = today + timedelta(days=AHEAD)
    found = [one for one in queries.due(today, patients=[patient_id]) if one.on <= near]
    _close({_purpose(one) for one in found}, by=by, patient_id=patient_id)
    team = team_prescribers([patient_id]) if found else {}
    for one in found:
        _ask(one, team.get(patient_id, []), today, by=by)


def _purpose(one: queries.Due) -> str:
    return f"injection:{one.row.pk}:{one.on.isoformat()}"


def _ask(one: queries.Due, users: "list[User]", today: date, *, by: "User | None") -> int:
    """One open task a prescriber; how many were not asked before."""
    late = one.on < today
    sentence = "A long-acting injection is overdue." if late else "A long-acting injection is due."
    open_ones = Task.objects.filter(kind=KIND, purpose=_purpose(one), done_at=None)
    if late:
        open_ones.filter(urgent=False).update(urgent=True, sentence=sentence)
    before = open_ones.count()
    inbox.ask(
        KIND, sentence=sentence, purpose=_purpose(one), patient_id=one.row.patient_id,
        users=users, object_id=one.row.pk, due_on=one.on, urgent=late, by=by,
    )  # fmt: skip
    return open_ones.count() - before


def _close(wanted: set[str], *, by: "User | None", patient_id: UUID | None = None) -> int:
    """Finish the tasks of which nothing is due any more."""
    tasks = Task.objects.filter(kind=KIND, done_at=None)
    if patient_id is not None:
        tasks = tasks.filter(patient_id=patient_id)
    over = set(tasks.values_list("purpose", flat=True)) - wanted
    for purpose in over:
        inbox.finish(purpose, by=by, outcome="recorded, or no longer due")
    return len(over)
