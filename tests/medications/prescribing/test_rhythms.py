"""What is not taken daily: its days, its directions, and that what is dispensed is what is due."""

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from clinic import clock
from clinic.refusal import Refused
from medications.prescribing import actions, calc, listing, queries, rhythms
from medications.prescribing.actions import Regimen
from medications.prescribing.calc import Strong
from medications.prescribing.models import DoseOrder, Prescription
from patients.timeline.models import Entry
from tests.cast import Cast, client
from tests.medications.prescribing.given import NOW, TODAY, Whatever, depot, patch, started
from tests.medications.prescribing.test_arithmetic import regimens, rows

DEPOT = Strong("injection, long-acting", Decimal(400), "mg")
VIAL = Strong("injection, long-acting", Decimal(50), "mg", "mL")
PATCH = Strong("patch", Decimal(25), "mcg", "1 h")
every = st.sampled_from([int(days) for days, _ in rhythms.RHYTHMS])


def day(ahead: int) -> date:
    return TODAY + timedelta(days=ahead)


def due(order: DoseOrder, today: date) -> date | None:
    row = queries.with_orders(Prescription.objects.filter(pk=order.prescription_id)).get()
    return listing.line(row, today, {}, {}).due


@pytest.mark.parametrize(
    ("given_rows", "product", "days", "words"),
    [
        (rows(once="1"), DEPOT, 28, "Inject 400\u00a0mg (1 injection) every 4 weeks."),
        (rows(once="2"), DEPOT, 56, "Inject 800\u00a0mg (2 injections) every 8 weeks."),
        (rows(once="1"), DEPOT, 30, "Inject 400\u00a0mg (1 injection) every 30 days."),
        (rows(once="1"), DEPOT, 182, "Inject 400\u00a0mg (1 injection) every 26 weeks."),
        (rows(once="2"), VIAL, 21, "Inject 2 mL (100\u00a0mg) every 3 weeks."),
        (rows(once="1"), PATCH, 3, "Apply 1 patch (25\u00a0mcg/h) to the skin every 3 days."),
    ],
)
def test_directions(given_rows: list[dict[str, str]], product: Strong, days: int, words: str) -> None:
    assert calc.sig(given_rows, product, every_days=days) == words


def scheduled(found: list[dict[str, str]], every_days: int, days: int) -> Fraction:
    """The slow way: every day of the supply, those on which a dose is due."""
    one = sum((Fraction(line["quantity"]) for line in found), Fraction(0))
    return sum((one for number in range(days) if number % every_days == 0), Fraction(0))


@given(regimens, every, st.integers(1, 366))
def test_what_is_dispensed_is_what_is_due(times: dict[str, str], every_days: int, days: int) -> None:
    found = calc.lines([{"when": when, "quantity": quantity} for when, quantity in times.items()])
    per_day = calc.units_per_day(found, every_days)
    quantity = calc.quantity_for(days, per_day, every_days=every_days)
    assert Fraction(quantity) >= scheduled(found, every_days, days) > Fraction(quantity) - 1
    assert calc.lasts_days(quantity, per_day, every_days) >= days
    assert calc.supply_problem(quantity, days, per_day, every_days=every_days) is None


@given(regimens, every.filter(lambda days: days > 1), st.integers(1, 366))
def test_the_tenth_of_a_milliliter_is_dispensed_too(times: dict[str, str], every_days: int, days: int) -> None:
    found = calc.lines([{"when": when, "quantity": quantity} for when, quantity in times.items()])
    per_day = calc.units_per_day(found, every_days)
    quantity = calc.quantity_for(days, per_day, every_days=every_days, whole=False)
    assert Fraction(quantity) >= scheduled(found, every_days, days) > Fraction(quantity) - Fraction(1, 10)


@given(every.filter(lambda days: days > 1), st.integers(2, 12))
def test_a_dose_too_few_or_too_many_is_noticed(every_days: int, doses: int) -> None:
    """What lasts for whole rhythms: half of it, and twice as much."""
    per_day, days = Fraction(1, every_days), every_days * doses
    assert calc.supply_problem(Decimal(doses), days, per_day, every_days=every_days) is None
    assert calc.supply_problem(Decimal(doses * 2), days, per_day, every_days=every_days) is not None
    assert calc.supply_problem(Decimal(doses) / 2, days, per_day, every_days=every_days) is not None


@pytest.mark.parametrize(
    ("quantity", "days", "every_days", "sentence"),
    [
        (1, 28, 28, None),
        (1, 30, 28, None),  # one injection a month
        (2, 28, 28, "2 last 56 days at this dose, not 28. Correct one of the two."),
        (1, 90, 28, "1 last 28 days at this dose, not 90. Correct one of the two."),
        (10, 30, 3, None),
        (15, 30, 3, "15 last 45 days at this dose, not 30. Correct one of the two."),
        (4, 28, 7, None),
        (5, 30, 7, None),  # five fall due in thirty days
        (6, 30, 7, "6 last 42 days at this dose, not 30. Correct one of the two."),
    ],
)
def test_quantity_and_days_of_a_rhythm(quantity: int, days: int, every_days: int, sentence: str | None) -> None:
    found = calc.supply_problem(Decimal(quantity), days, Fraction(1, every_days), every_days=every_days)
    assert found == sentence


