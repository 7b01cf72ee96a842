"""A long-acting injection is written as what it is: so many injections every so many weeks, at no hour of the day."""

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


def test_an_injection_asks_for_no_hour_and_comes_in_whole_rhythms(cast: Cast, live_server: Any, page: Page) -> None:
    drug = Drug.objects.get(generic_name="aripiprazole")
    with clock.at(NOW):
        asked_everything(cast.ana, by=cast.priya)
        sign_in(page, live_server, cast.priya)
        page.goto(f"{live_server.url}/medicines/{cast.ana.pk}/new/?drug={drug.pk}")
        page.get_by_label("Product").select_option(label="injection, long-acting, extended release, 400\u00a0mg")
        for hour in ("Morning", "Noon", "Evening", "Bedtime"):
            expect(page.get_by_role("textbox", name=hour)).to_have_count(0)
        expect(page.get_by_text("Other times, or as needed")).to_be_hidden()
        expect(page.get_by_label("Injections")).to_have_value("1")
        page.get_by_label("How often").select_option(label="every 4 weeks")
        expect(page.locator("#id_days")).to_have_value("28")
        expect(page.locator("#id_quantity")).to_have_value("1")
        expect(page.locator("#findings")).to_contain_text("Inject 400\u00a0mg (1 injection) every 4 weeks.")
        assert violations(page) == []
        shoot(page, "injection")
        page.get_by_label("Symptom").fill("voices")
        page.get_by_label("Why this medicine").fill("Prefers not to think of it every day.")
        page.get_by_role("button", name="Sign the dose").click()
        expect(page.get_by_text("Inject 400\u00a0mg (1 injection) every 4 weeks.")).to_be_visible()
        page.get_by_role("link", name="Change dose").click()
        expect(page.get_by_label("Injections")).to_have_value("1")
    assert DoseOrder.objects.get().lines == [{"when": "once", "quantity": "1"}]
    assert Authorisation.objects.get().quantity == 1


def test_days_that_were_typed_stay(cast: Cast, live_server: Any, page: Page) -> None:
    drug = Drug.objects.get(generic_name="aripiprazole lauroxil")
    with clock.at(NOW):
        sign_in(page, live_server, cast.priya)
        page.goto(f"{live_server.url}/medicines/{cast.ana.pk}/new/?drug={drug.pk}")
        expect(page.get_by_label("How often")).to_have_value("28")
        expect(page.locator("#id_days")).to_have_value("28")
        page.locator("#id_days").fill("84")
        page.get_by_label("How often").select_option(label="every 6 weeks")
        expect(page.locator("#id_days")).to_have_value("84")
        expect(page.locator("#id_quantity")).to_have_value("2")
