"""Pages of tapers: who opens them, what they say, what comes back when something is refused."""

import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest

from clinic import clock
from medications.prescribing.models import DoseOrder, Prescription
from medications.tapers import actions
from medications.tapers.models import StepCheck, TaperPlan, TaperStep
from patients.record.models import MedicalFact
from tests.cast import Cast, at, client
from tests.medications.prescribing.given import NOW, TODAY, regimen, started, supply
from tests.medications.tapers.given import EVERYTHING, JOINT, clonazepam, days, planned, running, therapy


@pytest.fixture
def rx(cast: Cast) -> Prescription:
    therapy(cast.ana, by=cast.tess)
    MedicalFact.objects.create(patient=cast.ana, key="seizure", answer="no", recorded_at=NOW, recorded_by=cast.priya)
    return clonazepam(cast.ana, by=cast.priya)


@pytest.fixture
def plan(cast: Cast, rx: Prescription) -> TaperPlan:
    return running(rx, by=cast.priya)


def text(answer: Any) -> str:
    return " ".join(unescape(answer.content.decode()).replace("\u00a0", " ").split())


def url(plan: TaperPlan, what: str = "") -> str:
    return f"/tapers/{plan.patient_id}/{plan.pk}/{what}"


def new(rx: Prescription, what: str = "new/") -> str:
    return f"/tapers/{rx.patient_id}/of/{rx.pk}/{what}"


def rows(*given: tuple[str, str]) -> dict[str, str]:
    """Typed steps: day and mg."""
    found: dict[str, str] = {}
    for number, (day, dose) in enumerate(given):
        found |= {f"day_{number}": day, f"dose_{number}": dose, f"every_{number}": "1", f"parts_{number}": "0"}
    return found


def test_the_builder_offers_the_guideline_with_its_steps_r_ta_01(cast: Cast, rx: Prescription) -> None:
    page = text(client(cast.priya).get(new(rx)))
    assert "Benzodiazepine: joint guideline 2025" in page
    assert "1½ tablets of 0.5 mg" in page
    assert "needs liquid" in page
    assert "Faster than the guideline" in page


def test_a_draft_is_kept_and_started_with_its_reasons(cast: Cast, rx: Prescription) -> None:
    browser = client(cast.priya)
    typed = {"template": JOINT, "template_was": JOINT, "floor": "0.125", "do": "save"}
    answer = browser.post(new(rx), typed | rows(("2026-03-16", "0.75"), ("2026-04-13", "0.625")))
    plan = TaperPlan.objects.get()
    assert (answer.status_code, answer["Location"], days(plan)) == (
        302, url(plan), [("2026-03-16", "0.75"), ("2026-04-13", "0.625")],
    )  # fmt: skip
    refused = browser.post(url(plan, "start/"), {"based_on": plan.revision, "care_level": "", "care_words": ""})
    assert (refused.status_code, "Write why this is acceptable" in text(refused)) == (422, True)
    browser.post(url(plan, "start/"), {"based_on": plan.revision, "why:taper.guideline": "She asked for it."})
    plan.refresh_from_db()
    assert plan.state == "active"
    assert "She asked for it." in text(browser.get(url(plan)))


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        (rows(("2026-03-16", "0.75"), ("2026-03-16", "0.5")), "The days go forward"),
        (rows(("2026-03-16", "5..0")), "The dose is not a number"),
        (rows(("2026-03-16", "-5")), "The dose must be more than 0"),
        (rows(("2026-03-16", "1e9")), "The dose is not a number"),
        (rows(("", "0.5")), "Say on which day this step begins."),
        (rows(("2026-02-31", "0.5")), "Write the day as a date."),
        (rows(("2026-03-16", "")), "Write at least one step"),
        (rows(("2026-03-16", "0.75"), ("2039-03-16", "0")), "A taper has to end"),
    ],
)
def test_bad_steps_come_back_with_every_word(
    cast: Cast, rx: Prescription, typed: dict[str, str], sentence: str
) -> None:
    given = {"template": "blank-taper", "template_was": "blank-taper", "floor": "0.125", "do": "save"} | typed
    answer = client(cast.priya).post(new(rx), given)
    assert answer.status_code == 422
    assert sentence in text(answer)
    assert all(f'value="{value}"' in unescape(answer.content.decode()) for value in typed.values() if "." in value)
    assert TaperPlan.objects.count() == 0


def test_the_picture_and_the_findings_come_while_one_types(cast: Cast, rx: Prescription) -> None:
    typed = {"template": "blank-taper", "template_was": "blank-taper", "floor": "0.125"}
    answer = client(cast.priya).post(new(rx, "preview/"), typed | rows(("2026-03-16", "0.5")))
    page = text(answer)
    assert "More than 25 % within 14 days" in page
    assert "<svg" in page
    assert "−50 %" in page
    assert TaperPlan.objects.count() == 0


