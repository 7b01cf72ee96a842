"""A prescriber sees that a lithium level is overdue, cannot refill silently, enters it; then the gate is in order."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from clinic import clock
from medications.refills import actions as refills
from medications.refills.models import RefillRequest
from tests.cast import Cast, assemble
from tests.look import shoot, sign_in, violations
from tests.medications.monitoring.given import CALCIUM, EGFR, LITHIUM, TSH, moment, on_lithium, result
from tests.medications.prescribing.given import supply
from tests.medications.refills.given import filled

pytestmark = pytest.mark.browser
NOW = moment(25, "10:00")


def nothing_for_axe(page: Page) -> None:
    """In both themes."""
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        assert violations(page) == []


@pytest.fixture
def cast(transactional_db: None) -> Cast:
    return assemble()


def test_overdue_asked_for_entered_in_order(cast: Cast, live_server: Any, page: Page) -> None:
    order = on_lithium(cast.ana, cast.priya, supply=supply(90, 30))
    for code, value in ((EGFR, "88"), (CALCIUM, "9.4"), (TSH, "2.1")):
        result(cast.ana, code, value, number=0, by=cast.priya)
    filled(order, 0, quantity=90, by=cast.priya)
    with clock.at(NOW):
        refills.open_due()
        row = RefillRequest.objects.get()
        sign_in(page, live_server, cast.priya)
        page.goto(f"{live_server.url}/refills/")
        expect(page.locator(".rdetail")).to_contain_text("1 measurement is overdue, by 18 days.")
        page.keyboard.press("a")
        for name in ("seen", "booked"):
            page.locator(f"input[name='reason:{name}']").fill("Comes on Tuesday.")
        page.keyboard.press("Control+Enter")
        expect(page.locator(".invalid-feedback:visible").first).to_be_visible()
        row.refresh_from_db()
        assert row.state == "requested"

        page.goto(f"{live_server.url}/chart/{cast.ana.pk}/")
        expect(page.locator("#panel-monitoring")).to_be_visible()
        expect(page.get_by_text("overdue 18 days").first).to_be_visible()
        page.goto(f"{live_server.url}/monitoring/")
        nothing_for_axe(page)
        shoot(page, "grid")
        page.set_viewport_size({"width": 390, "height": 844})
        table = page.locator(".scroll-x")
        assert table.evaluate("node => node.scrollWidth - node.clientWidth") == 0  # a phone reads it without scrolling
        assert violations(page) == []
        page.set_viewport_size({"width": 1440, "height": 900})
        page.get_by_role("link", name="Annie Quiroga").first.click()
        nothing_for_axe(page)
        shoot(page, "tab-overdue")
        page.get_by_role("link", name="Enter lithium level").first.click()
        page.get_by_label("Result").fill("70")
        page.get_by_label("Hours after the last dose").fill("12")
        page.get_by_role("button", name="Record it").click()
        expect(page.get_by_text("70 mmol/L can hardly be")).to_be_visible()
        nothing_for_axe(page)
        shoot(page, "slip")
        page.get_by_label("Result").fill("0.7")
        page.get_by_role("button", name="Record it").click()
        expect(page.get_by_text("Recorded. What is due follows it.")).to_be_visible()
        shoot(page, "tab-recorded")

        page.goto(f"{live_server.url}/refills/")
        expect(page.locator(".rdetail")).not_to_contain_text("overdue")
        gates = page.locator("tr.here td.gate")
        assert gates.count() == 9
        expect(page.locator(".rdetail")).to_contain_text("Lithium")
    assert cast.ana.due_items.get(code=LITHIUM, state="done").closed_why == "a result is on record"
