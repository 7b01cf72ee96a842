"""Refills with every gate in order, signed one after the other: each a decision of its own, as it was shown."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.db import transaction

from clinic.refusal import Conflict, Refused, check
from medications.prescribing.actions import Supply
from medications.refills import calc, rules
from medications.refills.actions.deciding import approve, as_it_is, usual_supply
from medications.refills.models import RefillRequest

if TYPE_CHECKING:
    from clinic.staff.models import User

OTHER = "The usual supply is another than the one that was shown: look at it by itself."


def approve_each(
    shown: Iterable[tuple[RefillRequest, Supply]], *, by: "User"
) -> tuple[list[RefillRequest], list[tuple[RefillRequest, str]]]:
    """Sign each with the supply that was shown; what was signed, and what was not with its sentence.

    One transaction a request: one that is refused leaves the others signed. Who comes back after a double click
    finds them decided.
    """
    signed: list[RefillRequest] = []
    left: list[tuple[RefillRequest, str]] = []
    for request, supply in shown:
        try:
            signed.append(_approve(request, supply, by))
        except Refused as refused:
            left.append((request, refused.sentence))
    return signed, left


@transaction.atomic
def _approve(request: RefillRequest, shown: Supply, by: "User") -> RefillRequest:
    found, now = as_it_is(request, by)
    usual = usual_supply(now)
    left = calc.days_left(now.forecast.supply_end, now.facts.today)
    early = rules.early(now.due, now.opens_on, now.forecast.remaining)
    check(rules.batch, now.gates(usual.days), now.facts.schedule, left, early)
    if usual != shown:
        raise Conflict(OTHER)
    return approve(found, supply=usual, by=by)
