"""Exact arithmetic of a staircase: what can be dispensed, how far a step falls, what the days of a step take. Pure."""

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, ROUND_UP, Decimal
from fractions import Fraction

from medications.catalogue.calc import unit_name
from medications.prescribing.calc import pretty, short

MOST_PIECES = 6  # solid pieces a day; more than that nobody counts right
MOST_ML = 60
MOST_STEPS = 60
WINDOW = 14  # days over which falls add up (R-TA-01)
MOST_RISE = Decimal(-99_999)  # percent; more is a slip of the pen that the checks of the dose speak of
TENTH = Decimal("0.1")
PLACES = Decimal("0.001")
WHENS = {1: ("bedtime",), 2: ("morning", "bedtime"), 3: ("morning", "afternoon", "bedtime")}


@dataclass(frozen=True, slots=True)
class Unit:
    """One dispensing unit of a product: how many mg it holds, and whether it may be halved. `key` names the product."""

    key: str
    form: str
    strength: Decimal  # mg in one tablet, capsule or mL
    per: str = ""
    divisible: bool | None = None
    usual: bool = False  # the form that the patient takes now

    @property
    def liquid(self) -> bool:
        """Measured in mL."""
        return self.per == "mL"

    @property
    def part(self) -> Fraction:
        """The smallest part that is handed out: a tenth of a mL, half of a scored tablet, a whole piece."""
        return Fraction(1, 10) if self.liquid else Fraction(1, 2) if self.divisible else Fraction(1)


@dataclass(frozen=True, slots=True)
class Made:
    """How a day's dose is made of one product: so many pieces or mL."""

    key: str
    quantity: Decimal
    words: str
    liquid: bool


@dataclass(frozen=True, slots=True)
class Stair:
    """From a day on: the dose (mg) on a day on which it is taken, every how many days, in how many parts."""

    day: date
    dose: Decimal
    every: int = 1
    parts: int = 0  # doses a day; 0: as now
    note: str = ""

    @property
    def average(self) -> Decimal:
        """mg that an average day gives."""
        return self.dose / self.every


@dataclass(frozen=True, slots=True)
class Fall:
    """A fall above the limit: of which step, from which dose within the window, how many percent."""

    place: int
    before: Decimal
    percent: Decimal


def made_of(dose: Decimal, units: Iterable[Unit]) -> Made | None:
    """The dose as pieces of one product: solid before liquid, the usual form, whole before halves, few (R-TA-08).

    None: nothing in the catalogue makes it, it needs a liquid that somebody compounds.
    """
    found: list[tuple[tuple[bool, bool, bool, Fraction], Made]] = []
    for one in units:
        count = Fraction(dose) / Fraction(one.strength)
        most = MOST_ML if one.liquid else MOST_PIECES
        if count <= 0 or count % one.part or count > most:
            continue
        quantity = Decimal(count.numerator) / Decimal(count.denominator)
        per = "/mL" if one.liquid else ""
        words = f"{pretty(quantity)}\u00a0{unit_name(one.form, quantity)} of {short(one.strength)}\u00a0mg{per}"
        rank = (one.liquid, not one.usual, count.denominator != 1 and not one.liquid, count)
        found.append((rank, Made(one.key, quantity, words, one.liquid)))
    return min(found, key=lambda pair: (pair[0], pair[1].key))[1] if found else None


def solids(units: Iterable[Unit]) -> list[Decimal]:
    """Every dose a day that whole pieces and halves of one product make, ascending."""
    found = set()
    for one in units:
        if not one.liquid:
            half = one.strength * Decimal(one.part.numerator) / one.part.denominator
            found |= {half * count for count in range(1, int(MOST_PIECES / one.part) + 1)}
    return sorted(dose for dose in found if dose == dose.quantize(PLACES))


def lowest(units: Sequence[Unit]) -> Decimal:
    """The lowest dose that can be dispensed, halves included: the floor of R-TA-01. Liquids where nothing else is."""
    doses = solids(units)
    if doses:
        return doses[0]
    return min((one.strength * TENTH for one in units), default=Decimal(0))


