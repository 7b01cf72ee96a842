"""Monday March 2, 2026, half past nine in Portland."""

from collections.abc import Iterator

import pytest

from clinic import clock
from tests.medications.prescribing.given import NOW


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    with clock.at(NOW):
        yield
