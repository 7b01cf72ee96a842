"""Products as plain numbers: what one dispensing unit holds, and what a day of it gives."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

MG_PER = {"mg": Decimal(1), "mcg": Decimal("0.001"), "g": Decimal(1000)}
# What one dispensing unit is called, by the words a form ends with; the rest are named by their form.
UNIT_NAMES = (
    ("tablet for suspension", "tablet"), ("tablet", "tablet"), ("ODT", "tablet"), ("capsule", "capsule"),
    ("solution", "mL"), ("suspension", "mL"), ("patch", "patch"), ("film", "film"), ("lozenge", "lozenge"),
    ("spray", "spray"), ("gum", "piece"), ("gel", "dose"), ("injection", "injection"),
)  # fmt: skip
PLURALS = {"patch": "patches", "mL": "mL", "piece": "pieces"}


@dataclass(frozen=True, slots=True)
class Strength:
    """How much one dispensing unit holds. `per`: "mL", "device", hours a patch releases over ("24 h"), or nothing."""

    amount: Decimal
    unit: str
    per: str = ""


def strength(row: Mapping[str, Any]) -> Strength:
    """A strength of the reference data as one dispensing unit: 10 mg in 5 mL becomes 2 mg in one mL."""
    amount, per = Decimal(str(row["value"])), row.get("per")
    if not per:
        return Strength(amount, row["unit"])
    size = Decimal(str(per["value"]))
    if per["unit"] == "mL":
        return Strength((amount / size).quantize(Decimal("0.0001")), row["unit"], "mL")
    if per["unit"] == "h":
        return Strength(amount, row["unit"], f"{size:f} h")
    return Strength(amount, row["unit"], per["unit"])


def daily_factor(per: str) -> Decimal | None:
    """A patch gives per day what it releases, however rarely it is changed; None: not a patch.

    "1 h" is a rate (24 hours of it a day); "9 h" and "24 h" state what one patch gives on its day.
    """
    if not per.endswith(" h"):
        return None
    return Decimal(24) if per == "1 h" else Decimal(1)


def unit_name(form: str, count: Decimal | int = 1, per: str = "") -> str:
    """What one dispensing unit is called: tablet, capsule, mL, patch; in the plural for more than one.

    `per`: as in Strength. What is drawn from a vial counts in mL, whatever its form.
    """
    name = "mL" if per == "mL" else next((name for ending, name in UNIT_NAMES if ending in form), form)
    return name if count <= 1 else PLURALS.get(name, f"{name}s")


def in_mg(amount: Decimal, unit: str) -> Decimal:
    """An amount in milligrams, the unit of the knowledge's doses."""
    return amount * MG_PER[unit]
