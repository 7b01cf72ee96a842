"""Asking for a visit before a refill is decided: the front desk books it; the request stays where it is."""

from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import transaction

from clinic.audit import actions as audit
from clinic.audit.enums import Kind
from clinic.refusal import Refused
from clinic.staff.enums import Role
from medications.refills import queries
from medications.refills.actions.deciding import as_it_is
from medications.refills.models import RefillRequest
from patients.inbox import actions as inbox

if TYPE_CHECKING:
    from clinic.staff.models import User


@transaction.atomic
def ask_for_visit(request: RefillRequest, *, by: "User") -> RefillRequest:
    """Ask the front desk to book a visit with the prescriber, in words that name no medicine (R-HP-08).

    Nothing is signed and nothing declined. Asked twice it is one task; Refused where a visit is booked already.
    """
    request, now = as_it_is(request, by)
    if now.facts.next_visit is not None:
        raise Refused("A visit with a prescriber is booked already. Bridge until then, or approve.", field="do")
    inbox.ask(
        queries.VISIT_TASK, sentence="A prescriber asks to see this patient: book a medication visit.",
        purpose=queries.visit_purpose(request.patient_id), patient_id=request.patient_id, roles=[Role.FRONT_DESK],
        due_on=max(now.facts.today, now.forecast.supply_end - timedelta(days=1)), by=by,
    )  # fmt: skip
    audit.record(Kind.CHANGED, by=by, on=request, what="refills.ask_for_visit")
    return request
