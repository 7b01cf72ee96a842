"""Exact arithmetic of a prescription: what a day takes, the directions in plain English, how long a supply lasts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from fractions import Fraction
from typing import Any

from dateutil.relativedelta import relativedelta

from medications.catalogue.calc import daily_factor, unit_name
from medications.prescribing import rhythms

WHENS = {
    "morning": "in the morning", "noon": "at noon", "afternoon": "in the afternoon", "evening": "in the evening",
    "bedtime": "at bedtime", "once": "once a day",
}  # fmt: skip
EACH = {"morning": "each morning", "noon": "each noon", "afternoon": "each afternoon", "evening": "each evening"}
SAME_AS = {"night": "bedtime", "at_bedtime": "bedtime", "midday": "noon", "daily": "once", "as_needed": "once"}
ROUTES = (
    ("sublingual", "Dissolve", "under the tongue"), ("patch", "Apply", "to the skin"), ("nasal", "Use", "in the nose"),
    ("injection", "Inject", ""), ("lozenge", "Dissolve", "in the mouth"), ("gum", "Chew", ""),
    ("rectal", "Use", "rectally"), ("", "Take", "by mouth"),
)  # fmt: skip
GLYPHS = {Fraction(1, 2): "½", Fraction(1, 4): "¼", Fraction(3, 4): "¾"}
MOST_UNITS = Decimal(1000)  # dispensing units at one time
MOST_LINES = 6
PLACES = Decimal("0.001")


class Unclear(ValueError):
    """A number or a structure that cannot be read; the message is the sentence for whoever typed it."""


@dataclass(frozen=True, slots=True)
class Strong:
    """What the arithmetic needs of a product."""

    form: str
    strength: Decimal
    unit: str
    per: str = ""
    divisible: bool | None = None


def decimal(text: Any, what: str = "The number", *, most: Decimal = MOST_UNITS) -> Decimal:
    """An amount that somebody typed: "1.5", "1½", "1/2", ".5"; raises Unclear with what is wrong."""
    if isinstance(text, Decimal | int) and not isinstance(text, bool):
        value = Decimal(text)
    else:
        value = _typed(str(text).strip(), what)
    if not value.is_finite():
        raise Unclear(f"{what} is not a number. Write digits, such as 1.5.")
    if value <= 0:
        raise Unclear(f"{what} must be more than 0.")
    if value > most:
        raise Unclear(f"{what} is more than {most:f}. Check the number.")
    if value != value.quantize(PLACES):
        raise Unclear(f"{what} has more than three digits after the point.")
    return value


def _typed(text: str, what: str) -> Decimal:
    if not text:
        raise Unclear(f"{what} is missing. Write a number, such as 1.5.")
    for sign, plain in (("½", ".5"), ("¼", ".25"), ("¾", ".75")):
        if text.endswith(sign):
            text = f"{text.removesuffix(sign).strip() or '0'}{plain}"
    if text.count("/") == 1 and len(text) < 12:
        top, _, bottom = text.partition("/")
        if top.strip().isascii() and top.strip().isdigit() and bottom.strip().isdigit() and int(bottom):
            return Decimal(int(top)) / Decimal(int(bottom))
    plain_number = len(text) <= 12 and text.isascii() and set(text) <= set("0123456789.-+−")
    try:
        if not plain_number:
            raise InvalidOperation
        return Decimal(text)
    except InvalidOperation:
        raise Unclear(f"{what} is not a number. Write digits, such as 1.5.") from None


def lines(rows: Sequence[Mapping[str, Any]], *, as_needed: bool = False) -> list[dict[str, str]]:
    """The lines as they are stored: known times, each once, in the order of the day, quantities as decimal text."""
    found: dict[str, Decimal] = {}
    for row in rows:
        when = str(row.get("when", "")).strip()
        when = SAME_AS.get(when, when)
        if when not in WHENS:
            raise Unclear("Choose when it is taken: morning, noon, afternoon, evening, bedtime or once a day.")
        if when in found:
            raise Unclear(f"There are two lines for “{WHENS[when]}”. Put them together.")
        found[when] = decimal(row.get("quantity", ""), "How many to take")
    if not found:
        raise Unclear("Say when it is taken and how many.")
    if "once" in found and len(found) > 1:
        raise Unclear("“Once a day” stands alone. Choose times of day for more than one.")
    if as_needed and len(found) > 1:
        raise Unclear("As needed has one line: how many at a time.")
    return [{"when": when, "quantity": short(found[when])} for when in WHENS if when in found]


def units_per_day(
    rows: Sequence[Mapping[str, Any]], every_days: int = 1, max_per_day: Decimal | None = None
) -> Fraction:
    """Dispensing units that an average day uses; as needed (`max_per_day` given): at most."""
    if max_per_day is not None:
        return Fraction(max_per_day)
    return sum((Fraction(str(row["quantity"])) for row in rows), Fraction(0)) / every_days


def exact_daily(
    rows: Sequence[Mapping[str, Any]], product: Strong, every_days: int = 1, max_per_day: Decimal | None = None
) -> Fraction:
    """What a day gives, in the product's unit, exactly. A patch gives what it releases, however long it is worn."""
    factor = daily_factor(product.per)
    if factor is not None:
        worn = sum((Fraction(str(row["quantity"])) for row in rows), Fraction(0))
        return worn * Fraction(product.strength) * Fraction(factor)
    return units_per_day(rows, every_days, max_per_day) * Fraction(product.strength)


