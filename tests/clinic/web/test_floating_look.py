"""What floats over a page: palette, list of keys, a dialog; in both themes axe has nothing to say."""

from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from tests.cast import Cast
from tests.look import shoot, sign_in, violations

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_what_floats(cast: Cast, live_server: Any, page: Page, scheme: str) -> None:
    sign_in(page, live_server, cast.tess)
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
    page.goto(live_server.url + reverse("gallery"))
    page.locator("h1").first.click()
    for key, opened in (("Control+k", "#finder"), ("?", "#keys-help"), ("e", "#end-taper")):
        page.keyboard.press(key)
        expect(page.locator(opened)).to_be_visible()
        if key == "Control+k":
            page.keyboard.type("an")
            expect(page.locator("#finder [role=option]", has_text="Quiroga")).to_be_visible()
        if scheme == "light":
            shoot(page, f"floating{opened.replace('#', '-')}")
        assert violations(page) == []
        page.keyboard.press("Escape")
