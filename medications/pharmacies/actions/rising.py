"""The job that lets nothing lie: what did not leave comes back, what nobody fills is asked about."""

from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import CharField, Exists, OuterRef, Value
from django.db.models.functions import Cast, Concat

from clinic import clock
from clinic.practice import config
from medications.pharmacies import queries
from medications.pharmacies.actions.common import UNFILLED, ask, locked
from medications.pharmacies.actions.leaving import come_back
from medications.pharmacies.enums import State
from medications.pharmacies.models import Transmission
from medications.prescribing.queries import practice_today
from patients.inbox.models import Task

if TYPE_CHECKING:
    from clinic.staff.models import User

A_RUN = 500
LATE = "It did not leave within a quarter of an hour."


def look_after(*, by: "User | None" = None) -> dict[str, int]:
    """Bring back what is stuck; ask about what is not reported filled. Run twice, or by two workers: the same rows.

    Each prescription is a transaction of its own, and is asked about once. It sends nothing and signs nothing.
    """
    late = [come_back(row, LATE, by=by) for row in queries.stuck()[:A_RUN]]
    days = int(config.value("unfilled_days", practice_today()))
    unfilled = queries.unfilled(clock.now() - timedelta(days=days)).filter(~_asked_before(UNFILLED))
    sentence = f"A prescription sent {days} days ago or more is not reported filled. Ask the patient or the pharmacy."
    risen = [row for row in unfilled[:A_RUN] if _rise(row, sentence, by)]
    return {"came_back": sum(row.state == State.FAILED for row in late), "not_filled": len(risen)}


@transaction.atomic
def _rise(row: Transmission, sentence: str, by: "User | None") -> bool:
    now = locked(row)
    if now.state != State.SENT:
        return False
    ask(UNFILLED, now, sentence, by=by)
    return True


def _asked_before(kind: str) -> Exists:
    """Whether a task of this kind was ever opened for the row."""
    mine = Concat(Value(f"{kind}:"), Cast(OuterRef("pk"), CharField()))
    return Exists(Task.objects.filter(purpose=mine))
