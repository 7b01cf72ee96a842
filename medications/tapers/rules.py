"""Why tapers say no. Sentences name no drug and no person: they also stand in the audit."""

import itertools
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING
from uuid import UUID

from medications.prescribing import queries as prescribing_queries
from medications.prescribing import rules as prescribing
from medications.prescribing.models import Prescription
from medications.tapers import calc
from medications.tapers.calc import MOST_STEPS, Stair
from medications.tapers.enums import RUNNING, Kind, Outcome, Severity, State
from medications.tapers.models import ReturnReview, StepCheck, TaperPlan
from medications.tapers.queries import Standing
from patients.record import access

if TYPE_CHECKING:
    from clinic.staff.models import User

MOST_DAYS = 3 * 366
MOST_MISSED = 366


def plan(by: "User", prescription: Prescription) -> str | None:
    """A prescriber plans the steps of what was prescribed here and is taken now."""
    if sentence := prescribing.prescribe(by, prescription.patient_id):
        return sentence
    if prescription.held_at is not None:
        return "This is on hold: none is taken. Resume it first, then plan its steps."
    return prescribing.ours(prescription)


def stairs(kind: str, given: Sequence[Stair], start: Decimal, earliest: date, today: date) -> str | None:
    """A staircase that goes forward in time, starts no earlier than it can, and (a taper) only down, to an end."""
    if not given:
        return "Write at least one step: a day and a dose."
    if len(given) > MOST_STEPS:
        return f"{MOST_STEPS} steps at most. Make them larger, or plan the first part."
    if not calc.monotone(given):
        return "The days go forward: each step later than the one before."
    if given[0].day < earliest:
        return f"The first step is on {earliest:%b} {earliest.day} at the earliest."
    if given[-1].day > today + timedelta(days=MOST_DAYS):
        return "The last step lies more than three years from now. A taper has to end: bring it nearer."
    if any(one.dose <= 0 for one in given[:-1]) or given[-1].dose < 0:
        return "Only the last step can be zero."
    averages = [start, *(one.average for one in given)]
    if kind == Kind.TAPER and any(two >= one for one, two in itertools.pairwise(averages)):
        return "A taper only goes down: each dose is less than the one before. For the rest, plan a titration."
    if kind == Kind.TITRATION and given[-1].dose == 0:
        return "A titration does not end at zero. Plan a taper."
    if kind == Kind.TITRATION and all(two < one for one, two in itertools.pairwise(averages)):
        return "These steps only go down. Plan a taper: its limits and its withdrawal checks hold for them."
    return None


def revise(found: TaperPlan) -> str | None:
    """What has ended is not changed."""
    return "This plan has ended. Plan a new one." if found.state == State.ENDED else None


def nothing_ahead(prescription: Prescription, today: date) -> str | None:
    """Two schedules for one medicine are none: what is signed to follow, a titration pack say, ends first."""
    if prescribing_queries.current_order(prescription, today) and (
        step := prescribing_queries.next_order(prescription, today)
    ):
        day = f"{step.from_day:%b} {step.from_day.day}"
        return f"A dose from {day} is signed already. Start the plan after it, or change the dose first."
    return None


def start(found: TaperPlan) -> str | None:
    """Once, from its draft."""
    return None if found.state == State.DRAFT else "This plan was started already."


def care(level: str, words: str) -> str | None:
    """A decision on the level of care has its words (R-TA-04)."""
    if bool(level) != bool(words):
        return "Choose the level of care and say in a line why it is safe there."
    return None


def record(by: "User", patient_id: UUID) -> str | None:
    """Therapist and prescriber of the care team record checks and pause."""
    if access.may(by, "taper.check", patient_id):
        return None
    return "Only a therapist or prescriber on the care team can record this."


def check_now(now: Standing) -> str | None:
    """A check stands before a step that is to come."""
    if now.plan.state not in RUNNING:
        return "This plan is not under way: there is nothing to check before a step."
    return "No step is left, so there is nothing to check before." if now.next is None else None


def check_words(severity: str, words: str, missed_days: int | None) -> str | None:
    """Symptoms have words."""
    if severity not in Severity.values:
        return "Choose what you found: none, mild or significant."
    if severity != Severity.NONE and not words:
        return "Say in a line what it is, since when, and how bad."
    if missed_days is not None and not 0 <= missed_days <= MOST_MISSED:
        return f"Days without a dose: 0 to {MOST_MISSED}."
    return None


def pause(found: TaperPlan) -> str | None:
    """What is under way, once."""
    if found.state == State.PAUSED:
        return "This is paused already: the dose stays as it is."
    return None if found.state == State.ACTIVE else "This plan is not under way."


def resume(found: TaperPlan) -> str | None:
    """What is paused."""
    return None if found.state == State.PAUSED else "This is not paused."


def next_on(day: date, today: date) -> str | None:
    """The next step lies today or later, within a year."""
    if day < today:
        return "The next step would lie in the past. Choose today or a later day."
    return "That is more than a year from now. Choose an earlier day." if day > today + timedelta(days=366) else None


def confirm(now: Standing, today: date) -> str | None:
    """One step at a time, of a plan that is under way: paused means stay at this dose (R-TA-02)."""
    if now.plan.state == State.PAUSED:
        return "This is paused: the dose stays. Resume it first, then confirm the next step."
    if now.plan.state != State.ACTIVE:
        return "This plan is not under way."
    if now.next is None:
        return "Every step is confirmed."
    if now.last is not None and now.last.on_day > today:
        return f"The step before begins on {now.last.on_day:%b} {now.last.on_day.day}. Confirm one step at a time."
    return None


def confirm_day(now: Standing, day: date) -> str | None:
    """Never earlier than planned: that would be another plan."""
    assert now.next is not None
    if day < now.next.on_day:
        planned = now.next.on_day
        return f"The step is planned for {planned:%b} {planned.day}. To go faster, change the plan first."
    if day > now.today + timedelta(days=366):
        return "That is more than a year from now. Choose an earlier day."
    return None


def plan_end(by: "User", found: TaperPlan) -> str | None:
    """Only a prescriber ends a plan; the prescription may have been stopped or struck meanwhile."""
    return prescribing.prescribe(by, found.patient_id)


def end(found: TaperPlan, outcome: str, reason: str) -> str | None:
    """A lower dose and a reached dose are proper ends; giving up says why."""
    if found.state == State.ENDED:
        return "This plan has ended already."
    allowed = [Outcome.ABANDONED]
    if found.state in RUNNING:
        allowed.append(Outcome.LOWER_DOSE if found.kind == Kind.TAPER else Outcome.TARGET)
    if outcome not in allowed:
        return "Choose how it ends."
    if outcome == Outcome.ABANDONED and not reason:
        return "Say why the plan is given up."
    return None


def retract(check: StepCheck) -> str | None:
    """Once."""
    return "This was marked as entered in error already." if check.retracted_at is not None else None


def decide(review: ReturnReview, onset_days: int | None, bodily: bool | None, words: str) -> str | None:
    """Onset and bodily symptoms are what tells withdrawal from relapse (R-TA-10)."""
    if review.decided_at is not None:
        return "This was judged already."
    if onset_days is None or not 0 <= onset_days <= 400:
        return "Say how many days after the last change it began: 0 to 400."
    if bodily is None:
        return "Say whether there are bodily symptoms."
    return None if words else "Write in a line what speaks for it."
