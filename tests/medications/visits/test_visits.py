"""A visit is begun from its booking, saved with its note, signed once; the timeline tells it."""

from decimal import Decimal
from typing import Any

import pytest

from clinic import clock
from clinic.audit.models import AuditEvent
from medications.visits import actions
from medications.visits.models import Visit
from patients.notes import actions as notes
from patients.notes import queries as note_queries
from patients.notes.models import Note, Revision
from patients.timeline.models import Entry
from tests.cast import Cast
from tests.medications.visits.given import END, FULL, LINE, START, booked, refused, signed, written


def test_beginning_sets_the_attendance_in_session_once(cast: Cast) -> None:
    """One note an attendance and author; the second click opens the first one's visit."""
    row = booked(cast)
    with clock.at(START):
        visit = actions.begin(cast.ana, by=cast.priya, attendance=row)
        assert actions.begin(cast.ana, by=cast.priya, attendance=row) == visit
    row.refresh_from_db()
    assert (row.status, visit.note.attendance, visit.note.kind, visit.note.format) == (
        "in_session", row, "medication", "MED",
    )  # fmt: skip
    assert (Visit.objects.count(), Note.objects.count()) == (1, 1)
    assert AuditEvent.objects.filter(what="visits.begin").count() == 1


@pytest.mark.parametrize(
    ("service", "status", "contact"),
    [
        ("medication", "arrived", "visit"), ("intake", "arrived", "intake"), ("telephone", "arrived", "telephone"),
        ("medication", "no_show", "missed"),
    ],
)  # fmt: skip
def test_the_kind_of_contact_follows_the_booking(cast: Cast, service: str, status: str, contact: str) -> None:
    with clock.at(START):
        visit = actions.begin(cast.ana, by=cast.priya, attendance=booked(cast, service, status))
    assert visit.note.contact == contact


def test_therapist_and_prescriber_each_have_a_note_on_one_day(cast: Cast) -> None:
    with clock.at(START):
        notes.begin(cast.ana, kind="session", by=cast.tess)
        visit = actions.begin(cast.ana, by=cast.priya)
    assert Note.objects.count() == 2
    assert visit.note.author == cast.priya


@pytest.mark.parametrize("name", ["tess", "fran", "sam", "paul", "max"])
def test_only_a_prescriber_of_the_team_begins(cast: Cast, name: str) -> None:
    with refused("Only a prescriber on the care team begins a medication visit."):
        actions.begin(cast.ana, by=getattr(cast, name))


def test_a_colleagues_therapy_session_is_not_turned_into_a_visit(cast: Cast) -> None:
    row = booked(cast, "therapy", who=cast.tess)
    with clock.at(START), refused("That is a colleague’s therapy session. Begin the visit without it."):
        actions.begin(cast.ana, by=cast.priya, attendance=row)
    row.refresh_from_db()
    assert row.status == "arrived"
    with clock.at(START):  # cover for a colleague's medication visit
        covered = booked(cast, "medication", who=cast.paul)
        assert actions.begin(cast.ana, by=cast.priya, attendance=covered).note.attendance == covered


def test_another_patients_attendance_is_refused(cast: Cast) -> None:
    with clock.at(START), refused("That visit belongs to somebody else. Open it from the right chart."):
        actions.begin(cast.ben, by=cast.paul, attendance=booked(cast, who=cast.paul))


def test_saving_moves_the_revision_once_for_text_and_facts(cast: Cast) -> None:
    visit = written(cast, systolic=120, diastolic=80, pulse=64, weight_kg=Decimal("81.5"), em_minutes=20)
    assert (visit.line, visit.em_level, visit.systolic, visit.diastolic, visit.pulse, visit.weight_kg) == (
        LINE, "moderate", 120, 80, 64, Decimal("81.5"),
    )  # fmt: skip
    assert (visit.note.revision, visit.note.em_minutes, visit.note.parts["plan"]) == (1, 20, "Go on as ordered.")
    again = actions.save(
        visit, line=LINE, em_level="moderate", systolic=120, diastolic=80, pulse=64, weight_kg=Decimal("81.5"),
        em_minutes=20, by=cast.priya,
    )  # fmt: skip
    assert again.note.revision == 1
    assert actions.save(visit, line="New.", em_level="low", by=cast.priya).note.revision == 2


def test_an_old_base_keeps_both_texts_and_changes_no_fact(cast: Cast) -> None:
    visit = written(cast)
    with pytest.raises(notes.Stale):
        actions.save_page(
            visit, parts={"plan": "From the other window."}, based_on=0, facts=actions.Facts(line="Other."),
            by=cast.priya,
        )  # fmt: skip
    visit.refresh_from_db()
    assert (visit.line, Note.objects.get().parts["plan"]) == (LINE, FULL["plan"])
    assert Revision.objects.get(set_aside=True).parts["plan"] == "From the other window."


