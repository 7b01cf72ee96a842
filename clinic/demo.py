"""The demo practice: what its loading steps share. Each room loads its own part (settings.DEMO_STEPS, in that order).

Everything is dated relative to today: the data's week of 2026-11-23 becomes the present week, whole weeks apart, so
that weekdays stay what they were. Steps act under a set clock (`demo.at`) by the product's own actions.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from clinic import clock

DATA = Path(__file__).parent / "data" / "people.json"
ZONE = ZoneInfo("America/Los_Angeles")
PASSWORD = "tandem demo practice"  # noqa: S105 — the demo's, printed at the start; production has no demo
# Whom the list of sign-ins names first for a role: those whose day and patients show the most (README says which).
SHOWN_FIRST = frozenset({"signe.brandvold@example.org", "thao.nguyen@example.org"})


@cache
def data() -> dict[str, Any]:
    """people.json."""
    loaded: dict[str, Any] = json.loads(DATA.read_text(encoding="utf-8"))
    return loaded


@dataclass
class Demo:
    """What has been loaded so far, by the keys of people.json, for the steps that follow."""

    today: date
    sites: dict[str, Any] = field(default_factory=dict)
    users: dict[str, Any] = field(default_factory=dict)
    patients: dict[str, Any] = field(default_factory=dict)
    extra: dict[str, Any] = field(default_factory=dict)  # a step's own keepsakes: "problems", "attendances", …
    afterwards: list[Callable[["Demo"], None]] = field(default_factory=list)  # what workers do once a moment is over

    @property
    def shift(self) -> timedelta:
        """How far the data's days move: whole weeks."""
        told = date.fromisoformat(data()["_meta"]["today"])
        monday = self.today - timedelta(days=self.today.weekday())
        return monday - (told - timedelta(days=told.weekday()))

    def share(self, number: int, of: int) -> "Demo":
        """The same with a share of the patients alone, one of `of` that are equally long: what a process loads."""
        work, dealt = _work(), [0] * of
        mine: list[set[str]] = [set() for _ in range(of)]
        for key in sorted(self.patients, key=lambda key: (-work[key], key)):
            shortest = dealt.index(min(dealt))
            mine[shortest].add(key)
            dealt[shortest] += work[key] + 1
        patients = {key: row for key, row in self.patients.items() if key in mine[number]}
        return replace(self, patients=patients, extra=dict(self.extra), afterwards=list(self.afterwards))

    def day(self, start: str, week: int, weekday: int = 0) -> date:
        """The day of a story's week (0 is its first; weekday 0 is Monday)."""
        return date.fromisoformat(start) + timedelta(weeks=week, days=weekday) + self.shift

    @contextmanager
    def at(self, day: date, hour: int = 9, minute: int = 0) -> Iterator[datetime]:
        """Let the clock stand at a local time of the practice."""
        moment = datetime.combine(day, time(hour, minute), ZONE)
        with clock.at(moment):
            yield moment
        for work in self.afterwards:
            with clock.at(moment + timedelta(minutes=1)):
                work(self)


def stories() -> list[dict[str, Any]]:
    """The twelve courses."""
    found: list[dict[str, Any]] = data()["stories"]
    return found


def _work() -> Counter[str]:
    """About how long each patient's course takes to load: an order takes six times as long as a session."""
    found: Counter[str] = Counter()
    for story in stories():
        for row in story["sessions"]:
            found.update(row["patients"])
        found[story["patients"][0]] += 6 * len(story["orders"])
    for person in data()["patients"]:
        found[person["key"]] += len(person.get("phq9_recent", [])) + 6 * len(person["medications"])
    return found


def invented_npi(number: int) -> str:
    """A ten-digit number with a right check digit that no registry gave out: it begins with 19999."""
    body = f"19999{number:04d}"
    digits = [int(c) for c in "80840" + body][::-1]
    total = sum(sum(divmod(2 * d, 10)) if n % 2 == 0 else d for n, d in enumerate(digits))
    return f"{body}{-total % 10}"
