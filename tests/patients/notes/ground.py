"""What tests of notes stand on: a moment, and notes of Ana's in each stage."""

from datetime import datetime

from clinic import clock
from clinic.staff.models import User
from patients.notes import actions
from patients.notes.models import Note
from tests.cast import Cast, at

START, END, LATER = at("2026-03-02 14:00"), at("2026-03-02 14:45"), at("2026-03-03 09:00")
FULL = {"data": "Drove the bridge twice.", "assessment": "Fear falls.", "plan": "Go on."}


def draft(cast: Cast, *, by: User | None = None, started_at: datetime = START) -> Note:
    """A full draft of an hour that began at the time, revision 1."""
    with clock.at(started_at):
        note = actions.begin(cast.ana, kind="session", by=by or cast.tess)
        return actions.save(note, parts=FULL, based_on=0, by=by or cast.tess)


def signed(cast: Cast, *, by: User | None = None, code: str = "") -> Note:
    """The same, signed after 45 minutes."""
    note = draft(cast, by=by)
    with clock.at(END):
        return actions.sign(note, by=by or cast.tess, code=code)