def test_a_format_is_switched_and_back_without_losing_a_word(cast: Cast) -> None:
    visit = written(cast)
    assert actions.switch_format(visit, format="SOAP", by=cast.priya).note.format == "SOAP"
    note = actions.switch_format(visit, format="MED", by=cast.priya).note
    assert (note.format, {key: note.parts[key] for key in FULL}) == ("MED", FULL)


def test_signing_completes_the_attendance_and_writes_the_timeline(cast: Cast) -> None:
    row = booked(cast)
    visit = signed(cast, row, systolic=120, diastolic=80, pulse=64, weight_kg=Decimal("81.5"))
    row.refresh_from_db()
    note = visit.note
    assert (row.status, row.ended_at, note.ended_at) == ("completed", END, END)
    assert (note.code, note.add_on_code) == ("99214", "")
    entry = Entry.objects.get(kind="visit")
    assert (entry.label, entry.occurred_at, entry.until, entry.object_id, entry.url_name, entry.by) == (
        LINE, START, END, note.pk, "notes:note", cast.priya,
    )  # fmt: skip
    assert AuditEvent.objects.filter(what="visits.sign", object_id=visit.pk).count() == 1


def test_what_was_signed_is_under_the_hash_with_units_r_hs_05(cast: Cast) -> None:
    visit = signed(cast, systolic=120, diastolic=80, pulse=64, weight_kg=Decimal("81.5"), em_minutes=20)
    note = visit.note
    assert note_queries.is_intact(note)
    assert note.extra == {
        "line_for_the_care_team": LINE, "decision_making": "moderate", "blood_pressure": "120/80 mmHg",
        "pulse": "64/min", "weight": "81.5 kg", "minutes_of_the_medical_visit": "20", "minutes_of_therapy": "",
    }  # fmt: skip
    note.extra = {**note.extra, "line_for_the_care_team": "Another line."}
    assert not note_queries.is_intact(note)


def test_signed_once_and_nothing_changes_after(cast: Cast) -> None:
    visit = signed(cast)
    with refused("signed"):
        actions.sign(visit, by=cast.priya)
    with refused("This note is signed and can no longer change."):
        actions.save(visit, line="Another.", by=cast.priya)
    assert Entry.objects.filter(kind="visit").count() == 1


def test_only_the_author_writes_and_signs(cast: Cast) -> None:
    visit = written(cast)
    with refused("Only its author writes in this note."):
        actions.save(visit, line="Theirs.", by=cast.paul)
    with refused("Only its author writes in this note."):
        actions.sign(visit, by=cast.tess)


def test_a_visit_says_something_to_the_care_team(cast: Cast) -> None:
    with refused("Write the line for the care team"):
        actions.sign(written(cast, line="\u200b"), by=cast.priya)


def test_empty_sections_are_named(cast: Cast) -> None:
    with clock.at(START):
        visit = actions.begin(cast.ana, by=cast.priya)
        actions.save(visit, line=LINE, em_level="low", by=cast.priya)
    with clock.at(END), refused("Still empty: Since the last visit, Medicines and their effects"):
        actions.sign(visit, by=cast.priya)


def test_a_missed_visit_needs_no_line_and_stands_on_no_timeline_as_held(cast: Cast) -> None:
    row = booked(cast, status="no_show")
    visit = signed(cast, row, line="", em_level="")
    row.refresh_from_db()
    assert (visit.note.contact, visit.note.code, row.status) == ("missed", "", "no_show")
    assert Entry.objects.filter(kind="visit").count() == 0


def test_entered_in_error_leaves_timeline_and_the_line(cast: Cast) -> None:
    visit = signed(cast)
    notes.retract(visit.note, reason="wrong chart", by=cast.priya)
    assert Entry.objects.filter(kind="visit", retracted_at=None).count() == 0


VITALS = [
    ({"systolic": 301, "diastolic": 80}, "systolic", "The upper pressure goes from 50 to 300. Check the number."),
    ({"systolic": 120, "diastolic": 29}, "diastolic", "The lower pressure goes from 30 to 200. Check the number."),
    ({"systolic": 120}, "diastolic", "Blood pressure has two numbers. Enter both, or none."),
    ({"diastolic": 80}, "systolic", "Blood pressure has two numbers. Enter both, or none."),
    ({"systolic": 80, "diastolic": 80}, "diastolic", "The lower pressure must be under the upper one."),
    ({"pulse": 24}, "pulse", "The pulse goes from 25 to 250. Check the number."),
    ({"weight_kg": Decimal("400.1")}, "weight_kg", "Weight in kilograms goes from 20 to 400. Check the number."),
]


@pytest.mark.parametrize(("vitals", "field", "sentence"), VITALS)
def test_vital_signs_that_cannot_be(cast: Cast, vitals: dict[str, Any], field: str, sentence: str) -> None:
    with refused(sentence) as caught:
        written(cast, **vitals)
    assert caught.value.field == field


def test_an_unknown_level_is_refused(cast: Cast) -> None:
    with refused("Choose the level of decision making from the list."):
        written(cast, em_level="extreme")