def daily_amount(
    rows: Sequence[Mapping[str, Any]], product: Strong, every_days: int = 1, max_per_day: Decimal | None = None
) -> Decimal:
    """`exact_daily` with the three digits that are stored."""
    exact = exact_daily(rows, product, every_days, max_per_day)
    return (Decimal(exact.numerator) / Decimal(exact.denominator)).quantize(PLACES, rounding=ROUND_HALF_UP)


def short(value: Decimal | Fraction | int | str) -> str:
    """A number without trailing zeros, exactly: "150", "0.5"."""
    number = Decimal(value.numerator) / value.denominator if isinstance(value, Fraction) else Decimal(value)
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def pretty(value: Decimal | str) -> str:
    """A count of units as people write it: 1½, ½, 2, 0.3."""
    number = Fraction(str(value))
    glyph = GLYPHS.get(number % 1)
    if glyph is None:
        return short(number)
    return f"{number // 1 or ''}{glyph}"


def sig(
    rows: Sequence[Mapping[str, Any]],
    product: Strong,
    *,
    every_days: int = 1,
    as_needed: bool = False,
    max_per_day: Decimal | None = None,
) -> str:
    """The directions: "Take 1½ tablets (75 mg) by mouth each morning and 1 tablet (50 mg) at bedtime."."""
    verb, route = next((verb, route) for mark, verb, route in ROUTES if mark in product.form)
    groups: list[tuple[str, list[str]]] = []
    for row in rows:
        if groups and groups[-1][0] == row["quantity"]:
            groups[-1][1].append(row["when"])
        else:
            groups.append((row["quantity"], [row["when"]]))
    parts = []
    for place, (quantity, whens) in enumerate(groups):
        middle = f" {route}" if route and place == 0 else ""
        parts.append(f"{_how_many(quantity, product)}{middle}{_times(whens, every_days, as_needed)}")
    most = ""
    if max_per_day:
        most = f", at most {pretty(max_per_day)} {unit_name(product.form, max_per_day, product.per)} a day"
    return f"{verb} {_listed(parts)}{rhythms.words(every_days)}{most}."


def _how_many(quantity: str, product: Strong) -> str:
    units = f"{pretty(quantity)} {unit_name(product.form, Decimal(quantity), product.per)}"
    if daily_factor(product.per) is not None:
        return f"{units} ({short(product.strength)}\u00a0{product.unit}/{product.per.removeprefix('1 ')})"
    amount = f"{short(Fraction(quantity) * Fraction(product.strength))}\u00a0{product.unit}"
    return f"{amount} ({units})" if "injection" in units else f"{units} ({amount})"


