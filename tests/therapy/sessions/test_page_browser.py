"""The session's page in a browser."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from patients.notes.models import Note
from tests.cast import Cast
from tests.look import shoot, sign_in, violations
from tests.therapy.sessions.ground import plan_for
from therapy.sessions import actions

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_looks(transactional_db: None, cast: Cast, live_server: Any, page: Page) -> None:
    plan_for(cast)
    session = actions.begin(cast.ana, by=cast.tess)
    sign_in(page, live_server, cast.tess)
    page.goto(f"{live_server.url}/sessions/{cast.ana.pk}/{session.pk}/")
    page.get_by_label("Data").fill("She is non-compliant with evening breathing.")
    expect(page.locator("[data-saved]").first).to_contain_text("revision 1")
    assert violations(page) == []
    shoot(page, "session")
    assert Note.objects.get().parts["data"] == "She is non-compliant with evening breathing."
