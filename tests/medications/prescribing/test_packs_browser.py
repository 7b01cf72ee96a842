"""A titration pack in the browser: the steps are typed, quantity and picture follow them, one signature signs them."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from clinic import clock
from medications.catalogue.models import Drug
from medications.prescribing.models import Authorisation, DoseOrder
from tests.cast import Cast, assemble
from tests.look import shoot, sign_in, violations
from tests.medications.prescribing.given import NOW, asked_everything

pytestmark = pytest.mark.browser


@pytest.fixture
def cast(transactional_db: None) -> Cast:
    return assemble()


def test_a_pack_is_written_and_signed(cast: Cast, live_server: Any, page: Page) -> None:
    drug = Drug.objects.get(generic_name="lamotrigine")
    with clock.at(NOW):
        asked_everything(cast.ana, by=cast.priya)
        sign_in(page, live_server, cast.priya)
        page.goto(f"{live_server.url}/medicines/{cast.ana.pk}/new/?drug={drug.pk}")
        page.get_by_text("Further steps in the same supply").click()
        expect(page.get_by_label("Step 3, after days")).to_be_hidden()
        page.get_by_label("Step 2, after days").fill("14")
        expect(page.get_by_label("Step 3, after days")).to_be_visible()
        page.locator("[name=s1_morning]").fill("2")
        page.locator("#id_days").fill("28")
        expect(page.locator("#id_quantity")).to_have_value("42")
        page.get_by_label("Step 3, after days").fill("14")
        page.locator("[name=s2_morning]").fill("4")
        expect(page.locator("#findings")).to_contain_text("The last step begins after 28 days")
        page.locator("#id_days").fill("42")
        expect(page.locator("#id_quantity")).to_have_value("98")
        expect(page.locator("#findings")).to_contain_text("for 14 days, then take 2 tablets (50\u00a0mg)")
        expect(page.locator("#preview")).to_contain_text("100\u00a0mg")
        assert violations(page) == []
        shoot(page, "pack")
        page.get_by_label("Symptom").fill("mood swings")
        page.get_by_label("Why this medicine").fill("Second depression.")
        page.get_by_role("button", name="Sign the dose").click()
        expect(page.get_by_text("50\u00a0mg from Mar 16, 100\u00a0mg from Mar 30")).to_be_visible()
        shoot(page, "pack-list")
    assert DoseOrder.objects.count() == 3
    assert Authorisation.objects.get().quantity == 98


def test_a_mark_is_seen_while_its_box_has_the_focus(cast: Cast, live_server: Any, page: Page) -> None:
    """Whoever has just marked it reads that it is marked, in both themes."""
    drug = Drug.objects.get(generic_name="sertraline")
    with clock.at(NOW):
        sign_in(page, live_server, cast.priya)
        page.goto(f"{live_server.url}/medicines/{cast.ana.pk}/new/?drug={drug.pk}")
        page.emulate_media(reduced_motion="reduce")
        page.locator("#id_sample").check()
        expect(page.locator("#id_sample")).to_be_focused()
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            box, sheet = page.evaluate(
                "[getComputedStyle(document.querySelector('#id_sample')), getComputedStyle(document.body)]"
                ".map(one => one.backgroundColor)"
            )
            assert box != sheet
            page.locator("#id_sample").evaluate("box => box.blur()")
            assert page.locator("#id_sample").evaluate("box => getComputedStyle(box).backgroundColor") == box
            page.locator("#id_sample").focus()
