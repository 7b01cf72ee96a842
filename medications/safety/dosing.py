"""Checks of the dose itself, of its supply and of the schedule's law."""

from collections.abc import Iterator, Sequence
from decimal import Decimal

from medications.safety.enums import Level
from medications.safety.facts import Facts, Finding, Limits, Proposed, Taken
from medications.safety.knowledge import DrugFacts, Knowledge

SLIP = 10  # so many times the label's maximum is no dose but a slip of the unit or of the point
SLIP_LOW = 500  # so many times below the usual range likewise; tapers end far above that
LAW = ("21 CFR 1306.12 and 1306.22",)
ELDERLY = 65


def mg(value: Decimal) -> str:
    """An amount as it stands in a sentence."""
    text = f"{value:f}"
    return f"{text.rstrip('0').rstrip('.') if '.' in text else text}\u00a0mg"


def dose(
    facts: Facts, live: Sequence[Taken], proposed: Proposed, drug: DrugFacts, knowledge: Knowledge
) -> Iterator[Finding]:
    """Plausible, within the label's maximum, started low enough, fit for the age."""
    source, sure = drug.source, drug.confidence
    if facts.age < 18:
        yield Finding(
            Level.NOT_CHECKED, "dose.age", "label", "Dose not checked for this age",
            "The catalogue holds doses for adults only. Check the dose in a source for children.", source, sure,
        )  # fmt: skip
    if facts.age >= ELDERLY and drug.elderly_note:
        yield Finding(
            Level.NOTE, "dose.elderly", "label", f"{drug.name.capitalize()} at {facts.age}",
            f"{drug.elderly_note.rstrip('.')}.", source, sure,
        )  # fmt: skip
    if not proposed.depot and (slip := implausible(proposed.daily_mg, drug)):
        yield Finding(Level.STOP, "dose.implausible", "label", "Is the unit right?", slip, source, sure)
    if proposed.depot or drug.max_mg is None:
        yield Finding(
            Level.NOT_CHECKED, "dose.max", "label", "Daily maximum not checked",
            "No daily maximum is known for this product: nothing was compared. Check the dose in its label.",
            source, sure,
        )  # fmt: skip
        return
    yield from maximum(live, proposed, drug)
    if proposed.starts and drug.start_mg is not None and proposed.daily_mg > drug.start_mg:
        old = facts.age >= ELDERLY
        yield Finding(
            Level.ASK if old else Level.NOTE, "dose.start", "label", "More than the starting dose",
            f"The label starts at {mg(drug.start_mg)} a day"
            f"{f'; at {facts.age} start at that or lower' if old else ''}.", source, sure,
        )  # fmt: skip


def implausible(daily: Decimal, drug: DrugFacts) -> str | None:
    """Whether the dose looks like a slip of the unit (mg for mcg) or of the decimal point, in a sentence."""
    high = drug.max_mg or (drug.usual_mg[1] if drug.usual_mg else None)
    if high and daily >= high * SLIP:
        times = int(daily / high)
        return (
            f"{mg(daily)} a day is {times:,} times the highest known dose ({mg(high)}). Check unit and decimal point."
        )
    low = drug.usual_mg[0] if drug.usual_mg else drug.start_mg
    if low and daily * SLIP_LOW <= low:
        return f"{mg(daily)} a day is less than a five-hundredth of the usual {mg(low)}. Check unit and decimal point."
    return None


def maximum(live: Sequence[Taken], proposed: Proposed, drug: DrugFacts) -> Iterator[Finding]:
    """The label's maximum, the product's own, and the same drug from other prescriptions counted in."""
    assert drug.max_mg is not None
    rule = "R-MO-CIT" if drug.name == "citalopram" else "label"
    others = [t for t in live if t.drug == drug.name and t.key != proposed.key and t.daily_mg and _now(t, proposed)]
    total = proposed.daily_mg + sum((t.daily_mg or Decimal(0) for t in others), Decimal(0))
    if proposed.product_max_mg is not None and proposed.daily_mg > proposed.product_max_mg:
        yield Finding(
            Level.STOP, "dose.product_max", rule, "Above the product’s maximum",
            f"{mg(proposed.daily_mg)} a day; the label of this product ends at {mg(proposed.product_max_mg)}.",
            drug.source, drug.confidence,
        )  # fmt: skip
    if total > drug.max_mg:
        together = f" together with what is on the list ({mg(total)} in all)" if others else ""
        yield Finding(
            Level.STOP, "dose.max", rule, "Above the label’s maximum",
            f"{mg(proposed.daily_mg)} a day{together}; the label ends at {mg(drug.max_mg)} a day.",
            drug.source, drug.confidence,
        )  # fmt: skip


