"""The record's pages in a browser: nothing for axe to find in either theme, and pictures where asked for."""

from typing import Any

import pytest
from playwright.sync_api import Page

from patients.record import actions
from patients.record.models import Patient
from patients.record.queries import facts
from tests.cast import Cast, at
from tests.look import shoot, sign_in, violations

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def fill(cast: Cast) -> Patient:
    """Ana with allergies, conditions, some facts, a cover and things entered in error."""
    ana = cast.ana
    actions.record_allergy(ana, kind="ingredient", name="Penicillin", reaction="hives", severe=True, by=cast.tess)
    wrong = actions.record_allergy(ana, kind="substance", name="Latex", by=cast.tess)
    actions.retract(wrong, reason="other patient", by=cast.priya)
    actions.add_condition(ana, code="F33.1", since=at("2024-05-06 09:00").date(), by=cast.priya)
    actions.add_condition(ana, code="F41.1", by=cast.priya)
    for key, answer, note in [
        ("pregnant", "no", ""),
        ("kidney", "unsure", "told once, no papers"),
        ("liver", "no", ""),
    ]:
        actions.record_fact(ana, key=key, answer=answer, note=note, by=cast.priya)
    slip = next(fact.answer for fact in facts(ana.pk) if fact.key == "liver")
    assert slip is not None
    actions.retract(slip, reason="asked about somebody else", by=cast.priya)
    actions.add_to_team(ana, cast.theo, "cover", ends_at=at("2031-01-05 17:00"), by=cast.tess)
    actions.choose_channel(ana, channel="text", by=cast.fran)
    return ana


PAGES = {
    "record": ("tess", "/patients/{ana}/"),
    "facts": ("tess", "/patients/{ana}/facts/"),
    "condition": ("priya", "/patients/{ana}/conditions/new/"),
    "in-error": ("tess", "/patients/{ana}/team/"),
    "desk": ("fran", "/patients/{ana}/desk/"),
    "edit": ("fran", "/patients/{ana}/edit/"),
    "register": ("fran", "/patients/register/"),
    "emergency": ("theo", "/patients/{cleo}/emergency/"),
    "emergencies": ("olga", "/patients/emergencies/"),
}


@pytest.mark.parametrize("name", PAGES)
def test_pages(cast: Cast, live_server: Any, page: Page, name: str) -> None:
    who, address = PAGES[name]
    ana = fill(cast)
    actions.open_in_emergency(cast.ben, reason="crisis call, nobody of the team reached", by=cast.tess)
    sign_in(page, live_server, getattr(cast, who))
    page.goto(live_server.url + address.format(ana=ana.pk, cleo=cast.cleo.pk))
    if name == "condition":
        page.get_by_label("Diagnosis or code").press_sequentially("mdd recu")
        page.get_by_text("F33.1").wait_for()
    assert violations(page) == []
    shoot(page, name)
    page.emulate_media(color_scheme="dark")
    assert violations(page) == []


@pytest.mark.parametrize("who", ["fran", "tess"])
def test_the_list_finds_while_typing(cast: Cast, live_server: Any, page: Page, who: str) -> None:
    fill(cast)
    sign_in(page, live_server, getattr(cast, who))
    page.goto(live_server.url + "/patients/")
    page.get_by_label("Name, birth date").press_sequentially("5/17/1990")
    page.get_by_role("cell", name="Zimmermann, Ben").wait_for()
    assert violations(page) == []
    shoot(page, f"find-{who}")


def test_ctrl_k_finds_patients(cast: Cast, live_server: Any, page: Page) -> None:
    sign_in(page, live_server, cast.tess)
    page.goto(live_server.url + "/patients/")
    page.keyboard.press("Control+k")
    page.keyboard.type("quirgoa")
    page.get_by_role("option", name="Quiroga, Ana").wait_for()
    shoot(page, "palette")
    page.keyboard.press("Enter")
    page.wait_for_url("**/chart/**")


def test_the_same_person_is_asked_about(cast: Cast, live_server: Any, page: Page) -> None:
    sign_in(page, live_server, cast.fran)
    page.goto(live_server.url + "/patients/register/")
    page.get_by_label("Given name").fill("Anna")
    page.get_by_label("Family name").fill("Quirogga")
    page.get_by_label("Birth date").fill("1990-05-17")
    page.get_by_role("button", name="Register").click()
    page.get_by_role("link", name="Quiroga, Ana").wait_for()
    assert violations(page) == []
    shoot(page, "same-person")
    page.get_by_label("This is a different person").check()
    page.get_by_role("button", name="Register").click()
    page.get_by_role("heading", name="Anna Quirogga").wait_for()
