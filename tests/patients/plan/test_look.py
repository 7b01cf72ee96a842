"""The plan's pages in a browser: the version in force, the draft editor, signing; both themes, a phone, axe clean."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page

from clinic.ports import Arm
from patients.measures.models import Score
from patients.plan import actions, queries
from tests import look
from tests.cast import Cast, at
from tests.patients.plan.plans import GOAL, Room, arms, fresh, signed

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def planned(transactional_db: None, cast: Cast) -> Iterator[Cast]:
    """Ana's plan in its second version, with a live prescription in it, one score and one reading."""
    version = signed(cast)
    draft = actions.draft(cast.ana, by=cast.priya)
    problem = draft.problem_rows.get()
    actions.change_problem(problem, title="Low mood that keeps her in bed", by=cast.priya)
    row = actions.add_intervention(problem, arm="medication", by=cast.priya)
    live = Arm(row.intervention_id, "med", "sertraline 150 mg each morning", "the live order of Feb 5, Priya")
    with arms(Room([live])):
        actions.sign(draft, patient_agreed="agreed", by=cast.priya)
        Score.objects.create(
            patient=cast.ana, instrument="phq9", version="1", answered_at=at("2026-03-01 09:00"), channel="desk",
            total=7, recorded_at=at("2026-03-01 09:00"), answers=[0] * 9,
        )  # fmt: skip
        reading = fresh(version).problem_rows.all()[0].objective_rows.all()[1]
        actions.record_reading(reading.objective, value=3, on=at("2026-03-01 09:00").date(), by=cast.tess)
        yield cast


def check(page: Page, name: str) -> None:
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        page.wait_for_timeout(250)  # colours move for 120 ms
        assert look.violations(page) == []
    look.shoot(page, name)


def test_the_plan_in_force(planned: Cast, page: Page, live_server: Any) -> None:
    look.sign_in(page, live_server, planned.tess)
    page.goto(f"{live_server.url}/plan/{planned.ana.pk}/")
    check(page, "plan")
    assert page.get_by_text("sertraline 150 mg each morning").is_visible()
    page.get_by_role("link", name="What changed since v1").click()
    check(page, "compare")


def test_before_the_first_plan(planned: Cast, page: Page, live_server: Any) -> None:
    look.sign_in(page, live_server, planned.theo)
    page.goto(f"{live_server.url}/plan/{planned.ben.pk}/")
    check(page, "plan-none")


def test_writing_and_signing_the_next_version(planned: Cast, page: Page, live_server: Any) -> None:
    look.sign_in(page, live_server, planned.tess)
    page.goto(f"{live_server.url}/plan/{planned.ana.pk}/")
    page.get_by_role("button", name="Begin the next version").click()
    page.get_by_role("link", name="Add an objective").click()
    page.get_by_label("What is to be reached").fill("A walk with Ruth")
    page.locator("#id_target").fill("not a number")
    page.get_by_role("button", name="Add this objective").click()
    page.locator(".invalid-feedback").first.wait_for()
    assert page.get_by_label("What is to be reached").input_value() == "A walk with Ruth"
    check(page, "edit-error")
    page.locator("#id_target").fill("3")
    page.get_by_role("button", name="Add this objective").click()
    page.locator(".edit-words", has_text="A walk with Ruth").wait_for()
    page.locator("#standing summary").click()
    check(page, "edit")
    page.get_by_role("link", name="Objective 1c needs").click()
    page.goto(f"{live_server.url}/plan/{planned.ana.pk}/sign/")
    assert page.get_by_role("button", name="Sign as Tess Moreno, LCSW").is_disabled()
    check(page, "sign-refused")
    page.goto(f"{live_server.url}/plan/{planned.ana.pk}/edit/")
    page.get_by_role("link", name="Remove… objective 1c").click()
    page.get_by_text("Remove this objective?").wait_for()
    check(page, "remove")
    page.get_by_role("button", name="Remove it").click()
    page.get_by_text("Remove this objective?").wait_for(state="detached")  # the question stands in the row's place
    page.goto(f"{live_server.url}/plan/{planned.ana.pk}/sign/")
    page.get_by_label("agrees with the plan").check()
    check(page, "sign")
    page.get_by_role("button", name="Sign as Tess Moreno, LCSW").click()
    page.get_by_role("heading", name="Plan v3").wait_for()
    found = queries.in_force(planned.ana.pk)
    assert found is not None
    assert (found.number, found.problem_rows.all()[0].goal_words) == (3, GOAL)


def test_two_people_in_one_row_lose_nothing(planned: Cast, page: Page, live_server: Any) -> None:
    version = actions.draft(planned.ana, by=planned.tess)
    row = version.problem_rows.get()
    look.sign_in(page, live_server, planned.tess)
    page.goto(f"{live_server.url}/plan/{planned.ana.pk}/edit/")
    page.get_by_role("link", name="Change problem Low mood").click()
    page.get_by_label("Problem", exact=True).fill("Mornings in bed")
    actions.change_problem(row, title="Low mood at home", by=planned.priya)
    page.get_by_role("button", name="Save this problem").click()
    page.locator(".changed").wait_for()
    assert "Low mood at home" in page.locator(".changed ins").inner_text()
    assert page.get_by_label("Problem", exact=True).input_value() == "Mornings in bed"
    check(page, "conflict")
    page.get_by_role("button", name="Save this problem").click()
    page.get_by_role("heading", name="Mornings in bed").wait_for()


def test_the_draft_works_without_scripts(planned: Cast, browser: Any, live_server: Any) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    look.sign_in(page, live_server, planned.tess)
    page.goto(f"{live_server.url}/plan/{planned.ana.pk}/")
    page.get_by_role("button", name="Begin the next version").click()
    page.get_by_role("link", name="Add a problem").click()
    page.get_by_label("Problem", exact=True).fill("Panic on bridges")
    page.get_by_role("button", name="Add this problem").click()
    page.get_by_role("heading", name="Panic on bridges").wait_for()
    context.close()


def test_criteria_are_saved_beside_the_tree(planned: Cast, page: Page, live_server: Any) -> None:
    actions.draft(planned.ana, by=planned.tess)
    look.sign_in(page, live_server, planned.tess)
    page.goto(f"{live_server.url}/plan/{planned.ana.pk}/edit/")
    page.get_by_label("Ready to finish when").fill("")
    page.locator("#criteria").get_by_role("button", name="Save this").click()
    page.get_by_text("1 thing stands against signing").wait_for()