def _times(whens: Sequence[str], every_days: int, as_needed: bool) -> str:
    if as_needed:
        return " as needed" if whens == ["once"] else f" as needed {_listed([WHENS[w] for w in whens])}"
    if whens == ["once"]:
        return " once a day" if every_days == 1 else ""
    words = [EACH.get(w, WHENS[w]) if every_days == 1 else WHENS[w] for w in whens]
    if len(words) > 1:
        words = [words[0], *(word.removeprefix("each ") for word in words[1:])]
    return f" {_listed(words)}"


def _listed(words: Sequence[str]) -> str:
    return " and ".join(words) if len(words) < 3 else f"{', '.join(words[:-1])} and {words[-1]}"


# --- supply -------------------------------------------------------------------------------


def quantity_for(days: int, per_day: Fraction, *, every_days: int = 1, whole: bool = True) -> Decimal:
    """How much to dispense for so many days: every dose that falls due in them, the first day being one.

    Whole units, rounded up; liquids to a tenth of a mL.
    """
    step = Fraction(1) if whole else Fraction(1, 10)
    steps = -(-(per_day * every_days * rhythms.doses(days, every_days)) // step)
    return Decimal(short(Fraction(steps) * step))


def lasts_days(quantity: Decimal, per_day: Fraction, every_days: int = 1) -> int:
    """The full days that a quantity lasts: each whole dose lasts until the next is due."""
    return int(Fraction(quantity) / (per_day * every_days)) * every_days


def supply_problem(
    quantity: Decimal, days: int, per_day: Fraction, *, every_days: int = 1, as_needed: bool = False
) -> str | None:
    """Why quantity and days' supply do not belong together, in a sentence; None: they do.

    A day or a tenth more or less is a package; as needed may last longer than at most, never shorter. What is taken
    every so many days comes in whole doses: those that last so long, or those that fall due in the days,
    rounded to whole units.
    """
    slack = max(Fraction(1), Fraction(days, 10))
    if every_days > 1:
        lasting = Fraction(lasts_days(quantity, per_day, every_days))
        over = Fraction(quantity) - per_day * every_days * rhythms.doses(days, every_days)
        wrong = not days - slack <= lasting <= days + slack and not 0 <= over < 1
    else:
        lasting = Fraction(quantity) / per_day
        wrong = (lasting < days - slack and not as_needed) or lasting > days + max(slack, 1 / per_day)
    if wrong:
        return f"{short(quantity)} last {int(lasting)} days at this dose, not {days}. Correct one of the two."
    return None


def expires_on(schedule: str, issued_on: date, *, v_as_iii: bool = True) -> date | None:
    """The last day on which it may be filled: III and IV six months (R-RX-03), V by configuration (R-RX-04)."""
    if schedule in ("III", "IV") or (schedule == "V" and v_as_iii):
        return issued_on + relativedelta(months=6)
    return None


def lowest(products: Sequence[Strong]) -> Decimal:
    """The lowest amount that can be dispensed, halves of scored tablets included (the floor of R-TA-01)."""
    return min(one.strength / 2 if one.divisible else one.strength for one in products)


def lines_for(target: Decimal, product: Strong, rows: Sequence[Mapping[str, Any]]) -> list[dict[str, str]] | None:
    """The lines scaled so that a day gives `target`, in steps that the product can be split into; None: it cannot.

    One line takes it all; several keep their proportion where every share comes out even.
    """
    if not rows or not product.strength or daily_factor(product.per) is not None:
        return None
    step = Fraction(1, 10) if product.per == "mL" else Fraction(1, 2) if product.divisible else Fraction(1)
    now = sum((Fraction(str(row["quantity"])) for row in rows), Fraction(0))
    wanted = Fraction(target) / Fraction(product.strength)
    found = []
    for row in rows:
        share = wanted * Fraction(str(row["quantity"])) / now
        if share <= 0 or share % step or share > Fraction(MOST_UNITS):
            return None
        found.append({"when": str(row["when"]), "quantity": short(Decimal(share.numerator) / share.denominator)})
    return found
