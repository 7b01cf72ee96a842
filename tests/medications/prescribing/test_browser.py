"""A dose change in the browser: the checks speak while one types, the finding asks, the reason signs. And axe."""

from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from clinic import clock
from medications.prescribing import actions
from medications.prescribing.models import DoseOrder, StoredFinding
from patients.measures.models import Score
from tests.cast import Cast, assemble, at
from tests.look import shoot, sign_in, violations
from tests.medications.prescribing.given import NOW, TODAY, asked_everything, started

pytestmark = pytest.mark.browser


@pytest.fixture
def cast(transactional_db: None) -> Cast:
    return assemble()


def story(cast: Cast) -> DoseOrder:
    """Sertraline 100 mg since January, ibuprofen and gummies from elsewhere, four scores."""
    with clock.at(at("2026-01-19 10:00")):
        order = started(cast.ana, by=cast.priya, strength=100, target_symptom="waking at four")
        actions.report(
            cast.ana,
            drug_text="tramadol",
            origin="outside",
            sig_text="50 mg if needed",
            started_on=TODAY - timedelta(days=50),
            by=cast.tess,
        )
        actions.report(
            cast.ana, drug_text="Sleep gummies", origin="reported", started_on=TODAY - timedelta(days=50), by=cast.tess
        )
    for week, total in ((7, 14), (5, 12), (3, 11), (0, 15)):
        when = NOW - timedelta(weeks=week)
        Score.objects.create(
            patient=cast.ana,
            instrument="phq9",
            version="US English",
            answers=[1] * 10,
            total=total,
            band="moderate",
            answered_at=when,
            channel="clinician",
            recorded_at=when,
            recorded_by=cast.priya,
        )
    return order


def test_a_dose_is_changed_with_a_reason_for_what_stands_against_it(cast: Cast, live_server: Any, page: Page) -> None:
    with clock.at(NOW):
        order = story(cast)
        sign_in(page, live_server, cast.priya)
        page.goto(f"{live_server.url}/medicines/{cast.ana.pk}/")
        assert violations(page) == []
        shoot(page, "list")
        page.get_by_role("link", name="Change dose").click()
        expect(page.get_by_role("heading", name="Change the dose of sertraline")).to_be_visible()
        page.get_by_label("One step more").click()
        expect(page.locator("#id_daily")).to_have_value("150")
        expect(page.locator("#id_q_morning")).to_have_value("1.5")
        expect(page.locator("#id_quantity")).to_have_value("45")
        expect(page.locator("#disp")).to_contain_text("1½ tablets of 100\u00a0mg")
        expect(page.locator("#preview")).to_contain_text("150\u00a0mg, proposed")
        expect(page.get_by_role("heading", name="Sertraline with tramadol")).to_be_visible()
        expect(page.locator("#standing")).to_contain_text("one reason to write")
        page.get_by_label("Why now").fill("PHQ-9 up from 11 to 15; partial response after six weeks, well tolerated.")
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            assert violations(page) == []
        shoot(page, "change")
        page.locator("#dose-form").evaluate("form => form.requestSubmit()")
        expect(page.locator("#findings").get_by_text("Write why this is acceptable")).to_be_visible()
        shoot(page, "refused")
        reason = page.get_by_label("Your reason")
        reason.click()
        reason.press_sequentially("Tramadol twice a month at most; told to stop it with any twitching.", delay=8)
        expect(page.locator("#standing")).to_contain_text("Nothing stands against it")
        expect(reason).to_have_value("Tramadol twice a month at most; told to stop it with any twitching.")
        page.get_by_role("button", name="Sign the").click()
        expect(page.get_by_text("Take 1½ tablets (150\u00a0mg) by mouth each morning.")).to_be_visible()
        shoot(page, "signed")
    assert StoredFinding.objects.get(level="ask", order__daily_amount=150).override_words.startswith("Tramadol twice")
    assert DoseOrder.objects.exclude(pk=order.pk).get().daily_amount == 150