def test_other_numbers_fill_other_steps_and_a_taper_that_never_ends_gets_a_sentence(
    cast: Cast, rx: Prescription
) -> None:
    browser = client(cast.priya)
    typed = {"template": JOINT, "template_was": JOINT, "interval": "28", "starts_on": "2026-03-16"}
    filled = text(browser.post(new(rx, "fill/"), typed | {"percent": "10", "floor": "0.5"}))
    assert 'name="day_0" value="2026-03-16"' in filled
    never = text(browser.post(new(rx, "fill/"), typed | {"percent": "1", "floor": "0.001"}))
    assert "That would take more than 60 steps." in never


def test_both_see_the_staircase_and_only_the_prescriber_acts(cast: Cast, plan: TaperPlan) -> None:
    therapist, prescriber = text(client(cast.tess).get(url(plan))), text(client(cast.priya).get(url(plan)))
    for page in (therapist, prescriber):
        assert "From Mar 16 on the dose comes down to 0.75 mg, if the prescriber confirms it." in page
        assert "Record the check" in page
        assert "Pause at 1 mg" in page
    assert ("Confirm 0.75 mg" in therapist, "Confirm 0.75 mg" in prescriber) == (False, True)
    assert ("End it here" in therapist, "End it here" in prescriber) == (False, True)
    for what in ("confirm/", "resume/", "end/", "steps/", "start/"):
        assert client(cast.tess).get(url(plan, what)).status_code == 404
    assert client(cast.fran).get(url(plan)).status_code == 404
    assert client(cast.theo).get(url(plan)).status_code == 404


def test_a_mild_check_is_not_ticked_off_and_pause_is_the_solid_button_r_ta_02(cast: Cast, plan: TaperPlan) -> None:
    with clock.at(at("2026-03-10 09:30")):
        browser = client(cast.tess)
        answer = browser.post(url(plan, "check/"), {"severity": "mild", "words": "Some sweating."})
        assert (answer.status_code, answer["Location"]) == (302, url(plan))
        page = client(cast.priya).get(url(plan)).content.decode()
    assert "Not ticked off." in page
    (solid,) = [part.split(">")[1].strip() for part in page.split("<a ") if "btn-primary" in part.split(">")[0]]
    assert solid.startswith("Pause at")


def test_a_check_that_is_refused_keeps_its_words(cast: Cast, plan: TaperPlan) -> None:
    answer = client(cast.tess).post(url(plan, "check/"), {"words": "Some sweating since Friday."})
    assert answer.status_code == 422
    assert "Choose what you found" in text(answer)
    assert "Some sweating since Friday." in text(answer)
    assert StepCheck.objects.count() == 0


def test_the_session_records_the_check_in_its_place(cast: Cast, plan: TaperPlan) -> None:
    browser = client(cast.tess)
    typed = {"severity": "significant", "words": "Shaking."}
    answer = browser.post(url(plan, "check/"), typed, headers={"HX-Request": "true"})
    page = text(answer)
    assert (answer.status_code, "<html" in page) == (200, False)
    assert "Recorded. The dose stays as it is: it is paused." in page
    refused = browser.post(url(plan, "check/"), {"severity": "mild"}, headers={"HX-Request": "true"})
    assert (refused.status_code, "Say in a line what it is" in text(refused)) == (422, True)


def test_a_step_is_confirmed_with_what_stands_against_it(cast: Cast, plan: TaperPlan) -> None:
    browser = client(cast.priya)
    page = text(browser.get(url(plan, "confirm/")))
    assert "Goes onto the list for the certified module" in page
    assert "No withdrawal check yet" in page
    typed = {"on": "2026-03-16", "quantity": "42", "days": "28", "based_on": str(plan.revision)}
    refused = browser.post(url(plan, "confirm/"), typed)
    assert (refused.status_code, 'value="42"' in refused.content.decode()) == (422, True)
    asked = re.findall(r'name="(why:[^"]+)"', refused.content.decode())
    assert "why:taper.check" in asked
    more = dict.fromkeys(asked, "Checked by telephone.")
    answer = browser.post(url(plan, "confirm/"), typed | more)
    assert answer.status_code == 302, text(answer)
    step = TaperStep.objects.get(plan=plan, number=1, replaced_at=None)
    assert (step.order is not None and step.order.from_day.isoformat(), DoseOrder.objects.count()) == ("2026-03-16", 2)


