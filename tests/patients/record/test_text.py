"""Text that may be stored, and text that may not: a sentence, never an error page."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.refusal import Refused
from patients.record import calc


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("a\x00b", "Character 2 cannot be stored (U+0000); delete it, or paste the text without formatting."),
        ("\x1b[31m", "Character 1 cannot be stored (U+001B); delete it, or paste the text without formatting."),
        ("ab\x85", "Character 3 cannot be stored (U+0085); delete it, or paste the text without formatting."),
        ("\ud800", "Character 1 cannot be stored (U+D800); delete it, or paste the text without formatting."),
        ("a\tb\nc", None),
        ("مرحبا \u200f😀", None),
    ],
)
def test_what_cannot_be_stored(text: str, sentence: str | None) -> None:
    assert calc.text_problem(text) == sentence


def test_length() -> None:
    assert calc.text_problem("x" * 1001, most=1000) == "The text has 1,001 characters; 1,000 is the most."
    assert calc.text_problem("x" * 1000, most=1000) is None


def test_the_refusal_carries_its_field_and_none_of_the_words() -> None:
    with pytest.raises(Refused) as refusal:
        calc.clean_text("he takes lithium\x00", field="plan")
    assert refusal.value.field == "plan"
    assert "lithium" not in refusal.value.sentence


def test_long_texts_keep_everything_but_the_kind_of_line_break() -> None:
    assert calc.clean_text(" a\r\n\r\n\tb \rc\u200d\n") == " a\n\n\tb \nc\u200d\n"


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  Maren \n Lindqvist\t", "Maren Lindqvist"),
        ("\u202eneraM\u202c", "neraM"),
        ("Ma\u200bren\ufeff", "Maren"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("\u200d\u200c", ""),
        ("\u00a0Maren\u2003L", "Maren L"),
        ("", ""),
    ],
)
def test_a_line(typed: str, kept: str) -> None:
    assert calc.clean_line(typed) == kept


def test_a_line_may_be_too_long_and_may_hold_nul() -> None:
    assert calc.clean_line(f" {'x' * 200} ", most=200) == "x" * 200
    with pytest.raises(Refused, match="201 characters"):
        calc.clean_line("x" * 201, most=200, field="given_name")
    with pytest.raises(Refused, match="cannot be stored"):
        calc.clean_line("Maren\x00")


@given(st.text())
def test_text_is_either_kept_or_refused(text: str) -> None:
    lined = text.replace("\r\n", "\n").replace("\r", "\n")
    if sentence := calc.text_problem(lined):
        with pytest.raises(Refused, match=re.escape(sentence)):
            calc.clean_text(text)
        return
    kept = calc.clean_text(text)
    assert kept == lined
    assert calc.clean_text(kept) == kept
    kept.encode("utf-8")


@given(st.text())
def test_a_line_is_one_line(text: str) -> None:
    try:
        line = calc.clean_line(text)
    except Refused:
        return
    assert line == line.strip()
    assert len(line.splitlines()) <= 1
    assert calc.clean_line(line) == line
