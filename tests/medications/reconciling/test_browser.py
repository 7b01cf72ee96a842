"""A list of eight in one sitting with the keyboard: one letter a line, words where needed, one submit. And axe."""

from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from clinic import clock
from medications.prescribing import actions as prescribing
from medications.reconciling.models import ReconciledLine
from tests.cast import Cast, assemble
from tests.look import shoot, sign_in, violations
from tests.medications.prescribing.given import NOW
from tests.medications.reconciling.given import elsewhere, gone_through, ours

pytestmark = pytest.mark.browser


@pytest.fixture
def cast(transactional_db: None) -> Cast:
    return assemble()


def eight(cast: Cast) -> None:
    """Five of ours, one on hold; three from elsewhere."""
    held = ours(cast)
    for drug, strength in (("hydroxyzine", 25), ("buspirone", 10), ("trazodone", 50), ("lamotrigine", 25)):
        ours(cast, drug=drug, strength=strength, answers=Whatever())
    prescribing.hold(held, reason="Blood test first.", by=cast.priya)
    elsewhere(cast)
    elsewhere(cast, "Ibuprofen", "outside")
    elsewhere(cast, "Magnesium")


class Whatever(dict[str, prescribing.Override]):
    """The same reason, whatever is found."""

    def get(self, key: str, default: Any = None) -> Any:
        return prescribing.Override("benefit", "Discussed.")


def test_eight_lines_by_the_keyboard(cast: Cast, live_server: Any, page: Page) -> None:
    with clock.at(NOW):
        eight(cast)
        sign_in(page, live_server, cast.tess)
        page.goto(live_server.url + reverse("reconciling:list", kwargs={"patient_id": cast.ana.pk}))
        keys = page.keyboard
        expect(page.locator("[data-item]").first).to_be_focused()
        for letter in "aad":
            keys.press(letter)
        expect(page.get_by_role("textbox", name="How it is taken", exact=True)).to_be_focused()
        keys.type("half a tablet, she says")
        keys.press("Enter")
        for letter in "aas":
            keys.press(letter)
        expect(page.get_by_role("textbox", name="Since when, and why", exact=True)).to_be_focused()
        keys.type("since Friday")
        keys.press("Enter")
        shoot(page, "reconciling-list")
        assert violations(page) == []
        keys.press("n")
        keys.press("a")
        expect(page.locator("[data-record]")).to_be_focused()
        keys.press("Enter")
        page.wait_for_url(f"**{reverse('prescribing:medication', kwargs={'patient_id': cast.ana.pk})}")
        expect(page.get_by_text("half a tablet, she says")).to_be_visible()
        shoot(page, "reconciling-tab")
        assert violations(page) == []
    answers = ["confirmed", "confirmed", "differently", "confirmed", "confirmed", "stopped", "unknown", "confirmed"]
    assert list(ReconciledLine.objects.values_list("answer", flat=True)) == answers


def test_what_is_missing_has_the_focus(cast: Cast, live_server: Any, page: Page) -> None:
    with clock.at(NOW):
        ours(cast)
        sign_in(page, live_server, cast.tess)
        page.goto(live_server.url + reverse("reconciling:list", kwargs={"patient_id": cast.ana.pk}))
        page.keyboard.press("d")
        page.keyboard.press("Control+Enter")
        expect(page.get_by_text("Write how it is taken, as the patient says.")).to_be_visible()
        shoot(page, "reconciling-error")
        assert violations(page) == []


def test_the_page_of_one_time(cast: Cast, live_server: Any, page: Page) -> None:
    with clock.at(NOW):
        eight(cast)
        row = ours(cast, drug="mirtazapine", strength=15, answers=Whatever())
        done = gone_through(cast, {row: ("stopped", "since Friday, dreams")})
        sign_in(page, live_server, cast.priya)
        page.goto(live_server.url + reverse("reconciling:told", kwargs={"patient_id": cast.ana.pk, "pk": done.pk}))
        shoot(page, "reconciling-told")
        assert violations(page) == []
        page.goto(live_server.url + reverse("chart:chart", kwargs={"patient_id": cast.ana.pk}))
        expect(page.get_by_text("Patient has stopped it:")).to_be_visible()
        shoot(page, "reconciling-chart")
        assert violations(page) == []
