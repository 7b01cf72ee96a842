"""The visit's pages without a browser: who may, what bad input gets, what stands beside the note."""

from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from clinic import clock
from medications.visits import actions
from medications.visits.models import Visit
from medications.visits.panels import Line
from patients.handoffs import actions as handoffs
from patients.measures.models import Score
from patients.notes import actions as notes
from patients.notes.models import Note, Revision
from patients.timeline import actions as timeline
from patients.timeline.enums import EntryKind
from tests.cast import Cast, client, on_team
from tests.medications.prescribing.given import asked_everything, started
from tests.medications.visits.given import END, LATER, LINE, START, booked, signed, written

JSON: dict[str, Any] = {"HTTP_ACCEPT": "application/json"}


@pytest.fixture
def priya(cast: Cast) -> Client:
    return client(cast.priya)


def address(visit: Visit, more: str = "") -> str:
    return f"/visits/{visit.patient_id}/{visit.pk}/{more}"


def sent(visit: Visit, **fields: Any) -> dict[str, Any]:
    """Everything on the page, with differences."""
    visit.refresh_from_db()
    note = Note.objects.get(pk=visit.note_id)
    known = {f"part_{key}": text for key, text in note.parts.items()}
    for name in ("systolic", "diastolic", "pulse", "weight_kg"):
        known[name] = "" if getattr(visit, name) is None else getattr(visit, name)
    known |= {"based_on": note.revision, "line": visit.line, "em_level": visit.em_level, "em_minutes": ""}
    return known | {"starts": "14:00", "ends": "", "minutes": ""} | fields


def test_begins_from_the_board_once(cast: Cast, priya: Client) -> None:
    row = booked(cast)
    with clock.at(START):
        answers = [priya.post(f"/visits/{cast.ana.pk}/begin/", {"attendance": str(row.pk)}) for _ in range(2)]
    assert [answer["Location"] for answer in answers] == [address(Visit.objects.get())] * 2


@pytest.mark.parametrize("key", ["x", "", "0" * 32, "01900000-0000-7000-8000-000000000000", "\x00"])
def test_an_attendance_that_is_none_meets_404_or_begins_without(cast: Cast, priya: Client, key: str) -> None:
    answer = priya.post(f"/visits/{cast.ana.pk}/begin/", {"attendance": key})
    assert answer.status_code == (302 if key == "" else 404)


def test_another_patients_attendance_meets_404(cast: Cast) -> None:
    row = booked(cast)
    assert client(cast.paul).post(f"/visits/{cast.ben.pk}/begin/", {"attendance": str(row.pk)}).status_code == 404


@pytest.mark.parametrize("who", ["tess", "theo", "paul", "fran", "max", "olga", "sam"])
def test_nobody_else_writes_in_a_visit(cast: Cast, who: str) -> None:
    visit, browser = written(cast), client(getattr(cast, who))
    codes = [
        browser.get(address(visit)).status_code,
        browser.post(address(visit), sent(visit)).status_code,
        browser.post(address(visit, "save/"), sent(visit), **JSON).status_code,
        browser.post(f"/visits/{cast.ana.pk}/begin/").status_code,
    ]
    assert codes == [404, 404, 404, 404]


def test_a_prescriber_beside_the_author_reads_the_note_and_does_not_write(cast: Cast) -> None:
    visit = written(cast)
    on_team(cast.ana, cast.paul, "prescriber")
    paul = client(cast.paul)
    assert paul.get(address(visit))["Location"] == f"/notes/{cast.ana.pk}/{visit.note_id}/"
    assert paul.post(address(visit), sent(visit, line="Theirs.")).status_code == 302
    assert paul.post(address(visit, "save/"), sent(visit), **JSON).status_code == 404
    visit.refresh_from_db()
    assert visit.line == LINE


@pytest.mark.parametrize(("who", "code"), [("priya", 200), ("tess", 200), ("sam", 200), ("theo", 404), ("fran", 404)])
def test_who_reads_the_signed_note_with_its_facts(cast: Cast, who: str, code: int) -> None:
    visit = signed(cast, systolic=120, diastolic=80)
    page = client(getattr(cast, who)).get(f"/notes/{cast.ana.pk}/{visit.note_id}/")
    assert page.status_code == code
    if code == 200:
        text = page.content.decode()
        for words in ("Line for the care team", LINE, "Decision making", "moderate", "120/80 mmHg", "99214"):
            assert words in text, words


