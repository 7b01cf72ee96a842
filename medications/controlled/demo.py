"""The demo's controlled substances: a series with its numbers, and the tasks of the day."""

from datetime import timedelta
from decimal import Decimal

from clinic.demo import Demo
from medications.controlled import actions, calc
from medications.prescribing.actions import Supply
from medications.prescribing.calc import quantity_for, units_per_day
from medications.prescribing.queries import last_order
from medications.safety import actions as safety

KEY = ("kestrel", "lisdexamfetamine")


def series(demo: Demo) -> str:
    """A Schedule II series of three, written five days ago, the first signed in the certified system."""
    prescription = demo.extra["prescriptions"].get(KEY)
    if prescription is None:
        return "no series"
    prescription.refresh_from_db()
    by = prescription.prescriber
    with demo.at(demo.today - timedelta(days=5), 14):
        order = last_order(prescription)
        if order is None or prescription.held_at is not None:
            return "no series"
        safety.look_up(prescription.patient, result="expected", by=by)
        per_day = units_per_day(order.lines, order.every_days)
        one = Supply(Decimal(quantity_for(30, per_day, every_days=order.every_days)), 30)
        rows = actions.write_series(prescription, supplies=[one] * 3, attested=True, by=by)
        actions.tell_certified(rows[0], status="signed", number="KX-204 118", by=by)
    return f"a series of {len(rows)}"


def due(demo: Demo) -> str:
    """The log of the month before last looked through; what the daily job reminds of."""
    month = calc.before(calc.before(calc.month_of(demo.today)))
    for key in ("rx_nguyen", "rx_whitfield"):
        with demo.at(calc.after(month), 9):
            actions.review_log(month, by=demo.users[key])
    with demo.at(demo.today, 3, 20):
        counts = actions.remind()
    return ", ".join(f"{number} {name}" for name, number in counts.items())
