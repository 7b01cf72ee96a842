"""Why the outbox says no."""

from clinic.outbox.enums import State
from clinic.outbox.models import OutboxItem


def try_again(item: OutboxItem, elsewhere: str = "") -> str | None:
    """Only what failed can be tried again by hand, and not what somebody takes up elsewhere."""
    if item.state == State.FAILED:
        return elsewhere or None
    return "This has not failed, or somebody has tried it again already. Reload the page."
