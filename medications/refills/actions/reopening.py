"""A signed refill was undone before it was sent: the decision stays to be read, the request is open again."""

from typing import TYPE_CHECKING

from django.db import transaction

from clinic import clock
from clinic.audit import actions as audit
from clinic.audit.enums import Kind
from clinic.outbox import actions as outbox
from medications.pharmacies import actions as pharmacies
from medications.prescribing.models import Authorisation
from medications.prescribing.queries import practice_today
from medications.refills import queries
from medications.refills.actions.opening import answer, ask_prescribers
from medications.refills.models import PharmacyAsk, RefillRequest
from patients.timeline import actions as timeline

if TYPE_CHECKING:
    from clinic.staff.models import User


@transaction.atomic
def reopen(authorisation: Authorisation, *, by: "User") -> str:
    """Port TRANSMISSION_UNDONE: open the request anew, in its old place; the patient's message is taken back.

    What was left of an older authorisation stays void: it was cancelled when the refill was signed. Returns what is
    said to the prescriber, "" where no request stands behind the authorisation.
    """
    rows = RefillRequest.objects.select_for_update(of=("self",)).filter(state__in=["approved", "bridged"])
    row = rows.filter(authorisation=authorisation).first()
    if row is None:
        return ""
    row.state = "undone"
    row.save(update_fields=["state"])
    timeline.retract(row)
    outbox.withdraw(f"note:refill:{row.pk}", why="the refill was undone")
    messages = [one.message for one in row.pharmacy_asks.select_related("message") if one.message]
    pharmacies.take_back_replies(messages, by=by)
    audit.record(Kind.CHANGED, by=by, on=row, what="refills.undone")
    now = queries.by_prescription([row], practice_today()).get(row.prescription_id)
    if now is None or RefillRequest.objects.filter(prescription=row.prescription_id, state="requested").exists():
        return ""
    again = RefillRequest(
        prescription_id=row.prescription_id, patient_id=row.patient_id, opened_at=row.opened_at,
        opened_by=row.opened_by, source=row.source,
    )  # fmt: skip
    answer(again, now.answered, clock.now())
    again.save()
    audit.record(Kind.CREATED, by=by, on=again, what="refills.reopen")
    _still_asked(row, again)
    ask_prescribers(practice_today())
    return "The refill request is open again."


def _still_asked(row: RefillRequest, again: RefillRequest) -> None:
    """The pharmacies that asked wait for the new request's answer, as they did before; else it would not stay."""
    for ask in row.pharmacy_asks.order_by("recorded_at"):
        PharmacyAsk.objects.create(
            request=again, patient_id=ask.patient_id, pharmacy_id=ask.pharmacy_id, asked_on=ask.asked_on,
            words=ask.words, recorded_at=ask.recorded_at, recorded_by_id=ask.recorded_by_id, via=ask.via,
            message_id=ask.message_id,
        )  # fmt: skip
