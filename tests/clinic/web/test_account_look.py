"""The way in, in a browser: a failed try, an invitation, the second factor; axe and the console have nothing to say."""

from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from django.urls import reverse
from playwright.sync_api import Page, expect

from clinic.staff import actions
from clinic.staff.enums import Role
from tests.cast import PASSWORD, Cast
from tests.clinic.web.test_second_factor import code_for
from tests.look import shoot, violations

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_failed_try_then_the_second_factor(cast: Cast, live_server: Any, page: Page) -> None:
    heard: list[str] = []
    page.on("console", lambda said: heard.append(said.text) if said.type in ("error", "warning") else None)
    page.goto(live_server.url + reverse("account_login", query={"next": reverse("mfa_activate_totp")}))
    page.get_by_label("Work e-mail").fill(cast.tess.email)
    page.get_by_label("Password").fill("not it")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_be_focused()
    shoot(page, "login-failed")
    assert violations(page) == []
    assert page.get_by_label("Work e-mail").input_value() == cast.tess.email
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(lambda url: "/login/" not in url)
    if "reauthenticate" in page.url:
        shoot(page, "reauthenticate")
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Confirm").click()
    expect(page.get_by_role("img")).to_be_visible()
    shoot(page, "totp")
    assert violations(page) == []
    secret = page.locator(".secret code").inner_text()
    with time_machine.travel(datetime.now(UTC), tick=False):  # the code does not change between reading and entering
        page.get_by_label("Code").fill(code_for(secret))
        page.get_by_role("button", name="Turn it on").click()
        expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    shoot(page, "recovery-codes")
    assert violations(page) == []
    assert heard == []


def test_an_invitation(cast: Cast, live_server: Any, page: Page) -> None:
    _, token = actions.invite(
        email="nora@example.com", given_name="Nora", family_name="Bell", roles=[Role.FRONT_DESK], by=cast.max
    )
    page.goto(live_server.url + reverse("welcome", args=[token]))
    page.get_by_label("Password").fill("short")
    page.get_by_label("The same again").fill("shorter")
    page.get_by_role("button", name="Keep it and sign in").click()
    expect(page.get_by_label("The same again")).to_be_focused()
    shoot(page, "welcome")
    assert violations(page) == []
    page.get_by_label("Password").fill("four unrelated words here")
    page.get_by_label("The same again").fill("four unrelated words here")
    page.get_by_role("button", name="Keep it and sign in").click()
    page.wait_for_url("**/schedule/**")
