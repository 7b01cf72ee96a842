"""A drug is found by brand, by generic, by a part, and with typing mistakes; hostile text finds nothing."""

import pytest
from django.urls import reverse

from medications.catalogue import queries
from tests.cast import Cast, client


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("sertraline", "sertraline"),
        ("Zoloft", "sertraline"),
        ("zolof", "sertraline"),
        ("sertralin", "sertraline"),
        ("setraline", "sertraline"),
        ("SERTRA", "sertraline"),
        ("lexapro", "escitalopram"),
        ("lamictle", "lamotrigine"),
        ("klonopin", "clonazepam"),
        ("clonazapam", "clonazepam"),
        ("st johns wort", "St. John's wort"),
        ("advil", "ibuprofen"),
        ("wellbutrin", "bupropion"),
    ],
)
def test_found_first(typed: str, first: str) -> None:
    assert queries.search(typed)[0].generic_name == first


@pytest.mark.django_db
@pytest.mark.parametrize("typed", ["", "   ", "\x00", "xkwvjh", "'; DROP TABLE", "%", "😀", "\ud800", "x" * 10_000])
def test_nothing_like_it(typed: str) -> None:
    assert queries.search(typed) == []


@pytest.mark.django_db
def test_one_query(django_assert_num_queries: object) -> None:
    with django_assert_num_queries(1):  # type: ignore[operator]
        assert len(queries.search("a")) == 12


@pytest.mark.django_db
@pytest.mark.parametrize(("typed", "found"), [("Zoloft", "sertraline"), ("zolof", None), ("", None)])
def test_exactly_named(typed: str, found: str | None) -> None:
    drug = queries.named(typed)
    assert (drug.generic_name if drug else None) == found


def test_the_picker_leads_to_the_page_that_asked(cast: Cast) -> None:
    base = reverse("prescribing:new", kwargs={"patient_id": cast.ana.pk})
    page = client(cast.priya).post(reverse("catalogue:pick"), {"text": "zolof", "base": base}).content.decode()
    drug = queries.search("zoloft")[0]
    assert f'href="{base}?drug={drug.pk}"' in page


def test_the_picker_leads_nowhere_else(cast: Cast) -> None:
    data = {"text": "zoloft", "base": "//evil.example/"}
    assert "evil" not in client(cast.priya).post(reverse("catalogue:pick"), data).content.decode()


def test_nothing_found_is_a_sentence(cast: Cast) -> None:
    page = client(cast.priya).post(reverse("catalogue:pick"), {"text": "xkwvjh"}).content.decode()
    assert "The catalogue holds nothing like that." in page


@pytest.mark.parametrize("who", ["fran", "max", "olga"])
def test_who_may_not_see_a_drug_may_not_search_one(cast: Cast, who: str) -> None:
    assert client(getattr(cast, who)).post(reverse("catalogue:pick"), {"text": "zoloft"}).status_code == 404


def test_what_it_does_not_hold_is_led_to_where_it_is_recorded(cast: Cast) -> None:
    elsewhere = reverse("prescribing:report", args=[cast.ana.pk])
    data = {"text": "xkwvjh", "elsewhere": elsewhere}
    assert f'href="{elsewhere}"' in client(cast.priya).post(reverse("catalogue:pick"), data).content.decode()
    data["elsewhere"] = "https://evil.example/"
    assert "evil" not in client(cast.priya).post(reverse("catalogue:pick"), data).content.decode()


def test_a_list_that_was_cut_says_so(cast: Cast) -> None:
    said = "Write more of the name for fewer."
    pages = [
        client(cast.priya).post(reverse("catalogue:pick"), {"text": text}).content.decode() for text in ("a", "zolof")
    ]
    assert [said in page for page in pages] == [True, False]
