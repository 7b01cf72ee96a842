"""From signature to the pharmacy: ten seconds to undo, then it leaves by itself; or it comes back and is sent again.

The work is a row of the outbox, due when the ten seconds are over; the state of the transmission decides what it does,
under the lock, so that a worker that is killed, or two of them, send once and undo never meets what has left.
"""

from typing import TYPE_CHECKING

from django.db import transaction

from clinic import clock
from clinic.audit import actions as audit
from clinic.audit.enums import Kind
from clinic.outbox import actions as outbox
from clinic.outbox.results import Later
from clinic.ports import load
from clinic.refusal import check
from clinic.rows import new_id
from medications.pharmacies import codes, content, queries, rules, story
from medications.pharmacies.actions import following
from medications.pharmacies.actions.common import FAILED, SEND, ask, asked_no_more, locked, purpose
from medications.pharmacies.backends import Receipt
from medications.pharmacies.enums import UNDO, UNDONE, Route, State
from medications.pharmacies.models import Pharmacy, Transmission
from medications.prescribing import actions as prescribing
from medications.prescribing import rules as prescribing_rules
from medications.prescribing.models import Authorisation

if TYPE_CHECKING:
    from clinic.staff.models import User


@transaction.atomic
def send_out(authorisation: Authorisation, *, by: "User") -> Transmission:
    """A supply was authorised: it waits ten seconds, then leaves for the patient's pharmacy, or is printed on paper.

    A controlled substance is only listed for the certified module (R-RX-06).
    """
    chosen = queries.preferred(authorisation.patient_id)
    return _written(authorisation, chosen.pharmacy if chosen else None, None, by)


@transaction.atomic
def resend(row: Transmission, *, pharmacy: Pharmacy | None, by: "User") -> Transmission:
    """What did not leave is sent again, to this pharmacy or (None) on paper, as a new row that replaces the old one."""
    row = locked(row)
    check(prescribing_rules.prescribe, by, row.patient_id)
    check(rules.resend, row, pharmacy)
    again = _written(row.authorisation, pharmacy, row, by)
    asked_no_more(row, "sent again", by=by)
    return again


def _written(
    authorisation: Authorisation, pharmacy: Pharmacy | None, replaces: Transmission | None, by: "User"
) -> Transmission:
    now, key, schedule = clock.now(), new_id(), authorisation.schedule
    said = {} if schedule else content.of(authorisation, authorisation.patient, pharmacy, key)
    row = Transmission.objects.create(
        pk=key, authorisation=authorisation, patient_id=authorisation.patient_id, pharmacy=pharmacy,
        route=Route.MODULE if schedule else Route.PHARMACY if pharmacy else Route.PAPER, schedule=schedule,
        replaces=replaces, content=said, code="" if schedule else codes.made(said),
        state=State.LISTED if schedule else State.WAITING, asked_at=now, asked_by=by, leaves_at=now + UNDO,
    )  # fmt: skip
    if not schedule:
        outbox.enqueue(
            SEND, purpose=purpose(row), due_at=row.leaves_at, patient_id=row.patient_id, args={"transmission": str(key)}
        )
    audit.record(Kind.CREATED, by=by, on=row, what="pharmacies.resend" if replaces else "pharmacies.send_out")
    return row


@transaction.atomic
def undo(row: Transmission, *, by: "User") -> list[str]:
    """Within ten seconds: the authorisation is void, nothing leaves, and who asked for it is asked again.

    Returns what the rooms that hear of it say (port TRANSMISSION_UNDONE). Raises Refused once the time is over.
    """
    row = locked(row)
    check(prescribing_rules.prescribe, by, row.patient_id)
    check(rules.undo, row, clock.now())
    prescribing.take_back(row.authorisation, reason=UNDONE, by=by)  # which tells `stopping.voided`
    return [said for hear in load("TRANSMISSION_UNDONE") if (said := hear(row.authorisation, by=by))]


@transaction.atomic
def begin(row: Transmission) -> Transmission | str:
    """Under the lock: whether it may leave now. It is then being sent: from here on nothing is undone.

    Returns the row, or "dropped: why"; raises Later before the ten seconds are over. A worker that takes over from one
    that was killed finds it being sent.
    """
    row = locked(row)
    if row.state not in (State.WAITING, State.SENDING):
        return f"dropped: it is {State(row.state).label} already"
    if clock.now() < row.leaves_at:
        raise Later(row.leaves_at, "the ten seconds are not over")
    if row.state == State.WAITING:
        row.state, row.sending_at = State.SENDING, clock.now()
        row.save(update_fields=["state", "sending_at"])
    return row


@transaction.atomic
def arrived(row: Transmission, receipt: Receipt, *, by: "User | None") -> Transmission:
    """It left. What was discontinued meanwhile stays discontinued: the pharmacy hears of that next."""
    row = locked(row)
    if row.state not in (State.SENDING, State.CANCELLED) or row.sent_at is not None:
        return row
    row.sent_at, row.how, row.reference = clock.now(), receipt.how[:40], receipt.reference[:60]
    if row.state == State.SENDING:
        row.state = State.SENT
    row.save(update_fields=["state", "sent_at", "how", "reference"])
    audit.record(Kind.SENT, by=by, on=row, what="pharmacies.send")
    story.sent(row, by=row.asked_by)
    return following.follow(row)


@transaction.atomic
def come_back(row: Transmission, why: str, *, by: "User | None") -> Transmission:
    """It could not leave: the prescriber is asked, the desk shows it, and it can be sent again."""
    row = locked(row)
    if row.state not in (State.WAITING, State.SENDING):
        return row
    row.state, row.failed_at, row.failed_why = State.FAILED, clock.now(), why[:200]
    row.save(update_fields=["state", "failed_at", "failed_why"])
    outbox.withdraw(purpose(row), why="it has failed")
    audit.record(Kind.CHANGED, by=by, on=row, what="pharmacies.come_back", why=row.failed_why)
    ask(FAILED, row, "A prescription did not reach the pharmacy. Send it again.", by=by, urgent=True)
    return row
