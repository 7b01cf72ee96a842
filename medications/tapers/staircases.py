"""Staircases from templates: what the prescriber chose becomes days and doses that can be dispensed. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_UP, Decimal
from fractions import Fraction
from typing import Any

from medications.prescribing.calc import Unclear, short
from medications.tapers import calc
from medications.tapers.calc import MOST_STEPS, PLACES, WINDOW, Stair, Unit

HUNDRED = Decimal(100)
MOST_DAYS = 3 * 366
MOST_INTERVAL = 366


@dataclass(frozen=True)
class Wish:
    """What a prescriber chose: doses in mg a day, times in days.

    `limit`: the most percent that may go in one step above the floor (benzodiazepines, R-TA-01); None: no such limit.
    """

    start: Decimal
    first_day: date
    units: tuple[Unit, ...]
    floor: Decimal
    interval: int
    percent: Decimal | None = None
    step_mg: Decimal | None = None
    total_days: int | None = None
    count: int | None = None
    emax: Decimal | None = None
    k: Decimal | None = None
    limit: Decimal | None = None


def build(template: Mapping[str, Any], wish: Wish) -> list[Stair]:
    """The staircase of a template; raises Unclear with the sentence for what cannot be built."""
    _plausible(wish)
    if template["steps"]:
        return _fixed(template, wish)
    mode = template["rule"]["mode"]
    match mode:
        case "percent_of_current":
            stairs = _percent(template["rule"], wish)
        case "absolute_bands":
            stairs = _bands(template["rule"], wish)
        case "absolute_step":
            stairs = _absolute(wish)
        case "linear_over_days":
            stairs = _linear(wish)
        case "hyperbolic_occupancy":
            stairs = _occupancy(wish)
        case _:
            raise Unclear("This template has no steps of its own. Start blank, and write them.")
    if (stairs[-1].day - wish.first_day).days > MOST_DAYS:
        raise Unclear("That would take more than three years. Choose larger steps, or a dose to stay at.")
    return stairs


def _plausible(wish: Wish) -> None:
    if not 1 <= wish.interval <= MOST_INTERVAL:
        raise Unclear(f"Days between steps: 1 to {MOST_INTERVAL}.")
    if wish.percent is not None and not 1 <= wish.percent <= 100:
        raise Unclear("Percent of the current dose: 1 to 100.")


def _fixed(template: Mapping[str, Any], wish: Wish) -> list[Stair]:
    """The steps as the source gives them, from the first day; a taper ends with zero where its last step ends."""
    first = wish.first_day
    stairs = [
        Stair(
            first + timedelta(days=row["day_from"] - 1), Decimal(str(row["dose_mg_per_day"])), row["every_n_days"],
            row["doses_per_day"], row["note"] or "",
        )
        for row in template["steps"]
    ]  # fmt: skip
    if template["kind"] == "taper" and (last := template["steps"][-1]["day_to"]):
        stairs = [one for one in stairs if one.dose < wish.start]
        if not stairs:
            raise Unclear("The dose is lower than this template’s steps already. Choose another, or start blank.")
        stairs.append(Stair(first + timedelta(days=last), Decimal(0)))
    return calc.merged(stairs, None)


def _percent(rule: Mapping[str, Any], wish: Wish) -> list[Stair]:
    """Each step a share of the dose before it; smaller where the data say so below the lowest tablet (R-TA-06)."""
    percent = wish.percent if wish.percent is not None else Decimal(rule["step_percent_initial"]["default"])
    band = (Decimal(rule["step_percent_initial"]["min"]), Decimal(rule["step_percent_initial"]["max"]))
    below = rule.get("below_lowest_tablet")
    whole = min((one.strength for one in wish.units if not one.liquid), default=Decimal(0))
    shares: list[tuple[Decimal, tuple[Decimal, Decimal]]] = [(percent, band)]
    if below:
        small = below["step_percent"]
        shares.append((min(percent, Decimal(small["max"])), (Decimal(small["min"]), Decimal(small["max"]))))

    def lower(dose: Decimal) -> tuple[Decimal, tuple[Decimal, Decimal] | None]:
        share, within = shares[-1] if dose <= whole else shares[0]
        return dose * (HUNDRED - share) / HUNDRED, within

    return _down(wish, lower, lambda dose: wish.interval)


def _bands(rule: Mapping[str, Any], wish: Wish) -> list[Stair]:
    """Steps in mg by the height of the dose (R-TA-11)."""
    if wish.start > rule["start_max_mg"]:
        raise Unclear(f"This template starts at {rule['start_max_mg']} mg a day at most. Choose another.")

    def band_of(dose: Decimal) -> Mapping[str, Any]:
        return next((band for band in rule["bands"] if dose > band["to_mg"]), rule["bands"][-1])

    def lower(dose: Decimal) -> tuple[Decimal, None]:
        step = wish.step_mg or Decimal(str(band_of(dose)["step_mg"]["default"]))
        return dose - min(step, Decimal(str(band_of(dose)["step_mg"]["max"]))), None

    return _down(wish, lower, lambda dose: wish.interval)


def _absolute(wish: Wish) -> list[Stair]:
    """The same mg less at every step."""
    step = wish.step_mg
    if not step:
        raise Unclear("Write how many mg less at each step.")
    return _down(wish, lambda dose: (dose - step, None), lambda dose: wish.interval)


def _linear(wish: Wish) -> list[Stair]:
    """Equal steps over so many days."""
    days = wish.total_days or 28
    if not 2 <= days <= MOST_DAYS:
        raise Unclear("Over how many days: 2 to 1,098.")
    count = int(-(-wish.start // wish.step_mg)) if wish.step_mg else wish.count or max(2, min(8, days // 3))
    if not 2 <= count <= min(MOST_STEPS, days):
        raise Unclear(f"In how many steps: 2 to {min(MOST_STEPS, days)}.")
    stairs: list[Stair] = []
    dose = wish.start
    for step in range(1, count):
        target = wish.start * (count - step) / count
        if dose <= wish.floor:
            break
        if target >= dose:
            continue  # the step before went lower, for want of a tablet between
        dose = _pick(dose, max(target, wish.floor), wish, None)
        stairs.append(Stair(wish.first_day + timedelta(days=days * (step - 1) // count), dose))
    stairs.append(Stair(wish.first_day + timedelta(days=days * (count - 1) // count), Decimal(0)))
    return calc.merged(stairs, wish.start)


def _occupancy(wish: Wish) -> list[Stair]:
    """Equal steps of occupancy, with the constants that the prescriber typed from a named source (R-TA-07)."""
    if wish.emax is None or wish.k is None:
        raise Unclear("Write Emax and K from the paper, and name it: sources disagree, so no constants are shipped.")
    if not 0 < wish.emax <= 100 or not 0 < wish.k <= 1000:
        raise Unclear("Emax: more than 0, at most 100 percent. K: more than 0, at most 1,000 mg.")
    count = wish.count or 8
    if not 2 <= count <= 16:
        raise Unclear("In how many steps: 2 to 16.")
    doses = calc.occupancy_steps(wish.start, wish.emax, wish.k, count)
    stairs = []
    before = wish.start
    for step, target in enumerate(doses[1:-1]):
        near = [d for d in calc.solids(wish.units) if d < before and abs(d - target) <= target / 20]
        dose = min(near, key=lambda d: abs(d - target)) if near else _liquid(before, target, wish, target * 9 / 10)
        before = dose if dose is not None else _exact(before, target)
        stairs.append(Stair(wish.first_day + timedelta(days=wish.interval * step), before))
    stairs.append(Stair(wish.first_day + timedelta(days=wish.interval * (count - 1)), Decimal(0)))
    return stairs


def _down(wish: Wish, lower: Any, interval: Any) -> list[Stair]:
    """Go down until the floor, then to zero; above the floor never more than the limit in one step."""
    dose, day = wish.start, wish.first_day
    stairs: list[Stair] = []
    while dose > wish.floor:
        target, band = lower(dose)
        dose = _pick(dose, max(target, wish.floor), wish, band)
        stairs.append(Stair(day, dose))
        day += timedelta(days=interval(dose))
        if len(stairs) >= MOST_STEPS:
            raise Unclear(
                f"That would take more than {MOST_STEPS} steps. Choose larger steps, or a higher dose to stop from."
            )
    if wish.limit is not None and stairs:
        day = max(day, stairs[-1].day + timedelta(days=WINDOW))
    stairs.append(Stair(day, Decimal(0)))
    return stairs


def _pick(dose: Decimal, target: Decimal, wish: Wish, band: tuple[Decimal, Decimal] | None) -> Decimal:
    """The dose nearest to the target that can be dispensed: tablets within the guideline, a liquid, tablets within the
    limit; else the target itself, which then needs a compounded liquid (R-TA-08). Always less than `dose`.
    """
    least = wish.floor
    if wish.limit is not None:
        least = max(least, dose * (HUNDRED - wish.limit) / HUNDRED)
    target = max(target, least)
    doses = [one for one in calc.solids(wish.units) if least <= one < dose]
    if target in doses:
        return target
    if band is not None:
        low, high = dose * (HUNDRED - band[1]) / HUNDRED, dose * (HUNDRED - band[0]) / HUNDRED
        if inside := [one for one in doses if low <= one <= high]:
            return min(inside, key=lambda one: abs(one - target))
    liquid = _liquid(dose, target, wish, least)
    if liquid is not None:
        return liquid
    if doses:
        return min(doses, key=lambda one: abs(one - target))
    return _exact(dose, target)


def _liquid(dose: Decimal, target: Decimal, wish: Wish, least: Decimal) -> Decimal | None:
    """The nearest tenth of a mL that is less than the dose and not less than `least`."""
    found = []
    for one in wish.units:
        if one.liquid:
            part = Fraction(one.strength) * one.part
            for count in (Fraction(target) // part, -(-Fraction(target) // part)):
                value = Decimal(short(count * part))
                if least <= value < dose and value > 0 and calc.made_of(value, [one]):
                    found.append(value)
    return min(found, key=lambda value: (abs(value - target), value)) if found else None


def _exact(dose: Decimal, target: Decimal) -> Decimal:
    """The target with as few digits as keep it below the dose, rounded up so that it never falls further."""
    for places in (Decimal("0.1"), Decimal("0.01"), PLACES):
        value = target.quantize(places, rounding=ROUND_UP)
        if value < dose and (value - target) * 20 <= target:
            return value
    return target.quantize(PLACES, rounding=ROUND_UP)
