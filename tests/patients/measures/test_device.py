"""The questions at the desk's device: who is signed in, tokens and codes, every way to come back too late or twice."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from clinic import clock
from clinic.refusal import Refused
from patients.measures import desk
from patients.measures.models import DeskSession, Score
from patients.measures.views.desk import HELD
from patients.risk.models import RiskFlag
from tests.cast import Cast, client
from tests.patients.measures.given import NOW

HAND = "/measures/{}/hand-over/"


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    with clock.at(NOW):
        yield


@pytest.fixture
def device(cast: Cast) -> Client:
    """The desk's browser, handed over to Ana."""
    made = client(cast.fran)
    made.post(HAND.format(cast.ana.pk), {"where": "here"})
    return made


def _through(device: Client, *values: int | None, first: int = 1) -> None:
    for number, value in enumerate(values, first):
        device.post(f"/measures/desk/{number}/", {"skip": "1"} if value is None else {"answer": value})


def test_the_desk_is_signed_out_on_the_device(cast: Cast, device: Client) -> None:
    assert "_auth_user_id" not in device.session
    assert set(device.session.keys()) == {HELD}
    assert device.get("/inbox/").status_code == 302


def test_no_address_and_no_row_holds_the_token(device: Client) -> None:
    token = device.session[HELD]
    kept = DeskSession.objects.get()
    assert token not in str(vars(kept))
    assert kept.token_hash == desk.hash_of(token)
    assert device.get("/measures/desk/").status_code == 200


def test_somebody_who_signs_in_beside_the_questions_is_signed_out_by_them(cast: Cast, device: Client) -> None:
    device.force_login(cast.tess)
    device.get("/measures/desk/1/")
    assert "_auth_user_id" not in device.session


@pytest.mark.parametrize(("who", "status"), [("fran", 200), ("tess", 200), ("theo", 404), ("max", 404), ("olga", 404)])
def test_who_hands_over(cast: Cast, who: str, status: int) -> None:
    assert client(getattr(cast, who)).get(HAND.format(cast.ana.pk)).status_code == status


def test_answers_are_kept_as_they_come_and_a_reload_resumes(device: Client) -> None:
    _through(device, 1, None, 2)
    kept = DeskSession.objects.get()
    assert kept.answers["phq9"][:4] == [1, None, 2, None]
    assert device.get("/measures/desk/")["Location"] == "/measures/desk/4/"


@pytest.mark.parametrize("data", [{}, {"answer": "4"}, {"answer": "-1"}, {"answer": "²"}, {"answer": "9" * 999}])
def test_an_answer_that_is_none_is_asked_for_again(device: Client, data: dict[str, str]) -> None:
    answer = device.post("/measures/desk/1/", data)
    assert (answer.status_code, DeskSession.objects.get().reached) == (422, 0)
    assert b"Choose one of the answers, or skip the question." in answer.content


@pytest.mark.parametrize("number", [0, 18, 10**30])
def test_a_question_that_is_not_there_leads_on(device: Client, number: int) -> None:
    _through(device, 1)
    for answer in (device.get(f"/measures/desk/{number}/"), device.post(f"/measures/desk/{number}/", {"answer": 1})):
        assert answer["Location"] == "/measures/desk/2/"


def test_how_difficult_is_asked_only_if_something_was_above_zero(device: Client) -> None:
    _through(device, *[0] * 8)
    assert device.post("/measures/desk/9/", {"answer": 0})["Location"] == "/measures/desk/11/"
    assert b'href="/measures/desk/9/"' in device.get("/measures/desk/11/").content
    device.post("/measures/desk/1/", {"answer": 1})
    assert device.post("/measures/desk/9/", {"answer": 0})["Location"] == "/measures/desk/10/"


def test_item_9_is_answered_at_once_and_the_flag_is_raised_then(cast: Cast, device: Client) -> None:
    """R-MB-07"""
    _through(device, *[0] * 8)
    assert RiskFlag.objects.count() == 0
    answer = device.post("/measures/desk/9/", {"answer": 1}, follow=True)
    page = answer.content.decode()
    assert answer.redirect_chain == [("/measures/desk/9/help/", 302)]
    assert ("988" in page, "911" in page) == (True, True)
    flag = RiskFlag.objects.get()
    assert (flag.patient, flag.raised_by, Score.objects.count()) == (cast.ana, None, 0)


def test_another_answer_takes_the_flag_back_no_more_than_it_raises_a_second(device: Client) -> None:
    _through(device, *[0] * 8)
    for value in (1, 3, 0):
        device.post("/measures/desk/9/", {"answer": value})
    assert RiskFlag.objects.get(closed_at=None).sentence == "PHQ-9 item 9 was 1: several days."


def test_the_score_has_the_key_that_the_flag_names(device: Client) -> None:
    _through(device, *[0] * 8, 2, 1, *[0] * 7)
    device.post("/measures/desk/end/")
    assert RiskFlag.objects.get().object_id == Score.objects.get(instrument="phq9").pk


def test_finishing_scores_both_and_shows_neither_score_nor_name_of_a_questionnaire(device: Client) -> None:
    _through(device, *[1] * 17)
    page = device.post("/measures/desk/end/", follow=True).content.decode()
    assert dict(Score.objects.values_list("instrument", "total")) == {"phq9": 9, "gad7": 7}
    assert "Give the device back to the desk." in page
    assert [word for word in ("PHQ", "GAD", "score", "mild", "depress", "anxi") if word in page.split("<main")[1]] == []


def test_what_was_skipped_leaves_the_total_out(device: Client) -> None:
    """R-MB-02"""
    _through(device, None, *[1] * 16)
    device.post("/measures/desk/end/")
    assert dict(Score.objects.values_list("instrument", "total")) == {"phq9": None, "gad7": 7}


