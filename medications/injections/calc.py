"""When the next long-acting injection is due. Pure."""

from datetime import date

MOST_EARLY = 7  # days


def early(every_days: int) -> int:
    """How many days before its day an injection may be given without a word: a seventh of the interval, a week at most.

    Labels allow a few days to a week around a monthly injection; ours is the careful side of that.
    """
    return min(every_days // 7, MOST_EARLY)


def too_early(last: date | None, on: date, every_days: int) -> int | None:
    """How many days after the last one, if that is too soon; None: in time, or there was none before."""
    if last is None or last >= on:
        return None
    days = (on - last).days
    return days if days < every_days - early(every_days) else None
