"""Monday March 2, 2026, half past nine in Portland; documents go into a folder of the test."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from clinic import clock
from medications.pharmacies import backends
from tests.medications.pharmacies.given import BackEnd
from tests.medications.prescribing.given import NOW


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    with clock.at(NOW):
        yield


@pytest.fixture(autouse=True)
def folder(settings: Any, tmp_path: Path) -> Path:
    """Where the back end writes."""
    settings.PRESCRIPTION_FILES = str(tmp_path / "prescriptions")
    return tmp_path / "prescriptions"


@pytest.fixture
def back_end(settings: Any) -> Iterator[type[BackEnd]]:
    """A back end that remembers what it was given and can stumble."""
    settings.PRESCRIPTION_BACKEND = "tests.medications.pharmacies.given.BackEnd"
    backends._named.cache_clear()
    BackEnd.sent, BackEnd.told, BackEnd.trouble = [], [], None
    yield BackEnd
    backends._named.cache_clear()
