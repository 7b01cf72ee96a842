"""How a plan ends, and what follows: measures after 2, 4 and 12 weeks; withdrawal or relapse? (R-TA-10)"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction

from clinic import clock
from clinic.audit import actions as audit
from clinic.audit.enums import Kind as AuditKind
from clinic.practice import config
from clinic.refusal import check, refuse
from medications.prescribing.actions.common import today_of
from medications.prescribing.calc import short
from medications.tapers import queries, rules, sweep
from medications.tapers.actions.common import locked, note, purpose, renew_tasks, tell, touch, unchanged
from medications.tapers.enums import EventKind, Kind, Outcome, State, Verdict
from medications.tapers.models import ReturnReview, TaperPlan
from patients.inbox import actions as inbox
from patients.record.calc import clean_line
from patients.record.queries import team_users, teams

if TYPE_CHECKING:
    from clinic.staff.models import User

WEEKS = (2, 4, 12)
WATCHED = timedelta(weeks=8)
MEASURED = {"phq9": "phq9_reliable_change", "gad7": "gad7_reliable_change"}
LEAD = timedelta(days=7)  # a measure so long before its day counts for it


@transaction.atomic
def end(plan: TaperPlan, *, outcome: str, reason: str = "", based_on: int | None = None, by: "User") -> TaperPlan:
    """End a plan where it is: staying at the lower dose is a proper end. Only a prescriber; no order changes."""
    plan, patient = locked(plan)
    check(rules.plan_end, by, plan)
    unchanged(plan, based_on)
    words = clean_line(reason or "", most=300, field="reason")
    refuse(rules.end(plan, outcome, words), "reason" if outcome else "outcome")
    dose = short(queries.standing(plan, today_of(patient)).dose)
    label = {
        Outcome.LOWER_DOSE: f"stays at {dose}\u00a0mg", Outcome.TARGET: f"stays at {dose}\u00a0mg",
        Outcome.ABANDONED: "given up",
    }[Outcome(outcome)]  # fmt: skip
    drafted = plan.state == State.DRAFT
    return finished(plan, Outcome(outcome), words, day=today_of(patient), label="" if drafted else label, by=by)


def finished(plan: TaperPlan, outcome: Outcome, words: str, *, day: date, label: str, by: "User") -> TaperPlan:
    """Close the plan; after a taper ask for the measures (R-TA-10)."""
    drafted = plan.state == State.DRAFT
    plan.state, plan.ended_at, plan.ended_by = State.ENDED, clock.now(), by
    plan.outcome, plan.end_reason = outcome, words
    plan.paused_at, plan.paused_by, plan.pause_reason = None, None, ""
    touch(plan, "state", "ended_at", "ended_by", "outcome", "end_reason", "paused_at", "paused_by", "pause_reason")
    note(plan, EventKind.ENDED, words, label, detail={"outcome": str(outcome), "on": day.isoformat()}, by=by)
    renew_tasks(plan, outcome="ended", by=by)
    if plan.kind == Kind.TAPER and not drafted and outcome in (Outcome.STOPPED, Outcome.LOWER_DOSE):
        for weeks in WEEKS:
            inbox.ask(
                "tapers.measure", sentence=f"Measures are due {weeks} weeks after a taper.",
                purpose=purpose(plan, f"measure-{weeks}"), patient_id=plan.patient_id,
                users=team_users(plan.patient_id), due_on=day + timedelta(weeks=weeks), by=by,
            )  # fmt: skip
    return plan


@transaction.atomic
def watch(on: date | None = None, *, by: "User | None" = None) -> dict[str, int]:
    """Nightly: open “withdrawal or relapse?” where a score rose within eight weeks of an end, close measures taken.

    Running it twice opens nothing twice. No step is ever confirmed here. The database finds what is new; the number of
    queries is fixed.
    """
    today, now = on or clock.today(settings.TIME_ZONE), clock.now()
    values, since = config.values(today), now - WATCHED - timedelta(days=30)
    sizes = {instrument: int(values[key]) for instrument, key in MEASURED.items()}
    opened = _opened(sweep.rises(sizes, watched=WATCHED, since=since), now, by)
    taken = sweep.measured(list(sizes), until=today + LEAD, lead=LEAD.days, since=since)
    return {"opened": opened, "measured": inbox.finish_all(taken, by=by, outcome="measured")}


def _opened(found: Sequence[sweep.Rise], now: datetime, by: "User | None") -> int:
    """A review for each, with its task for the whole team; what another worker opened meanwhile is theirs."""
    wanted = [ReturnReview(plan_id=one.plan, score_id=one.score, rise=one.rise, opened_at=now) for one in found]
    if not wanted:
        return 0
    ReturnReview.objects.bulk_create(wanted, ignore_conflicts=True)
    written = set(ReturnReview.objects.filter(pk__in=[row.pk for row in wanted]).values_list("pk", flat=True))
    fresh = [(row, one.patient) for row, one in zip(wanted, found, strict=True) if row.pk in written]
    team = teams(patient for _, patient in fresh)
    inbox.ask_all(
        "tapers.review", sentence="A score rose after a taper: withdrawal or relapse? Review it.", by=by,
        asked=[
            inbox.Asked(f"taper-review:{row.pk}", patient, row.pk, team.get(patient, [])) for row, patient in fresh
        ],
    )  # fmt: skip
    audit.record_many(
        AuditKind.RAN, [row for row, _ in fresh], by=by, what="tapers.watch", patients=[key for _, key in fresh]
    )
    return len(fresh)


@transaction.atomic
def decide(
    review: ReturnReview, *, verdict: str, onset_days: int | None, bodily: bool | None, words: str, by: "User"
) -> ReturnReview:
    """Say what the rise was: withdrawal begins within days and is felt in the body, relapse comes later (R-TA-10)."""
    plan, patient = locked(review.plan)
    check(rules.record, by, patient.pk)
    row = ReturnReview.objects.select_for_update().get(pk=review.pk)
    words = clean_line(words or "", most=500, field="words")
    if verdict not in Verdict.values:
        refuse("Choose what it was.", "verdict")
    refuse(rules.decide(row, onset_days, bodily, words), "words")
    row.verdict, row.onset_days, row.bodily, row.words = verdict, onset_days, bodily, words
    row.decided_at, row.decided_by = clock.now(), by
    row.save()
    audit.record(AuditKind.CHANGED, by=by, on=row, patient_id=patient.pk, what="tapers.decide")
    tell(plan, f"a score rose, judged as {Verdict(verdict).label}", by=by)
    inbox.finish(f"taper-review:{row.pk}", by=by, outcome=Verdict(verdict).label)
    return row
