"""The pages of sessions without a browser: who may, what bad input gets, how many queries."""

from typing import Any

import pytest
from django.test import Client

from clinic import clock
from patients.notes.models import Note, Revision
from tests.cast import Cast, client
from tests.therapy.sessions.ground import plan_for
from tests.therapy.sessions.test_sessions import END, START, booked, ready
from therapy.sessions import actions
from therapy.sessions.models import Homework, Session

NOBODY = "01900000-0000-7000-8000-000000000000"

JSON: dict[str, Any] = {"HTTP_ACCEPT": "application/json"}


def address(session: Session, more: str = "") -> str:
    return f"/sessions/{session.patient_id}/{session.pk}/{more}"


def sent(session: Session, **fields: Any) -> dict[str, Any]:
    session.note.refresh_from_db()
    parts = {f"part_{key}": text for key, text in session.note.parts.items()}
    return {"based_on": session.note.revision, "topic": session.topic, **parts, **fields}


def test_begins_from_the_board_once(cast: Cast) -> None:
    row = booked(cast)
    browser = client(cast.tess)
    answers = [browser.post(f"/sessions/{cast.ana.pk}/begin/", {"attendance": str(row.pk)}) for _ in range(2)]
    session = Session.objects.get()
    assert [answer.headers["Location"] for answer in answers] == [address(session)] * 2


@pytest.mark.parametrize("key", ["x", "", "0" * 32, NOBODY])
def test_an_attendance_that_is_none_meets_404_or_begins_without(cast: Cast, key: str) -> None:
    answer = client(cast.tess).post(f"/sessions/{cast.ana.pk}/begin/", {"attendance": key})
    assert answer.status_code == (302 if key == "" else 404)


def test_another_patients_attendance_meets_404(cast: Cast) -> None:
    row = booked(cast)
    answer = client(cast.theo).post(f"/sessions/{cast.ben.pk}/begin/", {"attendance": str(row.pk)})
    assert answer.status_code == 404


@pytest.mark.parametrize("who", ["theo", "fran", "max", "olga", "priya", "sam"])
def test_nobody_else_writes_in_a_session(cast: Cast, who: str) -> None:
    session = ready(cast)
    browser = client(getattr(cast, who))
    codes = [
        browser.get(address(session)).status_code,
        browser.post(address(session), sent(session)).status_code,
        browser.post(address(session, "save/"), sent(session), **JSON).status_code,
        browser.post(f"/sessions/{cast.ana.pk}/begin/").status_code,
    ]
    assert codes == [404, 404, 404, 404]


@pytest.mark.parametrize(("who", "code"), [("tess", 200), ("priya", 200), ("sam", 200), ("theo", 404), ("fran", 404)])
def test_who_reads(cast: Cast, who: str, code: int) -> None:
    session = ready(cast)
    with clock.at(END):
        note = actions.sign(session, by=cast.tess).note
    browser = client(getattr(cast, who))
    pages = [f"/sessions/{cast.ana.pk}/", f"/notes/{cast.ana.pk}/{note.pk}/"]
    assert [browser.get(page).status_code for page in pages] == [code, code]


def test_a_colleague_does_not_read_a_draft(cast: Cast) -> None:
    session = ready(cast)
    answer = client(cast.priya).get(f"/notes/{cast.ana.pk}/{session.note_id}/")
    assert answer.status_code == 200
    assert "Drove the bridge" not in answer.content.decode()
    signed = client(cast.tess).get(f"/notes/{cast.ana.pk}/{session.note_id}/")
    assert signed.headers["Location"] == address(session)


def test_the_script_is_told_saved_conflict_and_refused(cast: Cast) -> None:
    session = ready(cast)
    browser = client(cast.tess)
    data = sent(session, part_data="She is non-compliant.")
    saved = browser.post(address(session, "save/"), data, **JSON)
    assert (saved.status_code, saved.json()["state"], list(saved.json()["hints"])) == (200, "saved", ["data"])
    conflict = browser.post(address(session, "save/"), data | {"part_data": "Other."}, **JSON)
    assert (conflict.status_code, conflict.json()["parts"]["data"]) == (409, "She is non-compliant.")
    assert Revision.objects.get(set_aside=True).parts["data"] == "Other."
    refused = browser.post(address(session, "save/"), sent(session, part_data="\x00"), **JSON)
    assert (refused.status_code, refused.json()["field"]) == (422, "data")


def test_a_wrong_time_does_not_keep_the_text_from_being_saved(cast: Cast) -> None:
    session = ready(cast)
    data = sent(session, part_data="Kept.", starts="14:00", ends="13:00", minutes="x")
    answer = client(cast.tess).post(address(session, "save/"), data, **JSON)
    assert (answer.status_code, sorted(answer.json()["errors"])) == (200, ["ends", "minutes"])
    assert Note.objects.get().parts["data"] == "Kept."


