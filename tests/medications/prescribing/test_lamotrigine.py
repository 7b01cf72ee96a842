"""A psychiatrist starts lamotrigine for a patient on valproate and is led to the slow titration (R-MO-LTG)."""

import re
from datetime import date
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from clinic import clock
from medications.prescribing import actions, checks
from medications.prescribing.models import DoseOrder, StoredFinding
from tests.cast import Cast, assemble, at
from tests.furnished import Everything
from tests.look import shoot, sign_in, violations
from tests.medications.prescribing.given import NOW, asked_everything, regimen, started


def on_valproate(cast: Cast) -> None:
    """Valproate since January; everything was asked."""
    with clock.at(at("2026-01-19 10:00")):
        asked_everything(cast.ben, by=cast.paul)
        actions.report(cast.ben, drug_text="valproate", origin="outside", started_on=date(2025, 1, 1), by=cast.paul)


def codes(cast: Cast, given: checks.Regimen, day: date, prescription: Any = None) -> set[str]:
    found = checks.order(cast.ben, given, None, from_day=day, prescription=prescription).findings
    return {one.code for one in found if one.code.startswith("speed")}


def test_the_checks_read_the_course_that_was_signed_holds_left_out(cast: Cast) -> None:
    """R-MO-LTG: on hold nothing is taken; after a gap of five half-lives the table begins again."""
    asked_everything(cast.ben, by=cast.paul)
    slow = regimen("lamotrigine", 25)
    with clock.at(at("2026-02-02 09:00")):
        order = started(cast.ben, by=cast.paul, regimen=slow, supply=None, answers=Everything())
    row, twice = order.prescription, regimen("lamotrigine", 25, "2")
    with clock.at(at("2026-02-15 09:00")):
        assert codes(cast, twice, date(2026, 2, 15), row) == {"speed:lamotrigine_plain"}
    with clock.at(at("2026-02-16 09:00")):
        assert codes(cast, twice, date(2026, 2, 16), row) == set()
        actions.hold(row, reason="A rash, looked at first.", by=cast.paul)
    with clock.at(at("2026-02-25 09:00")):
        row.refresh_from_db()
        actions.resume(row, by=cast.paul, answers=Everything())
        assert codes(cast, twice, date(2026, 2, 25), row) == {"speed:lamotrigine_plain"}


@pytest.fixture
def whole(transactional_db: None) -> Cast:
    return assemble()


@pytest.mark.browser
def test_the_finding_shows_the_labels_schedule_and_its_button_fills_the_form(
    whole: Cast, live_server: Any, page: Page
) -> None:
    """R-MO-LTG"""
    with clock.at(NOW):
        on_valproate(whole)
        sign_in(page, live_server, whole.paul)
        page.goto(f"{live_server.url}/medicines/{whole.ben.pk}/new/")
        page.get_by_role("searchbox", name="Medicine").fill("lamotrigin")
        page.get_by_role("link", name="lamotrigine").click()
        heading = page.get_by_role("heading", name="Faster than the label: lamotrigine with valproate")
        expect(heading).to_be_visible()
        expect(page.locator("#findings")).to_contain_text(
            "The label begins with 25\u00a0mg every other day now; this is 25\u00a0mg a day."
        )
        expect(page.locator("#findings")).to_contain_text("days 15–28 25\u00a0mg a day; days 29–35 50\u00a0mg a day")
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            assert violations(page) == []
            shoot(page, f"lamotrigine-{scheme}")
        page.get_by_role("button", name="Use the label’s step: 25\u00a0mg every other day").click()
        expect(page.locator("#id_daily")).to_have_value("12.5")
        expect(page.locator("#id_every_days")).to_have_value("2")
        expect(heading).to_have_count(0)
        page.locator("#id_target_symptom").fill("mood swings")
        page.get_by_label("Why this medicine").fill("Depressive pole stays; agreed together.")
        reason = page.get_by_label("Your reason")
        expect(reason).to_have_count(1)
        reason.fill("Slow by the table; rash explained.")
        page.locator("#dose-form").evaluate("form => form.requestSubmit()")
        expect(page.get_by_text("Take 1 tablet (25\u00a0mg) by mouth in the morning every other day.")).to_be_visible()
        shoot(page, "lamotrigine-signed")
    order = DoseOrder.objects.get(prescription__patient=whole.ben)
    assert (order.daily_amount, order.every_days) == (regimen("lamotrigine", 25, "0.5").daily, 2)
    said = {row.code: row.level for row in StoredFinding.objects.filter(order=order).exclude(level="not_checked")}
    assert said["pair:valproate"] == "ask"
    assert "speed:lamotrigine_with_valproate" not in said


@pytest.mark.browser
def test_the_checklist_is_answered_with_the_keyboard_alone(whole: Cast, live_server: Any, page: Page) -> None:
    with clock.at(NOW):
        sign_in(page, live_server, whole.paul)
        page.goto(f"{live_server.url}/patients/{whole.ben.pk}/facts/")
        page.locator('input[name="kidney"][value="yes"]').focus()
        for key in "ynnu":
            page.keyboard.press(key)
        expect(page.locator('input[name="kidney"][value="yes"]')).to_be_checked()
        expect(page.locator('input[name="liver"][value="no"]')).to_be_checked()
        expect(page.locator('input[name="heart_attack"][value="unsure"]')).to_be_checked()
        page.locator("#id_none_0").check()
        page.locator("#id_pressure").fill("128/82")
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            assert violations(page) == []
            shoot(page, f"facts-{scheme}")
        page.keyboard.press("Control+Enter")
        expect(page.get_by_text("14 answers kept.")).to_be_visible()  # thirteen questions and the blood pressure
        expect(page.get_by_role("row", name=re.compile(r"^Blood pressure"))).to_contain_text("128/82")
        assert violations(page) == []
        shoot(page, "record")
        page.set_viewport_size({"width": 390, "height": 844})
        page.goto(f"{live_server.url}/patients/{whole.ben.pk}/facts/")
        page.get_by_label("known answers were asked again: unchanged").check()
        assert violations(page) == []
        shoot(page, "facts-phone")
        page.get_by_role("button", name="Keep the answers").click()
        expect(page.get_by_text("13 answers kept.")).to_be_visible()
