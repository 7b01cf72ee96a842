"""It is one morning in all tests of the plan."""

from collections.abc import Iterator

import pytest

from clinic import clock
from tests.cast import at
from tests.patients.plan.plans import TODAY


@pytest.fixture(autouse=True)
def _one_morning() -> Iterator[None]:
    with clock.at(at(TODAY)):
        yield
