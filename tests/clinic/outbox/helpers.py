"""Due work without a room: a handler that sends one message per item, and ways to make it stumble."""

from collections.abc import Callable
from typing import Any

from clinic import clock
from clinic.outbox import actions
from clinic.outbox.models import OutboxItem

KIND = "test.message"


class Sender:
    """Sends “hello” under the item's key, then does `after`, which may raise."""

    kind = KIND
    words = "Test messages"
    after: Callable[[], None] | None = None
    before: Callable[[OutboxItem], str | None] | None = None

    def deliver(self, item: Any) -> str:
        """Send."""
        cls = type(self)
        if cls.before is not None and (said := cls.before(item)):
            return said
        actions.send("text", "+15035550199", subject="", body="hello", key=item.idempotency_key, patient_id=None)
        if cls.after is not None:
            cls.after()
        return "sent"


def due(purpose: str, **fields: Any) -> OutboxItem:
    """One item that is due now."""
    return actions.enqueue(KIND, purpose=purpose, due_at=fields.pop("due_at", clock.now()), **fields)
