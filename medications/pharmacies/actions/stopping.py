"""An authorisation is void: what has not left is taken back, what has left is discontinued and the pharmacy told."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.db import transaction

from clinic import clock
from clinic.audit import actions as audit
from clinic.audit.enums import Kind
from clinic.outbox import actions as outbox
from clinic.refusal import check
from medications.pharmacies import queries, rules, story
from medications.pharmacies.actions.common import CANCEL, UNTOLD, ask, asked_no_more, locked, purpose
from medications.pharmacies.backends import Receipt
from medications.pharmacies.calc import fills_left
from medications.pharmacies.enums import HERE, Cancelling, Route, State
from medications.pharmacies.models import Cancellation, Transmission
from medications.prescribing import queries as prescribing
from medications.prescribing import rules as prescribing_rules
from medications.prescribing.models import Authorisation

if TYPE_CHECKING:
    from clinic.staff.models import User

TOLD_BY_HAND = "told by a person"
BY_HAND: dict[str, str] = {
    Route.MODULE: "Cancel it in the certified module.",
    Route.PAPER: "Tell the patient, or the pharmacy with the paper.",
}  # fmt: skip


@transaction.atomic
def voided(rows: Sequence[Authorisation], *, reason: str, by: "User") -> None:
    """These are void. Nothing is left at the pharmacy of what is used up: there it changes nothing.

    A part and the pieces of its rest are one fill; while a rest is owed, there is something left.
    """
    for found in queries.live_of(rows):
        row = locked(found)
        if row.state in HERE:
            _take_back(row, reason, by)
        elif row.state == State.FAILED:
            asked_no_more(row, "void", by=by)
        elif fills_left(row.authorisation.refills, prescribing.uses(row.authorisation)) or prescribing.part(
            row.authorisation
        ):
            _discontinue(row, reason, by)


def _take_back(row: Transmission, reason: str, by: "User") -> None:
    row.state, row.undone_at, row.undone_by, row.undone_why = State.UNDONE, clock.now(), by, reason[:200]
    row.save(update_fields=["state", "undone_at", "undone_by", "undone_why"])
    outbox.withdraw(purpose(row), why="it was taken back")
    audit.record(Kind.CHANGED, by=by, on=row, what="pharmacies.take_back", why=row.undone_why)


def _discontinue(row: Transmission, reason: str, by: "User") -> None:
    """It stays visible as discontinued; the cancellation is work of its own. By hand where we do not reach."""
    row.state, row.cancelled_at, row.cancelled_by, row.cancelled_why = State.CANCELLED, clock.now(), by, reason[:200]
    row.save(update_fields=["state", "cancelled_at", "cancelled_by", "cancelled_why"])
    asked_no_more(row, "discontinued", by=by)
    made = Cancellation.objects.create(
        transmission=row, patient_id=row.patient_id, why=row.cancelled_why, asked_at=row.cancelled_at, asked_by=by
    )
    audit.record(Kind.CREATED, by=by, on=made, what="pharmacies.discontinue", why=made.why)
    story.discontinued(row, by=by)
    if row.route == Route.PHARMACY:
        outbox.enqueue(
            CANCEL, purpose=f"cancellation:{made.pk}", due_at=made.asked_at, patient_id=row.patient_id,
            args={"cancellation": str(made.pk)},
        )  # fmt: skip
        return
    ask(UNTOLD, row, f"A prescription was discontinued. {BY_HAND[row.route]}", by=by)


@transaction.atomic
def cancelled(row: Cancellation, receipt: Receipt, *, by: "User | None") -> Cancellation:
    """The pharmacy was told."""
    row = _locked(row)
    if row.state == Cancelling.SENT:
        return row
    row.state, row.sent_at, row.sent_by = Cancelling.SENT, clock.now(), by
    row.how, row.reference = receipt.how[:40], receipt.reference[:60]
    row.save(update_fields=["state", "sent_at", "sent_by", "how", "reference"])
    audit.record(Kind.SENT, by=by, on=row, what="pharmacies.cancel")
    asked_no_more(row.transmission, "told", by=by)
    outbox.settle(f"cancellation:{row.pk}", why="told")
    return row


@transaction.atomic
def not_cancelled(row: Cancellation, why: str, *, by: "User | None") -> Cancellation:
    """The pharmacy could not be told: a person does it by telephone."""
    row = _locked(row)
    if row.state != Cancelling.WAITING:
        return row
    row.state, row.failed_at, row.failed_why = Cancelling.FAILED, clock.now(), why[:200]
    row.save(update_fields=["state", "failed_at", "failed_why"])
    audit.record(Kind.CHANGED, by=by, on=row, what="pharmacies.not_cancelled", why=row.failed_why)
    ask(UNTOLD, row.transmission, "The pharmacy could not be told that a prescription is discontinued. Call it.",
        by=by, urgent=True)  # fmt: skip
    return row


@transaction.atomic
def told(row: Cancellation, *, by: "User") -> Cancellation:
    """A person has told the pharmacy, or cancelled it in the certified module."""
    row = _locked(row)
    check(prescribing_rules.prescribe, by, row.patient_id)
    check(rules.told, row)
    return cancelled(row, Receipt(TOLD_BY_HAND), by=by)


def _locked(row: Cancellation) -> Cancellation:
    locked(row.transmission)
    return Cancellation.objects.select_for_update(of=("self",)).select_related("transmission__asked_by").get(pk=row.pk)
