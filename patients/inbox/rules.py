"""Why the inbox says no."""

from patients.inbox.models import Task
from patients.inbox.queries import kinds


def tick_off(task: Task) -> str | None:
    """Only what no action of its own ends is ticked off by hand; a risk flag, say, ends with its disposition."""
    if task.done_at:
        return "This is done already."
    kind = kinds().get(task.kind)
    if kind is not None and not kind.by_hand:
        return f"This is not ticked off by hand; it ends with its own action: {kind.action.lower()}."
    return None
