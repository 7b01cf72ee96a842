"""Sunday March 22, 2026, nine in Portland, unless a test says otherwise."""

from collections.abc import Iterator

import pytest

from clinic import clock
from tests.medications.refills.given import DUE


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    with clock.at(DUE):
        yield
