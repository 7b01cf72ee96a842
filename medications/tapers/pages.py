"""What the pages of a plan show: the picture, the steps, the next step with what stands against it, the history."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.utils.safestring import SafeString

from medications.prescribing import desk
from medications.prescribing import queries as prescribing
from medications.prescribing.checks import Override
from medications.prescribing.models import Prescription
from medications.prescribing.queries import generic_name
from medications.safety.enums import OVERRIDES, Level
from medications.safety.facts import Finding
from medications.tapers import drawing, facts, queries, stepping, templates
from medications.tapers.actions.common import dose_words
from medications.tapers.calc import Stair
from medications.tapers.drawing import Mark, Scene, Tread
from medications.tapers.enums import Kind, Severity, State
from medications.tapers.models import StepCheck, TaperEvent, TaperPlan, TaperStep
from medications.tapers.queries import Standing

if TYPE_CHECKING:
    from clinic.staff.models import User

DIRECTION = {Kind.TAPER: "going down", Kind.TITRATION: "going up"}
CHECK_NAMES = {Kind.TAPER: "Withdrawal check", Kind.TITRATION: "Tolerability check"}


@dataclass(frozen=True)
class Line:
    """One row of the table of steps."""

    step: TaperStep
    here: bool
    change: str
    check: str
    said: str  # who confirmed it, or that it is planned

    @property
    def dose(self) -> str:
        """1.5 mg; 25 mg every other day; stop."""
        return dose_words(self.step) if self.step.dose_mg else "stop"


def title(plan: TaperPlan) -> str:
    """Clonazepam, going down."""
    return f"{generic_name(plan.prescription).capitalize()}, {DIRECTION[Kind(plan.kind)]}"


def picture(plan: TaperPlan, now: Standing, events: Sequence[TaperEvent]) -> SafeString:
    """The staircase with today's place. Two queries."""
    return drawing.draw(scene(plan, now, events))


def scene(plan: TaperPlan, now: Standing, events: Sequence[TaperEvent]) -> Scene:
    """What is drawn: orders as they were, planned steps, pauses, checks."""
    past, ahead = _ordered(plan, now.today)
    planned = [] if plan.state == State.ENDED else [s for s in now.steps if s.confirmed_at is None]
    treads = [*ahead, *(Tread(one.on_day, queries.average(one)) for one in planned)]
    pauses = [(start, until) for start, until, _ in queries.pauses(events)]
    return Scene(
        name=generic_name(plan.prescription), past=past, planned=treads, today=now.today, pauses=pauses,
        checks=_checks(plan, now, planned), made=_materials(planned),
    )  # fmt: skip


def _ordered(plan: TaperPlan, today: date) -> tuple[list[Tread], list[Tread]]:
    """The doses from the one that was taken when the plan was made: until today, and what is signed ahead."""
    made_on = plan.created_at.astimezone(plan.patient.zone).date()
    row = prescribing.with_orders(Prescription.objects.filter(pk=plan.prescription_id)).get()
    orders = [o for o in prescribing.orders_of(row) if o.until_day is None or o.until_day > o.from_day]
    before = [o for o in orders if o.from_day <= made_on]
    mine = [*before[-1:], *(o for o in orders if o.from_day > made_on)]
    treads = [Tread(one.from_day, queries.daily_mg(one)) for one in mine]
    if row.stopped_on is not None:
        treads = [one for one in treads if one.day < row.stopped_on] + [Tread(row.stopped_on, Decimal(0))]
    if plan.ended_at is not None:
        last = plan.ended_at.astimezone(plan.patient.zone).date()
        treads = [one for one in treads if one.day <= last or one.amount == 0 or one.day > today]
    return [one for one in treads if one.day <= today], [one for one in treads if one.day > today]


def _checks(plan: TaperPlan, now: Standing, planned: Sequence[TaperStep]) -> list[Mark]:
    zone = plan.patient.zone
    marks = [
        Mark(
            one.recorded_at.astimezone(zone).date(), "ok" if one.severity == Severity.NONE else "found",
            one.get_severity_display(),
        )
        for one in queries.live_checks(plan)
    ]  # fmt: skip
    first = () if now.ticked else planned[:1]
    return marks + [Mark(one.on_day, "ahead") for one in (*first, *planned[1:]) if one.on_day >= now.today]


def _materials(planned: Sequence[TaperStep]) -> list[tuple[date, str]]:
    """Where tablets end and a liquid begins."""
    found: list[tuple[date, str]] = []
    for one in planned:
        if one.dose_mg == 0:
            continue
        words = "needs a liquid" if one.needs_liquid else "oral liquid" if "mL" in one.units else "tablets or capsules"
        if not found or found[-1][1] != words:
            found.append((one.on_day, words))
    return found


