"""The difference of two texts, and the minutes of a visit."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patients.notes import calc
from patients.notes.calc import Mark, PartDiff, Piece


def joined(pieces: tuple[Piece, ...], *marks: Mark) -> str:
    return "".join(piece.text for piece in pieces if piece.mark in marks)


@given(st.text(max_size=80), st.text(max_size=80))
def test_both_texts_can_be_read_from_the_difference(old: str, new: str) -> None:
    for diff in (calc.word_diff, calc.line_diff):
        pieces = diff(old, new)
        assert joined(pieces, Mark.SAME, Mark.REMOVED) == old
        assert joined(pieces, Mark.SAME, Mark.ADDED) == new


def test_words() -> None:
    assert calc.word_diff("PHQ-9 below 5", "PHQ-9 below 7 by May") == (
        Piece(Mark.SAME, "PHQ-9 below "),
        Piece(Mark.REMOVED, "5"),
        Piece(Mark.ADDED, "7 by May"),
    )


def test_lines() -> None:
    assert calc.line_diff("one\ntwo\n", "one\nthree\n") == (
        Piece(Mark.SAME, "one\n"),
        Piece(Mark.REMOVED, "two\n"),
        Piece(Mark.ADDED, "three\n"),
    )


def test_two_huge_texts_are_shown_whole() -> None:
    old, new = "a b " * 6000, "b a " * 6000
    assert calc.word_diff(old, new) == (Piece(Mark.REMOVED, old), Piece(Mark.ADDED, new))


def test_parts_that_differ() -> None:
    stored = {"data": "Slept badly.", "plan": "Again.", "assessment": "Better."}
    sent = {"plan": "Again.", "data": "Slept well.", "intervention": "Exposure."}
    assert [(part.key, part.stored, part.sent) for part in calc.parts_diff(stored, sent)] == [
        ("data", "Slept badly.", "Slept well."),
        ("intervention", "", "Exposure."),
        ("assessment", "Better.", ""),
    ]
    assert calc.parts_diff(stored, sent)[1] == PartDiff(
        "intervention", "", "Exposure.", (Piece(Mark.ADDED, "Exposure."),)
    )
    assert calc.parts_diff(stored, dict(stored)) == ()


def test_minutes_are_whole_and_never_rounded_up() -> None:
    start = datetime(2026, 11, 23, 22, 0, tzinfo=UTC)
    assert calc.minutes_between(start, start + timedelta(minutes=37, seconds=59)) == 37
    assert calc.minutes_between(start, start) == 0
    with pytest.raises(ValueError, match="before the start"):
        calc.minutes_between(start, start - timedelta(seconds=1))
