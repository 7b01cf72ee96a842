"""Exact arithmetic: days, directions, supplies, expiry; properties by hypothesis."""

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medications.prescribing import calc
from medications.prescribing.calc import Strong, Unclear

TABLET = Strong("tablet", Decimal(50), "mg", divisible=True)
PATCH = Strong("patch", Decimal("0.1"), "mg", "24 h")
LIQUID = Strong("oral solution", Decimal(20), "mg", "mL")


def rows(**times: str) -> list[dict[str, str]]:
    """Lines by time of day."""
    return calc.lines([{"when": when, "quantity": quantity} for when, quantity in times.items()])


@pytest.mark.parametrize(
    ("given_rows", "product", "more", "words"),
    [
        (rows(morning="1"), TABLET, {}, "Take 1 tablet (50\u00a0mg) by mouth each morning."),
        (rows(morning="1½"), TABLET, {}, "Take 1½ tablets (75\u00a0mg) by mouth each morning."),
        (
            rows(morning="1", bedtime="1"), TABLET, {},
            "Take 1 tablet (50\u00a0mg) by mouth each morning and at bedtime.",
        ),
        (
            rows(morning="1.5", bedtime="1"), TABLET, {},
            "Take 1½ tablets (75\u00a0mg) by mouth each morning and 1 tablet (50\u00a0mg) at bedtime.",
        ),
        (rows(once="0.5"), TABLET, {}, "Take ½ tablet (25\u00a0mg) by mouth once a day."),
        (
            rows(morning="1"), TABLET, {"every_days": 2},
            "Take 1 tablet (50\u00a0mg) by mouth in the morning every other day.",
        ),
        (rows(once="1"), TABLET, {"every_days": 7}, "Take 1 tablet (50\u00a0mg) by mouth once a week."),
        (rows(once="1"), TABLET, {"every_days": 28}, "Take 1 tablet (50\u00a0mg) by mouth every 4 weeks."),
        (
            rows(once="1"), TABLET, {"as_needed": True, "max_per_day": Decimal(3)},
            "Take 1 tablet (50\u00a0mg) by mouth as needed, at most 3 tablets a day.",
        ),
        (rows(once="1"), PATCH, {"every_days": 7}, "Apply 1 patch (0.1\u00a0mg/24 h) to the skin once a week."),
        (rows(morning="2.5"), LIQUID, {}, "Take 2½ mL (50\u00a0mg) by mouth each morning."),
    ],
)  # fmt: skip
def test_directions_in_plain_english(
    given_rows: list[dict[str, str]], product: Strong, more: dict[str, object], words: str
) -> None:
    assert calc.sig(given_rows, product, **more) == words  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("given_rows", "product", "every", "daily"),
    [
        (rows(morning="1.5", bedtime="1"), TABLET, 1, "125"),
        (rows(once="1"), TABLET, 2, "25"),
        (rows(once="1"), TABLET, 7, "7.143"),
        (rows(once="1"), PATCH, 7, "0.1"),  # a patch gives what it releases, however long it is worn
        (rows(once="1"), Strong("patch", Decimal(25), "mcg", "1 h"), 3, "600"),
        (rows(morning="0.5"), LIQUID, 1, "10"),
    ],
)
def test_what_a_day_gives(given_rows: list[dict[str, str]], product: Strong, every: int, daily: str) -> None:
    assert calc.daily_amount(given_rows, product, every) == Decimal(daily)


@pytest.mark.parametrize(
    ("text", "value"), [("1.5", "1.5"), ("1½", "1.5"), ("½", "0.5"), ("1/2", "0.5"), (".25", "0.25")]
)
def test_numbers_as_people_write_them(text: str, value: str) -> None:
    assert calc.decimal(text) == Decimal(value)


@given(st.text(max_size=30))
def test_any_text_is_a_number_or_a_sentence(text: str) -> None:
    said = ""
    try:
        assert 0 < calc.decimal(text) <= calc.MOST_UNITS
    except Unclear as unclear:
        said = str(unclear)
    assert said in ("", "The number must be more than 0.") or said.endswith((".", "1.5.", "point."))


