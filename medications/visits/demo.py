"""The demo's medication visits: written and signed by the product's own actions."""

from datetime import timedelta
from typing import Any

from clinic import clock
from clinic.demo import Demo, data
from medications.visits import actions
from patients.scheduling.demo import Visit as Placed

LINES = (
    "Steady. Go on as planned; call me if sleep gets worse.",
    "Better at home than at work. No change today; we look again in four weeks.",
    "Tolerates it well. If restlessness comes up in a session, tell me the same day.",
)
LEVELS = {"99212": "straightforward", "99213": "low", "99214": "moderate", "99215": "high"}


def load(demo: Demo) -> str:
    """Visits in the order of time, signed five minutes after their end."""
    count = 0
    for number, placed in enumerate(demo.extra["visits"]):
        if placed.row["modality"] == "medication" and placed.row["status"] == "completed":
            for key in filter(demo.patients.__contains__, placed.row["patients"]):
                _write(demo, placed, key, number)
                count += 1
    return f"{count} medication visits signed"


def _write(demo: Demo, placed: Placed, key: str, number: int) -> None:
    row, by, patient = placed.row, placed.clinician, demo.patients[key]
    line = row["topic"] or LINES[number % len(LINES)]
    ends_at = placed.starts_at + timedelta(minutes=row["minutes"] or 25)
    with clock.at(ends_at):
        visit = actions.begin(patient, by=by, attendance=placed.attendances[key])
        visit = actions.save_page(
            visit, parts=_text(row, key, line), based_on=visit.note.revision, by=by, ended_at=ends_at,
            facts=actions.Facts(line=line[:1].upper() + line[1:], em_level=LEVELS.get(row["code"] or "", "moderate")),
        )  # fmt: skip
    with clock.at(ends_at + timedelta(minutes=5)):
        actions.sign(visit, by=by)


def _text(row: dict[str, Any], key: str, line: str) -> dict[str, str]:
    person = next(one for one in data()["patients"] if one["key"] == key)
    name = person["goes_by"] or person["given"]
    return {
        "interval": f"{name} tells of the weeks since the last visit: {line}",
        "medicines": "Taken as agreed on most days; effects and unwanted effects gone through one by one.",
        "mental_status": "Awake, oriented, thoughts in order; mood as scored.",
        "assessment": "The scores and what the therapist saw point the same way.",
        "plan": "As in the orders of today. Earlier contact if something changes.",
    }