def test_a_drug_is_found_with_a_typing_mistake_and_started(cast: Cast, live_server: Any, page: Page) -> None:
    with clock.at(NOW):
        asked_everything(cast.ana, by=cast.priya)
        sign_in(page, live_server, cast.priya)
        page.goto(f"{live_server.url}/medicines/{cast.ana.pk}/new/")
        page.get_by_role("searchbox", name="Medicine").fill("escitalpram")
        expect(page.get_by_role("link", name="escitalopram")).to_be_visible()
        assert violations(page) == []
        shoot(page, "choose")
        page.get_by_role("link", name="escitalopram").click()
        expect(page.get_by_role("heading", name="Start escitalopram")).to_be_visible()
        page.locator("#id_target_symptom").fill("worry all day")
        page.get_by_label("Why this medicine").fill("First choice, agreed.")
        assert violations(page) == []
        shoot(page, "new")
        page.keyboard.press("Control+Enter")
        expect(page.get_by_text("Take 1 tablet (10\u00a0mg) by mouth each morning.")).to_be_visible()
        page.get_by_role("link", name="Hold…").click()
        page.get_by_label("Why").fill("Vomiting since Friday.")
        assert violations(page) == []
        shoot(page, "hold")
        page.get_by_role("button", name="Put on hold").click()
        expect(page.get_by_text("on hold: take none")).to_be_visible()
        shoot(page, "held")
        page.get_by_role("link", name="Stop…").click()
        assert violations(page) == []
        shoot(page, "stop")


def test_a_dose_goes_to_a_product_that_can_make_it(cast: Cast, live_server: Any, page: Page) -> None:
    """100 mg tablets make 150 mg but not 175 mg; 25 mg tablets do. Another product keeps the dose, not the pieces."""
    with clock.at(NOW):
        order = story(cast)
        sign_in(page, live_server, cast.priya)
        page.goto(f"{live_server.url}/medicines/{cast.ana.pk}/{order.prescription_id}/change/")
        daily, chosen = page.locator("#id_daily"), page.locator("#id_product option:checked")
        daily.fill("")
        daily.press_sequentially("175")
        expect(chosen).to_have_text("tablet, 50\u00a0mg")
        expect(page.locator("#id_q_morning")).to_have_value("3.5")
        daily.fill("150")
        expect(chosen).to_have_text("tablet, 100\u00a0mg")
        expect(page.locator("#id_q_morning")).to_have_value("1.5")
        page.locator("#id_product").select_option(label="tablet, 50\u00a0mg")
        expect(page.locator("#id_q_morning")).to_have_value("3")
        expect(daily).to_have_value("150")


def test_a_medicine_is_chosen_with_the_arrows(cast: Cast, live_server: Any, page: Page) -> None:
    """From the field down into what was found, up again, and Enter opens it; nobody reaches for the mouse."""
    with clock.at(NOW):
        sign_in(page, live_server, cast.priya)
        page.goto(f"{live_server.url}/medicines/{cast.ana.pk}/new/")
        field = page.locator("#text")
        field.press_sequentially("sert")
        expect(page.get_by_role("link", name="sertraline")).to_be_visible()
        page.keyboard.press("ArrowDown")
        expect(page.locator("#found a").first).to_be_focused()
        page.keyboard.press("ArrowUp")
        expect(field).to_be_focused()
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name="Start sertraline")).to_be_visible()


def test_every_digit_of_a_dose_is_seen(cast: Cast, live_server: Any, page: Page) -> None:
    """0.625 mg in the large field was read as 0.62, on every screen."""
    with clock.at(NOW):
        order = story(cast)
        sign_in(page, live_server, cast.priya)
        for width in (1440, 390):
            page.set_viewport_size({"width": width, "height": 844})
            page.goto(f"{live_server.url}/medicines/{cast.ana.pk}/{order.prescription_id}/change/")
            for dose in ("0.625", "1234.5"):
                page.locator("#id_daily").fill(dose)
                hidden = page.locator("#id_daily").evaluate("field => field.scrollWidth - field.clientWidth")
                assert hidden <= 0, (width, dose)
