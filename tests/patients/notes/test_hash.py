"""The hash of signed content (R-HS-05): the same content, the same hash; any change, another."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from patients.notes import calc

SCALARS = st.none() | st.booleans() | st.integers() | st.text(max_size=8)
CONTENT = st.dictionaries(st.text(max_size=5), st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=3)))


def test_known_bytes_and_hash() -> None:
    content = {"plan": "Łódź – 5 mg", "data": ["a", 1, None, True]}
    assert calc.canonical(content) == '{"data":["a",1,null,true],"plan":"Łódź – 5 mg"}'.encode()
    assert calc.content_hash({"a": "b"}) == "db4a7ecb114bc66c623a06c4ff6fe8daa2f49cc270ebbf7a1f81e22ab061c837"


@given(CONTENT)
def test_the_order_of_keys_does_not_matter(content: dict[str, Any]) -> None:
    turned = dict(reversed(list(content.items())))
    assert calc.content_hash(turned) == calc.content_hash(content)


@given(CONTENT, CONTENT)
def test_different_content_has_different_bytes(one: dict[str, Any], other: dict[str, Any]) -> None:
    assume(repr(sorted(one.items())) != repr(sorted(other.items())))
    assert calc.canonical(one) != calc.canonical(other)


def test_text_is_hashed_as_typed() -> None:
    assert calc.content_hash({"a": "\u00e9"}) != calc.content_hash({"a": "e\u0301"})
    assert calc.content_hash({"a": "x"}) != calc.content_hash({"a": "x "})


@pytest.mark.parametrize("value", [1.5, Decimal("1.5"), date(2026, 1, 1), b"x", {1: "x"}, [{"a": 0.1}]])
def test_what_has_more_than_one_way_to_be_written_is_refused(value: object) -> None:
    with pytest.raises(TypeError):
        calc.content_hash({"a": value})


def test_text_that_no_database_holds_is_refused() -> None:
    with pytest.raises(ValueError, match="surrogates"):
        calc.content_hash({"a": "\ud800"})
