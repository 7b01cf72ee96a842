"""The codes of a note beside those of the same day: law refuses, doubt asks for a reason (R-CPT-02 to R-CPT-08)."""

import pytest

from clinic import clock
from clinic.refusal import Refused
from clinic.staff.models import User
from patients.notes import actions
from patients.notes.models import Note
from tests.cast import Cast
from tests.patients.notes.ground import END, FULL, START, draft, signed

MED = {"interval": "a", "medicines": "b", "mental_status": "c", "assessment": "d", "plan": "e"}


def visit(cast: Cast, by: User, **fields: int) -> Note:
    with clock.at(START):
        note = actions.begin(cast.ana, kind="medication", by=by)
        return actions.save(note, parts=MED, based_on=0, by=by, ended_at=END, **fields)


def test_two_clinicians_bill_on_one_day(cast: Cast) -> None:
    signed(cast, code="90834")
    with clock.at(END):
        note = actions.sign(visit(cast, cast.priya), by=cast.priya, code="99214")
    assert note.is_signed


def test_an_add_on_stands_beside_its_visit(cast: Cast) -> None:
    with clock.at(END):
        note = actions.sign(visit(cast, cast.priya, minutes=20), by=cast.priya, code="99214", add_on_code="90833")
    assert (note.code, note.add_on_code) == ("99214", "90833")


def test_therapy_beside_a_visit_of_the_same_clinician_is_refused(cast: Cast) -> None:
    with clock.at(END), pytest.raises(Refused, match="same clinician"):
        actions.sign(visit(cast, cast.priya, minutes=40), by=cast.priya, code="99214", add_on_code="90834")


def test_a_therapist_bills_no_medical_visit(cast: Cast) -> None:
    with clock.at(END), pytest.raises(Refused, match="clinicians who prescribe"):
        actions.sign(draft(cast), by=cast.tess, code="99214")


def test_minutes_outside_the_code_ask_for_a_reason(cast: Cast) -> None:
    """R-CPT-08."""
    note = draft(cast)
    with clock.at(END):
        with pytest.raises(Refused, match="45 minutes are documented; 90837 is for 53 or more"):
            actions.sign(note, by=cast.tess, code="90837")
        note = actions.sign(note, by=cast.tess, code="90837", reason="Seven minutes on the telephone before")
    assert note.code_reason == "Seven minutes on the telephone before"


def test_a_second_session_code_of_the_same_day_is_refused(cast: Cast) -> None:
    signed(cast, code="90834")
    with clock.at(END):
        second = actions.begin(cast.ana, kind="session", by=cast.tess)
        second = actions.save(second, parts=FULL, based_on=0, by=cast.tess, ended_at=END, minutes=0)
        with pytest.raises(Refused, match="once a day"):
            actions.sign(second, by=cast.tess, code="90834", reason="whatever")


def test_a_retracted_note_bills_nothing(cast: Cast) -> None:
    first = signed(cast, code="90834")
    actions.retract(first, reason="wrong chart", by=cast.tess)
    assert signed(cast, code="90834").is_signed


def test_an_unknown_code_is_refused(cast: Cast) -> None:
    with clock.at(END), pytest.raises(Refused, match="not in the list"):
        actions.sign(draft(cast), by=cast.tess, code="00000")


def test_with_therapy_added_the_level_is_not_set_by_time(cast: Cast) -> None:
    """R-CPT-03."""
    note = visit(cast, cast.priya, minutes=20, em_minutes=25)
    with clock.at(END), pytest.raises(Refused, match="by decision making, not by time"):
        actions.sign(note, by=cast.priya, code="99213", add_on_code="90833", level_by="time")


def test_therapy_minutes_exclude_those_of_the_visit(cast: Cast) -> None:
    """R-CPT-03."""
    with pytest.raises(Refused, match="more minutes than between"):
        visit(cast, cast.priya, minutes=30, em_minutes=30)


def test_interactive_complexity_needs_a_code_to_stand_beside(cast: Cast) -> None:
    """R-CPT-07."""
    note = draft(cast)
    with clock.at(END):
        with pytest.raises(Refused, match="90785 is added to"):
            actions.sign(note, by=cast.tess, code="90785")
        assert actions.sign(note, by=cast.tess, code="90834", add_on_code="90785").is_signed
