"""The frame in a browser: pictures when asked, no violation of axe or of the content-security policy."""

from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Page

from tests.cast import Cast
from tests.look import shoot, sign_in, violations

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def complaints(page: Page) -> list[str]:
    """What the browser's console complains about; the content-security policy speaks there."""
    heard: list[str] = []
    page.on("console", lambda said: heard.append(said.text) if said.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: heard.append(str(error)))
    return heard


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_settings_page(cast: Cast, live_server: Any, page: Page, complaints: list[str], scheme: str) -> None:
    sign_in(page, live_server, cast.tess)
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    page.goto(live_server.url + reverse("my_settings"))
    shoot(page, "settings")
    page.get_by_role("button", name="Tess Moreno, LCSW").click()
    page.get_by_role("button", name="Sign out", exact=True).wait_for()
    shoot(page, "menu")
    assert complaints == []
    assert violations(page) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", ["account_login", "account_reset_password", "gallery", "mfa_index"])
def test_pages_of_the_frame(
    cast: Cast, live_server: Any, page: Page, complaints: list[str], scheme: str, name: str
) -> None:
    if name in ("gallery", "mfa_index"):
        sign_in(page, live_server, cast.tess)
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    page.goto(live_server.url + reverse(name))
    if scheme == "light":
        shoot(page, name)
    assert complaints == []
    assert violations(page) == []
