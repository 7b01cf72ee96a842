"""The clonazepam journey in a browser: planned, a step taken, paused by the therapist in the session, resumed."""

import re
from datetime import date, timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from clinic import clock
from medications.prescribing.models import DoseOrder
from medications.tapers.models import TaperPlan
from patients.record.models import MedicalFact
from tests.cast import Cast, assemble, at
from tests.look import shoot, sign_in, violations
from tests.medications.prescribing.given import NOW, TODAY
from tests.medications.tapers.given import clonazepam, running, therapy
from therapy.sessions import actions as sessions

pytestmark = pytest.mark.browser


@pytest.fixture
def cast(transactional_db: None) -> Cast:
    return assemble()


def axe(page: Page) -> None:
    """Nothing found, light or dark."""
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        assert violations(page) == []
    page.emulate_media(color_scheme="light")


def on(day: date) -> Any:
    return clock.at(at(f"{day.isoformat()} 10:00"))


def test_clonazepam_goes_down_with_cbt_i_and_pauses_at_step_three(cast: Cast, live_server: Any, page: Page) -> None:
    with clock.at(NOW):
        therapy(cast.ana, by=cast.tess)
        MedicalFact.objects.create(
            patient=cast.ana, key="seizure", answer="no", recorded_at=NOW, recorded_by=cast.priya
        )
        rx = clonazepam(cast.ana, by=cast.priya)
        sign_in(page, live_server, cast.priya)
        page.goto(f"{live_server.url}/medicines/{cast.ana.pk}/")
        page.get_by_role("link", name="Plan a taper or titration").click()
        expect(page.get_by_role("heading", name="Plan the steps of clonazepam")).to_be_visible()
        page.get_by_label("Stop from, mg").fill("0.125")
        page.get_by_label("Percent of the dose at each step").fill("25")
        expect(page.locator("#seen")).to_contain_text("1½ tablets of 0.5\u00a0mg")
        expect(page.locator("#id_dose_1")).to_have_value("0.625")
        axe(page)
        shoot(page, "taper-plan")
        page.locator("#id_dose_0").fill("0.5")
        expect(page.locator("#seen")).to_contain_text("A taper only goes down")
        page.locator("#id_dose_0").fill("0.75")
        expect(page.locator("#seen")).not_to_contain_text("A taper only goes down")
        page.get_by_role("button", name="Keep as a draft").click()
        page.get_by_role("link", name="Start it").click()
        for reason in page.get_by_label("Your reason").all():
            reason.fill("She asked for fewer, clearer steps.")
        axe(page)
        page.get_by_role("button", name="Start it").click()
        expect(page.get_by_text(re.compile(r"^0 of \d+ confirmed$"))).to_be_visible()
        axe(page)
        shoot(page, "taper-started")
        page.emulate_media(media="print")  # on paper nothing is folded away
        expect(page.get_by_text("No check is recorded yet.")).to_be_visible()
        expect(page.locator(".paper-open li", has_text="Started")).to_be_visible()
        page.set_viewport_size({"width": 700, "height": 900})  # and nothing is cut
        assert page.locator("[data-today]").evaluate("box => box.scrollWidth - box.clientWidth") == 0
        page.set_viewport_size({"width": 1280, "height": 720})
        page.emulate_media(media="screen")
        page.get_by_role("link", name="Confirm 0.75").click()
        for reason in page.get_by_label("Your reason").all():
            reason.fill("Checked in the visit today.")
        axe(page)
        shoot(page, "taper-confirm")
        page.get_by_role("button", name="Sign the step").click()
        for reason in page.get_by_label("Your reason").all():  # what stands against the order itself
            reason.fill("Checked in the visit today.")
        page.get_by_role("button", name="Sign the step").click()
        expect(page.get_by_text("Signed. The step is an order now")).to_be_visible()
    plan = TaperPlan.objects.get()
    first = TODAY + timedelta(days=28)
    with on(first - timedelta(days=1)):
        session = sessions.begin(cast.ana, by=cast.tess)
        sign_in(page, live_server, cast.tess)
        page.goto(f"{live_server.url}/sessions/{cast.ana.pk}/{session.pk}/")
        panel = page.locator(f"#taper-{plan.pk}")
        panel.get_by_text("significant", exact=True).click()
        panel.get_by_label("What, since when, how bad").fill("Shaking since Friday.")
        axe(page)
        panel.get_by_role("button", name="Record the check").click()
        expect(panel.get_by_text("it is paused")).to_be_visible()
        shoot(page, "taper-session")
        page.goto(f"{live_server.url}/tapers/{cast.ana.pk}/{plan.pk}/")
        expect(page.get_by_text("paused: stay at this dose")).to_be_visible()
        expect(page.get_by_role("link", name="Resume")).to_have_count(0)
        axe(page)
        shoot(page, "taper-paused")
        sign_in(page, live_server, cast.priya)
        page.goto(f"{live_server.url}/tapers/{cast.ana.pk}/{plan.pk}/")
        page.get_by_role("link", name="Resume").click()
        page.get_by_label("Why it goes on now").fill("Slept again; smaller fears.")
        axe(page)
        page.get_by_role("button", name="Resume").click()
        expect(page.get_by_text("Resumed.")).to_be_visible()
    assert (DoseOrder.objects.filter(prescription=rx).count(), TaperPlan.objects.get().state) == (2, "active")


def test_on_a_phone_the_staircase_begins_at_todays_place(cast: Cast, live_server: Any, page: Page) -> None:
    """Half a year of steps is wider than a phone: today is in view, with what was before and what comes next."""
    with clock.at(NOW):
        rx = clonazepam(cast.ana, by=cast.priya)
        plan = running(rx, (14, "0.75"), (42, "0.5"), (70, "0.375"), (98, "0.25"), (126, "0"), by=cast.priya)
        sign_in(page, live_server, cast.priya)
        page.set_viewport_size({"width": 390, "height": 844})
        page.goto(f"{live_server.url}/tapers/{cast.ana.pk}/{plan.pk}/")
        box, today = (page.locator(one).bounding_box() for one in ("[data-today]", "[data-today] svg .today"))
        assert box is not None
        assert today is not None
        assert box["x"] + 60 < today["x"] < box["x"] + box["width"] - 60


def test_on_a_phone_a_plan_shows_its_steps_and_the_day_they_begin(cast: Cast, live_server: Any, page: Page) -> None:
    """The dose of a row is no wider than the phone; the staircase begins where its steps do, not years before."""
    with clock.at(NOW):
        rx = clonazepam(cast.ana, by=cast.priya)
    with on(TODAY + timedelta(days=300)):
        sign_in(page, live_server, cast.priya)
        page.set_viewport_size({"width": 390, "height": 844})
        page.goto(f"{live_server.url}/tapers/{cast.ana.pk}/of/{rx.pk}/new/")
        page.locator("#id_dose_0").scroll_into_view_if_needed()
        right = page.locator("#id_dose_0").evaluate("node => node.getBoundingClientRect().right")
        assert page.locator("#id_dose_0").evaluate("node => node.closest('.scroll-x').scrollLeft") == 0
        assert right <= 390 - 16
        today = page.locator("#seen svg .today").first.evaluate("node => node.getBoundingClientRect().left")
        assert 0 < today < 390
