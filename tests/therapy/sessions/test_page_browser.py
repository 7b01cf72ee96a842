"""The session's page in a browser: it saves itself, and whatever happens nothing typed is lost (R-HS-03)."""

import re
from typing import Any

import pytest
from django.contrib.sessions.models import Session as BrowserSession
from playwright.sync_api import Dialog, Locator, Page, expect

from patients.notes import actions as notes
from patients.notes.models import Note, Revision
from tests.cast import PASSWORD, Cast
from tests.look import shoot, sign_in, violations
from tests.therapy.sessions.ground import plan_for, written
from therapy.sessions import actions
from therapy.sessions.models import Homework, Session

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def people(transactional_db: None, cast: Cast) -> Cast:
    return cast


def opened(page: Page, live_server: Any, cast: Cast, session: Session) -> str:
    """Tess's browser on the session's page."""
    sign_in(page, live_server, cast.tess)
    address = f"{live_server.url}/sessions/{cast.ana.pk}/{session.pk}/"
    page.goto(address)
    return address


def part(page: Page, name: str) -> Locator:
    """The field of a part of the note."""
    return page.get_by_role("textbox", name=name, exact=True)


def kept_in_the_browser(page: Page) -> str:
    """What the browser's store holds, once the page has put the draft there."""
    for _ in range(100):
        held = str(page.evaluate("JSON.stringify(localStorage)"))
        if "tandem-draft-" in held:
            return held
        page.wait_for_timeout(50)
    raise AssertionError("No draft was kept.")


def saved(page: Page, words: str) -> None:
    expect(page.locator(".nhead [data-saved]")).to_contain_text(words)


def test_saves_by_itself_and_hints_gently(people: Cast, live_server: Any, page: Page) -> None:
    plan_for(people)
    session = actions.begin(people.ana, by=people.tess)
    opened(page, live_server, people, session)
    part(page, "Data").fill("She is non-compliant with evening breathing.")
    page.get_by_label("Topic line").fill("The bridge, alone")
    page.get_by_role("radiogroup", name="Drives the bridge alone").get_by_text("better").click()
    page.get_by_label("How: Drives the bridge alone").fill("three days of three")
    part(page, "Plan").focus()
    saved(page, "revision")
    expect(page.locator("#hints-data [data-hint]")).to_have_count(1)
    expect(page.locator("[data-saved]").first).to_contain_text(re.compile(r"revision \d"))
    page.wait_for_timeout(300)
    assert violations(page) == []
    shoot(page, "session")
    page.emulate_media(color_scheme="dark")
    page.wait_for_timeout(300)  # colours change over 120 ms
    assert violations(page) == []
    page.get_by_role("button", name="Leave mine").click()
    expect(page.locator("#hints-data [data-hint]")).to_have_count(0)
    note = Note.objects.get()
    assert note.parts["data"] == "She is non-compliant with evening breathing."
    row = session.objectives.get()
    assert (row.progress, row.how) == ("better", "three days of three")
    assert page.evaluate("localStorage.length") == 0


def test_on_a_phone_the_way_to_raise_a_risk_stays_in_sight(people: Cast, live_server: Any, page: Page) -> None:
    plan_for(people)
    page.set_viewport_size({"width": 390, "height": 844})
    opened(page, live_server, people, actions.begin(people.ana, by=people.tess))
    page.mouse.wheel(0, 1500)
    page.wait_for_timeout(300)
    assert page.evaluate("scrollY") > 500
    expect(page.get_by_role("link", name="Not safe")).to_be_in_viewport()
    bar = page.locator(".quietbar").bounding_box()
    assert bar is not None
    assert bar["height"] < 160


def test_two_windows_both_texts_are_kept(people: Cast, live_server: Any, page: Page) -> None:
    session = written(people)
    opened(page, live_server, people, session)
    note = Note.objects.get()
    notes.save(note, parts={"data": "From the other window."}, based_on=note.revision, by=people.tess)
    part(page, "Data").fill("From this window.")
    expect(page.locator("#note-conflict")).to_contain_text("From the other window.")
    assert violations(page) == []
    shoot(page, "conflict")
    assert Revision.objects.get(set_aside=True).parts["data"] == "From this window."
    page.get_by_role("button", name="Keep what is on this page").click()
    saved(page, "Saved")
    note.refresh_from_db()
    assert note.parts["data"] == "From this window."
    assert note.revisions.filter(parts__data="From the other window.").count() == 1


def test_taking_the_saved_text(people: Cast, live_server: Any, page: Page) -> None:
    session = written(people)
    opened(page, live_server, people, session)
    note = Note.objects.get()
    notes.save(note, parts={"data": "Theirs."}, based_on=note.revision, by=people.tess)
    part(page, "Data").fill("Mine.")
    page.get_by_role("link", name="Take the saved text").click()
    expect(part(page, "Data")).to_have_value("Theirs.")
    assert Revision.objects.get(set_aside=True).parts["data"] == "Mine."


def test_signed_out_and_back(people: Cast, live_server: Any, page: Page) -> None:
    session = written(people)
    opened(page, live_server, people, session)
    BrowserSession.objects.all().delete()
    part(page, "Data").fill("Typed after the session ended.")
    expect(page.locator("#note-signed-out")).to_be_visible()
    expect(part(page, "Data")).to_have_value("Typed after the session ended.")
    assert "Typed" not in kept_in_the_browser(page)
    shoot(page, "signed-out")
    with page.context.expect_page() as opening:
        page.get_by_role("link", name="Sign in in a new tab").click()
    tab = opening.value
    tab.get_by_label("Work e-mail").fill(people.tess.email)
    tab.get_by_label("Password", exact=True).fill(PASSWORD)
    tab.get_by_role("button", name=re.compile("sign in", re.I)).first.click()
    expect(tab.get_by_role("heading", name="You are signed in again")).to_be_visible()
    saved(page, "Saved")
    expect(page.locator("#note-signed-out")).to_be_hidden()
    assert Note.objects.get().parts["data"] == "Typed after the session ended."
    assert page.evaluate("localStorage.length") == 0