quantities = st.integers(1, 400).map(lambda n: str(Decimal(n) / 4))
regimens = st.dictionaries(st.sampled_from(["morning", "noon", "evening", "bedtime"]), quantities, min_size=1)
strengths = st.integers(1, 100_000).map(lambda n: Decimal(n) / 100)


@given(regimens, strengths)
def test_a_day_is_the_sum_of_its_lines(times: dict[str, str], strength: Decimal) -> None:
    found = calc.lines([{"when": w, "quantity": q} for w, q in times.items()])
    exact = sum((Fraction(q) for q in times.values()), Fraction(0)) * Fraction(strength)
    product = Strong("tablet", strength, "mg")
    assert calc.exact_daily(found, product) == exact
    assert abs(Fraction(calc.daily_amount(found, product)) - exact) <= Fraction(1, 2000)


@given(regimens, st.integers(1, 28), st.integers(1, 366))
def test_what_is_dispensed_covers_the_days_and_no_unit_more(times: dict[str, str], every: int, days: int) -> None:
    found = calc.lines([{"when": w, "quantity": q} for w, q in times.items()])
    per_day = calc.units_per_day(found, every)
    quantity = calc.quantity_for(days, per_day)
    assert Fraction(quantity) >= per_day * days > Fraction(quantity) - 1
    assert calc.lasts_days(quantity, per_day) >= days
    assert calc.supply_problem(quantity, days, per_day) is None


@given(regimens, st.integers(5, 200))
def test_half_or_double_the_quantity_is_noticed(times: dict[str, str], days: int) -> None:
    found = calc.lines([{"when": w, "quantity": q} for w, q in times.items()])
    per_day = calc.units_per_day(found)
    exact = Decimal((per_day * days).numerator) / Decimal((per_day * days).denominator)
    assert calc.supply_problem(exact * 2 + 4, days, per_day) is not None
    assert calc.supply_problem(exact / 2, days, per_day) is not None


def test_as_needed_may_last_longer_and_never_shorter() -> None:
    assert calc.supply_problem(Decimal(30), 60, Fraction(3), as_needed=True) is None
    assert calc.supply_problem(Decimal(30), 5, Fraction(3), as_needed=True) == (
        "30 last 10 days at this dose, not 5. Correct one of the two."
    )


@given(regimens, st.integers(1, 12))
def test_a_scaled_dose_gives_exactly_what_was_asked(times: dict[str, str], factor: int) -> None:
    found = calc.lines([{"when": w, "quantity": q} for w, q in times.items()])
    wanted = calc.daily_amount(found, TABLET) * factor / 2
    scaled = calc.lines_for(wanted, TABLET, found)
    assert scaled is None or calc.daily_amount(scaled, TABLET) == wanted


@pytest.mark.parametrize(
    ("schedule", "v_as_iii", "end"),
    [
        ("III", True, date(2026, 9, 2)),
        ("IV", True, date(2026, 9, 2)),
        ("V", True, date(2026, 9, 2)),
        ("V", False, None),
        ("II", True, None),
        ("", True, None),
    ],
)
def test_an_authorisation_expires(schedule: str, v_as_iii: bool, end: date | None) -> None:
    """R-RX-03, R-RX-04: six months after issue."""
    assert calc.expires_on(schedule, date(2026, 3, 2), v_as_iii=v_as_iii) == end


def test_six_months_end_with_a_short_month() -> None:
    """R-RX-03"""
    assert calc.expires_on("IV", date(2025, 8, 31)) == date(2026, 2, 28)


def test_the_lowest_that_can_be_dispensed() -> None:
    """R-TA-01: halves of scored tablets included."""
    assert calc.lowest([TABLET, Strong("capsule", Decimal(30), "mg", divisible=False)]) == 25
