"""The demo's life events: what happened in the twelve courses, told to the therapist and drawn as flags."""

from datetime import timedelta

from clinic.demo import Demo, stories
from patients.chart import actions

# Triggers of the data that are events of a life; the others (side effects, sleep, withdrawal) are not.
EVENTS = frozenset({"loss", "work_school", "money", "anniversary", "conflict", "isolation"})


def load(demo: Demo) -> str:
    """One flag for each, entered by the therapist three days after it."""
    count = 0
    for story in stories():
        for trigger in story["triggers"]:
            on = demo.day(story["start_date"], trigger["week"], 1)
            if trigger["trigger"] not in EVENTS or on >= demo.today - timedelta(days=3):
                continue
            with demo.at(on + timedelta(days=3), 16):
                actions.add_event(
                    demo.patients[story["patients"][0]], words=trigger["words"], on=on,
                    by=demo.users[story["therapist"]],
                )  # fmt: skip
            count += 1
    return f"{count} life events"
