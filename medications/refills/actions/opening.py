"""The nightly job: requests for what runs out, with every gate's answer. It approves nothing (R-RX-11)."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from functools import partial
from uuid import UUID

from django.db import transaction

from clinic import clock
from clinic.audit import actions as audit
from clinic.audit.enums import Kind
from clinic.rows import these
from clinic.staff.models import User
from medications.pharmacies import actions as pharmacies
from medications.prescribing.models import Authorisation
from medications.prescribing.queries import practice_today
from medications.refills import answering, queries, seeing, sweep
from medications.refills.answering import Answered
from medications.refills.models import PharmacyAsk, RefillRequest
from medications.shares import work_through
from patients.inbox import actions as inbox
from patients.inbox.models import Task

TASK, OVERDUE = "refills.desk", "refills.overdue"
BATCH = 1_000  # prescriptions whose gates are answered together


def open_due(today: date | None = None, *, by: User | None = None) -> dict[str, int]:
    """Open a request for everything whose authorised supply ends soon, with every gate's answer; never approve.

    Open requests get fresh answers; those for which nothing is due any more are withdrawn. In batches, each a
    transaction: run twice, by two workers, or killed and run again, it leaves the same rows, because one open request
    per prescription is a constraint.
    """
    day = today or practice_today()
    known = RefillRequest.objects.filter(state="requested").values_list("prescription_id", flat=True)
    keys = sorted({*sweep.due(day), *known})
    counts = work_through(keys, partial(_answer, day=day, by=by), batch=BATCH, alone=by is not None)
    with transaction.atomic():
        work = _with_work(day)
        _ask(work)
        _close(work, by)
    _close_booked(by=by)
    return {name: counts[name] for name in ("opened", "renewed", "withdrawn")}


@transaction.atomic
def _answer(prescriptions: Sequence[UUID], *, day: date, by: User | None) -> dict[str, int]:
    """Open, renew or withdraw the requests of these prescriptions, as they stand at this moment."""
    now = clock.now()
    # Locked before the forecast is made: a decision that is being signed meanwhile is seen, or waits.
    known = RefillRequest.objects.select_for_update().filter(state="requested", prescription__in=these(prescriptions))
    before = {str(row.prescription_id): row for row in known.defer("gates").order_by("pk")}
    asked = {str(key) for key in queries.asked_for(prescriptions)}  # a pharmacy waits for an answer, due or not
    running = answering.answered(prescriptions, day)
    due = {one.key: one for one in running if one.due or (one.key in asked and not one.facts.on_hold)}
    opened = _open([one for key, one in due.items() if one.due and key not in before], now, by)
    renewed = [row for key, row in before.items() if key in due]
    for row in renewed:
        answer(row, due[str(row.prescription_id)], now)
    sweep.keep(renewed)
    withdrawn = [row for key, row in before.items() if key not in due]
    RefillRequest.objects.filter(pk__in=[row.pk for row in withdrawn]).update(state="withdrawn", decided_at=now)
    audit.record_many(Kind.CREATED, opened, by=by, what="refills.open")
    audit.record_many(Kind.CHANGED, withdrawn, by=by, what="refills.withdraw")
    _tell(withdrawn, by)
    return {"opened": len(opened), "renewed": len(renewed), "withdrawn": len(withdrawn)}


def _tell(withdrawn: Sequence[RefillRequest], by: User | None) -> None:
    """Who asked by a message is answered, with the supply that was signed otherwise, or no. One query if none."""
    if not withdrawn:
        return
    asks = PharmacyAsk.objects.filter(request__in=[row.pk for row in withdrawn], via="network")
    for ask in asks.select_related("message__transmission", "request"):
        supply = Authorisation.objects.filter(
            prescription=ask.request.prescription_id, voided_at=None, issued_at__gt=ask.recorded_at
        )
        if ask.message is not None:
            pharmacies.reply(ask.message, authorisation=supply.order_by("issued_at").first(), by=by)


def _open(due: Iterable[Answered], now: datetime, by: User | None) -> list[RefillRequest]:
    """The new requests; one that another worker opened in the same second is theirs."""
    rows = []
    for one in due:
        row = RefillRequest(
            prescription_id=UUID(one.key), patient_id=UUID(one.patient), opened_at=now, opened_by=by,
            source="desk" if by else "job",
        )  # fmt: skip
        answer(row, one, now)
        rows.append(row)
    written = sweep.make(rows)
    return [row for row in rows if row.pk in written]


def answer(row: RefillRequest, one: Answered, now: datetime) -> None:
    """Write the forecast and every gate's answer as they are at this moment; the caller saves."""
    row.supply_end, row.authorised_end = one.forecast.supply_end, one.forecast.authorised_end
    row.fills_confirmed, row.gates, row.answered_at = one.forecast.confirmed, one.gates(), now


def ask_prescribers(today: date) -> None:
    """One task for each prescriber on whose desk something waits; a request past its run-out rises: urgent, above."""
    _ask(_with_work(today))


def close_clear_desks(*, by: User | None) -> None:
    """The task of everybody on whose desk nothing waits any more is done."""
    _close(_with_work(practice_today()), by)


def _ask(work: Mapping[str, Sequence[User]]) -> None:
    for user in work[TASK]:
        inbox.ask(TASK, sentence="Refills wait at your desk.", purpose=_purpose(user.pk), users=[user], by=None)
    for user in work[OVERDUE]:
        inbox.ask(
            OVERDUE, sentence="A supply ran out before its refill was decided.", purpose=f"refills-out:{user.pk}",
            users=[user], urgent=True, by=None,
        )  # fmt: skip


def _close(work: Mapping[str, Sequence[User]], by: User | None) -> None:
    for kind, busy in work.items():
        for task in Task.objects.filter(kind=kind, done_at=None).exclude(for_user__in=[user.pk for user in busy]):
            inbox.finish(task.purpose, by=by, outcome="desk clear")


def _close_booked(*, by: "User | None") -> None:
    """The front desk's tasks of those who have a visit with a prescriber by now are done."""
    tasks = list(Task.objects.filter(kind=queries.VISIT_TASK, done_at=None))
    booked = seeing.next_visit({task.patient_id for task in tasks if task.patient_id}) if tasks else {}
    for task in tasks:
        if task.patient_id in booked:
            inbox.finish(task.purpose, by=by, outcome="booked")


def _with_work(today: date) -> dict[str, list[User]]:
    """Who has something to decide, and who something whose supply ended before the day, by the task. Two queries."""
    found = {}
    for kind, waiting in ((TASK, queries.waiting()), (OVERDUE, queries.waiting().filter(supply_end__lt=today))):
        team = queries.deciders(waiting.values("patient_id")).order_by()
        found[kind] = list(User.objects.filter(pk__in=team.values("user")).order_by("pk"))
    return found


def _purpose(user_id: UUID) -> str:
    return f"refills:{user_id}"
