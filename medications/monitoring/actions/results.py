"""Results: recorded, answered, marked as entered in error. Each renews what is due in the same transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import transaction

from clinic import clock
from clinic.audit import actions as audit
from clinic.audit.enums import Kind
from clinic.refusal import Refused, check
from medications.monitoring import alerts, calc, knowledge, queries, rules
from medications.monitoring.actions.due import renew
from medications.monitoring.alerts import Alert, Asked
from medications.monitoring.enums import Level, Source
from medications.monitoring.knowledge import WEIGHT, Item, Protocol
from medications.monitoring.models import Result
from medications.monitoring.predicates import BEN, Course
from patients.inbox import actions as inbox
from patients.record.calc import clean_line
from patients.record.models import Patient
from patients.record.queries import team_users
from patients.timeline import actions as timeline
from patients.timeline.enums import EntryKind

if TYPE_CHECKING:
    from clinic.staff.models import User

TASK = "monitoring.alert"
MOST_WORDS = 200


@dataclass(frozen=True, slots=True)
class Given:
    """A result as it comes in: a number in a unit, or words. `sure`: an implausible number is right as typed."""

    code: str
    taken_at: datetime
    value: Decimal | None = None
    unit: str = ""
    words: str = ""
    low: Decimal | None = None
    high: Decimal | None = None
    hours_after_dose: Decimal | None = None
    sure: bool = False


@transaction.atomic
def record(
    patient: Patient, *, given: Given, source: str = Source.TYPED, key: UUID | None = None, by: "User"
) -> Result:
    """Keep one result; what it says becomes tasks, what it meets is done. `key`: sent twice, recorded once.

    Raises Refused, with the field: unknown code or unit, implausible number, a time that cannot be, the same twice.
    """
    patient = Patient.objects.select_for_update(no_key=True).get(pk=patient.pk)
    check(rules.record, by, patient.pk)
    if key is not None and (known := Result.objects.filter(pk=key).first()):
        if (known.patient_id, known.recorded_by_id) != (patient.pk, by.pk):
            raise Refused("This form was sent already. Open it anew.")
        return known
    row = judged(patient, [given], source=source, by=by)[0]
    if Result.objects.filter(patient=patient, code=row.code, taken_at=row.taken_at, retracted_at=None).exists():
        raise Refused("There is a result of this for that time already.", field="taken_at")
    if key is not None:
        row.pk = key
    row.save(force_insert=True)
    told(patient, [row], by=by)
    renew([patient.pk], by=by)
    return row


def judged(
    patient: Patient, given: Sequence[Given], *, source: str, found: queries.Situation | None = None, by: "User"
) -> list[Result]:
    """The rows of one patient's results, checked, converted and judged; nothing is written. Raises Refused.

    `found`: what is known of the patient, where it was loaded already.
    """
    found = found or queries.situations([patient.pk])[patient.pk]
    known, now = knowledge.current(), clock.now()
    rows = []
    for one in given:
        item = known.item(one.code)
        if item is None:
            raise Refused("Choose what was measured.", field="code")
        row = _row(patient, one, item)
        row.source, row.recorded_at, row.recorded_by, row.knowledge_version = source, now, by, known.version
        said = _judge(row, item, patient, found)
        row.alerts, row.level = [alert.stored() for alert in said], alerts.worst(said)
        rows.append(row)
    return rows


def told(patient: Patient, rows: Sequence[Result], *, by: "User") -> None:
    """Audit, timeline and tasks of what was just written."""
    for row in rows:
        audit.record(Kind.CREATED, by=by, on=row, what="monitoring.record", detail={"code": row.code})
        timeline.note(
            patient.pk, EntryKind.RECORD, on=row, occurred_at=row.taken_at, label=said(row), by=by, until=row.taken_at,
            value=row.value, unit=calc.shown_unit(row.unit)[:20], url_name="monitoring:result",
        )  # fmt: skip
        if row.level:
            _ask(row, by=by)


def said(row: Result) -> str:
    """A result in a line: Lithium level 0.7 mmol/L."""
    item = knowledge.current().item(row.code)
    name = item.short if item else row.code
    what = f"{alerts.number(row.value)} {calc.shown_unit(row.unit)}".strip() if row.value is not None else row.words
    return f"{name[:1].upper()}{name[1:]}{': ' if row.value is None else ' '}{what}"


@transaction.atomic
def handle(result: Result, *, words: str, by: "User") -> Result:
    """A prescriber says what is done about a result that alerts; its tasks are over."""
    result = Result.objects.select_for_update(of=("self",)).get(pk=result.pk)
    words = clean_line(words or "", most=300, field="words")
    if sentence := rules.handle(by, result, words):
        raise Refused(sentence, field="words")
    result.handled_at, result.handled_by, result.handled_words = clock.now(), by, words
    result.save(update_fields=["handled_at", "handled_by", "handled_words"])
    audit.record(Kind.CHANGED, by=by, on=result, what="monitoring.handle")
    inbox.finish(purpose(result), by=by, outcome="answered")
    return result


@transaction.atomic
def retract(result: Result, *, reason: str, by: "User") -> Result:
    """Mark a result as entered in error: struck through, out of pictures, checks and what is due."""
    patient = Patient.objects.select_for_update(no_key=True).get(pk=result.patient_id)
    result = Result.objects.select_for_update(of=("self",)).get(pk=result.pk)
    reason = clean_line(reason or "", most=300, field="reason")
    if sentence := rules.retract(by, result, reason):
        raise Refused(sentence, field="reason")
    result.retracted_at, result.retracted_by, result.retracted_reason = clock.now(), by, reason
    result.save(update_fields=["retracted_at", "retracted_by", "retracted_reason"])
    audit.record(Kind.RETRACTED, by=by, on=result, what="monitoring.retract", why=reason)
    timeline.retract(result)
    inbox.finish(purpose(result), by=by, outcome="entered in error")
    renew([patient.pk], by=by)
    return result


def purpose(result: Result) -> str:
    """What makes the task one."""
    return f"monitoring-alert:{result.pk}"


def _row(patient: Patient, one: Given, item: Item) -> Result:
    """The row, checked field by field."""
    words = clean_line(one.words or "", most=MOST_WORDS, field="words")
    for sentence, field in (
        (rules.taken(one.taken_at, patient), "taken_at"), (rules.hours(one.hours_after_dose), "hours_after_dose"),
        (rules.in_range(one.low, one.high), "low"),
    ):  # fmt: skip
        if sentence:
            raise Refused(sentence, field=field)
    row = Result(
        patient=patient, code=item.code, words=words, taken_at=one.taken_at, hours_after_dose=one.hours_after_dose
    )
    if one.value is None:
        if not words:
            raise Refused("Write the number, or what was found.", field="value" if item.unit else "words")
        return row
    if not item.unit:
        raise Refused("This has no number. Write what was found in words.", field="words")
    unit = calc.spelled(one.unit or item.unit)
    if sentence := rules.unit(item, unit):
        raise Refused(sentence, field="unit")
    row.value, row.low, row.high = (_converted(item, number, unit) for number in (one.value, one.low, one.high))
    row.unit = item.unit
    row.typed = f"{one.value:f} {calc.shown_unit(unit)}"[:60] if unit != item.unit else ""
    assert row.value is not None
    if not one.sure and (sentence := rules.plausible(item, row.value)):
        raise Refused(sentence, field="value")
    return row


def _converted(item: Item, number: Decimal | None, unit: str) -> Decimal | None:
    """The number in the data's unit, as the table can hold it."""
    if number is None:
        return None
    if not number.is_finite() or number < 0 or number >= 10**9:
        raise Refused("Write a number from 0 up, such as 0.7.", field="value")
    found = calc.converted(item.code, number, unit, item.unit)
    if found is None or found >= 10**9:
        raise Refused("Write a number from 0 up, such as 0.7.", field="value")
    return found.quantize(calc.PLACES)


