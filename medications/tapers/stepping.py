"""What stands against confirming the next step, beside the safety checks of the order itself. Pure."""

from collections.abc import Iterator
from datetime import date

from medications.prescribing.calc import short
from medications.safety.engine import ranked
from medications.safety.enums import Level
from medications.safety.facts import Finding
from medications.tapers import calc, templates
from medications.tapers.calc import Stair
from medications.tapers.enums import Kind, Severity
from medications.tapers.facts import Around
from medications.tapers.findings import Proposal, changes_around, day_words, falls
from medications.tapers.queries import Standing

CHECK = {Kind.TAPER: "withdrawal check", Kind.TITRATION: "tolerability check"}


def standing_against(now: Standing, known: Around, day: date) -> list[Finding]:
    """Everything that stands against the next step from `day` on."""
    return ranked(
        [
            *_check(now), *_missed(now, known), *_made(now), *_falls(now, known, day), *_dose(now, known, day),
            *_variant(now, known), *changes_around(Kind(now.plan.kind), known), *_leave(known), *_supply(known, day),
        ]
    )  # fmt: skip


def _check(now: Standing) -> Iterator[Finding]:
    """R-TA-02: any symptom, or no check at all, needs a reason; pausing is the better answer."""
    name = CHECK[Kind(now.plan.kind)]
    found = now.symptoms
    if found is not None:
        by = found.recorded_by.given_name if found.recorded_by else ""
        local = found.recorded_at.astimezone(now.plan.patient.zone).date()
        level = "Significant" if found.severity == Severity.SIGNIFICANT else "Mild"
        yield Finding(
            Level.ASK, "taper.check", "R-TA-02", f"The {name} found something",
            f"{level}: “{found.words}” ({by}, {day_words(local)}). "
            "Pause at this dose, or say why the next step is right all the same.",
        )  # fmt: skip
    elif not now.ticked:
        early = " The last one was before its time." if now.earlier else ""
        yield Finding(
            Level.ASK, "taper.check", "R-TA-02", f"No {name} yet",
            f"Nobody has recorded a {name} for this step.{early} Record it, or say why the step goes on without.",
        )  # fmt: skip


def _missed(now: Standing, known: Around) -> Iterator[Finding]:
    """R-MO-CLZ, R-MO-LTG: after days without a dose a titration starts again."""
    newest = now.check or now.earlier
    if newest is None or newest.missed_days is None or now.plan.kind != Kind.TITRATION or known.drug is None:
        return
    rule = templates.restart(known.drug.name, now.plan.template)
    if rule is not None and newest.missed_days >= rule.days:
        yield Finding(
            Level.REFUSE, "taper.restart", rule.rule, "Starts again after days without",
            f"{newest.missed_days} days without a dose were recorded. {rule.text} Write the steps anew from the first.",
            rule.source,
        )  # fmt: skip


def _made(now: Standing) -> Iterator[Finding]:
    """R-TA-08."""
    if now.next is not None and now.next.needs_liquid:
        yield Finding(
            Level.REFUSE, "taper.liquid", "R-TA-08", "Nothing in the catalogue makes this dose",
            "This step needs a compounded preparation, which no order here can name. Change the step to a dose that "
            "can be dispensed, or stay at this dose.",
        )  # fmt: skip


def _falls(now: Standing, known: Around, day: date) -> Iterator[Finding]:
    """R-TA-01, against the doses as they were really ordered."""
    if now.next is None or now.plan.kind != Kind.TAPER:
        return
    past = [one for one in known.past if one.day < day]
    before = past[0].average if past else now.dose
    stairs = [*past[1:], Stair(day, now.next.dose_mg, now.next.every_n_days)]
    proposal = Proposal(Kind.TAPER, templates.get(now.plan.template), before, stairs, [], now.plan.floor_mg)
    last = len(stairs) - 1
    yield from falls(stairs, proposal, known, only=last)


def _dose(now: Standing, known: Around, day: date) -> Iterator[Finding]:
    """Somebody changed the dose beside the plan."""
    before = [one for one in known.past if one.day < day]
    ordered = before[-1].average if before else None
    if ordered is not None and ordered.quantize(calc.PLACES) != now.dose.quantize(calc.PLACES):
        yield Finding(
            Level.ASK, "taper.dose", "R-TA-09", "The dose is not the plan’s",
            f"{short(ordered)}\u00a0mg is ordered; the plan says {short(now.dose)}\u00a0mg. Write the steps anew from "
            "the dose as it is, or say why this step follows.",
        )  # fmt: skip


def _variant(now: Standing, known: Around) -> Iterator[Finding]:
    """R-MO-LTG: another schedule holds since something else was started or stopped."""
    chosen = templates.get(now.plan.template)
    if known.drug is None or chosen is None or now.plan.kind != Kind.TITRATION:
        return
    holds = templates.never_faster(known.drug, known.taking)
    if holds is not None and holds.key != chosen.key and chosen.data.get("variant_if", {}).get("stopped") is None:
        yield Finding(
            Level.ASK, "taper.variant", "R-MO-LTG", "Another schedule holds now",
            f"What else is taken has changed: “{holds.title}”. Write the steps anew, or say why these still fit.",
            holds.source, str(holds.data["confidence"]),
        )  # fmt: skip


def _leave(known: Around) -> Iterator[Finding]:
    """R-TA-09."""
    if known.leave is not None:
        yield Finding(
            Level.ASK, "taper.leave", "R-TA-09", "You are away around this step",
            f"Leave from {day_words(known.leave[0])} to {day_words(known.leave[1])} is within a week of it. Say who "
            "answers meanwhile, or wait.",
        )  # fmt: skip


def _supply(known: Around, day: date) -> Iterator[Finding]:
    """R-TA-09: what was dispensed lasts beyond the step."""
    if known.supply_end is not None and known.supply_end > day:
        yield Finding(
            Level.NOTE, "taper.supply", "R-TA-09", "The last supply is not used up",
            f"What was dispensed lasts until {day_words(known.supply_end)}: say which of it is taken from now on.",
        )  # fmt: skip
