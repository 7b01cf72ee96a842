"""How times are written: 2:00 pm, never "2 p.m."."""

from datetime import UTC, datetime, time

import pytest

from clinic.web.templatetags.words import clock_time


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (time(0), "12:00 am"), (time(8, 5), "8:05 am"), (time(12), "12:00 pm"), (time(19, 30), "7:30 pm"),
        (datetime(2026, 11, 23, 22, 0, tzinfo=UTC), "2:00 pm"), (None, ""),
    ],
)  # fmt: skip
def test_a_time_of_day(value: datetime | time | None, words: str) -> None:
    assert clock_time(value, "America/Los_Angeles") == words