def _judge(row: Result, item: Item, patient: Patient, found: queries.Situation) -> list[Alert]:
    """By the protocols of what is taken; by the first that knows the code where nothing taken asks for it."""
    known, day = knowledge.current(), row.taken_at.astimezone(queries.ZONE).date()
    live = [one for one in found.courses if one.stopped is None or one.stopped > day]
    asking: list[tuple[Protocol, Item]] = [
        (protocol, other) for course in live for protocol in known.of(course.drug)
        for other in protocol.items if other.code == row.code
    ]  # fmt: skip
    start = max((one.start for one in live if one.start <= day and _weighed(one)), default=None)
    weights = [one for one in found.results.get(WEIGHT, []) if one.on < day]
    mine = calc.Reading(day, row.value)
    asked = Asked(
        item, row.value, row.words, row.low, row.high, sex=patient.sex, ben=BEN in found.person.flags,
        weights=sorted([*weights, mine], key=lambda one: one.on) if row.code == WEIGHT else (), start=start,
    )  # fmt: skip
    return alerts.alerts(asked, asking or list(known.items(row.code))[:1])


def _weighed(course: Course) -> bool:
    """Whether a gain in weight under this medicine says something."""
    return any(item.gain for protocol in knowledge.current().of(course.drug) for item in protocol.items)


def _ask(row: Result, *, by: "User") -> None:
    """A task for the prescribers; without one, for the whole care team (R-MO-99)."""
    people = queries.prescribers_of(row.patient_id) or team_users(row.patient_id)
    first = row.alerts[0]["sentence"]
    inbox.ask(
        TASK, sentence=first, purpose=purpose(row), patient_id=row.patient_id, users=people, object_id=row.pk,
        urgent=row.level == Level.CRITICAL, by=by,
    )  # fmt: skip
