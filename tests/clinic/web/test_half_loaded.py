"""A demo practice that is half loaded is known as such and thrown away; any other database is never touched."""

import pytest
from django.db import connection

from clinic import half_loaded
from tests.cast import Cast


def tables() -> int:
    with connection.cursor() as cursor:
        return len(connection.introspection.table_names(cursor))


def test_a_load_that_began_and_did_not_end_is_half(db: None) -> None:
    before = half_loaded.is_marked()
    half_loaded.begin()
    between = half_loaded.is_marked()
    half_loaded.end()
    assert (before, between, half_loaded.is_marked()) == (False, True, False)


def test_what_is_half_loaded_is_thrown_away(db: None) -> None:
    half_loaded.begin()
    half_loaded.clear()
    assert (tables(), half_loaded.is_marked()) == (0, False)


def test_a_practice_that_is_whole_is_never_thrown_away(cast: Cast) -> None:
    before = tables()
    with pytest.raises(RuntimeError, match="no half-loaded demo practice"):
        half_loaded.clear()
    assert tables() == before > 0
