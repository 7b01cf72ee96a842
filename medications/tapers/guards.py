"""Triggers by which the database itself keeps plans, steps, checks and their history."""

import pgtrigger

from medications.prescribing.guards import never_emptied, once, only_changes

_RETRACTION = ("retracted_at", "retracted_by_id", "retracted_reason")
_PAUSE = ("paused_at", "paused_by_id", "pause_reason")
_END = ("ended_at", "ended_by_id", "outcome", "end_reason")
_BUILT = ("template", "guideline", "source", "template_version", "floor_mg", "constants")
_CONFIRMED = ("confirmed_at", "confirmed_by_id", "order_id")


def plan() -> list[pgtrigger.Trigger]:
    """A plan is revised, started, paused and ended; whose it is stays, and so does its end."""
    return [
        only_changes(
            "taper_keeps_its_owner", "state", "revision", "started_at", "started_by_id", "care_level", "care_words",
            *_BUILT, *_PAUSE, *_END,
        ),
        once("taper_started_for_good", "started_at", "started_by_id"),
        once("taper_ended_for_good", *_END, "state"),
        never_emptied(),
    ]  # fmt: skip


def step() -> list[pgtrigger.Trigger]:
    """A step is confirmed or replaced, once; it comes after the steps before it, and a taper only falls."""
    return [
        only_changes("step_immutable", "replaced_at", *_CONFIRMED),
        once("step_confirmed_for_good", *_CONFIRMED),
        once("step_replaced_for_good", "replaced_at"),
        pgtrigger.Trigger(
            name="step_in_order",
            when=pgtrigger.Before,
            operation=pgtrigger.Insert,
            func="""
                IF EXISTS (
                    SELECT 1 FROM medications_tapers_taperstep other
                    WHERE other.plan_id = NEW.plan_id AND other.replaced_at IS NULL AND other.id <> NEW.id
                    AND ((other.number < NEW.number AND other.on_day >= NEW.on_day)
                         OR (other.number > NEW.number AND other.on_day <= NEW.on_day))
                ) THEN
                    RAISE EXCEPTION 'the days of a staircase go forward';
                END IF;
                IF (SELECT kind FROM medications_tapers_taperplan WHERE id = NEW.plan_id) = 'taper' AND EXISTS (
                    SELECT 1 FROM medications_tapers_taperstep other
                    WHERE other.plan_id = NEW.plan_id AND other.replaced_at IS NULL AND other.id <> NEW.id
                    AND ((other.number < NEW.number
                          AND other.dose_mg / other.every_n_days <= NEW.dose_mg / NEW.every_n_days)
                         OR (other.number > NEW.number
                             AND other.dose_mg / other.every_n_days >= NEW.dose_mg / NEW.every_n_days))
                ) THEN
                    RAISE EXCEPTION 'a taper only goes down';
                END IF;
                RETURN NEW;
            """,
        ),
        never_emptied(),
    ]


def check() -> list[pgtrigger.Trigger]:
    """A check may only be marked as entered in error."""
    return [
        only_changes("check_immutable", *_RETRACTION),
        once("check_retracted_for_good", *_RETRACTION),
        never_emptied(),
    ]


def event() -> list[pgtrigger.Trigger]:
    """The history is only added to."""
    return [
        pgtrigger.Protect(name="taper_history_kept", operation=pgtrigger.Update | pgtrigger.Delete),
        never_emptied(),
    ]


def review() -> list[pgtrigger.Trigger]:
    """A review is answered once."""
    return [
        only_changes("review_immutable", "verdict", "onset_days", "bodily", "words", "decided_at", "decided_by_id"),
        once("review_decided_for_good", "decided_at", "decided_by_id", "verdict", "onset_days", "bodily", "words"),
        never_emptied(),
    ]