@given(every, st.integers(0, 1_000))
def test_the_next_day_is_that_of_a_count_from_the_first(every_days: int, later: int) -> None:
    today = day(later)
    days = [day(number) for number in range(0, later + every_days + 1, every_days)]
    assert rhythms.next_due(TODAY, every_days, today) == min(one for one in days if one >= today)


def test_before_the_first_day_that_is_next() -> None:
    assert rhythms.next_due(day(5), 28, TODAY) == day(5)


def test_a_day_on_which_the_order_has_ended_is_none() -> None:
    assert rhythms.due_after(TODAY, 28, day(1), day(28)) is None
    assert rhythms.due_after(TODAY, 28, day(1), day(29)) == day(28)
    assert rhythms.due_after(TODAY, 1, day(1), None) is None


@pytest.mark.parametrize(("later", "expected"), [(0, 0), (1, 7), (7, 7), (8, 14)])
def test_the_medicine_says_when_it_is_due(cast: Cast, later: int, expected: int) -> None:
    assert due(patch(cast), day(later)) == day(expected)


def test_on_hold_nothing_is_due(cast: Cast) -> None:
    order = depot(cast)
    actions.hold(order.prescription, reason="Fever.", by=cast.priya)
    assert due(order, day(1)) is None


def test_nothing_is_due_from_the_day_on_which_it_stops(cast: Cast) -> None:
    order = patch(cast)
    actions.stop(order.prescription, on=day(7), reason="Agreed.", answers=Whatever(), by=cast.priya)
    assert (due(order, TODAY), due(order, day(1))) == (TODAY, None)


def test_a_change_to_come_is_what_is_due(cast: Cast) -> None:
    order = patch(cast)
    regimen = Regimen(order.product, [{"when": "once", "quantity": "1"}], 14)
    more: dict[str, Any] = {"regimen": regimen, "supply": None, "from_day": day(7), "answers": Whatever()}
    actions.change_dose(order.prescription, reason="Every other week.", by=cast.priya, **more)
    assert (due(order, day(1)), due(order, day(8))) == (day(7), day(21))


def test_daily_medicines_have_no_day(cast: Cast) -> None:
    assert due(started(cast.ana, by=cast.priya), day(1)) is None


@pytest.mark.parametrize("days", [1, 3])
def test_a_long_acting_injection_is_never_given_daily(cast: Cast, days: int) -> None:
    with pytest.raises(Refused, match="A long-acting injection is not given so often"):
        depot(cast, days)


def test_half_a_year_is_the_longest(cast: Cast) -> None:
    with pytest.raises(Refused, match="Every how many days: 1 to 184"):
        depot(cast, 185)


def test_the_tab_and_the_chart_say_when_and_from_what_it_counts(cast: Cast) -> None:
    patch(cast)
    browser = client(cast.tess)
    with clock.at(NOW + timedelta(days=3)):
        for name in ("prescribing:medication", "chart:chart"):
            page = browser.get(reverse(name, kwargs={"patient_id": cast.ana.pk})).content.decode()
            assert "Next due Mon Mar 9" in page
            assert "counted from the first, Mar 2" in page
    with clock.at(NOW + timedelta(days=7)):
        url = reverse("prescribing:medication", kwargs={"patient_id": cast.ana.pk})
        page = client(cast.tess).get(url).content.decode()
        assert "Due today" in page


def test_a_depot_is_told_by_its_injection_never_by_the_day(cast: Cast) -> None:
    order = depot(cast)
    assert Entry.objects.get(object_id=order.pk).label == "Aripiprazole 400\u00a0mg every 4 weeks started"
    url = reverse("prescribing:order", kwargs={"patient_id": cast.ana.pk, "pk": order.pk})
    page = client(cast.tess).get(url).content.decode()
    assert "400\u00a0mg every 4 weeks" in page
    assert "14.286" not in page


def test_a_change_of_a_depot_is_told_from_injection_to_injection(cast: Cast) -> None:
    order = depot(cast)
    regimen = Regimen(order.product, [{"when": "once", "quantity": "2"}], 56)
    new = actions.change_dose(
        order.prescription, regimen=regimen, supply=None, reason="Every other month.", answers=Whatever(), by=cast.priya
    )
    label = "Aripiprazole 400\u00a0mg every 4 weeks → 800\u00a0mg every 8 weeks"
    assert Entry.objects.get(object_id=new.pk).label == label


def test_a_change_keeps_the_rhythm(cast: Cast) -> None:
    """The form proposes the day on which the next is due, not today."""
    order = patch(cast)
    with clock.at(NOW + timedelta(days=3)):
        url = reverse("prescribing:change", kwargs={"patient_id": cast.ana.pk, "pk": order.prescription_id})
        page = client(cast.priya).get(url).content.decode()
    assert 'value="2026-03-09"' in page
    assert "First on Mon Mar 9, next due Mon Mar 16." in page


def test_the_page_of_an_injection_speaks_of_injections_not_of_a_daily_dose(cast: Cast) -> None:
    """400 mg every 4 weeks are not typed as 14.286 mg a day, nor compared with the label's tablets."""
    order = depot(cast)
    page = client(cast.priya).get(reverse("prescribing:change", args=[cast.ana.pk, order.prescription_id]))
    words = " ".join(page.content.decode().split())
    assert '<span class="fig">400 mg every 4 weeks</span>' in words
    assert "aripiprazole is 400 mg an injection" in words
    assert "400 mg proposed" in words
    assert "Label: " not in words
    assert "Once, no set time" in words