def test_what_matters_stays_in_sight_below(people: Cast, live_server: Any, page: Page) -> None:
    """Far down a note: whose it is, "Not safe", and what stands against saving."""
    session = written(people)
    opened(page, live_server, people, session)
    part(page, "Data").fill("A long line.\n" * 60)
    BrowserSession.objects.all().delete()
    part(page, "Plan").fill("Typed after the session ended.")
    expect(page.locator("#note-signed-out")).to_be_visible()
    page.evaluate("scrollTo(0, document.body.scrollHeight)")
    for inside in (
        page.get_by_role("heading", level=1),
        page.locator("[data-unsafe]"),
        page.locator("#note-signed-out"),
    ):
        expect(inside).to_be_in_viewport(ratio=1)


def test_network_gone_and_back(people: Cast, live_server: Any, page: Page) -> None:
    session = written(people)
    opened(page, live_server, people, session)
    page.route("**/save/", lambda route: route.abort())
    part(page, "Data").fill("On the train.")
    expect(page.locator("#note-offline")).to_be_visible()
    page.unroute("**/save/")
    page.get_by_role("button", name="Try now").click()
    saved(page, "Saved")
    assert Note.objects.get().parts["data"] == "On the train."


def test_a_closed_page_gives_its_unsaved_text_back(people: Cast, live_server: Any, page: Page) -> None:
    session = written(people)
    address = opened(page, live_server, people, session)
    page.route("**/save/", lambda route: route.abort())
    part(page, "Data").fill("Before the battery was empty.")
    kept_in_the_browser(page)
    asked: list[str] = []

    def leave(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.accept()

    page.on("dialog", leave)
    page.goto(address)
    assert asked == ["beforeunload"]
    page.unroute("**/save/")
    expect(page.locator("#note-unsaved")).to_be_visible()
    page.get_by_role("button", name="Put it back").click()
    expect(part(page, "Data")).to_have_value("Before the battery was empty.")
    saved(page, "Saved")
    assert Note.objects.get().parts["data"] == "Before the battery was empty."
    assert page.evaluate("localStorage.length") == 0


def test_switching_the_format_shows_every_word(people: Cast, live_server: Any, page: Page) -> None:
    session = written(people)
    opened(page, live_server, people, session)
    part(page, "Data").fill("Typed, then switched at once.")
    page.get_by_role("button", name="SOAP").click()
    expect(page.get_by_role("button", name="SOAP")).to_have_attribute("aria-pressed", "true")
    expect(part(page, "Data")).to_have_value("Typed, then switched at once.")
    expect(part(page, "Subjective")).to_have_value("")
    page.get_by_role("button", name="DAP").click()
    expect(part(page, "Subjective")).to_have_count(0)
    expect(part(page, "Data")).to_have_value("Typed, then switched at once.")


def test_signing_twice_signs_once_and_back_leads_to_the_note(people: Cast, live_server: Any, page: Page) -> None:
    session = written(people)
    opened(page, live_server, people, session)
    page.get_by_label("What exactly").fill("Bridge alone on three days")
    page.get_by_label("Kind", exact=True).select_option("exposure_practice")
    part(page, "Plan").fill("The last word before signing.")
    page.get_by_role("button", name="End and sign").dblclick()
    expect(page.get_by_role("heading", name="Signed")).to_be_visible()
    note = Note.objects.get()
    assert note.is_signed
    assert note.parts["plan"] == "The last word before signing."
    assert Homework.objects.get().words == "Bridge alone on three days"
    assert violations(page) == []
    shoot(page, "signed")
    page.go_back()
    expect(page.get_by_role("heading", name="Signed")).to_be_visible()
    page.goto(f"{live_server.url}/sessions/{people.ana.pk}/")
    assert violations(page) == []
    shoot(page, "list")


def test_refused_signature_keeps_every_word(people: Cast, live_server: Any, page: Page) -> None:
    session = actions.begin(people.ana, by=people.tess)
    opened(page, live_server, people, session)
    part(page, "Data").fill("Only this.")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#refusal")).to_contain_text("Write the topic line")
    expect(page.get_by_label("Topic line")).to_be_focused()
    expect(page.locator("#topic_error")).to_contain_text("Write the topic line")
    expect(part(page, "Data")).to_have_value("Only this.")
    shoot(page, "refused")


def test_keyboard(people: Cast, live_server: Any, page: Page) -> None:
    session = written(people)
    opened(page, live_server, people, session)
    page.keyboard.press("Alt+3")
    expect(part(page, "Plan")).to_be_focused()
    page.keyboard.press("Alt+h")
    expect(page.get_by_label("What exactly")).to_be_focused()
    page.keyboard.type("!")
    expect(page.get_by_label("What exactly")).to_have_value("!")
    page.get_by_label("What exactly").fill("")
    page.locator("h2").first.click()
    page.keyboard.press("!")
    page.wait_for_url("**/raise/")


def test_without_javascript_the_form_saves(people: Cast, live_server: Any, browser: Any) -> None:
    session = written(people)
    page = browser.new_context(java_script_enabled=False).new_page()
    opened(page, live_server, people, session)
    part(page, "Data").fill("No script here.")
    page.get_by_role("button", name="BIRP").click()
    assert Note.objects.get().parts["data"] == "No script here."
    assert Note.objects.get().format == "BIRP"
    page.context.close()
