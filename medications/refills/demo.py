"""The demo's refill desk: the job ran this morning; two patients asked for a call."""

from clinic.demo import Demo
from medications.refills import actions


def load(demo: Demo) -> str:
    """Open what is due, as the nightly job does."""
    with demo.at(demo.today, 4, 10):
        counts = actions.open_due(demo.today)
    with demo.at(demo.today, 8, 40):
        for key in ("priyanka", "amara"):
            actions.ask_for_call(demo.patients[key], words="reach in the afternoon", by=demo.users["fd_kealoha"])
    return f"{counts['opened']} refill requests"
