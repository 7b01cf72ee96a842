"""Controlled substances: a person signs them in the certified module and writes its number down here (R-RX-06)."""

from typing import TYPE_CHECKING

from django.db import transaction

from clinic import clock
from clinic.audit import actions as audit
from clinic.audit.enums import Kind
from clinic.refusal import Refused, check
from medications.pharmacies import rules, story
from medications.pharmacies.actions import following
from medications.pharmacies.actions.common import locked
from medications.pharmacies.enums import State
from medications.pharmacies.models import Transmission
from medications.prescribing import rules as prescribing_rules
from patients.record.calc import clean_line

if TYPE_CHECKING:
    from clinic.staff.models import User

HOW = "by the certified module"


@transaction.atomic
def module_sent(row: Transmission, *, number: str, by: "User") -> Transmission:
    """It was signed and sent there: its number. Only a prescriber of the patient says so (R-RX-05)."""
    row = locked(row)
    check(prescribing_rules.prescribe, by, row.patient_id)
    words = clean_line(number or "", most=60, field="number")
    if sentence := rules.module_sent(row, words):
        raise Refused(sentence, field="number")
    row.state, row.sent_at, row.sent_by, row.how, row.reference = State.SENT, clock.now(), by, HOW, words
    row.save(update_fields=["state", "sent_at", "sent_by", "how", "reference"])
    audit.record(Kind.CHANGED, by=by, on=row, what="pharmacies.module_sent")
    story.sent(row, by=by)
    return following.follow(row)
