"""What is taken every so many days: the rhythms to choose from, the days on which it is due. Pure."""

from datetime import date, timedelta

LONGEST = 184  # days: the depots of the catalogue last half a year at most
SHORTEST_DEPOT = 7  # days between two long-acting injections, at least
RHYTHMS = [
    ("1", "every day"), ("2", "every other day"), ("3", "every 3 days"), ("7", "once a week"),
    ("14", "every 2 weeks"), ("21", "every 3 weeks"), ("28", "every 4 weeks"), ("30", "every 30 days"),
    ("42", "every 6 weeks"), ("56", "every 8 weeks"), ("84", "every 12 weeks"), ("90", "every 90 days"),
    ("182", "every 26 weeks"),
]  # fmt: skip


def words(every_days: int) -> str:
    """The rhythm at the end of directions, with a space before it; empty: every day."""
    if every_days == 1:
        return ""
    if every_days == 2:
        return " every other day"
    if every_days % 7 == 0:
        weeks = every_days // 7
        return " once a week" if weeks == 1 else f" every {weeks} weeks"
    return f" every {every_days} days"


def choices(every_days: int) -> list[tuple[str, str]]:
    """The rhythms to choose from, with one that a plan wrote among them."""
    known = dict(RHYTHMS)
    known.setdefault(str(every_days), words(every_days).strip() or "every day")
    return sorted(known.items(), key=lambda one: int(one[0]))


def doses(days: int, every_days: int) -> int:
    """On how many of so many days it is due, the first of them being one."""
    return -(-days // every_days)


def next_due(first: date, every_days: int, today: date) -> date:
    """The next day on which it is due, counted from the first; today if it is due today."""
    if today <= first:
        return first
    return first + timedelta(days=doses((today - first).days, every_days) * every_days)


def after_given(first: date, every_days: int, last: date | None, until: date | None) -> date | None:
    """The day on which an injection is due: so many days after the last, not before its order begins.

    Nothing given yet: on the order's first day. None where the order ends before (`until` is the first day without).
    """
    found = first if last is None else max(first, last + timedelta(days=every_days))
    return found if until is None or found < until else None


def due_after(first: date, every_days: int, today: date, until: date | None) -> date | None:
    """The next day on which it is due; None where it is daily, or ends before (`until` is the first day without)."""
    if every_days == 1:
        return None
    found = next_due(first, every_days, today)
    return found if until is None or found < until else None
