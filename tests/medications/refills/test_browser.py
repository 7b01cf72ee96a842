"""Three requests cleared with the keyboard alone; axe in both themes; nothing is signed for the wrong person."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from clinic import clock
from medications.prescribing.models import Authorisation
from medications.refills import actions
from medications.refills.models import RefillRequest
from patients.record import actions as record
from patients.risk.models import RiskFlag
from tests.cast import Cast, assemble, on_team, patient
from tests.look import shoot, sign_in, violations
from tests.medications.prescribing.given import regimen, supply
from tests.medications.refills.given import DUE, LATER, all_clear, filled, moment, running_out

pytestmark = pytest.mark.browser


def nothing_for_axe(page: Page) -> None:
    """In both themes."""
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        assert violations(page) == []


@pytest.fixture
def cast(transactional_db: None) -> Cast:
    return assemble()


def morning(cast: Cast) -> None:
    """Five supplies that run out: clear, risk, Schedule II, controlled, never seen."""
    people = [cast.ana, cast.ben, cast.cleo, patient(104, "Malik", "Farouk", cast.site, pronouns="he/him")]
    people.append(patient(105, "Wolfeschlegelsteinhausenbergerdorff", "Nguyễn Thị Ánh Tuyết", cast.site))
    for someone in people[1:]:
        on_team(someone, cast.priya, "prescriber")
    clear = running_out(cast.ana, cast.priya, strength=100)
    filled(clear, 0, by=cast.priya)
    running_out(cast.ben, cast.priya, regimen=regimen("lithium", 300, "3"), supply=supply(84, 28))
    running_out(cast.cleo, cast.priya, regimen=regimen("methylphenidate", 10), supply=supply(27, 27))
    running_out(people[3], cast.priya, regimen=regimen("lorazepam", "0.5"), target_symptom="panic")
    running_out(people[4], cast.priya, regimen=regimen("lamotrigine", 25), supply=supply(33, 33))
    all_clear(cast)
    RiskFlag.objects.create(patient=cast.ben, source="clinician", sentence="Said so.", raised_at=DUE)
    with clock.at(DUE):
        record.choose_channel(cast.ana, channel="text", by=cast.fran)
        actions.ask_for_call(cast.cleo, words="reach after three", by=cast.fran)
    with clock.at(moment(23, "04:10")):
        actions.open_due()


def test_three_requests_are_cleared_with_the_keyboard(cast: Cast, live_server: Any, page: Page) -> None:
    with clock.at(LATER):
        morning(cast)
        sign_in(page, live_server, cast.priya)
        page.goto(f"{live_server.url}/refills/")
        open_now = page.locator(".rdetail h2")
        expect(open_now).to_have_text("Cleo Nguyen")
        nothing_for_axe(page)
        shoot(page, "desk")
        page.keyboard.press("j")
        expect(open_now).to_have_text(re.compile("Zimmermann"))
        page.keyboard.press("k")
        expect(open_now).to_have_text("Cleo Nguyen")
        page.keyboard.press("a")  # a new prescription: Schedule II
        expect(page.locator("input[name='reason:seen']")).to_be_focused()
        page.keyboard.type("Seen at school with her mother.")
        page.keyboard.press("Control+Enter")
        expect(page.locator(".invalid-feedback").first).to_be_visible()
        shoot(page, "asked")
        assert violations(page) == []
        for name in ("booked", "early"):
            field = page.locator(f"input[name='reason:{name}']")
            if field.count():
                field.fill("Comes on Tuesday.")
        page.keyboard.press("Control+Enter")

        expect(open_now).to_have_text(re.compile("Zimmermann"))
        page.keyboard.press("d")
        expect(page.locator("input[name=reason]")).to_be_focused()
        expect(page.get_by_text("is never stopped abruptly").first).to_be_visible()
        shoot(page, "decline")
        page.locator("label", has_text="Bridge until a visit").click()
        page.locator("input[name=bridge_days]").fill("7")
        for name in ("seen", "booked", "monitoring", "risk"):
            page.locator(f"input[name='reason:{name}']").fill("Flag closed tomorrow, spouse holds the box.")
        shoot(page, "bridge")
        nothing_for_axe(page)
        page.keyboard.press("Control+Enter")

        expect(open_now).to_have_text(re.compile("Quiroga"))
        page.keyboard.press("a")
        shoot(page, "approve")
        page.keyboard.press("Control+Enter")
        expect(open_now).to_have_text(re.compile("Farouk"))
        page.goto(f"{live_server.url}/refills/decided/")
        assert violations(page) == []
        shoot(page, "decided")
    assert sorted(RefillRequest.objects.values_list("patient__given_name", "state")) == [
        ("Ana", "approved"), ("Ben", "bridged"), ("Cleo", "approved"), ("Malik", "requested"),
        ("Wolfeschlegelsteinhausenbergerdorff", "requested"),
    ]  # fmt: skip
    assert Authorisation.objects.filter(voided_at=None, bridge=True).get().patient == cast.ben


def test_a_key_on_the_row_of_another_opens_that_one_and_decides_nothing(
    cast: Cast, live_server: Any, page: Page
) -> None:
    with clock.at(LATER):
        morning(cast)
        sign_in(page, live_server, cast.priya)
        page.goto(f"{live_server.url}/refills/")
        page.locator("tr[data-item]").nth(2).focus()
        page.keyboard.press("Control+Enter")
        expect(page.locator(".rdetail h2")).to_have_text(re.compile("Quiroga"))
        page.keyboard.press("Control+Enter")  # nothing chosen: nothing signed
        expect(page.get_by_text("Choose what happens: approve, bridge or decline.")).to_be_visible()
    assert set(RefillRequest.objects.values_list("state", flat=True)) == {"requested"}


def test_the_front_desk_asks_for_a_call(cast: Cast, live_server: Any, page: Page) -> None:
    with clock.at(LATER):
        running_out(cast.ana, cast.priya)
        sign_in(page, live_server, cast.fran)
        page.goto(f"{live_server.url}/refills/{cast.ana.pk}/ask/")
        assert violations(page) == []
        shoot(page, "ask")
        page.get_by_label("What to know before calling").fill("after three")
        page.get_by_role("button", name="Ask the prescriber to call").click()
        expect(page.get_by_text("The prescriber is asked to call.")).to_be_visible()
        sign_in(page, live_server, cast.priya)
        page.goto(f"{live_server.url}/inbox/")
        page.get_by_role("link", name="Call the patient").click()
        expect(page.get_by_text("after three")).to_be_visible()
        assert violations(page) == []
        shoot(page, "call")


def test_far_down_a_long_desk_the_open_row_and_its_gates_are_in_view(cast: Cast, live_server: Any, page: Page) -> None:
    """Not beneath the bar of keys, nor above the window, forwards and back."""
    with clock.at(LATER):
        for number in range(16):
            someone = patient(400 + number, f"P{number:02}", "Desk", cast.site)
            on_team(someone, cast.priya, "prescriber")
            running_out(someone, cast.priya)
        with clock.at(DUE):
            actions.open_due()
        page.set_viewport_size({"width": 1280, "height": 720})
        sign_in(page, live_server, cast.priya)
        page.goto(f"{live_server.url}/refills/")
        rows = page.locator(".rtable tbody tr")
        for place in (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 12, 11):
            page.keyboard.press("j" if place > _place(page) else "k")
            expect(rows.nth(place)).to_have_attribute("aria-current", "true")
            page.wait_for_load_state()  # its script has run
            bar = page.locator("footer.keys").bounding_box()
            row, detail = rows.nth(place).bounding_box(), page.locator(".rdetail h2").first.bounding_box()
            assert bar is not None
            assert row is not None
            assert detail is not None
            assert row["y"] >= 0
            assert row["y"] + row["height"] <= bar["y"]
            assert 0 <= detail["y"] < bar["y"]
        nothing_for_axe(page)


def _place(page: Page) -> int:
    return int(page.evaluate("[...document.querySelectorAll('.rtable tbody tr')].findIndex(r => r.ariaCurrent)"))
