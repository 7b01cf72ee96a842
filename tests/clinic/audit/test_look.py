"""The audit in a browser: nothing for axe in both themes, filtering and verifying as a person would."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from clinic.audit import actions as audit
from clinic.audit.enums import Kind
from tests.cast import Cast
from tests.look import shoot, sign_in, violations

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_audit(live_server: Any, cast: Cast, page: Page) -> None:
    for number in range(30):
        audit.record(Kind.READ, by=[cast.tess, cast.priya][number % 2], patient_id=cast.ana.pk, what="chart:chart")
    audit.record(
        Kind.EMERGENCY, by=cast.theo, patient_id=cast.ana.pk, what="record.emergency", why="Crisis call at night"
    )
    audit.refusal(
        by=cast.fran, patient_id=cast.ben.pk, what="scheduling:move", why="Tess sees somebody else at that time."
    )
    audit.record(Kind.SENT, by=None, patient_id=cast.ben.pk, what="scheduling.reminder")
    audit.seal()
    sign_in(page, live_server, cast.olga)
    page.goto(f"{live_server.url}/audit/")
    assert violations(page) == []
    shoot(page, "audit")
    page.emulate_media(color_scheme="dark")
    assert violations(page) == []
    page.get_by_role("button", name="Verify now").click()
    expect(page.get_by_text("33 links verified just now, none broken.")).to_be_visible()
    page.get_by_label("Record number").fill("102")
    page.get_by_role("button", name="Show", exact=True).click()
    expect(page.get_by_role("heading", name="Record 102, Ben Zimmermann")).to_be_visible()
    assert "102" not in page.url.partition("?")[2].replace(str(cast.ben.pk), "")
    page.get_by_label("Record number").fill("999")
    page.get_by_role("button", name="Show", exact=True).click()
    expect(page.get_by_text("No patient has this record number.")).to_be_visible()
    assert violations(page) == []
    shoot(page, "audit-error")
