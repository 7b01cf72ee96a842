"""A medication visit in the browser: written while it happens, saved by itself, signed with the keyboard; and axe."""

from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from clinic import clock
from medications.prescribing import actions as prescribing
from medications.visits import actions
from medications.visits.models import Visit
from patients.handoffs import actions as handoffs
from patients.measures.models import Score
from patients.notes import actions as notes
from patients.notes.models import Note
from patients.timeline import actions as timeline
from patients.timeline.enums import EntryKind
from tests.cast import Cast, assemble
from tests.look import shoot, sign_in, violations
from tests.medications.prescribing.given import asked_everything, started
from tests.medications.visits.given import FULL, START, booked

pytestmark = pytest.mark.browser


def nothing_for_axe(page: Page) -> None:
    """In both themes."""
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        assert violations(page) == []


@pytest.fixture
def cast(transactional_db: None) -> Cast:
    return assemble()


def story(cast: Cast) -> Visit:
    """Two medicines, three sessions, four scores, a line handed over; the visit is in its tenth minute."""
    with clock.at(START - timedelta(days=40)):
        asked_everything(cast.ana, by=cast.priya)
        started(cast.ana, by=cast.priya, strength=100)
        prescribing.report(
            cast.ana, drug_text="Sleep gummies", origin="reported", sig_text="one at night",
            started_on=(START - timedelta(days=80)).date(), by=cast.priya,
        )  # fmt: skip
    for weeks, topic in ((3, "The ladder, step three"), (2, "The bridge as a passenger"), (1, "The bridge, alone")):
        with clock.at(START - timedelta(weeks=weeks)):
            note = notes.begin(cast.ana, kind="session", by=cast.tess)
            timeline.note(
                cast.ana.pk,
                EntryKind.SESSION,
                on=note,
                occurred_at=note.started_at,
                label=topic,
                by=cast.tess,
                value=45,
            )
    for weeks, key, total, band in (
        (3, "phq9", 15, "moderately severe"), (1, "phq9", 11, "moderate"), (1, "gad7", 9, "mild"),
    ):  # fmt: skip
        Score.objects.create(
            patient=cast.ana, instrument=key, version="US English", answers=[1] * 10, total=total, band=band,
            answered_at=START - timedelta(weeks=weeks), channel="clinician", recorded_at=START, recorded_by=cast.tess,
        )  # fmt: skip
    with clock.at(START):
        handoffs.send(cast.ana, to_user=cast.priya, words="Sweats at night since Thursday, two nights.", by=cast.tess)
        return actions.begin(cast.ana, by=cast.priya, attendance=booked(cast))


def test_a_visit_is_written_saved_by_itself_and_signed(cast: Cast, live_server: Any, page: Page) -> None:
    visit = story(cast)
    with clock.at(START + timedelta(minutes=24)):
        sign_in(page, live_server, cast.priya)
        page.goto(f"{live_server.url}/visits/{cast.ana.pk}/{visit.pk}/")
        expect(page.get_by_text("The bridge, alone")).to_be_visible()
        nothing_for_axe(page)
        for key, text in FULL.items():
            page.locator(f"#part-{key}").fill(text)
        page.get_by_label("Line for the care team").fill("Steady at 100 mg. If the sweats go on, tell me the same day.")
        page.get_by_label("moderate 99214").check()
        page.get_by_label("Upper blood pressure").fill("122")
        page.get_by_label("Pulse").focus()
        expect(page.locator(".nhead [data-saved]")).to_contain_text("revision")
        expect(page.get_by_text("Blood pressure has two numbers.")).to_be_visible()
        shoot(page, "half")
        page.get_by_label("Lower blood pressure").fill("78")
        page.get_by_label("Pulse").fill("66")
        page.get_by_label("Weight").fill("81.5")
        page.get_by_label("Medical visit").fill("20")
        page.get_by_label("Pulse").focus()
        expect(page.get_by_text("Blood pressure has two numbers.")).to_be_hidden()
        nothing_for_axe(page)
        shoot(page, "visit")
        page.keyboard.press("Control+Enter")
        expect(page.get_by_role("heading", name="Signed")).to_be_visible()
        assert violations(page) == []
        shoot(page, "signed")
        sign_in(page, live_server, cast.tess)
        page.goto(f"{live_server.url}/chart/{cast.ana.pk}/")
        expect(page.get_by_text("If the sweats go on, tell me the same day.").first).to_be_visible()
        assert violations(page) == []
        shoot(page, "chart")
    note = Note.objects.get(kind="medication")
    visit.refresh_from_db()
    assert (note.code, note.is_signed, note.attendance and note.attendance.status) == ("99214", True, "completed")
    assert (visit.systolic, visit.diastolic, visit.pulse, str(visit.weight_kg)) == (122, 78, 66, "81.5")


def test_refused_it_says_why_and_keeps_every_word(cast: Cast, live_server: Any, page: Page) -> None:
    visit = story(cast)
    with clock.at(START + timedelta(minutes=24)):
        sign_in(page, live_server, cast.priya)
        page.goto(f"{live_server.url}/visits/{cast.ana.pk}/{visit.pk}/")
        page.locator("#part-plan").fill("Only this.")
        page.keyboard.press("Control+Enter")
        expect(page.locator("#refusal")).to_contain_text("Write the line for the care team")
        expect(page.locator("#part-plan")).to_have_value("Only this.")
        assert violations(page) == []
        shoot(page, "refused")
