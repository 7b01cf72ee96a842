"""The frame by keyboard in a browser: palette, single letters, rows, dialogs, theme, idle warning, polling, double
sending; with nothing for the content-security policy to complain about."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.urls import reverse
from playwright.sync_api import Page, expect

from clinic import clock
from clinic.staff.models import User
from tests.cast import PASSWORD, Cast
from tests.look import sign_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def gallery(cast: Cast, live_server: Any, page: Page) -> Iterator[Page]:
    """Tess on the gallery page; at the end the console must have stayed silent."""
    heard: list[str] = []
    page.on("console", lambda said: heard.append(said.text) if said.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: heard.append(str(error)))
    sign_in(page, live_server, cast.tess)
    page.goto(live_server.url + reverse("gallery"))
    page.locator("h1").first.click()
    yield page
    assert heard == []


def test_ctrl_k_finds_actions_and_destinations(gallery: Page) -> None:
    gallery.keyboard.press("Control+k")
    field = gallery.locator("#finder [role=combobox]")
    expect(field).to_be_focused()
    gallery.keyboard.type("inbox")
    expect(gallery.locator("#finder [role=option]")).to_have_count(1)
    gallery.keyboard.press("Enter")
    gallery.wait_for_url("**/inbox/")


def test_arrows_choose_in_the_palette_and_esc_closes_it(gallery: Page) -> None:
    gallery.keyboard.press("Control+k")
    options = gallery.locator("#finder [role=option]")
    expect(options.first).to_have_attribute("aria-selected", "true")
    gallery.keyboard.press("ArrowDown")
    expect(options.nth(1)).to_have_attribute("aria-selected", "true")
    gallery.keyboard.press("ArrowUp")
    gallery.keyboard.press("ArrowUp")
    expect(options.last).to_have_attribute("aria-selected", "true")
    gallery.keyboard.press("Escape")
    expect(gallery.locator("#finder")).not_to_be_visible()


def test_ctrl_k_finds_a_patient_by_post(gallery: Page) -> None:
    asked: list[tuple[str, str]] = []
    gallery.on("request", lambda sent: asked.append((sent.method, sent.url)))
    gallery.keyboard.press("Control+k")
    gallery.keyboard.type("quirog")
    option = gallery.locator("#finder [role=option]", has_text="Quiroga")
    expect(option).to_have_count(1)
    assert not [url for _, url in asked if "quirog" in url.lower()]
    gallery.keyboard.press("Enter")
    gallery.wait_for_url(lambda url: "gallery" not in url)


def test_a_letter_presses_its_button(gallery: Page) -> None:
    gallery.keyboard.press("e")
    expect(gallery.locator("#end-taper")).to_be_visible()
    gallery.keyboard.press("Escape")
    expect(gallery.locator("#end-taper")).not_to_be_visible()


def test_letters_are_off_while_typing(gallery: Page) -> None:
    gallery.locator("#id_symptom").focus()
    gallery.keyboard.type("see")
    expect(gallery.locator("#end-taper")).not_to_be_visible()
    assert gallery.locator("#id_symptom").input_value().startswith("see")


def test_letters_are_off_for_who_chose_so(gallery: Page, cast: Cast) -> None:
    User.objects.filter(pk=cast.tess.pk).update(single_keys=False)
    gallery.reload()
    gallery.locator("h1").first.click()
    gallery.keyboard.press("e")
    gallery.keyboard.press("?")
    expect(gallery.locator("dialog[open]")).to_have_count(0)
    gallery.keyboard.press("Control+k")
    expect(gallery.locator("#finder")).to_be_visible()


def test_question_mark_lists_the_keys_of_the_page(gallery: Page) -> None:
    gallery.keyboard.press("?")
    listed = gallery.locator("#keys-help")
    expect(listed).to_be_visible()
    expect(listed).to_contain_text("Start session")
    expect(listed).to_contain_text("End taper")


def test_rows_are_one_tab_stop_and_move_by_j_and_k(gallery: Page) -> None:
    rows = gallery.locator("[data-item]")
    assert [row.get_attribute("tabindex") for row in rows.all()] == ["0", "-1", "-1"]
    gallery.keyboard.press("j")
    expect(rows.nth(0)).to_be_focused()
    gallery.keyboard.press("j")
    expect(rows.nth(1)).to_be_focused()
    gallery.keyboard.press("ArrowDown")
    expect(rows.nth(2)).to_be_focused()
    gallery.keyboard.press("k")
    expect(rows.nth(1)).to_be_focused()
    gallery.keyboard.press("Enter")
    gallery.wait_for_url("**/gallery/#actions")
    rows.nth(1).focus()
    gallery.keyboard.press("Escape")
    expect(rows.nth(1)).not_to_be_focused()


def test_the_theme_changes_without_a_new_page(gallery: Page) -> None:
    gallery.get_by_role("button", name="Tess Moreno").click()
    gallery.get_by_role("button", name="Dark", exact=True).click()
    expect(gallery.locator("html")).to_have_attribute("data-theme", "dark")
    gallery.reload()
    expect(gallery.locator("html")).to_have_attribute("data-theme", "dark")


def test_the_first_error_has_the_focus(gallery: Page) -> None:
    gallery.reload()
    expect(gallery.locator("#id_dose")).to_be_focused()


def test_a_warning_before_the_end_and_staying(gallery: Page) -> None:
    now = clock.now()
    try:
        clock.set_to(now + timedelta(minutes=14, seconds=30))
        gallery.evaluate("window.dispatchEvent(new Event('focus'))")
        expect(gallery.locator("[data-idle]")).to_contain_text("You will be signed out in a minute")
        gallery.get_by_role("button", name="Stay signed in").click()
        expect(gallery.locator("[data-idle]")).not_to_be_visible()
        clock.set_to(now + timedelta(minutes=28))
        gallery.reload()
        expect(gallery.locator("h1")).to_have_text("Components")
    finally:
        clock.set_to(None)


def test_a_form_from_before_a_new_sign_in_can_still_be_sent(cast: Cast, live_server: Any, page: Page) -> None:
    sign_in(page, live_server, cast.tess)
    page.goto(live_server.url + "/me/")
    Session.objects.all().delete()  # the idle clock ended it
    other = page.context.new_page()
    other.goto(live_server.url + reverse("account_login"))
    other.get_by_label("Work e-mail").fill(cast.tess.email)
    other.get_by_label("Password").fill(PASSWORD)
    other.get_by_role("button", name="Sign in").click()
    other.wait_for_url(lambda url: "login" not in url)
    other.close()
    with page.expect_response("**/idle/"):
        page.evaluate("window.dispatchEvent(new Event('focus'))")
    page.get_by_role("checkbox").uncheck()
    page.get_by_role("button", name="Save").click()
    page.get_by_text("Kept.").wait_for()
    assert not User.objects.get(pk=cast.tess.pk).single_keys


def test_a_form_is_sent_once(cast: Cast, live_server: Any, page: Page) -> None:
    sign_in(page, live_server, cast.tess)
    page.goto(live_server.url + "/me/")
    sent: list[str] = []
    page.on("request", lambda asked: sent.append(asked.url) if asked.method == "POST" else None)
    page.evaluate("""() => {
        const button = document.querySelector("main form button[type=submit]");
        button.click(); button.click(); button.form.requestSubmit();
    }""")
    page.get_by_text("Kept.").wait_for()
    assert len(sent) == 1


def test_back_after_a_mistake_and_its_mending_shows_the_form(cast: Cast, live_server: Any, page: Page) -> None:
    """The browser does not ask whether to send the mistake again."""
    sign_in(page, live_server, cast.fran)
    page.goto(live_server.url + "/patients/register/")
    page.get_by_label("Given name").fill("Nia")
    page.get_by_role("button", name="Register").click()
    expect(page.get_by_text("Enter the day.")).to_be_visible()
    expect(page.get_by_label("Given name")).to_have_value("Nia")
    page.get_by_label("Family name").fill("Vale")
    page.get_by_label("Birth date").fill("1990-01-01")
    page.get_by_role("button", name="Register").click()
    expect(page.get_by_text("Registered with record number")).to_be_visible()
    page.go_back()
    expect(page.get_by_role("heading", name="Register a patient")).to_be_visible()


def test_polling_renews_a_part_and_says_when_it_ended(cast: Cast, live_server: Any, page: Page) -> None:
    sign_in(page, live_server, cast.tess)
    page.clock.install()
    page.goto(live_server.url + "/me/")
    page.evaluate("""() => {
        const part = document.createElement("div");
        part.id = "part"; part.dataset.poll = "20"; part.dataset.pollUrl = "/health/";
        document.getElementById("main").prepend(part);
        document.dispatchEvent(new CustomEvent("htmx:after:swap"));
    }""")
    with page.expect_response("**/health/") as answer:
        page.clock.fast_forward(21_000)
    assert answer.value.request.headers["x-tandem-poll"] == "1"
    expect(page.locator("#part")).to_have_text("ok")
    page.route("**/health/", lambda route: route.fulfill(status=401, body=""))
    page.clock.fast_forward(21_000)
    expect(page.get_by_text("You were signed out, so this no longer renews itself.")).to_be_visible()
