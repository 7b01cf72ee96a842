"""What a set of vital signs may be: outside these ranges a number is a slip of the pen."""

from decimal import Decimal

RANGES: dict[str, tuple[str, int, int]] = {
    "systolic": ("The upper pressure", 50, 300),
    "diastolic": ("The lower pressure", 30, 200),
    "pulse": ("The pulse", 25, 250),
    "weight_kg": ("Weight in kilograms", 20, 400),
}
Number = int | Decimal | None


def vitals_problems(*, systolic: Number, diastolic: Number, pulse: Number, weight_kg: Number) -> dict[str, str]:
    """Why the numbers cannot be, a sentence for each field that is wrong; empty: they can, or were not taken."""
    given = {"systolic": systolic, "diastolic": diastolic, "pulse": pulse, "weight_kg": weight_kg}
    found = {}
    for name, value in given.items():
        words, least, most = RANGES[name]
        if value is not None and not least <= value <= most:
            found[name] = f"{words} goes from {least} to {most}. Check the number."
    if (systolic is None) != (diastolic is None):
        found.setdefault(
            "systolic" if systolic is None else "diastolic", "Blood pressure has two numbers. Enter both, or none."
        )
    elif systolic is not None and diastolic is not None and diastolic >= systolic and not found.keys() & PRESSURE:
        found["diastolic"] = "The lower pressure must be under the upper one."
    return found


PRESSURE = {"systolic", "diastolic"}