def test_nothing_answered_leaves_no_score(device: Client) -> None:
    device.post("/measures/desk/end/")
    assert Score.objects.count() == 0


def test_finishing_twice_scores_once_and_nothing_opens_again(device: Client) -> None:
    _through(device, *[1] * 17)
    for _ in range(2):
        assert device.post("/measures/desk/end/", follow=True).status_code == 200
    assert Score.objects.count() == 2
    for answer in (device.get("/measures/desk/3/"), device.post("/measures/desk/3/", {"answer": 3})):
        assert b"Give the device back to the desk." in answer.content
    assert Score.objects.get(instrument="phq9").answers[2] == 1


def test_after_the_time_the_answers_are_scored_and_a_sentence_stands_there(device: Client) -> None:
    _through(device, *[1] * 3)
    with clock.at(NOW + timedelta(minutes=30)):
        answer = device.post("/measures/desk/4/", {"answer": 1})
        assert (answer.status_code, b"time for these questions is over" in answer.content) == (410, True)
    score = Score.objects.get()
    assert (score.total, score.answers[:4], score.answered_at) == (None, [1, 1, 1, None], NOW + timedelta(minutes=30))


def test_a_device_without_a_token_gets_a_sentence(db: None) -> None:
    for address in ("/measures/desk/", "/measures/desk/1/", "/measures/desk/1/help/", "/measures/desk/end/"):
        answer = Client().get(address)
        assert (answer.status_code, b"Give the device back to the desk." in answer.content) == (404, True)


def test_handing_over_again_goes_on_with_the_answers_and_shuts_the_first_device(cast: Cast, device: Client) -> None:
    _through(device, 2, 2)
    second = client(cast.fran)
    second.post(HAND.format(cast.ana.pk), {"where": "here"})
    assert second.get("/measures/desk/")["Location"] == "/measures/desk/3/"
    assert device.get("/measures/desk/3/").status_code == 404
    assert DeskSession.objects.count() == 1


def test_the_sweep_scores_what_was_left_lying(device: Client) -> None:
    _through(device, *[1] * 5)
    assert desk.close_lapsed() == 0
    with clock.at(NOW + timedelta(minutes=30)):
        assert (desk.close_lapsed(), desk.close_lapsed()) == (1, 0)
    assert (Score.objects.get().total, DeskSession.objects.get().finished_at is None) == (None, False)


def _code(cast: Cast) -> str:
    return desk.hand_over(cast.ana, with_code=True, by=cast.fran).code


def test_six_digits_open_the_questions_on_another_device_once(cast: Cast) -> None:
    code = _code(cast)
    tablet = client(cast.tess)  # somebody is signed in there
    assert tablet.post("/measures/here/", {"code": f"{code[:3]} {code[3:]}"})["Location"] == "/measures/desk/"
    assert "_auth_user_id" not in tablet.session
    assert b"Hello, Annie." in tablet.get("/measures/desk/").content
    again = Client().post("/measures/here/", {"code": code})
    assert (again.status_code, b"does not work" in again.content) == (422, True)


def test_the_digits_lapse_and_stand_in_no_row(cast: Cast) -> None:
    code = _code(cast)
    assert code not in str(vars(DeskSession.objects.get()))
    with clock.at(NOW + timedelta(minutes=10)):
        assert Client().post("/measures/here/", {"code": code}).status_code == 422


@pytest.mark.parametrize("code", ["", "12345", "abcdef", "١٢٣٤٥٦", "0" * 5000, "12\x003456"])
def test_what_is_no_code_gets_a_sentence(db: None, code: str) -> None:
    assert Client().post("/measures/here/", {"code": code}).status_code == 422


def test_the_code_page_shows_the_digits(cast: Cast) -> None:
    page = client(cast.fran).post(HAND.format(cast.ana.pk), {"where": "other"}).content.decode()
    found = DeskSession.objects.get()
    assert (
        desk.code_hash("".join(part for part in page.split('handcode">')[1].split("<")[0].split())) == found.code_hash
    )


def test_too_many_tries_from_one_address_stop_even_the_right_code(cast: Cast) -> None:
    code = _code(cast)
    wrong = f"{(int(code) + 1) % 1_000_000:06d}"
    for _ in range(10):
        assert b"does not work" in Client().post("/measures/here/", {"code": wrong}).content
    answer = Client().post("/measures/here/", {"code": code})
    assert (answer.status_code, b"Too many codes" in answer.content) == (422, True)


def test_a_visit_of_another_patient_is_not_found(cast: Cast) -> None:
    answer = client(cast.fran).post(HAND.format(cast.ana.pk), {"where": "here", "attendance": str(cast.ben.pk)})
    assert answer.status_code == 404
    assert client(cast.fran).get(HAND.format(cast.ana.pk) + "?attendance=x").status_code == 404


def test_answering_with_a_lapsed_token_is_refused_in_the_action_too(cast: Cast) -> None:
    handed = desk.hand_over(cast.ana, by=cast.fran)
    with clock.at(NOW + timedelta(minutes=31)), pytest.raises(Refused, match="time for these questions is over"):
        desk.answer(handed.token, number=1, value=1)
    with pytest.raises(Refused, match="time for these questions is over"):
        desk.answer("no such token", number=1, value=1)


def test_no_page_of_the_device_names_the_patient_in_full(cast: Cast, device: Client) -> None:
    pages: list[Any] = [device.get(f"/measures/desk/{part}") for part in ("", "1/", "end/")]
    assert [page for page in pages if b"Quiroga" in page.content] == []
