"""What pharmacies send: each message a row, once. What fits a prescription is asked, a person clears the rest."""

import hashlib
import logging
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import transaction

from clinic import clock
from clinic.audit import actions as audit
from clinic.audit.enums import Kind
from clinic.ports import load
from clinic.refusal import check
from clinic.staff.enums import Role
from medications.pharmacies import backends, queries, rules, script
from medications.pharmacies.actions.common import REFUSED, UNMATCHED, ask, task
from medications.pharmacies.models import InboundMessage, Transmission
from medications.pharmacies.script import Message
from patients.inbox import actions as inbox
from patients.record.calc import clean_line

if TYPE_CHECKING:
    from clinic.staff.models import User

log = logging.getLogger(__name__)
UNREAD = "It cannot be read as a message. "
OTHER_WORDS = "Its number came before, with other words."


def read_in() -> dict[str, int]:
    """Take in every message that waits at the back end; one that was taken in before changes nothing.

    The message is put aside after its row is written: killed between the two, the next run finds the row.
    """
    counts = {"asked": 0, "to_clear": 0, "known": 0, "failed": 0}
    back_end = backends.current()
    for found in back_end.waiting():
        try:
            counts[take_in(found.content, name=found.name)] += 1
            back_end.put_aside(found)
        except Exception as problem:  # it stays where it is and is tried again; the others are taken in
            log.warning("pharmacies.message_failed", extra={"kind": type(problem).__name__})
            counts["failed"] += 1
    return counts


@transaction.atomic
def take_in(content: bytes | None, *, name: str = "") -> str:
    """One message: "asked" what a prescriber decides, "to_clear" what nobody could match, "known" what came before.

    None: what lies there under the name could not be opened whole. Nobody is guessed: the sender, the number of our
    prescription, the pharmacy to which that went, and the birth date all have to fit.
    """
    digest = hashlib.sha256(f"file:{name}".encode() if content is None else content).hexdigest()
    try:
        if content is None:
            raise script.Unreadable("It is too large, or no plain file.")
        message, why = script.read(content), ""
    except script.Unreadable as problem:
        message, why = Message(digest, "", ""), f"{UNREAD}{problem}"
    known = InboundMessage.objects.filter(sender=message.sender, message_id=message.message_id).first()
    if known is not None and known.digest != digest:
        message = Message(f"{message.message_id[:24]}#{digest[:24]}", message.sender, message.kind)
        why = OTHER_WORDS
    row, made = _written(message, digest, why)
    if not made:
        return "known"
    return "to_clear" if row.why else "asked"


def _written(message: Message, digest: str, why: str) -> tuple[InboundMessage, bool]:
    pharmacy = queries.pharmacies().filter(ncpdp_id=message.sender).first() if message.sender else None
    sent = _named(message) if not why else None
    why = why or rules.renewal(message, pharmacy, sent) or ""
    matched = sent if not why else None
    # The number first, whoever else has it waits here; only then is anybody asked.
    row, made = InboundMessage.objects.get_or_create(
        sender=message.sender, message_id=message.message_id,
        defaults={
            "digest": digest, "kind": message.kind, "sent_at": message.sent_at, "pharmacy": pharmacy,
            "rx_number": message.rx_number, "transmission": matched, "received_at": clock.now(), "why": why[:200],
            "patient_id": matched.patient_id if matched else None,
        },
    )  # fmt: skip
    if not made:
        return row, False
    audit.record(Kind.CREATED, by=None, on=row, what="pharmacies.take_in")
    if matched is not None:
        why = next((said for hear in load("RENEWAL_ASKED") if (said := hear(row))), "")
        if why:
            row.why = why[:200]
            row.save(update_fields=["why"])
    if row.why and matched is not None:
        ask(REFUSED, matched, "A pharmacy asks to renew what cannot be refilled now. Call it.", by=None)
    elif row.why:
        inbox.ask(
            UNMATCHED, sentence="A pharmacy’s message has to be cleared with the pharmacy.",
            purpose=task(UNMATCHED, row.pk), roles=[Role.FRONT_DESK, Role.PRESCRIBER], by=None,
        )  # fmt: skip
    return row, True


def _named(message: Message) -> Transmission | None:
    """Our prescription by its number; where it names two, they have to be one."""
    numbers = {text for text in (message.order_number, message.relates_to) if text}
    keys = set()
    for text in numbers:
        try:
            keys.add(UUID(text))
        except ValueError:
            return None
    rows = Transmission.objects.select_related("patient", "authorisation__prescription", "pharmacy")
    return rows.filter(pk__in=keys).first() if len(keys) == 1 else None


@transaction.atomic
def cleared(row: InboundMessage, *, words: str, by: "User") -> InboundMessage:
    """A person has cleared it with the pharmacy, and says how."""
    row = InboundMessage.objects.select_for_update().get(pk=row.pk)
    check(rules.clear, by, row)
    row.done_words = clean_line(words or "", most=200, field="words")
    check(rules.cleared_how, row.done_words)
    row.done_at, row.done_by = clock.now(), by
    row.save(update_fields=["done_at", "done_by", "done_words"])
    audit.record(Kind.CHANGED, by=by, on=row, what="pharmacies.cleared")
    inbox.finish(task(UNMATCHED, row.pk), by=by, outcome="cleared")
    if row.transmission_id is not None:
        inbox.finish(task(REFUSED, row.transmission_id), by=by, outcome="cleared")
    return row
