"""Diagnosis codes: the list is whole, its search forgives, and only codes that exist may be billed."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patients.record import codes

RAW = json.loads(codes.DATA.read_text(encoding="utf-8"))["codes"]


def found(text: str, *, limit: int = 5, billable_only: bool = True) -> list[str]:
    return [code.code for code in codes.search(text, limit=limit, billable_only=billable_only)]


def test_chapter_5_is_complete() -> None:
    chapter = [code for code in codes.everything().values() if code.code.startswith("F")]
    assert (len(chapter), sum(code.billable for code in chapter)) == (1112, 871)
    assert len(codes.everything()) == len(RAW) == 1622


def test_titles_are_the_lists_own_words() -> None:
    assert [(code.code, code.title) for code in codes.everything().values()] == [(r["code"], r["short"]) for r in RAW]


def test_billable_means_nothing_finer_below() -> None:
    parents = {code.parent for code in codes.everything().values()}
    assert [code.code for code in codes.everything().values() if code.billable and code.code in parents] == []


@pytest.mark.parametrize("writing", ["F33.1", "f33.1", " F331 ", "f 33-1"])
def test_any_writing_of_a_code(writing: str) -> None:
    assert codes.title(writing) == "Major depressive disorder, recurrent, moderate"
    assert codes.is_billable(writing)


def test_a_category_is_not_billable() -> None:
    assert (codes.title("F33"), codes.is_billable("F33")) == ("Major depressive disorder, recurrent", False)


@pytest.mark.parametrize("writing", ["", "F33.99", "Q00", "'; DROP TABLE", "\x00", "😀"])
def test_unknown_codes(writing: str) -> None:
    assert (codes.get(writing), codes.title(writing), codes.is_billable(writing)) == (None, "", False)


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("F33.1", ["F33.1"]),
        ("f331", ["F33.1"]),
        ("f33", ["F33.0", "F33.1", "F33.2", "F33.3", "F33.40"]),
        ("F33 severe", ["F33.2", "F33.3"]),
        ("\u200fF33.1", ["F33.1"]),
        ("mdd recurrent moderate", ["F33.1"]),
        ("moderate recurrent major depressive", ["F33.1"]),
        ("depression", ["F32.A", "F32.0", "F32.1", "F32.2", "F32.4"]),
        ("deppresion", ["F32.A", "F32.0", "F32.1", "F32.2", "F32.4"]),
        ("PTSD", ["F43.10", "F43.11", "F43.12"]),
        ("agorafobia", ["F40.00", "F40.01", "F40.02"]),
        ("generalised anxiety", ["F41.1", "F40.11"]),
        ("bipolar ii", ["F31.81"]),
        ("panic", ["F41.0", "F40.01", "F40.02"]),
        ("social anxiety", ["F40.10", "F40.11"]),
        ("self harm", ["R45.88", "Z91.52", "Z91.51"]),
        ("burnout", []),
        ("", []),
        ("   ", []),
        ("!?", []),
    ],
)
def test_search_best_first(text: str, first: list[str]) -> None:
    assert found(text) == first


def test_search_shows_categories_where_asked() -> None:
    assert found("f43.1", billable_only=False) == ["F43.1", "F43.10", "F43.11", "F43.12"]
    assert found("f43.1") == ["F43.10", "F43.11", "F43.12"]


def test_search_is_limited() -> None:
    assert len(found("disorder", limit=7)) == 7


@given(st.text(max_size=40))
def test_search_takes_anything(text: str) -> None:
    assert len(codes.search(text)) <= 20


@given(st.sampled_from(list(codes.everything().values())))
def test_every_code_is_found_by_its_code_and_its_title(code: codes.Code) -> None:
    assert codes.search(code.code)[0] == code
    assert code.title in [hit.title for hit in codes.search(code.title, limit=200)]


def test_the_release_is_named() -> None:
    assert codes.release() == "ICD-10-CM FY2026, update of 2026-04-01"
