"""The tab and its pages: who opens them, recording with the patient, acknowledging, entered in error."""

from collections.abc import Iterator
from uuid import uuid4

import pytest

from clinic import clock
from patients.measures.models import Score
from patients.risk.models import RiskFlag
from tests.cast import Cast, client
from tests.patients.measures.given import NOW, phq9, scored


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    with clock.at(NOW):
        yield


def _filled(**more: str) -> dict[str, str]:
    return {"answered_on": "2026-11-23", **{f"item_{n}": "1" for n in range(1, 10)}, **more}


def test_who_opens_the_pages(cast: Cast) -> None:
    """R-HP-08: the desk sees no score."""
    score = scored(cast.ana, phq9(), by=cast.tess)
    for address in (f"/measures/{cast.ana.pk}/", f"/measures/{cast.ana.pk}/{score.pk}/"):
        seen = {name: client(getattr(cast, name)).get(address).status_code for name in ("tess", "priya", "sam")}
        hidden = {
            name: client(getattr(cast, name)).get(address).status_code for name in ("theo", "fran", "max", "olga")
        }
        assert (set(seen.values()), set(hidden.values())) == ({200}, {404})


def test_a_supervisor_reads_and_does_not_record(cast: Cast) -> None:
    page = client(cast.sam).get(f"/measures/{cast.ana.pk}/").content.decode()
    assert ("Record PHQ-9" in page, client(cast.sam).get(f"/measures/{cast.ana.pk}/record/phq9/").status_code) == (
        False,
        404,
    )


def test_record_with_the_patient(cast: Cast) -> None:
    answer = client(cast.tess).post(f"/measures/{cast.ana.pk}/record/phq9/", _filled(item_9="0", item_10="2"))
    score = Score.objects.get()
    assert answer["Location"] == f"/measures/{cast.ana.pk}/{score.pk}/"
    assert (score.total, score.answers, score.channel, score.recorded_by) == (
        8,
        [*[1] * 8, 0, 2],
        "clinician",
        cast.tess,
    )


def test_a_double_click_records_once(cast: Cast) -> None:
    browser, data = client(cast.tess), _filled(key=str(uuid4()))
    places = {browser.post(f"/measures/{cast.ana.pk}/record/phq9/", data)["Location"] for _ in range(2)}
    assert (len(places), Score.objects.count()) == (1, 1)


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({"answered_on": "2026-11-23"}, "Nothing is answered yet"),
        ({"answered_on": "2026-11-24", "item_1": "1"}, "cannot be from the future"),
        ({"answered_on": "soon", "item_1": "1"}, "Enter the day"),
        ({"answered_on": "2026-11-23", "item_1": "7"}, "Choose one of the answers"),
        ({"answered_on": "2026-11-23", "item_1": "1", "key": "nonsense"}, ""),
    ],
)
def test_what_is_wrong_is_said_and_the_answers_stay(cast: Cast, data: dict[str, str], sentence: str) -> None:
    answer = client(cast.tess).post(f"/measures/{cast.ana.pk}/record/phq9/", {**data, "item_2": ""})
    assert (answer.status_code, sentence in answer.content.decode(), Score.objects.count()) == (422, True, 0)


@pytest.mark.parametrize("instrument", ["asq", "mdq", "phq99"])
def test_what_cannot_be_scored_here_is_not_found(cast: Cast, instrument: str) -> None:
    assert client(cast.tess).get(f"/measures/{cast.ana.pk}/record/{instrument}/").status_code == 404


def test_acknowledge_in_the_browser(cast: Cast) -> None:
    score = scored(cast.ana, phq9(item9=1), by=None, channel="desk")
    browser, address = client(cast.priya), f"/measures/{cast.ana.pk}/{score.pk}/"
    assert "I have read these answers" in browser.get(address).content.decode()
    browser.post(f"{address}acknowledge/")
    score.refresh_from_db()
    page = browser.get(address).content.decode()
    assert (score.acknowledged_by, "I have read these answers" in page) == (cast.priya, False)


def test_entered_in_error_leads_to_the_flag_it_raised(cast: Cast) -> None:
    score = scored(cast.ana, phq9(item9=1), by=None, channel="desk")
    answer = client(cast.tess).post(f"/measures/{cast.ana.pk}/{score.pk}/in-error/", {"reason": "Ben's answers"})
    assert answer["Location"] == f"/risk/{cast.ana.pk}/{RiskFlag.objects.get().pk}/"


def test_entered_in_error_needs_a_reason(cast: Cast) -> None:
    score = scored(cast.ana, phq9(), by=cast.tess)
    answer = client(cast.tess).post(f"/measures/{cast.ana.pk}/{score.pk}/in-error/", {"reason": ""})
    assert (answer.status_code, b"Write why the score is wrong" in answer.content) == (422, True)


def test_a_score_of_another_patient_is_not_found(cast: Cast) -> None:
    score = scored(cast.ben, phq9(), by=cast.theo)
    assert client(cast.tess).get(f"/measures/{cast.ana.pk}/{score.pk}/").status_code == 404
