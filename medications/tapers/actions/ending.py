"""How a plan ends, and what follows: measures after 2, 4 and 12 weeks; withdrawal or relapse? (R-TA-10)"""

from datetime import date, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef

from clinic import clock
from clinic.audit import actions as audit
from clinic.audit.enums import Kind as AuditKind
from clinic.practice import config
from clinic.refusal import check, refuse
from medications.prescribing.actions.common import today_of
from medications.prescribing.calc import short
from medications.tapers import queries, rules
from medications.tapers.actions.common import locked, note, purpose, renew_tasks, tell, touch, unchanged
from medications.tapers.enums import EventKind, Kind, Outcome, State, Verdict
from medications.tapers.models import ReturnReview, TaperPlan
from patients.inbox import actions as inbox
from patients.inbox.models import Task
from patients.measures.models import Score
from patients.record.calc import clean_line
from patients.record.queries import team_users

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

    Running it twice opens nothing twice. No step is ever confirmed here.
    Looked at are the plans since whose end a score was given; a fixed number of queries to find what is due.
    """
    today = on or clock.today(settings.TIME_ZONE)
    values = config.values(today)
    measured = Score.objects.filter(instrument__in=MEASURED, retracted_at=None, total__isnull=False)
    since = measured.filter(patient=OuterRef("patient"), answered_at__gt=OuterRef("ended_at"))
    plans = list(
        TaperPlan.objects.filter(
            Exists(since), state=State.ENDED, outcome__in=[Outcome.STOPPED, Outcome.LOWER_DOSE], kind=Kind.TAPER,
            ended_at__gt=clock.now() - WATCHED - timedelta(days=30),
        ).select_related("patient", "prescription__drug")
    )  # fmt: skip
    scores: dict[tuple[UUID, str], list[Score]] = {}
    for score in measured.filter(patient__in={plan.patient_id for plan in plans}).order_by("answered_at", "pk"):
        scores.setdefault((score.patient_id, score.instrument), []).append(score)
    known = set(ReturnReview.objects.filter(plan__in=plans).values_list("plan_id", "score_id"))
    wanted = [
        ReturnReview(plan=plan, score=score, rise=rise, opened_at=clock.now())
        for plan in plans for instrument, key in MEASURED.items()
        for score, rise in rises(plan, scores.get((plan.patient_id, instrument), []), int(values[key]))
    ]  # fmt: skip
    fresh = [one for one in wanted if (one.plan_id, one.score_id) not in known]
    ReturnReview.objects.bulk_create(fresh, ignore_conflicts=True)
    written = set(ReturnReview.objects.filter(pk__in=[one.pk for one in fresh]).values_list("pk", flat=True))
    fresh = [one for one in fresh if one.pk in written]  # what another worker opened in the same second is theirs
    for one in fresh:
        _ask_review(one, by)
    return {"opened": len(fresh), "measured": _measured(plans, scores, today, by)}


def rises(plan: TaperPlan, scores: list[Score], size: int) -> list[tuple[Score, int]]:
    """The first score within eight weeks of the end that rose by `size` or more above the last one before it."""
    assert plan.ended_at is not None
    before = [one for one in scores if one.answered_at <= plan.ended_at]
    after = [one for one in scores if plan.ended_at < one.answered_at <= plan.ended_at + WATCHED]
    if not before or before[-1].total is None:
        return []
    base = before[-1].total
    return [(one, one.total - base) for one in after if one.total is not None and one.total - base >= size][:1]


def _ask_review(review: ReturnReview, by: "User | None") -> None:
    plan = review.plan
    inbox.ask(
        "tapers.review", sentence="A score rose after a taper: withdrawal or relapse? Review it.",
        purpose=f"taper-review:{review.pk}", patient_id=plan.patient_id, users=team_users(plan.patient_id),
        object_id=review.pk, by=by,
    )  # fmt: skip
    audit.record(AuditKind.RAN, by=by, on=review, patient_id=plan.patient_id, what="tapers.watch")


def _measured(
    plans: list[TaperPlan], scores: dict[tuple[UUID, str], list[Score]], today: date, by: "User | None"
) -> int:
    """Close the tasks for which a score came in since a week before their day."""
    closed = 0
    days: dict[UUID | None, list[date]] = {}
    for (patient_id, _), rows in scores.items():
        days.setdefault(patient_id, []).extend(one.answered_at.date() for one in rows)
    waiting = Task.objects.filter(
        kind="tapers.measure", done_at=None, patient__in={p.patient_id for p in plans}, due_on__lte=today + LEAD
    )
    for pattern, whose, due in set(waiting.values_list("purpose", "patient_id", "due_on")):
        if due is not None and any(day >= due - LEAD for day in days.get(whose, ())):
            closed += bool(inbox.finish(pattern, by=by, outcome="measured"))
    return closed


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