def lines(plan: TaperPlan, now: Standing) -> list[Line]:
    """The table: each step with its change, how it is made, its check, who confirmed it. No query."""
    found = []
    checks = queries.live_checks(plan)
    since = plan.created_at
    for one in now.steps:
        until = one.confirmed_at
        mine = [c for c in checks if since <= c.recorded_at and (until is None or c.recorded_at <= until)]
        newest = mine[-1] if mine and (until is not None or now.next == one) else None
        found.append(
            Line(
                one,
                now.last is not None and one.pk == now.last.pk,
                change_words(one),
                _said(newest, one, now),
                _confirmed(one),
            )
        )
        since = until or since
    return found


def change_words(step: TaperStep) -> str:
    """−13 %, +100 %; a dash from nothing."""
    if step.fall_percent is None or step.fall_percent == 0:
        return "–"
    return f"{'−' if step.fall_percent > 0 else '+'}{abs(step.fall_percent).quantize(Decimal(1))} %"


def _said(check: StepCheck | None, step: TaperStep, now: Standing) -> str:
    if check is not None:
        return check_words(check)
    if step.confirmed_at is not None:
        return "none recorded"
    opens = now.opens_on if now.next == step else None
    return f"from {opens:%b} {opens.day} on" if opens else f"before {step.on_day:%b} {step.on_day.day}"


def check_words(check: StepCheck) -> str:
    """none; mild: some sweating."""
    return f"{check.severity}: {check.words}" if check.words else f"{check.severity}"


def _confirmed(step: TaperStep) -> str:
    if step.confirmed_at is None or step.confirmed_by is None:
        return "planned"
    return f"{step.confirmed_by.given_name}, {step.confirmed_at:%b} {step.confirmed_at.day}"


def next_findings(plan: TaperPlan, now: Standing, day: date, *, by: "User") -> list[Finding]:
    """What stands against the next step. Twelve queries."""
    known = facts.around(plan.patient, plan.prescription, day=day, today=now.today, by=by)
    return stepping.standing_against(now, known, day)


@dataclass(frozen=True)
class Asked:
    """Findings with what was typed into them, as prescribing's own template shows them."""

    shown: Sequence[desk.Shown]
    standing: str
    overrides: Mapping[str, str]


def asked(findings: Sequence[Finding], answers: Mapping[str, Override], tried: bool) -> Asked:
    """Worst first, each with its reason field."""
    shown = [desk.shown(one, answers, tried) for one in findings]
    open_ones = [one for one in shown if one.missing or one.finding.level == Level.REFUSE]
    words = "" if not open_ones else "one thing waits." if len(open_ones) == 1 else f"{len(open_ones)} things wait."
    return Asked(shown, words, OVERRIDES)


def earlier_answers(plan: TaperPlan, events: Sequence[TaperEvent]) -> dict[str, Override]:
    """The reasons on file for what stays as it was, so that nobody explains it from nothing at every step."""
    found: dict[str, Override] = {}
    for event in events:
        for one in event.detail.get("findings", []):
            if one["words"] and one["code"] in ("taper.fall", "taper.two", "taper.risk"):
                found[one["code"]] = Override(one["override"], one["words"])
    return found


def plain(plan: TaperPlan, now: Standing) -> str:
    """Where the plan stands, in words that need no pharmacology."""
    goes = "comes down" if plan.kind == Kind.TAPER else "goes up"
    if plan.state == State.ENDED:
        return f"This has ended: {plan.get_outcome_display()}."
    if plan.state == State.DRAFT:
        return "This is a draft. Nothing changes until a prescriber starts it."
    if plan.state == State.PAUSED:
        return "Paused: the dose is taken as it is, and does not change until a prescriber resumes it."
    if now.next is None:
        return "Every step is taken."
    when = f"{now.next.on_day:%b} {now.next.on_day.day}"
    what = "none is taken" if now.next.dose_mg == 0 else f"the dose {goes} to {dose_words(now.next)}"
    return f"From {when} on {what}, if the prescriber confirms it."


def watch_words(plan: TaperPlan) -> str:
    """What whoever sees the patient looks out for."""
    if plan.kind == Kind.TAPER:
        return (
            "Ask about sleep, sweating, shaking, restlessness, dizziness, “electric shocks”, low mood. Confusion or a "
            "seizure: emergency care."
        )
    return (
        "Ask about new side effects, missed doses, sleep. Rash, fever, chest pain or fainting: call the prescriber now."
    )


def of_stairs(on: Any, stairs: Sequence[Stair], rows: Sequence[Any]) -> Scene:
    """The picture of steps that are being written."""
    past = [Tread(on.order.from_day, on.start)] if on.order and on.order.from_day <= on.today else []
    planned = [Tread(one.day, one.average) for one in stairs]
    steps = [one for one in rows if one]
    return Scene(generic_name(on.prescription), past, planned, on.today, made=_materials(steps), key="design")


def prompts(plan: TaperPlan) -> Sequence[str]:
    """What to ask before each step."""
    return templates.checks_of(templates.get(plan.template), plan.kind)
