"""What the tests of the engine ask with."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from medications.safety import engine
from medications.safety.facts import Allergy, Facts, Finding, Limits, Proposed, Taken
from medications.safety.knowledge import current
from patients.record.enums import FactKey

TODAY = date(2026, 3, 2)
NO = dict.fromkeys(FactKey.values, "no")


def facts(**known: Any) -> Facts:
    """A woman of 34 of whom everything was asked and nothing is known."""
    given: dict[str, Any] = {
        "today": TODAY, "age": 34, "sex": "female", "allergies_asked": "none_known", "answers": NO, **known
    }  # fmt: skip
    return Facts(**given)


def allergic(kind: str, name: str, reaction: str = "") -> Facts:
    """The same, with one allergy."""
    return facts(allergies_asked="some", allergies=(Allergy(kind, name, reaction),))


def taken(drug: str | None, daily: int | str | None = None, **known: Any) -> Taken:
    """A medicine that is taken."""
    name = known.pop("name", drug or "Sleep gummies")
    return Taken(f"rx-{name}", name, drug, None if daily is None else Decimal(daily), **known)


def proposed(drug: str | None = "sertraline", daily: int | str = 50, **known: Any) -> Proposed:
    """A drug that is about to start."""
    given: dict[str, Any] = {
        "drug": drug, "name": drug or "something", "daily_mg": Decimal(daily), "from_day": TODAY, "days_supply": 30,
        "refills": 0, **known,
    }  # fmt: skip
    return Proposed(**given)


def found(
    about: Facts | None = None, live: Sequence[Taken] = (), asks: Proposed | None = None, limits: Limits | None = None
) -> list[Finding]:
    """The findings."""
    return engine.check(about or facts(), live, asks or proposed(), current(), limits or Limits())


def levels(findings: Sequence[Finding]) -> dict[str, str]:
    """Code and level of each."""
    return {one.code: str(one.level) for one in findings}
