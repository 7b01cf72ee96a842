"""What browser tests share: signing in, looking at a page in its four shapes, and axe."""

import os
from pathlib import Path
from typing import Any

from axe_playwright_python.base import AXE_SCRIPT
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.test import Client
from playwright.sync_api import Page

from clinic.staff.models import User

SIZES = {"desktop": (1440, 900), "phone": (390, 844)}


def sign_in(page: Page, live_server: Any, user: User) -> None:
    """Give the browser a session of `user`, without the sign-in page.

    First it leaves the page it is on: whatever that still asks must not answer into the new session's cookie.
    """
    page.goto("about:blank")
    session = Client()
    session.force_login(user)
    value = session.cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": value, "url": live_server.url}])


def violations(page: Page, *only: str) -> list[str]:
    """What axe finds, by all rules or `only` these: rule and the elements, for an assertion that reads well."""
    # Colours that still fade after a change of theme would be measured halfway.
    page.emulate_media(reduced_motion="reduce")
    page.evaluate("Promise.all(document.getAnimations().map(one => one.finished.catch(() => 0)))")
    options: dict[str, Any] = {"preload": False, "resultTypes": ["violations"]}
    script = "" if page.evaluate("typeof axe") == "object" else AXE_SCRIPT
    found = Axe(script).run(page, options=options | ({"runOnly": list(only)} if only else {})).response["violations"]
    return [f"{v['id']}: {[n['target'] for n in v['nodes']][:3]}" for v in found]


def shoot(page: Page, name: str) -> None:
    """Pictures of the page, desktop and phone, light and dark, into the directory that TANDEM_SHOTS names, if any."""
    directory = os.environ.get("TANDEM_SHOTS")
    if not directory:
        return
    Path(directory).mkdir(parents=True, exist_ok=True)
    before = page.viewport_size
    for size, (width, height) in SIZES.items():
        page.set_viewport_size({"width": width, "height": height})
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            page.screenshot(path=f"{directory}/{name}-{size}-{scheme}.png", full_page=True)
    page.emulate_media(color_scheme="light")
    if before:
        page.set_viewport_size(before)
