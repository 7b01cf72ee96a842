"""A desk of forty is cleared in one sitting, with nothing but the keyboard; how long the machine took is printed."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from clinic import clock
from medications.prescribing.models import Authorisation, DoseOrder, Fill
from medications.refills import actions
from medications.refills.models import RefillRequest
from patients.record.models import Patient
from tests.cast import Cast, assemble, on_team, patient
from tests.look import sign_in
from tests.medications.prescribing.given import NOW, TODAY, regimen
from tests.medications.refills.given import DUE, LATER, booked, running_out, seen

pytestmark = pytest.mark.browser

FORTY = 40
CLEAR = 30  # of them nothing stands against these; to the others something has to be said
MINUTES = 4
SLOW = 60_000  # milliseconds: how long it takes fails no test


@pytest.fixture
def cast(transactional_db: None) -> Cast:
    return assemble()


def a_full_desk(cast: Cast) -> None:
    """Forty people whose sertraline or lorazepam ends: thirty seen and booked, ten not."""
    for number in range(FORTY):
        someone = patient(400 + number, f"P{number:02}", "Desk", cast.site)
        on_team(someone, cast.priya, "prescriber")
        sleeper = number % 5 == 4
        order = running_out(someone, cast.priya, regimen=regimen("lorazepam", "0.5") if sleeper else regimen())
        _told(order, someone, cast)
        if number < CLEAR:
            seen(cast, f"2026-03-{3 + number // 8:02} {9 + number % 8:02}:00", patient=someone, with_=cast.priya)
            booked(cast, f"2026-04-{6 + number // 8:02} {9 + number % 8:02}:00", patient=someone, with_=cast.priya)
    with clock.at(DUE):
        actions.open_due()


def _told(order: DoseOrder, someone: Patient, cast: Cast) -> None:
    supply = order.authorisations.get()
    Fill.objects.create(
        prescription=order.prescription, authorisation=supply, patient=someone, filled_on=TODAY,
        quantity=supply.quantity, days_supply=supply.days_supply, told_by="pharmacy", recorded_at=NOW,
        recorded_by=cast.priya,
    )  # fmt: skip


def decide(page: Page) -> int:
    """Approve the one that is open: a letter, words for whatever asks for them, Ctrl Enter. How many keys."""
    page.wait_for_load_state()  # the desk listens once its script is there
    page.keyboard.press("a")
    expect(page.locator("[name=do]:checked")).to_have_count(1, timeout=SLOW)
    keys = 2
    needed = page.locator("[data-needed] input:visible")
    for _ in range(needed.count()):
        expect(page.locator("[data-needed] input:focus")).to_have_count(1, timeout=SLOW)
        page.keyboard.type("Talked on the telephone.")
        page.keyboard.press("Tab")
        keys += 2
    page.keyboard.press("Control+Enter")
    return keys


def test_forty_in_under_four_minutes(cast: Cast, live_server: Any, page: Page, capsys: Any) -> None:
    with clock.at(LATER):
        a_full_desk(cast)
        sign_in(page, live_server, cast.priya)
        page.goto(f"{live_server.url}/refills/")
        expect(page.get_by_text(f"{FORTY} to decide")).to_be_visible()
        started, keys = page.evaluate("performance.timeOrigin"), 0
        for left in range(FORTY, 0, -1):
            expect(page.locator("nav.seg .on")).to_have_text(f"To decide {left}", timeout=SLOW)
            keys += decide(page)
        expect(page.locator("nav.seg .on")).to_have_text("To decide 0", timeout=SLOW)
        seconds = (page.evaluate("performance.timeOrigin") - started) / 1000
    with capsys.disabled():
        print(f"\nForty refills: {keys} keys and lines, {seconds:.0f} s of the machine's ({MINUTES * 60} are allowed)")
    assert set(RefillRequest.objects.values_list("state", flat=True)) == {"approved"}
    assert Authorisation.objects.filter(voided_at=None).count() == FORTY
