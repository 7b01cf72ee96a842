"""The picture beside a dose change: words that do not lie on each other."""

from datetime import date, timedelta

from medications.prescribing import preview

TODAY = date(2026, 3, 9)


def drawn(*scores: tuple[date, int]) -> str:
    return str(
        preview.draw([], scores, today=TODAY, proposed=None, from_day=TODAY, unit="mg", name="sertraline")
    )  # fmt: skip


def test_the_name_of_a_lone_score_stands_before_it() -> None:
    """Above it, it would lie on the line of today and on the number."""
    assert 'class="lab e"' in drawn((TODAY - timedelta(days=2), 3))


def test_the_name_of_a_curve_stands_above_its_beginning() -> None:
    assert 'class="lab e"' not in drawn((TODAY - timedelta(days=60), 9), (TODAY, 3))
