"""The medication history in a browser: readable on a wide screen, on a phone and on paper; the page never scrolls."""

from datetime import date, timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from clinic import clock
from medications.prescribing import actions
from medications.tapers import actions as tapers
from patients.measures import actions as measures
from tests.cast import Cast, assemble, at
from tests.look import shoot, sign_in, violations
from tests.medications.prescribing.given import NOW, changed, regimen, started
from tests.medications.tapers.given import EVERYTHING, clonazepam, confirmed, running

pytestmark = pytest.mark.browser


@pytest.fixture
def cast(transactional_db: None) -> Cast:
    return assemble()


def on(day: str) -> Any:
    return clock.at(at(f"{day} 10:00"))


def years(cast: Cast) -> None:
    """Sertraline up and off by way of a cross-taper, a hold, a paused taper, an inhaler from elsewhere, scores."""
    ana, priya = cast.ana, cast.priya
    actions.report(
        ana, drug_text="albuterol inhaler", origin="outside", sig_text="2 puffs if needed",
        started_on=date(2024, 9, 1), by=cast.tess,
    )  # fmt: skip
    with on("2025-04-07"):
        first = started(ana, by=priya, answers=EVERYTHING)
    with on("2025-05-19"):
        changed(first.prescription, by=priya, answers=EVERYTHING)
    with on("2025-07-21"):
        actions.hold(first.prescription, reason="Vomiting, sodium 128.", by=priya)
    with on("2025-08-11"):
        actions.resume(first.prescription, answers=EVERYTHING, by=priya)
    taper = clonazepam(ana, by=priya)
    with on("2025-11-03"):
        started(ana, by=priya, regimen=regimen("escitalopram", 10), answers=EVERYTHING)
    with on("2025-12-01"):
        actions.stop(first.prescription, reason="Cross-taper done.", answers=EVERYTHING, by=priya)
    with on("2026-01-05"):
        plan = running(taper, by=priya)
    with on("2026-01-19"):
        tapers.record_check(plan, severity="none", by=cast.tess)
        confirmed(plan, by=priya)
    with on("2026-02-09"):
        tapers.pause(plan, reason="Sweating, poor sleep.", by=cast.tess)
    for week, total in enumerate((19, 18, 16, 15, 12, 14, 11, 9, 8, 10, 7)):
        with clock.at(at("2025-04-07 10:00") + timedelta(weeks=4 * week)):
            for key, answers in (("phq9", phq9(total)), ("gad7", gad7(total - 4))):
                measures.record(
                    ana, instrument=key, answers=answers, answered_at=clock.now(), channel="clinician", by=priya
                )


def phq9(total: int) -> list[int]:
    return [*spread(total, 8), 0, 1]


def gad7(total: int) -> list[int]:
    return spread(max(total, 0), 7)


def spread(total: int, places: int) -> list[int]:
    return [min(max(total - 3 * place, 0), 3) for place in range(places)]


def test_years_of_medication_are_read_anywhere(cast: Cast, live_server: Any, page: Page) -> None:
    with clock.at(NOW):
        years(cast)
        sign_in(page, live_server, cast.tess)
        page.goto(f"{live_server.url}/medicines/{cast.ana.pk}/history/")
        expect(page.get_by_role("heading", name="Medication history")).to_be_visible()
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            assert violations(page) == []
        shoot(page, "history")
        for width in (1440, 1000, 390):
            page.set_viewport_size({"width": width, "height": 900})
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
            assert least_letters(page) >= 11, width
            assert page.evaluate(NARROWEST) >= 150, width
        page.emulate_media(media="print")
        page.set_viewport_size({"width": 700, "height": 900})
        page.locator(".chart-history-narrow").wait_for()
        assert least_letters(page) >= 10
        assert page.evaluate(LEFTMOST) >= 0  # the words at the left, the longest too, lie within the picture


LEFTMOST = "Math.min(...[...document.querySelectorAll('.chart-history-narrow text')].map(one => one.getBBox().x))"

NARROWEST = """Math.min(...[...document.querySelectorAll(".the-table td:last-child")].filter(
    one => one.textContent).map(one => one.getBoundingClientRect().width))"""


def least_letters(page: Page) -> float:
    """The smallest words of the picture that is shown, in pixels."""
    return float(
        page.evaluate("""() => {
        const shown = [...document.querySelectorAll(".newest > .chart")].find(one => one.getBoundingClientRect().width);
        const scale = shown.getBoundingClientRect().width / shown.viewBox.baseVal.width;
        return scale * Math.min(...[...shown.querySelectorAll("text")].map(
            one => parseFloat(getComputedStyle(one).fontSize)));
    }""")
    )