def test_the_script_is_told_saved_conflict_and_refused(cast: Cast, priya: Client) -> None:
    visit = written(cast)
    data = sent(visit, part_plan="She is non-compliant.", line="New line.")
    saved = priya.post(address(visit, "save/"), data, **JSON)
    assert (saved.status_code, saved.json()["state"], list(saved.json()["hints"])) == (200, "saved", ["plan"])
    conflict = priya.post(address(visit, "save/"), data | {"part_plan": "Other."}, **JSON)
    assert (conflict.status_code, conflict.json()["parts"]["plan"]) == (409, "She is non-compliant.")
    assert Revision.objects.get(set_aside=True).parts["plan"] == "Other."
    refused = priya.post(address(visit, "save/"), sent(visit, part_plan="\x00"), **JSON)
    assert (refused.status_code, refused.json()["field"]) == (422, "plan")


def test_half_a_blood_pressure_keeps_nothing_else_from_being_saved(cast: Cast, priya: Client) -> None:
    """Autosave fires between the two numbers."""
    visit = written(cast)
    data = sent(visit, systolic="120", pulse="64", part_plan="Kept.", line="Kept too.")
    answer = priya.post(address(visit, "save/"), data, **JSON)
    assert (answer.status_code, answer.json()["errors"]) == (
        200, {"diastolic": "Blood pressure has two numbers. Enter both, or none."},
    )  # fmt: skip
    visit.refresh_from_db()
    assert (visit.line, visit.pulse, visit.systolic, Note.objects.get().parts["plan"]) == (
        "Kept too.", 64, None, "Kept.",
    )  # fmt: skip
    answer = priya.post(address(visit, "save/"), sent(visit, systolic="120", diastolic="80"), **JSON)
    assert (answer.status_code, answer.json()["errors"]) == (200, {})
    visit.refresh_from_db()
    assert (visit.systolic, visit.diastolic) == (120, 80)


def test_fields_that_were_not_on_the_page_stay(cast: Cast, priya: Client) -> None:
    visit = written(cast, weight_kg=Decimal(80), em_minutes=15)
    note = Note.objects.get()
    priya.post(address(visit, "save/"), {"based_on": note.revision, "part_plan": "New."}, **JSON)
    visit.refresh_from_db()
    note.refresh_from_db()
    assert (visit.line, visit.em_level, visit.weight_kg, note.em_minutes, note.parts["plan"]) == (
        LINE, "moderate", Decimal(80), 15, "New.",
    )  # fmt: skip


def test_minutes_of_both_kinds_are_judged_together_as_typed(cast: Cast, priya: Client) -> None:
    visit = written(cast, em_minutes=30)
    data = sent(visit, ends="14:30", minutes="20", em_minutes="10")
    assert priya.post(address(visit, "save/"), data, **JSON).json()["errors"] == {}
    note = Note.objects.get()
    assert (note.minutes, note.em_minutes) == (20, 10)
    answer = priya.post(address(visit, "save/"), sent(visit, ends="14:30", minutes="20", em_minutes="12"), **JSON)
    assert answer.status_code == 422 or "ends" in answer.json()["errors"]


def test_a_refused_signature_keeps_every_word(cast: Cast, priya: Client) -> None:
    visit = written(cast)
    with clock.at(END):
        data = sent(visit, line="", part_plan="A new plan.", pulse="64", em_minutes="7", do="sign")
        page = priya.post(address(visit), data | {"starts": "13:55", "ends": "14:25"})
    text = page.content.decode()
    assert page.status_code == 422
    assert "Write the line for the care team: one sentence that the therapist reads." in text
    assert "A new plan." in text
    for value in ("64", "7", "13:55", "14:25"):
        assert f'value="{value}"' in text, value
    assert 'value="moderate" checked' in " ".join(text.split())
    assert not Note.objects.get().is_signed


def test_signing_leads_to_the_note_and_late_text_is_kept(cast: Cast, priya: Client) -> None:
    visit = written(cast)
    late = sent(visit, part_plan="Typed after signing.", do="sign")
    address_of_note = f"/notes/{cast.ana.pk}/{visit.note_id}/"
    with clock.at(END):
        assert priya.post(address(visit), sent(visit, do="sign"))["Location"] == address_of_note
        assert Note.objects.get().is_signed
        assert priya.post(address(visit), late)["Location"] == address_of_note
        assert priya.get(address(visit))["Location"] == address_of_note
    assert Revision.objects.get(set_aside=True).parts["plan"] == "Typed after signing."


