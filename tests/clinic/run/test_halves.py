"""A demo practice that is half loaded is known as such and thrown away; any other database is never touched."""

import pytest
from django.db import connection

from clinic.run import halves
from tests.cast import Cast


def tables() -> int:
    with connection.cursor() as cursor:
        return len(connection.introspection.table_names(cursor))


def test_a_load_that_began_and_did_not_end_is_half(db: None) -> None:
    before = halves.is_half_loaded()
    halves.begin()
    between = halves.is_half_loaded()
    halves.end()
    assert (before, between, halves.is_half_loaded()) == (False, True, False)


def test_what_is_half_loaded_is_thrown_away(db: None) -> None:
    halves.begin()
    halves.clear()
    assert (tables(), halves.is_half_loaded()) == (0, False)


def test_a_practice_that_is_whole_is_never_thrown_away(cast: Cast) -> None:
    before = tables()
    with pytest.raises(RuntimeError, match="no half-loaded demo practice"):
        halves.clear()
    assert tables() == before > 0
