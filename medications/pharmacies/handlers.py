"""The outbox's work: a prescription leaves, a pharmacy is told that one is discontinued; each once."""

from datetime import timedelta
from typing import Any

from django.conf import settings

from clinic import clock
from clinic.outbox.models import OutboxItem
from clinic.outbox.results import Later, Undeliverable, Unreachable
from medications.pharmacies import actions, backends
from medications.pharmacies.actions.common import ANSWER, CANCEL, SEND
from medications.pharmacies.enums import Cancelling, Replying, State
from medications.pharmacies.models import Cancellation, RenewalAnswer, Transmission

TRIES = 4  # after 1 + 2 + 4 minutes a person is asked, long before the outbox gives up
GONE = "dropped: there is no such prescription"


class Prescriptions:
    """Handler of `pharmacies.send`."""

    kind = SEND
    words = "Prescriptions on their way to pharmacies"
    elsewhere = "Its prescriber is asked to send it again."

    def deliver(self, item: OutboxItem) -> str:
        """Decide under the lock, hand over outside of it, say under the lock how it went."""
        row = Transmission.objects.filter(pk=item.args.get("transmission")).first()
        if row is None:
            return GONE
        found = actions.begin(row)
        if isinstance(found, str):
            return found
        try:
            receipt = backends.current().send(found)
        except Exception as problem:
            why = _given_up(item, problem)
            if why is None:
                raise
            actions.come_back(found, why, by=None)
            raise Undeliverable(why) from None
        actions.arrived(found, receipt, by=None)
        return "done"  # the action has audited it


class Cancellations:
    """Handler of `pharmacies.cancel`."""

    kind = CANCEL
    words = "Pharmacies told that a prescription is discontinued"
    elsewhere = "Its prescriber is asked to tell the pharmacy."

    def deliver(self, item: OutboxItem) -> str:
        """Never before the prescription itself: while that is on its way, this waits."""
        rows = Cancellation.objects.select_related("transmission__pharmacy", "transmission__authorisation")
        row = rows.filter(pk=item.args.get("cancellation")).first()
        if row is None:
            return GONE
        if row.state != Cancelling.WAITING:
            return "dropped: the pharmacy was told already"
        _after(row.transmission)
        try:
            receipt = backends.current().cancel(row)
        except Exception as problem:
            why = _given_up(item, problem)
            if why is None:
                raise
            actions.not_cancelled(row, why, by=None)
            raise Undeliverable(why) from None
        actions.cancelled(row, receipt, by=None)
        return "done"


class Answers:
    """Handler of `pharmacies.answer`."""

    kind = ANSWER
    words = "Pharmacies answered that asked for a refill"
    elsewhere = "Its prescriber is asked to call the pharmacy."

    def deliver(self, item: OutboxItem) -> str:
        """Not before what was signed has left: until then it may be undone, or come back."""
        rows = RenewalAnswer.objects.select_related("message__transmission", "transmission")
        row = rows.filter(pk=item.args.get("answer")).first()
        if row is None or row.state not in (Replying.WAITING, Replying.FAILED):
            return "dropped: it was answered or taken back"
        if row.transmission is not None and (void := _still_here(row.transmission)):
            actions.not_replied(row, void)
            raise Undeliverable(void)
        try:
            receipt = backends.current().answer(row)
        except Exception as problem:
            why = _given_up(item, problem)
            if why is None:
                raise
            actions.not_replied(row, why)
            raise Undeliverable(why) from None
        actions.replied(row, receipt)
        return "done"


def _still_here(made: Transmission) -> str:
    """Raise Later while what was authorised, as it was sent last, may still leave; why it will not; "": it has left."""
    rows = Transmission.objects.filter(authorisation=made.authorisation_id).select_related("authorisation")
    last = rows.order_by("-asked_at", "-pk").first() or made
    if last.authorisation.voided_at is not None:
        return "What was signed for it is void."
    if last.state in (State.WAITING, State.SENDING, State.FAILED):
        raise Later(clock.now() + timedelta(minutes=1), "the prescription itself has not left")
    return ""


def _after(sent: Transmission) -> None:
    """Raise Later while a worker may still be sending what is to be cancelled."""
    lease = timedelta(seconds=settings.OUTBOX_LEASE_SECONDS)
    if sent.sent_at is None and sent.sending_at is not None and clock.now() < sent.sending_at + lease:
        raise Later(clock.now() + timedelta(seconds=30), "the prescription itself is on its way")


def _given_up(item: Any, problem: Exception) -> str | None:
    """Why a person is asked now; None: it is tried again. Only the kind of an unknown error is told (R-HS-07)."""
    if isinstance(problem, Undeliverable):
        return problem.why
    if item.attempts < TRIES:
        return None
    return problem.why if isinstance(problem, Unreachable) else f"It went wrong here ({type(problem).__name__})."