def test_no_script_and_an_old_base_show_both_texts(cast: Cast, priya: Client) -> None:
    visit = written(cast)
    old = sent(visit, part_plan="Mine.", line="My line.")
    priya.post(address(visit), sent(visit, part_plan="Theirs."))
    page = priya.post(address(visit), old)
    assert page.status_code == 409
    assert all(
        words in page.content.decode() for words in ("Mine.", "Theirs.", "My line.", "Keep what is on this page")
    )
    kept = priya.post(address(visit), sent(visit, part_plan="Mine.", do="keep"))
    assert (kept.status_code, Note.objects.get().parts["plan"]) == (302, "Mine.")


HOSTILE = {
    "based_on": ["", "-1", "x", "9" * 40, "\x00"],
    "starts": ["99:99", "x"],
    "minutes": ["-5", "1e9", "99999999999"],
    "em_minutes": ["-5", "1e9", "99999999999", "721"],
    "line": ["x" * 501, "\x00", "\u202eabc"],
    "em_level": ["extreme", "\x00"],
    "systolic": ["-1", "999999", "x", "٢", "1.5", "120"],
    "weight_kg": ["NaN", "Infinity", "1e400", "-3", "81.55"],
    "part_plan": ["x" * 50_001, "\x00"],
    "part_strange": ["words"],
    "do": ["format:NONSENSE", "format:DAP"],
}


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in HOSTILE.items() for value in values])
def test_hostile_input_never_breaks_the_page(cast: Cast, priya: Client, name: str, value: str) -> None:
    visit = written(cast)
    page = priya.post(address(visit), sent(visit, part_assessment="Kept words.", **{name: value}))
    assert page.status_code in (302, 409, 422), page.status_code
    if page.status_code != 302:
        assert "Kept words." in page.content.decode()
    saved = priya.post(address(visit, "save/"), sent(visit, **{name: value}), **JSON)
    assert saved.status_code in (200, 409, 422)
    visit.refresh_from_db()
    assert (visit.em_level, len(visit.line) <= 500) == ("moderate", True)


def test_beside_the_note_stands_what_the_therapist_saw(
    cast: Cast, priya: Client, django_assert_num_queries: Any
) -> None:
    with clock.at(START):
        asked_everything(cast.ana, by=cast.priya)
        started(cast.ana, by=cast.priya)
        note = notes.begin(cast.ana, kind="session", by=cast.tess)
        timeline.note(
            cast.ana.pk, EntryKind.SESSION, on=note, occurred_at=START, label="The bridge, alone", by=cast.tess
        )
        handoffs.send(cast.ana, to_user=cast.priya, words="Sweats since Thursday.", by=cast.tess)
    for day, total in ((START, 15), (END, 11)):
        Score.objects.create(
            patient=cast.ana, instrument="phq9", version="US English", answers=[1] * 10, total=total, band="moderate",
            answered_at=day, channel="clinician", recorded_at=day, recorded_by=cast.priya,
        )  # fmt: skip
    before = signed(cast, line="The line before.")
    assert before.note.is_signed
    with clock.at(LATER):
        visit = actions.begin(cast.ana, by=cast.priya)
        priya.get(address(visit))
        with django_assert_num_queries(24):
            page = priya.get(address(visit))
    text = page.content.decode()
    for words in (
        "The bridge, alone", "Sweats since Thursday.", "PHQ-9", ">15<", "moderate, Mar 2", "The line before.",
        "Sertraline", "50\u00a0mg", "99214", "90833 (16–37)", "mmHg", "/min", "kg",
    ):  # fmt: skip
        assert words in text, words
    assert "/change/" in text


def test_the_line_stands_on_the_chart_for_the_therapist(cast: Cast) -> None:
    panel = Line()
    assert panel.context(cast.ana, cast.tess, None) is None
    written(cast, line="Not signed yet.")
    assert panel.context(cast.ana, cast.tess, None) is None
    Visit.objects.get()
    with clock.at(END):
        visit = actions.sign(Visit.objects.get(), by=cast.priya)
    assert panel.context(cast.ana, cast.tess, None) == {"visit": visit, "mine": False}
    found = panel.context(cast.ana, cast.priya, None)
    assert found is not None
    assert found["mine"] is True
    text = client(cast.tess).get(f"/chart/{cast.ana.pk}/").content.decode()
    assert text.count("Priya’s line") == 1
    assert text.count("Not signed yet.") >= 1
    assert "Your line" in client(cast.priya).get(f"/chart/{cast.ana.pk}/").content.decode()
    notes.retract(visit.note, reason="wrong chart", by=cast.priya)
    assert panel.context(cast.ana, cast.tess, None) is None
