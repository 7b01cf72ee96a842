"""The picture beside a dose change: words that do not lie on each other."""

from datetime import date, timedelta
from decimal import Decimal

from medications.prescribing import preview

TODAY = date(2026, 3, 9)


def drawn(*scores: tuple[date, int]) -> str:
    return str(preview.draw([], scores, today=TODAY, proposed=[], unit="mg", name="sertraline"))


def test_the_name_of_a_lone_score_stands_before_it() -> None:
    """Above it, it would lie on the line of today and on the number."""
    assert 'class="lab e"' in drawn((TODAY - timedelta(days=2), 3))


def test_the_name_of_a_curve_stands_above_its_beginning() -> None:
    assert 'class="lab e"' not in drawn((TODAY - timedelta(days=60), 9), (TODAY, 3))


def test_the_steps_of_a_pack_are_drawn_and_told() -> None:
    fortnight, month = TODAY + timedelta(days=14), TODAY + timedelta(days=28)
    steps = [
        preview.Step(TODAY, fortnight, Decimal(25)), preview.Step(fortnight, month, Decimal(50)),
        preview.Step(month, None, Decimal(100)),
    ]  # fmt: skip
    found = str(preview.draw([], [], today=TODAY, proposed=steps, unit="mg", name="lamotrigine"))
    assert "25 mg proposed from Mar 9, 50 mg from Mar 23, 100 mg from Apr 6." in found
    assert [f">{number}\u00a0mg</text>" in found for number in (25, 50, 100)] == [True, True, True]
