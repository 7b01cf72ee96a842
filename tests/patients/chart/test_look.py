"""The chart, my day and life events in a browser, in both themes and on a phone, without axe findings."""

from typing import Any

import pytest
from playwright.sync_api import Page

from clinic import clock
from patients.plan import actions
from patients.scheduling.models import Attendance, Booking, Segment
from tests import look
from tests.cast import Cast, at
from tests.patients.chart.course import NOW, josie
from tests.patients.plan.plans import complete_draft

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def booked(cast: Cast, when: str, until: str, service: str, who: Any, patient: Any = None, **fields: Any) -> Attendance:
    booking = Booking.objects.create(site=cast.site, booked_at=at(NOW))
    segment = Segment.objects.create(
        booking=booking, clinician=who, service=service, starts_at=at(when), ends_at=at(until), room=cast.room
    )
    return Attendance.objects.create(segment=segment, patient=patient or cast.ana, **fields)


@pytest.fixture
def treated(transactional_db: None, cast: Cast) -> Any:
    with clock.at(at("2026-06-20 09:00")):
        version = complete_draft(cast)
        problem = version.problem_rows.first()
        assert problem is not None
        actions.add_intervention(problem, arm="therapy", modality="erp", frequency="weekly", duration="to January",
                                 provider=cast.tess, by=cast.tess)  # fmt: skip
        signed = actions.sign(version, patient_agreed="agreed", by=cast.tess)
        row = signed.objective_rows.get(instrument="")
        actions.record_reading(row.objective, value=3, on=at("2026-06-20 09:00").date(), by=cast.tess)
    josie(cast)
    booked(cast, "2026-11-23 14:00", "2026-11-23 14:45", "therapy", cast.tess, status="arrived",
           arrived_at=at("2026-11-23 13:20"))  # fmt: skip
    booked(cast, "2026-11-23 14:50", "2026-11-23 15:15", "medication", cast.priya)
    booked(cast, "2026-11-23 16:00", "2026-11-23 16:45", "therapy", cast.tess, cast.cleo)
    booked(cast, "2026-11-24 09:00", "2026-11-24 09:45", "therapy", cast.tess, cast.cleo)
    with clock.at(at(NOW)):
        yield cast


def check(page: Page, address: str, name: str) -> None:
    page.goto(address)
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        page.wait_for_timeout(250)  # colours move for 120 ms
        assert look.violations(page) == []
    look.shoot(page, name)


def test_chart(treated: Cast, page: Page, live_server: Any) -> None:
    look.sign_in(page, live_server, treated.tess)
    check(page, f"{live_server.url}/chart/{treated.ana.pk}/", "chart")
    assert page.get_by_role("button", name="Start session").is_visible()
    assert page.locator("svg.chart-dos").get_attribute("role") == "img"


def test_chart_of_somebody_new(treated: Cast, page: Page, live_server: Any) -> None:
    look.sign_in(page, live_server, treated.theo)
    check(page, f"{live_server.url}/chart/{treated.ben.pk}/", "chart-empty")


def test_the_phone_shows_the_newest_end(treated: Cast, page: Page, live_server: Any) -> None:
    look.sign_in(page, live_server, treated.tess)
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{live_server.url}/chart/{treated.ana.pk}/")
    assert not page.locator("svg.chart-dos").is_visible()
    today = page.locator("svg.chart-dos-narrow .today").bounding_box()
    assert today is not None
    assert 0 <= today["x"] <= 390


def test_on_paper_the_letters_can_be_read(treated: Cast, page: Page, live_server: Any) -> None:
    """The cut of 90 days at nearly its own size, and a sentence that says so; the table has the rest."""
    look.sign_in(page, live_server, treated.tess)
    page.goto(f"{live_server.url}/chart/{treated.ana.pk}/?window=all")
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 720, "height": 960})
    picture = page.locator("svg.chart-dos-narrow")
    box, own = picture.bounding_box(), str(picture.get_attribute("viewBox")).split()
    assert box is not None
    assert box["width"] / float(own[2]) > 0.85
    assert not page.locator("svg.chart-dos").is_visible()
    page.get_by_text("On paper the last 90 days").wait_for()
    cut = picture.evaluate(
        "svg => [...svg.querySelectorAll('text')].filter(one => one.getBoundingClientRect().left"
        " < svg.getBoundingClientRect().left).map(one => one.textContent)"
    )
    assert cut == []
    page.locator("details.the-table tbody tr").first.wait_for()


def test_my_day(treated: Cast, page: Page, live_server: Any) -> None:
    look.sign_in(page, live_server, treated.tess)
    check(page, f"{live_server.url}/chart/my-day/", "my-day")
    look.sign_in(page, live_server, treated.theo)
    check(page, f"{live_server.url}/chart/my-day/", "my-day-empty")


def test_a_life_event(treated: Cast, page: Page, live_server: Any) -> None:
    look.sign_in(page, live_server, treated.tess)
    check(page, f"{live_server.url}/chart/{treated.ana.pk}/events/new/", "event")
    page.get_by_label("What happened").fill("Moved in with Ruth")
    page.get_by_role("button", name="Put it on the timeline").click()
    assert page.locator("svg.chart-dos").get_by_text("Moved in with Ruth").count() == 1


def test_the_table_of_the_picture(treated: Cast, page: Page, live_server: Any) -> None:
    look.sign_in(page, live_server, treated.tess)
    page.goto(f"{live_server.url}/chart/{treated.ana.pk}/?window=all")
    page.locator("details.the-table summary").click()
    page.locator("details.the-table tbody tr").first.wait_for()
    assert look.violations(page) == []
