"""Titration packs: one supply for a dose that changes by steps on days that are set when it is signed. Pure."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Any

from medications.prescribing import calc

MOST_STEPS = 5  # after the first: a starter pack has two to four
SHORTEST, LONGEST = 1, 90  # days of a step
Stretch = tuple[int, Fraction]  # so many days, dispensing units on each


def days_of(first: date, afters: Sequence[int]) -> list[tuple[date, date | None]]:
    """The first day of each step and the first day of the next; the last goes on until further notice."""
    begins = [first]
    for after in afters:
        begins.append(begins[-1] + timedelta(days=after))
    return list(zip(begins, [*begins[1:], None], strict=True))


def lasts(quantity: Fraction, before: Sequence[Stretch], last: Fraction) -> Fraction:
    """The days that so many dispensing units last, one step after the other."""
    gone = Fraction(0)
    for days, units in before:
        if quantity < days * units:
            return gone + quantity / units
        gone, quantity = gone + days, quantity - days * units
    return gone + quantity / last


def problem(quantity: Decimal, days: int, before: Sequence[Stretch], last: Fraction) -> str | None:
    """Why quantity and days do not belong to these steps, in a sentence; None: they do.

    The supply reaches into the last step; a day or a tenth more or less is a package.
    """
    ahead = sum(lasting for lasting, _ in before)
    if days <= ahead:
        return f"The last step begins after {ahead} days, and the supply is for {days}. Write more days."
    slack = max(Fraction(1), Fraction(days, 10))
    lasting = lasts(Fraction(quantity), before, last)
    if not days - slack <= lasting <= days + max(slack, 1 / last):
        return f"{calc.short(quantity)} last {int(lasting)} days in these steps, not {days}. Correct one of the two."
    return None


def sig(sigs: Sequence[str], afters: Sequence[int]) -> str:
    """The directions of all steps in one sentence, from those of each: “Take … for 14 days, then take … .”."""
    parts = [f"{one.rstrip('.')} for {_days(after)}" for one, after in zip(sigs, afters, strict=False)]
    parts.append(sigs[-1].rstrip("."))
    return ", then ".join([parts[0], *(part[0].lower() + part[1:] for part in parts[1:])]) + "."


def directions(first: Any, steps: Sequence[Any]) -> str:
    """Those of an order with its further steps; empty where it has none."""
    orders = (first, *steps)
    afters = [(later.from_day - one.from_day).days for one, later in pairwise(orders)]
    return sig([one.sig for one in orders], afters) if steps else ""


def _days(number: int) -> str:
    return "1 day" if number == 1 else f"{number} days"
