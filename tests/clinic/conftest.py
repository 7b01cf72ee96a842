"""What tests of clinic share: a page's own queries, counted without what other rooms add to its frame."""

from collections.abc import Iterator
from typing import Any

import pytest

from clinic import clock, ports
from tests.cast import at


@pytest.fixture
def bare_frame(settings: Any) -> Iterator[None]:
    """No counts in the top bar, and the clock stands, so that no session is renewed between two requests."""
    settings.NAV_COUNTS = []
    ports.load.cache_clear()
    with clock.at(at("2026-03-02 09:00")):
        yield
    ports.load.cache_clear()
