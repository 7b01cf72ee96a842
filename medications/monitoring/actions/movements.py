"""AIMS scores that ask for a work-up: the scale is kept by the measures, the task is made here (R-MO-AIMS)."""

from datetime import timedelta
from typing import TYPE_CHECKING

from clinic import clock
from medications.monitoring import alerts, queries
from patients.inbox import actions as inbox
from patients.inbox.models import Task
from patients.measures.models import Score
from patients.record.queries import team_users

if TYPE_CHECKING:
    from clinic.staff.models import User

TASK = "monitoring.movements"
DAYS = 60
SENTENCE = "AIMS: 3 in one area or 2 in two. Ask for a work-up of tardive dyskinesia, and look at the medicine."


def watch(*, by: "User | None") -> int:
    """A task for the prescribers of everybody whose scale of the last weeks asks for it; once a scale. Two queries."""
    since = clock.now() - timedelta(days=DAYS)
    rows = Score.objects.filter(instrument=queries.AIMS_SCORE, retracted_at=None, answered_at__gte=since)
    asking = {f"monitoring-aims:{row.pk}": row for row in rows if alerts.movements(row.answers)}
    known = set(Task.objects.filter(purpose__in=asking).values_list("purpose", flat=True))
    for purpose, row in asking.items():
        if purpose not in known:
            people = queries.prescribers_of(row.patient_id) or team_users(row.patient_id)
            inbox.ask(
                TASK,
                sentence=SENTENCE,
                purpose=purpose,
                patient_id=row.patient_id,
                users=people,
                object_id=row.pk,
                by=by,
            )
    return len(set(asking) - known)
