"""The test handler stands in the port."""

from collections.abc import Iterator
from typing import Any

import pytest

from clinic import ports
from tests.clinic.outbox.helpers import Sender


@pytest.fixture
def sender(settings: Any) -> Iterator[type[Sender]]:
    """The only handler there is."""
    settings.OUTBOX_HANDLERS = ["tests.clinic.outbox.helpers.Sender"]
    settings.TEXT_GATEWAY = "local"
    ports.load.cache_clear()
    yield Sender
    Sender.before = Sender.after = None
    ports.load.cache_clear()