def test_no_script_and_an_old_base_show_both_texts(cast: Cast) -> None:
    session = ready(cast)
    browser = client(cast.tess)
    old = sent(session, part_data="Mine.", topic="Another topic")
    browser.post(address(session), sent(session, part_data="Theirs."))
    answer = browser.post(address(session), old)
    page = answer.content.decode()
    assert answer.status_code == 409
    assert all(words in page for words in ("Mine.", "Theirs.", "Another topic", "Keep what is on this page"))
    kept = browser.post(address(session), sent(session, part_data="Mine.", do="keep"))
    assert (kept.status_code, Note.objects.get().parts["data"]) == (302, "Mine.")


def test_back_after_signing_keeps_the_late_text_and_leads_to_the_note(cast: Cast) -> None:
    session = ready(cast)
    late = sent(session, part_data="Typed after signing.", do="sign")
    with clock.at(END):
        actions.sign(session, by=cast.tess)
    answer = client(cast.tess).post(address(session), late)
    assert answer.headers["Location"] == f"/notes/{cast.ana.pk}/{session.note_id}/"
    assert Revision.objects.get(set_aside=True).parts["data"] == "Typed after signing."


def test_a_refused_signature_keeps_every_word(cast: Cast) -> None:
    session = ready(cast)
    data = sent(session, topic="", part_plan="A new plan.", do="sign", homework_kind="reading", homework_words="Ch. 1")
    data |= {"starts": "06:00", "ends": "06:40"}
    answer = client(cast.tess).post(address(session), data)
    page = answer.content.decode()
    assert (answer.status_code, "Write the topic line" in page, "A new plan." in page) == (422, True, True)
    assert Homework.objects.get().words == "Ch. 1"
    assert all(f'value="{time}"' in page for time in ("06:00", "06:40"))


def test_a_refused_save_does_not_step_over_another_window(cast: Cast) -> None:
    session = ready(cast)
    browser = client(cast.tess)
    old = sent(session, part_data="Mine, with a sign that cannot be stored: \x00")
    browser.post(address(session), sent(session, part_data="Theirs."))
    refused = browser.post(address(session), old)
    assert (refused.status_code, refused.context["form"]["based_on"].value()) == (422, str(old["based_on"]))


HOSTILE = {
    "based_on": ["", "-1", "x", "9" * 40, "\x00"],
    "starts": ["99:99", "x"],
    "minutes": ["-5", "1e9", "99999999999"],
    "topic": ["x" * 5_000, "\x00", "‮abc"],
    "modality": ["x", "\x00"],
    "techniques": ["x", "\x00"],
    "obj_x": ["met"],
    f"obj_{NOBODY}": ["met", "x", "\x00"],
    f"hw_{NOBODY}": ["done"],
    "do": ["format:XXX", "format:MED", "drop:x", f"drop:{NOBODY}", "\x00", "sign"],
    "code": ["x" * 99, "99214", "\x00"],
    "part_data": ["\x00", "x" * 60_000],
    "homework_words": ["x" * 900, "\x00"],
    "part_secret": ["x"],
}


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in HOSTILE.items() for value in values])
def test_hostile_input_is_never_a_500(cast: Cast, name: str, value: str) -> None:
    session = ready(cast)
    browser: Client = client(cast.tess)
    data = sent(session) | {name: value}
    codes = {browser.post(address(session), data).status_code}
    codes.add(browser.post(address(session, "save/"), data, **JSON).status_code)
    assert codes <= {200, 302, 404, 409, 422}


@pytest.mark.parametrize("number", [1, 8])
def test_the_list_does_not_grow_in_queries(cast: Cast, django_assert_num_queries: Any, number: int) -> None:
    for day in range(number):
        with clock.at(START.replace(day=2 + day)):
            session = ready_on(cast)
            actions.give_homework(session, kind="reading", words="Ch. 1", by=cast.tess)
        with clock.at(END.replace(day=2 + day)):
            actions.sign(session, by=cast.tess)
    from therapy.sessions import queries

    with django_assert_num_queries(3):
        assert len(queries.contacts(cast.ana.pk)) == number
    with django_assert_num_queries(2):
        queries.recent(cast.ana.pk)


def ready_on(cast: Cast) -> Session:
    from tests.therapy.sessions.ground import written

    return written(cast)


def test_autosave_is_few_queries(cast: Cast, django_assert_num_queries: Any) -> None:
    plan_for(cast)
    session = ready(cast)
    browser = client(cast.tess)
    with clock.at(clock.now()):  # in one second: the idle clock is not renewed in between
        browser.post(address(session, "save/"), sent(session, part_data="One."), **JSON)
        data = sent(session, part_data="Two.")
        with django_assert_num_queries(17):
            assert browser.post(address(session, "save/"), data, **JSON).status_code == 200
