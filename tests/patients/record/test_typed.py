"""What somebody typed to find a patient is taken apart, whatever it is."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patients.record.calc import normalise
from patients.record.written import Typed, birth_dates, read

TODAY = date(2026, 11, 23)
MAY_14 = date(1992, 5, 14)


@pytest.mark.parametrize(
    "text",
    [
        "5/14/1992", "05/14/1992", "05-14-1992", "5.14.1992", "1992-05-14", "1992/5/14", "5/14/92", "05141992",
        "19920514", "051492", "May 14, 1992", "may 14 1992", "14 May 1992", "14. Mai 1992".replace("Mai", "May"),
        "Sept 14 1992".replace("Sept", "May"), "14th May 1992", "MAY 14TH, 1992", "14/5/1992", " 5 / 14 / 1992 ",
    ],
)  # fmt: skip
def test_a_birth_date_in_any_usual_writing(text: str) -> None:
    assert read(text, TODAY).days == (MAY_14,)


def test_both_readings_where_both_are_dates_the_usual_one_first() -> None:
    assert read("3/4/1990", TODAY).days == (date(1990, 3, 4), date(1990, 4, 3))


def test_two_digits_are_the_latest_year_that_can_have_been() -> None:
    assert (read("1/2/26", TODAY).days[0].year, read("1/2/27", TODAY).days[0].year) == (2026, 1927)


@pytest.mark.parametrize("text", ["13/32/1990", "2/30/1991", "12/24/2026", "0/0/0000", "99999999", "5/14", "1/1/1700"])
def test_no_date_is_none(text: str) -> None:
    assert read(text, TODAY).days == ()


@pytest.mark.parametrize(
    ("text", "typed"),
    [
        ("", Typed()),
        ("  \u200f ", Typed()),
        ("O’Shea", Typed(words=("oshea",))),
        ("Quiroga, Ana 5/14/1992", Typed(words=("quiroga", "ana"), days=(MAY_14,))),
        ("(503) 555-0142", Typed(digits="5035550142")),
        ("+1 503 555 0142", Typed(digits="15035550142")),
        ("0142", Typed(digits="0142", number=142)),
        ("#17", Typed(number=17)),
        ("17", Typed(number=17)),
        ("ana 0142", Typed(words=("ana",), digits="0142")),
    ],
)
def test_words_days_digits_and_numbers(text: str, typed: Typed) -> None:
    assert read(text, TODAY) == typed


@given(st.text(max_size=200))
def test_anything_can_be_typed(text: str) -> None:
    typed = read(text, TODAY)
    assert all(day <= TODAY for day in typed.days)
    assert all(word == normalise(word) for word in typed.words)


@given(
    st.dates(min_value=date(1900, 1, 1), max_value=TODAY),
    st.sampled_from(["%m/%d/%Y", "%Y-%m-%d", "%B %d, %Y", "%d %b %Y"]),
)
def test_every_date_is_read_back(day: date, writing: str) -> None:
    assert birth_dates(day.strftime(writing), TODAY)[0][0] == day


@given(st.text(max_size=60))
def test_normalising_twice_is_normalising_once(text: str) -> None:
    assert normalise(normalise(text)) == normalise(text)


@given(st.text(alphabet="aàáâäéèñøßçABCÉ'’- ", max_size=40))
def test_normalised_names_ignore_case(text: str) -> None:
    assert normalise(text.upper()) == normalise(text.lower())
