"""Courses of the demo that no story tells: a titration pack, a Schedule IV supply that ends soon, a sample."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from clinic.demo import Demo, data
from medications.prescribing.actions import Regimen, Step, Supply
from medications.prescribing.demo import regimen_of, started


def load(demo: Demo) -> str:
    """Those whose patient is in this share."""
    courses = {"damico": _pack, "saoirse": _sleep, "marisela": _sample}
    mine = [key for key in courses if key in demo.patients]
    for key in mine:
        person = next(row for row in data()["patients"] if row["key"] == key)
        courses[key](demo, key, demo.users[person["prescriber"]])
    return f"{len(mine)} more courses"


def _pack(demo: Demo, key: str, by: Any) -> None:
    """Day 10 of lamotrigine's label steps: 25 mg are taken, 50 and 100 mg are signed to follow in the same supply."""
    first = _of("lamotrigine", "25")
    then = [Step(14, _pieces(first, "2")), Step(14, _pieces(first, "4"))]
    one = {
        "supply": Supply(Decimal(98), 42),
        "for": "low mood that comes back",
        "reason": "Third episode; agreed to add.",
    }
    with demo.at(demo.today - timedelta(days=9), 11, 30):
        started(demo, demo.patients[key], one | {"patient": key}, first, by, then=then)


def _sleep(demo: Demo, key: str, by: Any) -> None:
    """Zolpidem for a month, of which a few days are left: its refill goes to the certified module."""
    one = {"supply_days": 30, "refills": 0, "for": "sleep", "reason": "While CBT for insomnia begins."}
    with demo.at(demo.today - timedelta(days=25), 11, 30):
        order = started(demo, demo.patients[key], one | {"patient": key}, _of("zolpidem", "5", "night"), by)
    demo.extra["prescriptions"][key, "zolpidem"] = order.prescription


def _sample(demo: Demo, key: str, by: Any) -> None:
    """Two weeks of trazodone, handed out to see whether it helps."""
    one = {
        "supply_days": 14,
        "refills": 0,
        "for": "sleep",
        "reason": "To see whether it helps before a box is written.",
    }
    with demo.at(demo.today - timedelta(days=4), 11, 30):
        started(demo, demo.patients[key], one | {"patient": key}, _of("trazodone", "50", "night"), by, sample="T4410B")


def _of(generic: str, daily: str, when: str = "") -> Regimen:
    found = regimen_of(generic, Decimal(daily), f"tablet {when}")
    assert found is not None
    return found


def _pieces(first: Regimen, quantity: str) -> Regimen:
    return Regimen(first.product, [{"when": "morning", "quantity": quantity}])
