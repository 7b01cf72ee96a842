"""What a set of vital signs may be: outside these ranges a number is a slip of the pen."""

from decimal import Decimal

RANGES = {"systolic": (50, 300), "diastolic": (30, 200), "pulse": (25, 250)}
WEIGHT = (Decimal(20), Decimal(400))  # kg
NAMES = {"systolic": "The upper pressure", "diastolic": "The lower pressure", "pulse": "The pulse"}


def vitals_problem(
    systolic: int | None, diastolic: int | None, pulse: int | None, weight_kg: Decimal | None
) -> str | None:
    """Why the numbers cannot be, in a sentence; None: they can, or were not taken."""
    for name, value in (("systolic", systolic), ("diastolic", diastolic), ("pulse", pulse)):
        least, most = RANGES[name]
        if value is not None and not least <= value <= most:
            return f"{NAMES[name]} goes from {least} to {most}. Check the number."
    if (systolic is None) != (diastolic is None):
        return "Blood pressure has two numbers. Enter both, or none."
    if systolic is not None and diastolic is not None and diastolic >= systolic:
        return "The lower pressure must be under the upper one."
    if weight_kg is not None and not WEIGHT[0] <= weight_kg <= WEIGHT[1]:
        return "Weight in kilograms goes from 20 to 400. Check the unit."
    return None
