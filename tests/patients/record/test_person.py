"""Age, names made comparable, digits, initials."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patients.record import calc


@pytest.mark.parametrize(
    ("born", "today", "years"),
    [
        (date(1992, 5, 14), date(2026, 5, 13), 33),
        (date(1992, 5, 14), date(2026, 5, 14), 34),
        (date(2004, 2, 29), date(2026, 2, 28), 21),
        (date(2004, 2, 29), date(2026, 3, 1), 22),
        (date(2004, 2, 29), date(2024, 2, 29), 20),
        (date(2026, 1, 1), date(2026, 1, 1), 0),
    ],
)
def test_age_in_completed_years(born: date, today: date, years: int) -> None:
    assert calc.age(born, today) == years


def test_nobody_is_born_tomorrow() -> None:
    with pytest.raises(ValueError, match="future"):
        calc.age(date(2026, 1, 2), date(2026, 1, 1))


@pytest.mark.parametrize(
    ("born", "sentence"),
    [
        (date(2026, 11, 24), "The birth date is in the future."),
        (date(2026, 11, 23), None),
        (date(1905, 11, 24), None),
        (date(1905, 11, 23), "The birth date is more than 120 years ago."),
        (date(1, 1, 1), "The birth date is more than 120 years ago."),
    ],
)
def test_birth_dates_that_cannot_be(born: date, sentence: str | None) -> None:
    assert calc.birth_date_problem(born, date(2026, 11, 23)) == sentence


def test_turning_120_is_possible() -> None:
    assert calc.birth_date_problem(date(1905, 11, 24), date(2026, 11, 23)) is None


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("Thảo Nguyễn", "thao nguyen"),
        ("Đặng Đình", "dang dinh"),
        ("Grünewald-Groß", "grunewald gross"),
        ("van der Vaart-O’Shea", "van der vaart oshea"),
        ("O'SHEA", "oshea"),
        ("Ka‘aihue", "kaaihue"),
        ("Þórdís Hallgrímsdóttir", "thordis hallgrimsdottir"),
        ("Łukasz Wiśniewski", "lukasz wisniewski"),
        ("Sørensen", "sorensen"),
        ("Ağaoğlu İpek Işık", "agaoglu ipek isik"),
        ("Žemaitytė-Hollis", "zemaityte hollis"),
        ("Ｍａｒｅｎ", "maren"),
        ("  de   la\tCruz ", "de la cruz"),
        ("J.R. Smith, III", "j r smith iii"),
        ("ma\u200bren", "maren"),
        ("\u202eneram\u202c", "neram"),
        ("שרה כהן", "שרה כהן"),
        ("王小明", "王小明"),
        ("\u200f", ""),
        ("_", ""),
        ("😀", ""),
    ],
)
def test_names_made_comparable(name: str, plain: str) -> None:
    assert calc.normalise(name) == plain


def test_composed_and_decomposed_are_the_same_name() -> None:
    assert calc.normalise("Nu\u0301n\u0303ez") == calc.normalise("N\u00fa\u00f1ez") == "nunez"


@given(st.text())
def test_normalising_twice_changes_nothing(text: str) -> None:
    assert calc.normalise(calc.normalise(text)) == calc.normalise(text)


@given(st.text(alphabet=st.characters(codec="ascii")))
def test_case_does_not_matter(text: str) -> None:
    assert calc.normalise(text.upper()) == calc.normalise(text.lower())


def test_search_text() -> None:
    assert calc.search_text("Núñez", "Iñaki") == "nunez inaki"
    assert calc.search_text("Halvorsen", "Josephine", "Josie") == "halvorsen josephine josie"
    assert calc.search_text("", "Thandar") == "thandar"


@pytest.mark.parametrize(
    ("text", "digits"),
    [("(503) 555-0112", "5035550112"), ("+1 503.555.0112", "15035550112"), ("٥٠٣", "503"), ("none", ""), ("x²", "2")],
)
def test_digits_of_a_telephone_number(text: str, digits: str) -> None:
    assert calc.phone_digits(text) == digits


@given(st.text())
def test_digits_are_ascii(text: str) -> None:
    assert set(calc.phone_digits(text)) <= set("0123456789")


def test_initials() -> None:
    assert calc.initials("Maren", "Okonkwo-Lindqvist") == "MO"
    assert calc.initials("e\u0301lodie", "'t Hooft") == "ÉT"
    assert calc.initials("", "123") == ""
