"""Why the outbox says no."""

from clinic.outbox.enums import State
from clinic.outbox.models import OutboxItem


def try_again(item: OutboxItem) -> str | None:
    """Only what failed can be tried again by hand."""
    if item.state == State.FAILED:
        return None
    return "This has not failed, or somebody has tried it again already. Reload the page."
