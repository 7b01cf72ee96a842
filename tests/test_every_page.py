"""Every page of every address, with something in every room, in a browser: nothing breaks, and everybody can use it.

Each page answers 200, has a title, one heading of the first rank and at most one solid button; the console stays silent
(no error, nothing refused by the content security policy); axe finds nothing, light or dark; on a telephone the page
does not scroll sideways.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, ViewportSize

from clinic.staff.enums import Role
from tests.architecture import url_names
from tests.examples import ANYBODY, EXAMPLES, Door, browser, doors
from tests.furnished import Furnished
from tests.look import violations

# Addresses without an example, each with its reason.
WITHOUT_EXAMPLE: dict[str, str] = {}
# Answers to GET that are no page of ours.
NO_PAGE = {
    "health": "JSON",
    "idle": "JSON",
    "robots": "plain text",
    "favicon": "a picture",
    "notes:state": "JSON",
    "scheduling:board_live": "a fragment",
    "pharmacies:state": "a fragment",
    "pharmacies:document": "a PDF",
    "mfa_download_recovery_codes": "a file",
    "monitoring:rejects": "a file",
    "monitoring:progress": "a fragment",
}
PARTS = 3  # of each role's pages, so that the workers share them
DESK: ViewportSize = {"width": 1440, "height": 900}
TELEPHONE: ViewportSize = {"width": 390, "height": 844}
SHOWS_EVERYTHING = "gallery"  # every component in every state, for those who build


def test_every_address_has_an_example() -> None:
    names = {name for name, _ in url_names()}
    assert sorted(names - set(EXAMPLES) - set(WITHOUT_EXAMPLE)) == []
    assert sorted((set(EXAMPLES) | set(WITHOUT_EXAMPLE)) - names) == []


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    made = browser.new_context(reduced_motion="reduce", viewport=DESK)
    yield made
    made.close()


@pytest.mark.browser
@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("who", [*map(str, Role), ANYBODY, "device"])
def test_pages(furnished: Furnished, who: str, part: int, context: BrowserContext, live_server: Any) -> None:
    made = browser(furnished, who)
    found = [door for door in doors(furnished) if door.who == who and door.name not in NO_PAGE][part::PARTS]
    pages = [door for door in found if _is_page(made, door)]
    if value := made.cookies.get(settings.SESSION_COOKIE_NAME):
        context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": value.value, "url": live_server.url}])
    page, heard = context.new_page(), []
    page.on("console", lambda message: heard.append(_said(message)))
    page.on("pageerror", lambda error: heard.append(str(error)))
    wrong: dict[str, list[str]] = {}
    for door in pages:
        heard.clear()
        problems = _look(page, door, live_server.url + door.address)
        if problems := [*problems, *filter(None, heard)]:
            wrong[f"{door.name} {door.address}"] = problems
    assert pages or part
    assert not wrong, "\n".join(f"{name}: {problems}" for name, problems in wrong.items())


def _is_page(made: Client, door: Door) -> bool:
    """Whether the address takes GET at all."""
    return made.get(door.address).status_code != 405


def _said(message: ConsoleMessage) -> str:
    return message.text if message.type in ("error", "warning") else ""


def _look(page: Page, door: Door, address: str) -> list[str]:
    page.emulate_media(color_scheme="light")
    answer = page.goto(address, wait_until="load")
    found = [] if answer and answer.status == 200 else [f"status {answer and answer.status}"]
    if not page.title().removesuffix("· Tandem").strip():
        found.append("no title")
    if (count := page.locator("h1").count()) != 1:
        found.append(f"{count} h1")
    if (count := page.locator(".btn-primary:visible").count()) > 1 and door.name != SHOWS_EVERYTHING:
        found.append(f"{count} solid buttons")
    found += violations(page)
    page.emulate_media(color_scheme="dark")
    found += [f"dark: {one}" for one in violations(page, "color-contrast")]  # the rest is as in light
    page.set_viewport_size(TELEPHONE)
    if (more := page.evaluate("document.documentElement.scrollWidth - innerWidth")) > 0:
        found.append(f"{more} pixels wider than a telephone")
    page.set_viewport_size(DESK)
    return found
