"""The answer to a pharmacy's renewal request: due with the prescription that it speaks of, taken back with it."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.db import transaction

from clinic import clock
from clinic.audit import actions as audit
from clinic.audit.enums import Kind
from clinic.outbox import actions as outbox
from medications.pharmacies import queries
from medications.pharmacies.actions.common import ANSWER, UNANSWERED, ask, locked
from medications.pharmacies.backends import Receipt
from medications.pharmacies.enums import UNDO, Replying, Route, Verdict
from medications.pharmacies.models import InboundMessage, RenewalAnswer, Transmission
from medications.prescribing.models import Authorisation

if TYPE_CHECKING:
    from clinic.staff.models import User


@transaction.atomic
def reply(message: InboundMessage, *, authorisation: Authorisation | None, by: "User | None") -> RenewalAnswer:
    """Answer it: with what was authorised, else no. Ten seconds as everything that is signed; asked twice it is one."""
    assert message.transmission is not None
    known = RenewalAnswer.objects.filter(message=message).exclude(state=Replying.UNDONE).first()
    if known is not None:
        return known
    made = None if authorisation is None else queries.of_authorisations([authorisation.pk]).get(authorisation.pk)
    now = clock.now()
    row = RenewalAnswer.objects.create(
        message=message, patient_id=message.transmission.patient_id, transmission=made,
        verdict=verdict(message.transmission, message, made), asked_at=now, asked_by=by,
    )  # fmt: skip
    outbox.enqueue(
        ANSWER, purpose=purpose(row), due_at=now + UNDO, patient_id=row.patient_id, args={"answer": str(row.pk)}
    )
    audit.record(Kind.CREATED, by=by, on=row, what="pharmacies.reply")
    return row


def verdict(before: Transmission, message: InboundMessage, made: Transmission | None) -> Verdict:
    """What the pharmacy is told: every change of what it dispenses.

    What goes another way than to it is no approval: it would be dispensed twice.
    """
    if made is None:
        return Verdict.DENIED
    if made.route != Route.PHARMACY or made.pharmacy_id != message.pharmacy_id:
        return Verdict.DENIED_NEW
    names = ("medicine", "sig", "quantity", "days", "refills")
    same = all(made.content.get(name) == before.content.get(name) for name in names)
    return Verdict.APPROVED if same else Verdict.CHANGED


@transaction.atomic
def take_back_replies(messages: Iterable[InboundMessage], *, by: "User") -> None:
    """The decision was undone before it left: the pharmacy waits again."""
    rows = RenewalAnswer.objects.select_for_update().filter(message__in=list(messages), state=Replying.WAITING)
    for row in rows:
        _undone(row, by)


def _undone(row: RenewalAnswer, by: "User | None") -> None:
    row.state = Replying.UNDONE
    row.save(update_fields=["state"])
    outbox.withdraw(purpose(row), why="it was taken back")
    audit.record(Kind.CHANGED, by=by, on=row, what="pharmacies.take_back_reply")


@transaction.atomic
def replied(row: RenewalAnswer, receipt: Receipt) -> RenewalAnswer:
    """The answer left."""
    row = _locked(row)
    if row.state in (Replying.WAITING, Replying.FAILED):
        row.state, row.sent_at, row.how = Replying.SENT, clock.now(), receipt.how[:40]
        row.save(update_fields=["state", "sent_at", "how"])
        audit.record(Kind.SENT, by=None, on=row, what="pharmacies.answer")
    return row


@transaction.atomic
def not_replied(row: RenewalAnswer, why: str) -> RenewalAnswer:
    """The answer could not leave: a person calls."""
    row = _locked(row)
    if row.state != Replying.WAITING:
        return row
    row.state, row.failed_at, row.failed_why = Replying.FAILED, clock.now(), why[:200]
    row.save(update_fields=["state", "failed_at", "failed_why"])
    audit.record(Kind.CHANGED, by=None, on=row, what="pharmacies.not_replied", why=row.failed_why)
    assert row.message.transmission is not None
    ask(UNANSWERED, row.message.transmission, "A pharmacy that asked for a refill could not be answered. Call it.",
        by=None, urgent=True)  # fmt: skip
    return row


def purpose(row: RenewalAnswer) -> str:
    """What makes it one piece of work."""
    return f"renewal-answer:{row.pk}"


def _locked(row: RenewalAnswer) -> RenewalAnswer:
    assert row.message.transmission is not None
    locked(row.message.transmission)
    rows = RenewalAnswer.objects.select_for_update(of=("self",))
    return rows.select_related("message__transmission__asked_by").get(pk=row.pk)