def _now(taken: Taken, proposed: Proposed) -> bool:
    return taken.stopped_on is None or taken.stopped_on > proposed.from_day


def citalopram(
    facts: Facts, live: Sequence[Taken], proposed: Proposed, drug: DrugFacts, knowledge: Knowledge
) -> Iterator[Finding]:
    """R-MO-CIT: none at a QTc above 500 ms, 20 mg at most with a CYP2C19 inhibitor; the rest are condition cautions."""
    if "citalopram" not in drug.tags:
        return
    qtc = facts.readings.get("qtc")
    if qtc is not None and qtc.value > 500:
        yield Finding(
            Level.STOP, "citalopram:qtc", "R-MO-CIT", "QTc above 500\u00a0ms: citalopram",
            f"QTc {qtc.value:.0f}\u00a0ms on {qtc.on:%b} {qtc.on.day}, {qtc.on.year}: the label says to stop it "
            "when it stays above 500.", drug.source, drug.confidence,
        )  # fmt: skip
    if proposed.daily_mg <= 20:
        return
    for taken in live:
        other = knowledge.drug(taken.drug)
        if other and "CYP2C19_inhibitor" in other.classes and _now(taken, proposed):
            yield Finding(
                Level.STOP, f"citalopram:{other.name}"[:60], "R-MO-CIT",
                f"Citalopram above 20\u00a0mg with {other.name}",
                f"{other.name.capitalize()} slows the breakdown of citalopram: 20\u00a0mg a day at most (QT).",
                drug.source, drug.confidence,
            )  # fmt: skip


def supply(facts: Facts, proposed: Proposed, drug: DrugFacts, limits: Limits) -> Iterator[Finding]:
    """Days' supply while a risk is open (R-SI-04), and what leaves by the certified system (R-RX-06)."""
    toxic = drug.toxicity == "high" or "TCA" in drug.classes or "lithium" in drug.tags
    if facts.risk_open and toxic and (proposed.days_supply or 0) > limits.risk_days:
        yield Finding(
            Level.ASK, "supply.risk", "R-SI-04", f"{proposed.days_supply} days’ supply while a risk is open",
            f"{drug.name.capitalize()} is dangerous in overdose. Dispense {limits.risk_days} days at most, "
            "or say why more is safe.", ("R-SI-04, means restriction",), "medium",
        )  # fmt: skip
    if drug.schedule and proposed.refills is not None:
        yield Finding(
            Level.NOTE, "schedule.certified", "R-RX-06", f"Schedule {drug.schedule}: send it by the certified system",
            "Tandem keeps the order and what was intended; the prescription itself is signed in the certified system.",
            ("21 CFR 1311.100 to 1311.305",), "high",
        )  # fmt: skip
    yield from schedule(drug.schedule, proposed.refills, limits, proposed.counted)


def schedule(schedule: str, refills: int | None, limits: Limits, counted: int = 0) -> Iterator[Finding]:
    """Refills that the law allows: none in II (R-RX-01), five in III and IV (R-RX-03), V as configured (R-RX-04).

    `counted`: refills that the same prescription has had already; what is authorised in addition counts with them.
    """
    if refills is None:
        return
    if schedule == "II" and refills > 0:
        yield Finding(
            Level.REFUSE, "schedule.refills", "R-RX-01", "Schedule II has no refills",
            "Schedule II is never refilled: set refills to 0; each supply is a new prescription.", LAW, "high",
        )  # fmt: skip
    elif (schedule in ("III", "IV") or (schedule == "V" and limits.v_as_iii)) and refills + counted > 5:
        left = max(5 - counted, 0)
        had = f" It has had {counted} since it was issued: {left} left." if counted else ""
        rule, whose = ("R-RX-04", "by the practice’s policy") if schedule == "V" else ("R-RX-03", "by law")
        yield Finding(
            Level.REFUSE, "schedule.refills", rule, f"Schedule {schedule}: five refills at most",
            f"Schedule {schedule} has five refills at most, within six months, {whose}: set refills to {left} or "
            f"fewer.{had}",
            LAW, "high",
        )  # fmt: skip
