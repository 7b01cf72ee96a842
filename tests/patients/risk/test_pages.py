"""The flag's page: who may open it, what it shows, how it is closed in a browser without a screen."""

from collections.abc import Iterator

import pytest

from clinic import clock
from patients.risk import actions
from patients.risk.models import RiskFlag
from tests.cast import Cast, at, client

NOW = at("2026-11-23 10:00")


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    with clock.at(NOW):
        yield


@pytest.fixture
def flag(cast: Cast) -> RiskFlag:
    """Tess raised one for Ana."""
    return actions.raise_flag(cast.ana, source="clinician", sentence="Says she has a plan.", by=cast.tess)


def test_who_opens_it(cast: Cast, flag: RiskFlag) -> None:
    """R-HP-08: nothing clinical for the desk."""
    address = f"/risk/{cast.ana.pk}/{flag.pk}/"
    people = {name: client(getattr(cast, name)).get(address).status_code for name in ("tess", "priya", "sam")}
    others = {name: client(getattr(cast, name)).get(address).status_code for name in ("theo", "fran", "max", "olga")}
    assert (set(people.values()), set(others.values())) == ({200}, {404})


def test_a_flag_of_another_patient_is_not_found(cast: Cast, flag: RiskFlag) -> None:
    assert client(cast.theo).get(f"/risk/{cast.ben.pk}/{flag.pk}/").status_code == 404


def test_raise_from_the_chart(cast: Cast) -> None:
    answer = client(cast.priya).post(f"/risk/{cast.ana.pk}/raise/", {"sentence": "Gave her things away."})
    raised = RiskFlag.objects.get()
    assert answer["Location"] == f"/risk/{cast.ana.pk}/{raised.pk}/"
    assert (raised.sentence, raised.raised_by) == ("Gave her things away.", cast.priya)


@pytest.mark.parametrize("words", ["", "x" * 301, "nul \x00 inside", "half \ud800 a character"])
def test_raise_refuses_with_a_sentence_and_keeps_the_words(cast: Cast, words: str) -> None:
    body = b"sentence=" + words.encode("utf-8", "surrogatepass")
    answer = client(cast.priya).post(
        f"/risk/{cast.ana.pk}/raise/", body, content_type="application/x-www-form-urlencoded"
    )
    assert (answer.status_code, RiskFlag.objects.count()) == (422, 0)


def test_close_asks_for_both_and_keeps_the_words(cast: Cast, flag: RiskFlag) -> None:
    answer = client(cast.tess).post(f"/risk/{cast.ana.pk}/{flag.pk}/close/", {"words": "She is safe at home."})
    assert answer.status_code == 422
    assert b"She is safe at home." in answer.content
    assert b"Choose how this ended." in answer.content


def test_acknowledge_then_close(cast: Cast, flag: RiskFlag) -> None:
    browser = client(cast.tess)
    browser.post(f"/risk/{cast.ana.pk}/{flag.pk}/acknowledge/")
    answer = browser.post(
        f"/risk/{cast.ana.pk}/{flag.pk}/close/", {"disposition": "assessed_safe", "words": "No plan, no means."}
    )
    flag.refresh_from_db()
    assert (answer.status_code, flag.acknowledged_by, flag.closed_by) == (302, cast.tess, cast.tess)


def test_closing_what_another_closed_is_told(cast: Cast, flag: RiskFlag) -> None:
    actions.close(flag, disposition="referred", words="Same day.", by=cast.priya)
    answer = client(cast.tess).post(
        f"/risk/{cast.ana.pk}/{flag.pk}/close/", {"disposition": "assessed_safe", "words": "No plan."}
    )
    assert answer.status_code == 409
    assert b"Priya Raman closed this flag already" in answer.content
    assert b"No plan." in answer.content


def test_the_strip_shows_the_open_flag_and_never_hides(cast: Cast, flag: RiskFlag) -> None:
    from patients.measures.panels import risk

    part = risk(cast.ana, cast.tess)
    assert (part.label, part.pieces[0]["mark"], part.pieces[0]["text"]) == ("Risk", "r", "Says she has a plan.")
    actions.close(flag, disposition="referred", words="Same day.", by=cast.priya)
    part = risk(cast.ana, cast.tess)
    assert part.pieces == [{"strong": "No open flag.", "text": "Item 9 never asked"}]
