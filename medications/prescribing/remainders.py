"""What is left of a titration pack: the steps that a new supply of it reaches, and how many it takes."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from medications.prescribing import calc, packs, queries
from medications.prescribing.checks import Regimen, Step
from medications.prescribing.models import DoseOrder


def ahead(order: DoseOrder, today: date) -> list[DoseOrder]:
    """The steps of its titration pack that are still to begin, in time; none of any other order.

    Those loaded with the prescription, else one query.
    """
    first = order.pack_id or order.pk
    begins = max(order.from_day, today)
    rows = queries.orders_of(order.prescription)
    return [one for one in rows if one.pack_id == first and one.from_day > begins and one.until_day != one.from_day]


def reached(order: DoseOrder, today: date, days: int) -> list[Step]:
    """Those of `ahead` that begin within so many days of supply, each after the days of the one before."""
    begins = max(order.from_day, today)
    end = begins + timedelta(days=days)
    return list(_steps(begins, [one for one in ahead(order, today) if one.from_day < end]))


def quantity(order: DoseOrder, steps: Sequence[Step], days: int) -> Decimal:
    """How many the dose and its further steps take in so many days; every other order as `calc.quantity_for`."""
    whole = order.product.per != "mL"
    if not steps:
        per_day = calc.units_per_day(order.lines, order.every_days, order.max_per_day if order.as_needed else None)
        return calc.quantity_for(days, per_day, every_days=order.every_days, whole=whole)
    lasting = [step.after for step in steps]
    lasting.append(days - sum(lasting))
    each = [calc.units_per_day(order.lines), *(calc.units_per_day(step.regimen.lines) for step in steps)]
    total = sum((units * so_long for units, so_long in zip(each, lasting, strict=True)), Fraction(0))
    return calc.quantity_for(1, total, whole=whole)


def directions(order: DoseOrder, steps: Sequence[Step]) -> str:
    """Those of the dose with its further steps; empty where there are none."""
    if not steps:
        return ""
    return packs.sig([order.sig, *(step.regimen.sig for step in steps)], [step.after for step in steps])


def _steps(begins: date, orders: Sequence[DoseOrder]) -> Iterator[Step]:
    for one in orders:
        yield Step((one.from_day - begins).days, Regimen(one.product, one.lines))
        begins = one.from_day
