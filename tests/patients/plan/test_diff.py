"""What changed between two versions of a plan (R-TP-09)."""

from hypothesis import given
from hypothesis import strategies as st

from patients.notes.calc import Mark, Piece
from patients.plan import calc
from patients.plan.calc import FieldChange, PlanRow, RowChange, What


def row(key: str, kind: str = "objective", **fields: str) -> PlanRow:
    return PlanRow(key, kind, fields)


def seen(changes: list[RowChange]) -> list[tuple[str, str]]:
    return [(change.what.value, change.row.id) for change in changes]


def test_nothing_changed() -> None:
    rows = [row("1", words="PHQ-9 below 5"), row("1", kind="problem", words="Low mood")]
    assert calc.diff(rows, rows) == []
    assert seen(calc.diff(rows, rows, unchanged=True)) == [("same", "1"), ("same", "1")]


def test_a_changed_field_word_by_word() -> None:
    old, new = row("1", words="Walk twice a week", owner="patient"), row("1", words="Walk daily", owner="patient")
    assert calc.diff([old], [new]) == [
        RowChange(
            What.CHANGED,
            new,
            (
                FieldChange(
                    "words",
                    "Walk twice a week",
                    "Walk daily",
                    (Piece(Mark.SAME, "Walk "), Piece(Mark.REMOVED, "twice a week"), Piece(Mark.ADDED, "daily")),
                ),
            ),
        )
    ]


def test_added_and_removed_rows_stand_where_they_stood() -> None:
    old = [row("a", words="A"), row("b", words="B"), row("c", words="C"), row("d", words="D")]
    new = [row("n", words="N"), row("a", words="A"), row("d", words="D2")]
    assert seen(calc.diff(old, new)) == [("added", "n"), ("removed", "b"), ("removed", "c"), ("changed", "d")]
    assert seen(calc.diff(old, [])) == [("removed", key) for key in "abcd"]
    assert seen(calc.diff([], old)) == [("added", key) for key in "abcd"]


def test_added_and_removed_rows_list_their_words_but_not_their_empty_fields() -> None:
    (added,) = calc.diff([], [row("a", words="A", unit="")])
    assert [(f.name, f.was, f.now) for f in added.fields] == [("words", "", "A")]
    (removed,) = calc.diff([row("a", words="A", unit="")], [])
    assert [(f.name, f.was, f.now) for f in removed.fields] == [("words", "A", "")]


def test_a_row_that_only_moved_has_not_changed() -> None:
    rows = [row("a", words="A"), row("b", words="B")]
    assert calc.diff(rows, rows[::-1]) == []


def test_the_same_id_of_another_kind_is_another_row() -> None:
    assert seen(calc.diff([row("1", "problem", words="A")], [row("1", "objective", words="A")])) == [
        ("removed", "1"),
        ("added", "1"),
    ]


ROWS = st.lists(
    st.builds(lambda key, words: row(key, words=words), st.sampled_from("abcdef"), st.sampled_from(["", "x", "x y"])),
    unique_by=lambda found: found.id,
)


@given(ROWS, ROWS)
def test_every_row_of_both_versions_is_accounted_for_once(old: list[PlanRow], new: list[PlanRow]) -> None:
    changes = calc.diff(old, new, unchanged=True)
    assert [change.row for change in changes if change.what is not What.REMOVED] == new
    removed = [change.row for change in changes if change.what is What.REMOVED]  # in place, so moved as others moved
    kept = {found.id for found in new}
    assert sorted(removed, key=lambda found: found.id) == sorted(
        (found for found in old if found.id not in kept), key=lambda found: found.id
    )
    fields = {found.id: found.fields for found in old}
    for change in changes:
        if change.what in (What.SAME, What.CHANGED):
            assert (change.what is What.SAME) == (fields[change.row.id] == change.row.fields)
