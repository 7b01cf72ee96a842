"""Approved, undone within ten seconds, approved again, sent, filled, picked up; the clock is moved, not slept."""

import re
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from clinic import clock
from clinic.outbox import actions as outbox
from medications.pharmacies.models import Transmission
from medications.refills.models import RefillRequest
from patients.timeline.models import Entry
from tests.cast import Cast, assemble
from tests.look import shoot, sign_in, violations
from tests.medications.pharmacies.given import BackEnd, chosen
from tests.medications.prescribing.given import NOW
from tests.medications.refills.given import DUE, all_clear, filled, opened, running_out

pytestmark = pytest.mark.browser


@pytest.fixture
def cast(transactional_db: None) -> Cast:
    return assemble()


def clean(page: Page) -> None:
    """Nothing for axe, in both themes."""
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        assert violations(page) == []
    page.emulate_media(color_scheme="light")


def approve(page: Page) -> None:
    """With the keyboard."""
    page.keyboard.press("a")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("It leaves in ten seconds")).to_be_visible()


def test_from_approval_to_pick_up(cast: Cast, live_server: Any, page: Page, back_end: type[BackEnd]) -> None:
    expect.set_options(timeout=60_000)  # a busy machine renders late; the clock stands meanwhile
    try:
        journey(cast, live_server, page)
    finally:
        clock.set_to(None)
        expect.set_options(timeout=5_000)


def journey(cast: Cast, live_server: Any, page: Page) -> None:
    """The way, with its one detour."""
    chosen(cast)
    order = running_out(cast.ana, cast.priya)
    clock.set_to(NOW + timedelta(minutes=1))  # the first prescription of March leaves
    outbox.deliver_due()
    filled(order, 0, by=cast.priya)
    all_clear(cast)
    opened(order)
    clock.set_to(DUE)
    sign_in(page, live_server, cast.priya)
    page.goto(f"{live_server.url}/refills/")
    approve(page)
    expect(page.get_by_text("Leaves for Alderfinch Pharmacy in 10 s")).to_be_visible()
    shoot(page, "leaving")
    clean(page)
    clock.set_to(DUE + timedelta(seconds=6))
    expect(page.get_by_text("Leaves for Alderfinch Pharmacy in 4 s")).to_be_visible()  # polled, without a reload
    page.keyboard.press("z")
    expect(page.get_by_text("The refill request is open again.")).to_be_visible()
    expect(page.get_by_text("Undone before it was sent")).to_be_visible()

    approve(page)
    clock.set_to(DUE + timedelta(seconds=17))
    expect(page.get_by_role("button", name=re.compile("^Undo"))).to_have_count(0)
    outbox.deliver_due()
    expect(page.get_by_text("Printed for Alderfinch Pharmacy; not reported filled")).to_be_visible()
    shoot(page, "left")
    row = Transmission.objects.get(state="sent", asked_at__gt=DUE)

    clock.set_to(DUE + timedelta(hours=3))
    sign_in(page, live_server, cast.priya)  # the idle clock ran out meanwhile
    page.goto(f"{live_server.url}/medicines/{cast.ana.pk}/")
    expect(page.get_by_text("Printed for Alderfinch Pharmacy; not reported filled")).to_be_visible()
    clean(page)
    shoot(page, "medication")
    page.get_by_role("link", name="its way of Sertraline").click()
    page.get_by_role("link", name="Record a fill").click()
    page.get_by_role("button", name="Record the fill").click()
    page.goto(f"{live_server.url}/pharmacies/way/{cast.ana.pk}/{row.pk}/")
    page.get_by_role("link", name="Picked up").click()
    clean(page)
    page.get_by_role("button", name="Record the pick-up").click()
    expect(page.locator("tbody tr")).to_have_count(4)
    shoot(page, "way")
    clean(page)
    page.goto(f"{live_server.url}/refills/decided/")
    expect(page.get_by_role("link", name=re.compile("Picked up Mar 22"))).to_be_visible()
    shoot(page, "decided")
    clean(page)
    told = Entry.objects.filter(kind="refill", retracted_at=None, recorded_at__gte=DUE).order_by("recorded_at", "pk")
    assert list(told.values_list("label", flat=True)) == [
        "refill of sertraline approved", "sertraline prescription sent to Alderfinch Pharmacy",
        "sertraline filled, 30 for 30 days", "sertraline picked up",
    ]  # fmt: skip
    assert sorted(RefillRequest.objects.values_list("state", flat=True)) == ["approved", "undone"]
    assert BackEnd.sent[-1] == row.pk
    assert len(BackEnd.sent) == 2  # the first prescription of March, and this one: what was undone never left
