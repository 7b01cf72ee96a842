"""What a visit bills: its level by decision making, therapy added by its own minutes (R-CPT-02, R-CPT-03)."""

import pytest

from clinic import clock
from medications.visits import actions
from medications.visits.models import Visit
from patients.notes import actions as notes
from patients.notes.models import Note
from patients.scheduling.models import Attendance
from tests.cast import Cast, at
from tests.medications.visits.given import END, FULL, LINE, START, booked, refused, signed, written


def timed(cast: Cast, *, therapy: int | None, medical: int | None, end: str = "2026-03-02 15:30") -> Visit:
    """A visit with minutes of therapy and of the medical visit, its text complete."""
    with clock.at(START):
        visit = actions.begin(cast.ana, by=cast.priya)
        facts = actions.Facts(line=LINE, em_level="moderate", em_minutes=medical)
        return actions.save_page(
            visit, parts={**FULL, "intervention": "Graded exposure."}, based_on=0, facts=facts, by=cast.priya,
            ended_at=at(end), minutes=therapy,
        )  # fmt: skip


@pytest.mark.parametrize(
    ("level", "code"),
    [("straightforward", "99212"), ("low", "99213"), ("moderate", "99214"), ("high", "99215")],
)
def test_the_level_is_by_decision_making_r_cpt_03(cast: Cast, level: str, code: str) -> None:
    visit = signed(cast, em_level=level)
    assert (visit.note.code, visit.note.add_on_code) == (code, "")


def test_without_a_level_a_visit_is_not_signed_r_cpt_03(cast: Cast) -> None:
    with refused("Choose the level of decision making, then sign."):
        actions.sign(written(cast, em_level=""), by=cast.priya)


@pytest.mark.parametrize(
    ("minutes", "add_on"), [(15, ""), (16, "90833"), (37, "90833"), (38, "90836"), (52, "90836"), (53, "90838")]
)
def test_therapy_minutes_add_their_code_to_the_visit_r_cpt_02(cast: Cast, minutes: int, add_on: str) -> None:
    """90833, 90836, 90838 stand beside a medical visit of the same day and clinician, never 90832 to 90837."""
    with clock.at(at("2026-03-02 15:35")):
        note = actions.sign(timed(cast, therapy=minutes, medical=20), by=cast.priya).note
    assert (note.code, note.add_on_code, note.minutes, note.em_minutes) == ("99214", add_on, minutes, 20)


def test_with_therapy_both_times_are_recorded_r_cpt_03(cast: Cast) -> None:
    with refused("Write the minutes of the medical visit, apart from those of therapy."):
        actions.sign(timed(cast, therapy=30, medical=None), by=cast.priya)


def test_therapy_minutes_exclude_those_of_the_medical_visit_r_cpt_03(cast: Cast) -> None:
    """Fifty minutes of both do not fit into thirty by the clock."""
    with refused("There are more minutes than between start and end."):
        timed(cast, therapy=30, medical=20, end="2026-03-02 14:30")


def test_therapy_by_the_same_clinician_never_stands_beside_a_visit_r_cpt_02(cast: Cast) -> None:
    """Priya billed 90834 in the morning: the visit's 99214 is refused that day, and nothing is signed."""
    with clock.at(at("2026-03-02 09:00")):
        note = notes.begin(cast.ana, kind="session", by=cast.priya)
        parts = {"data": "Drove.", "assessment": "Falls.", "plan": "On."}
        notes.save(note, parts=parts, based_on=0, by=cast.priya)
    with clock.at(at("2026-03-02 09:45")):
        notes.sign(note, by=cast.priya, code="90834")
    visit = written(cast)
    with clock.at(END), refused("cannot be billed by the same clinician on the same day"):
        actions.sign(visit, by=cast.priya)
    assert Note.objects.get(pk=visit.note_id).signed_at is None


def test_therapist_and_prescriber_bill_the_same_day_r_cpt_08(cast: Cast) -> None:
    with clock.at(at("2026-03-02 13:00")):
        note = notes.begin(cast.ana, kind="session", by=cast.tess)
        parts = {"data": "Drove.", "assessment": "Falls.", "plan": "On."}
        notes.save(note, parts=parts, based_on=0, by=cast.tess)
    with clock.at(at("2026-03-02 13:45")):
        notes.sign(note, by=cast.tess, code="90834")
    assert signed(cast).note.code == "99214"


@pytest.mark.parametrize(("service", "code"), [("intake", "90792"), ("telephone", "")])
def test_first_visits_and_telephone_need_no_level(cast: Cast, service: str, code: str) -> None:
    row: Attendance = booked(cast, service)
    visit = signed(cast, row, em_level="")
    assert (visit.note.code, visit.note.add_on_code) == (code, "")


def test_a_lapsed_licence_does_not_sign(cast: Cast) -> None:
    visit = written(cast)
    cast.priya.licences.update(expires_on="2026-03-01")
    with clock.at(END), refused("icen"):
        actions.sign(visit, by=type(cast.priya).objects.get(pk=cast.priya.pk))