def fall_percent(before: Decimal, after: Decimal) -> Decimal | None:
    """How many percent of `before` a step takes away; negative: it adds. None where nothing was taken before."""
    if before <= 0:
        return None
    return max((before - after) * 100 / before, MOST_RISE).quantize(TENTH, rounding=ROUND_HALF_UP)


def falls_over(stairs: Sequence[Stair], start: Decimal, *, percent: Decimal, floor: Decimal) -> list[Fall]:
    """The steps that fall by more than `percent` within any 14 days (R-TA-01).

    Compared with the highest dose in force on the fourteen days before the step; at the floor the last step may go to
    zero, once the floor has been kept for that long.
    """
    found = []
    for place, one in enumerate(stairs):
        before = max([start if place == 0 else stairs[place - 1].average, *_recent(stairs[:place], start, one.day)])
        if before <= floor or one.average >= before:
            continue
        fall = (before - one.average) * 100 / before
        if fall > percent:
            found.append(Fall(place, before, fall.quantize(TENTH, rounding=ROUND_UP)))
    return found


def _recent(earlier: Sequence[Stair], start: Decimal, day: date) -> list[Decimal]:
    """The doses in force on the days of the window before `day`."""
    opens = day - timedelta(days=WINDOW)
    doses = [start] if not earlier or earlier[0].day > opens else []
    for place, one in enumerate(earlier):
        until = earlier[place + 1].day if place + 1 < len(earlier) else day
        if until > opens:
            doses.append(one.average)
    return doses


def spread(quantity: Decimal, whens: Sequence[str], part: Fraction) -> list[dict[str, str]]:
    """The pieces of a day over its times in parts that can be split, the odd ones at the end of the day."""
    total = Fraction(quantity)
    share = total / len(whens) // part * part
    if share == 0:
        return [{"when": whens[-1], "quantity": short(total)}]
    shares = [share] * (len(whens) - 1) + [total - share * (len(whens) - 1)]
    return [{"when": when, "quantity": short(amount)} for when, amount in zip(whens, shares, strict=True)]


def taken(stair: Stair, days: int) -> Decimal:
    """mg that a step takes over so many days, from its first."""
    return stair.dose * -(-days // stair.every)


def pieces(made: Made, stair: Stair, days: int) -> Decimal:
    """Pieces or mL that a step uses over so many days, from its first."""
    return made.quantity * -(-days // stair.every)


def occupancy(dose: Decimal, emax: Decimal, k: Decimal) -> Decimal:
    """Percent of transporters occupied at a dose: Emax·d/(K+d) (R-TA-07)."""
    return emax * dose / (k + dose)


def occupancy_steps(start: Decimal, emax: Decimal, k: Decimal, count: int) -> list[Decimal]:
    """Doses from `start` to 0 in `count` equal steps of occupancy: d = K·occ/(Emax−occ) (R-TA-07). Unrounded."""
    top = occupancy(start, emax, k)
    found = []
    for step in range(count + 1):
        left = top * (count - step) / count
        found.append(k * left / (emax - left))
    return found


def monotone(stairs: Sequence[Stair]) -> bool:
    """Whether each step comes after the one before it."""
    return all(one.day < two.day for one, two in itertools.pairwise(stairs))


def merged(stairs: Sequence[Stair], start: Decimal | None) -> list[Stair]:
    """The stairs without those that change nothing."""
    found: list[Stair] = []
    before = (start, 1, 0)
    for one in stairs:
        now = (one.dose, one.every, one.parts)
        if now[:2] == before[:2] and (now[2] == before[2] or not before[2] or not now[2]):
            continue
        found.append(one)
        before = now
    return found


def shifted(stairs: Sequence[Stair], first: date) -> list[Stair]:
    """The same stairs, the first on `first`, the intervals kept."""
    by = (first - stairs[0].day) if stairs else timedelta(0)
    return [Stair(one.day + by, one.dose, one.every, one.parts, one.note) for one in stairs]