def test_a_stale_form_is_a_conflict(cast: Cast, plan: TaperPlan) -> None:
    actions.record_check(plan, severity="mild", words="Sweating.", by=cast.tess)
    typed = {"reason": "Sleep.", "based_on": str(plan.revision)}
    answer = client(cast.priya).post(url(plan, "pause/"), typed)
    assert (answer.status_code, "Somebody changed this plan meanwhile." in text(answer)) == (409, True)
    assert 'value="Sleep."' in answer.content.decode()


def test_pause_resume_and_end(cast: Cast, plan: TaperPlan) -> None:
    client(cast.tess).post(url(plan, "pause/"), {"reason": "Sleeps badly.", "based_on": str(plan.revision)})
    plan.refresh_from_db()
    page = text(client(cast.priya).get(url(plan)))
    assert "Paused Mar 2 by Tess Moreno" in page
    assert "paused: stay at this dose" in page
    assert ">paused<" in page
    resume = client(cast.priya).get(url(plan, "resume/"))
    assert 'value="2026-03-16"' in resume.content.decode()
    typed = {"next_on": "2026-03-30", "reason": "Sleeps again.", "based_on": str(plan.revision)}
    client(cast.priya).post(url(plan, "resume/"), typed)
    plan.refresh_from_db()
    assert (plan.state, days(plan)[0][0]) == ("active", "2026-03-30")
    client(cast.priya).post(url(plan, "end/"), {"outcome": "lower_dose", "based_on": str(plan.revision)})
    plan.refresh_from_db()
    assert "ended: stays at the lower dose" in text(client(cast.tess).get(url(plan)))


def test_the_steps_start_again_after_days_without_r_mo_clz(cast: Cast) -> None:
    rx = started(
        cast.ana, by=cast.priya, regimen=regimen("clozapine", 100), supply=supply(), answers=EVERYTHING
    ).prescription  # fmt: skip
    plan = running(rx, (3, "125"), (6, "150"), by=cast.priya, kind="titration", template="clozapine_start")
    page = text(client(cast.priya).get(url(plan)))
    assert "48 hours or more without: start again at 12.5 mg." in page
    again = client(cast.priya).get(url(plan, "steps/") + "?restart=1").content.decode()
    assert 'name="dose_0" value="12.5"' in again
    assert "Days without a dose: from the first step again." in again


def test_the_list_and_the_medication_tab_lead_there(cast: Cast, plan: TaperPlan) -> None:
    assert url(plan) in client(cast.tess).get(f"/tapers/{cast.ana.pk}/").content.decode()
    assert url(plan) in client(cast.tess).get(f"/medicines/{cast.ana.pk}/").content.decode()
    assert url(plan) in client(cast.tess).get(f"/chart/{cast.ana.pk}/").content.decode()


@pytest.mark.parametrize("number", [1, 3])
def test_the_page_has_a_fixed_number_of_queries(cast: Cast, django_assert_num_queries: Any, number: int) -> None:
    rx = clonazepam(cast.ana, by=cast.priya)
    plan = running(rx, *[(14 + 28 * n, f"{0.875 - n / 8:.3f}") for n in range(number)], by=cast.priya)
    browser = client(cast.tess)
    browser.get(url(plan))
    with django_assert_num_queries(25):
        browser.get(url(plan))


def test_a_stopped_prescription_leaves_nothing_to_confirm(cast: Cast, plan: TaperPlan, rx: Prescription) -> None:
    from medications.prescribing import actions as prescribing

    prescribing.stop(rx, reason="Fell twice.", answers=EVERYTHING, by=cast.priya)
    page = text(client(cast.priya).get(url(plan)))
    assert "was stopped or entered in error beside this plan" in page
    assert "Confirm 0.75 mg" not in page
    draft = client(cast.priya).get(new(rx))
    assert draft.status_code == 404
    assert TODAY + timedelta(days=14) == planned_day(plan)


def planned_day(plan: TaperPlan) -> Any:
    return TaperStep.objects.get(plan=plan, number=1, replaced_at=None).on_day


def test_a_draft_of_a_colleague_is_changed_before_it_starts(cast: Cast, rx: Prescription) -> None:
    plan = planned(rx, (14, "0.75"), by=cast.priya)
    typed = {"template": "blank-taper", "template_was": "blank-taper", "floor": "0.25", "do": "save"}
    more = {"based_on": str(plan.revision)} | rows(("2026-03-23", "0.875"), ("2026-04-20", "0.75"))
    answer = client(cast.priya).post(url(plan, "steps/"), typed | more)
    assert answer.status_code == 302, text(answer)
    assert days(plan) == [("2026-03-23", "0.875"), ("2026-04-20", "0.75")]
