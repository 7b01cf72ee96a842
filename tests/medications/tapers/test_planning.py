"""Drafting, starting and changing a plan: what stands against it, what is refused, what is kept.

R-TA-01, R-TA-03, R-TA-04, R-TA-06, R-TA-08, R-TA-09, R-MO-LTG, R-MO-CLZ.
"""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from clinic import clock
from clinic.audit.models import AuditEvent
from clinic.refusal import Conflict, Refused
from clinic.rows import new_id
from clinic.staff.models import Absence
from medications.prescribing import actions as prescribing
from medications.prescribing.models import DoseOrder, Prescription
from medications.tapers import actions
from medications.tapers.models import TaperEvent, TaperPlan, TaperStep
from patients.inbox.models import Task
from patients.record import actions as record
from patients.risk import actions as risk
from patients.timeline.models import Entry
from tests.cast import Cast, at, on_team
from tests.medications.prescribing.given import NOW, TODAY, changed, pack, regimen, started, supply
from tests.medications.tapers.given import (
    EVERYTHING,
    JOINT,
    WHY,
    clonazepam,
    days,
    design,
    planned,
    running,
    therapy,
)


@pytest.fixture
def rx(cast: Cast) -> Prescription:
    return clonazepam(cast.ana, by=cast.priya)


def codes(prescription: Prescription, cast: Cast, *given: tuple[int, str], **more: Any) -> dict[str, str]:
    """What stands against a plan from today: code and level."""
    level = more.pop("care_level", "")
    found = actions.against(
        prescription, cast.ana, design(*given, start=TODAY, **more), by=cast.priya, care_level=level
    )
    return {one.code: str(one.level) for one in found}


def calm(cast: Cast) -> None:
    """No seizure, a therapy in the plan: nothing stands against an ordinary taper."""
    record.record_fact(cast.ana, key="seizure", answer="no", by=cast.priya)
    therapy(cast.ana, by=cast.tess)


GENTLE = ((14, "0.75"), (42, "0.625"), (70, "0.5"))


def test_a_draft_is_no_order_and_says_how_each_step_is_made(cast: Cast, rx: Prescription) -> None:
    plan = planned(rx, (14, "0.75"), (42, "0.625"), (70, "0.3"), by=cast.priya, template=JOINT)
    steps = TaperStep.objects.filter(plan=plan).order_by("number")
    assert [(one.units.replace("\u00a0", " "), one.needs_liquid, str(one.fall_percent)) for one in steps] == [
        ("1½ tablets of 0.5 mg", False, "25.0"), ("5 tablets of 0.125 mg", False, "16.7"), ("", True, "52.0"),
    ]  # fmt: skip
    assert (plan.state, plan.guideline, plan.start_mg) == (
        "draft", "Benzodiazepine: joint guideline 2025", Decimal(1),
    )  # fmt: skip
    assert DoseOrder.objects.count() == 1
    assert Task.objects.filter(kind__startswith="tapers").count() == 0


def test_nothing_stands_against_a_gentle_taper_beside_a_therapy(cast: Cast, rx: Prescription) -> None:
    calm(cast)
    assert codes(rx, cast, *GENTLE) == {}
    plan = actions.start(planned(rx, *GENTLE, by=cast.priya), by=cast.priya)
    assert plan.state == "active"
    assert set(Task.objects.filter(done_at=None, kind__startswith="tapers").values_list("kind", "for_user")) == {
        ("tapers.check", cast.tess.pk), ("tapers.check", cast.priya.pk), ("tapers.step", cast.priya.pk),
    }  # fmt: skip
    label = "Clonazepam taper: started, 3 steps, the first 0.75\u00a0mg"
    assert Entry.objects.filter(object_id=plan.pk).get().label == label
    assert AuditEvent.objects.filter(what="tapers.started", object_id=plan.pk).count() == 1


def test_more_than_a_quarter_in_a_fortnight_is_a_stop_with_a_coded_reason_r_ta_01(cast: Cast, rx: Prescription) -> None:
    calm(cast)
    assert codes(rx, cast, (14, "0.625")) == {"taper.fall": "stop"}
    plan = planned(rx, (14, "0.625"), by=cast.priya)
    with pytest.raises(Refused, match="one override with a reason to write"):
        actions.start(plan, answers={"taper.fall": prescribing.Override("", "Because.")}, by=cast.priya)
    actions.start(plan, answers={"taper.fall": WHY}, by=cast.priya)
    kept = TaperEvent.objects.get(plan=plan, kind="started").detail["findings"]
    assert [(one["code"], one["rule"], one["override"], one["words"]) for one in kept] == [
        ("taper.fall", "R-TA-01", "benefit", WHY.words)
    ]
    assert AuditEvent.objects.filter(what="tapers.override", object_id=plan.pk).count() == 1


def test_without_a_therapy_a_reason_is_asked_r_ta_03(cast: Cast, rx: Prescription) -> None:
    record.record_fact(cast.ana, key="seizure", answer="no", by=cast.priya)
    assert codes(rx, cast, *GENTLE) == {"taper.therapy": "ask"}
    therapy(cast.ana, by=cast.tess)
    assert codes(rx, cast, *GENTLE) == {}


def test_never_asked_about_seizures_is_asked_r_ta_04(cast: Cast, rx: Prescription) -> None:
    therapy(cast.ana, by=cast.tess)
    assert codes(rx, cast, *GENTLE) == {"taper.seizure": "ask"}
    record.record_fact(cast.ana, key="seizure", answer="unsure", by=cast.priya)
    assert codes(rx, cast, *GENTLE) == {"taper.seizure": "ask"}


@pytest.mark.parametrize("on_record", ["fact", "withdrawal", "pregnant"])
def test_severe_withdrawal_needs_a_decision_on_the_level_of_care_r_ta_04(
    cast: Cast, rx: Prescription, on_record: str
) -> None:
    calm(cast)
    if on_record == "withdrawal":
        record.add_condition(cast.ana, code="F10.231", by=cast.tess)
    else:
        key = "seizure" if on_record == "fact" else "pregnant"
        record.record_fact(cast.ana, key=key, answer="yes", by=cast.priya)
    assert codes(rx, cast, *GENTLE) == {"taper.care": "refuse"}
    plan = planned(rx, *GENTLE, by=cast.priya)
    with pytest.raises(Refused, match="Decide at which level of care"):
        actions.start(plan, answers=EVERYTHING, by=cast.priya)
    with pytest.raises(Refused, match="Choose the level of care"):
        actions.start(plan, answers=EVERYTHING, care_level="outpatient", by=cast.priya)
    actions.start(plan, care_level="intensive", care_words="Day program until June.", by=cast.priya)
    assert codes(rx, cast, *GENTLE, care_level="intensive") == {"taper.care": "note"}


def test_an_open_risk_needs_the_decision_too_and_a_reason_r_ta_09(cast: Cast, rx: Prescription) -> None:
    calm(cast)
    risk.raise_flag(cast.ana, source="clinician", sentence="Says so.", by=cast.tess)
    assert codes(rx, cast, *GENTLE, care_level="outpatient") == {"taper.care": "note", "taper.risk": "ask"}


def test_two_things_that_change_at_once_are_asked_r_ta_09(cast: Cast, rx: Prescription) -> None:
    calm(cast)
    other = started(cast.ana, by=cast.priya, answers=EVERYTHING)
    assert codes(rx, cast, *GENTLE) == {"taper.two": "ask"}
    assert codes(rx, cast, (15, "0.75")) == {}
    assert Absence.objects.count() == 0
    assert other.from_day == TODAY


def test_every_other_day_is_refused_for_short_half_lives_r_ta_08(cast: Cast) -> None:
    with clock.at(at("2025-10-06 10:00")):
        sertraline = started(cast.ana, by=cast.priya).prescription
    found = design((14, "50"), start=TODAY)
    every = actions.Design(found.kind, "", [type(found.stairs[0])(found.stairs[0].day, Decimal(50), 2)], found.floor)
    said = {one.code: str(one.level) for one in actions.against(sertraline, cast.ana, every, by=cast.priya)}
    assert said == {"taper.alternate": "refuse"}


def test_what_no_product_makes_is_asked_r_ta_08(cast: Cast, rx: Prescription) -> None:
    calm(cast)
    assert codes(rx, cast, (14, "0.8")) == {"taper.liquid": "ask"}


@pytest.mark.parametrize(
    ("template", "given", "found"),
    [
        (JOINT, GENTLE, {"taper.guideline": "ask"}),
        (JOINT, ((14, "0.9375"),), {"taper.liquid": "ask"}),
        (JOINT, ((14, "0.95"), (21, "0.875")), {"taper.guideline": "ask", "taper.liquid": "ask"}),
        ("", GENTLE, {}),
    ],
)
def test_faster_than_the_guideline_that_is_named_is_asked_r_ta_06(
    cast: Cast, rx: Prescription, template: str, given: Any, found: dict[str, str]
) -> None:
    calm(cast)
    assert codes(rx, cast, *given, template=template) == found


@pytest.mark.parametrize(
    ("given", "more", "sentence"),
    [
        ((), {}, "Write at least one step"),
        (((14, "0.75"), (14, "0.5")), {}, "The days go forward"),
        (((-1, "0.75"),), {}, "The first step is on Mar 2 at the earliest."),
        (((1200, "0.75"),), {}, "A taper has to end"),
        (((14, "0"), (28, "0.5")), {}, "Only the last step can be zero."),
        (((14, "1"),), {}, "A taper only goes down"),
        (((14, "1.5"),), {}, "A taper only goes down"),
        (((14, "2"), (28, "0")), {"kind": "titration"}, "A titration does not end at zero"),
        # Called a titration, it would be held to no limit of a taper (R-TA-01).
        (((14, "0.75"), (28, "0.5")), {"kind": "titration"}, "These steps only go down. Plan a taper"),
    ],
)
def test_bad_stairs_get_a_sentence(cast: Cast, rx: Prescription, given: Any, more: Any, sentence: str) -> None:
    with pytest.raises(Refused, match=sentence):
        planned(rx, *given, by=cast.priya, **more)
    assert TaperPlan.objects.count() == 0


def test_only_a_prescriber_plans_what_is_taken(cast: Cast, rx: Prescription) -> None:
    with pytest.raises(Refused, match="Only a prescriber on the care team"):
        planned(rx, *GENTLE, by=cast.tess)
    prescribing.hold(rx, reason="Vomiting.", by=cast.priya)
    with pytest.raises(Refused, match="This is on hold: none is taken"):
        planned(rx, *GENTLE, by=cast.priya)


def test_one_form_sent_twice_drafts_once_and_a_second_plan_is_refused(cast: Cast, rx: Prescription) -> None:
    key = new_id()
    one, two = (actions.draft(rx, design=design(*GENTLE, start=TODAY), key=key, by=cast.priya) for _ in range(2))
    assert one.pk == two.pk
    with pytest.raises(Refused, match="There is a plan for this already"):
        planned(rx, *GENTLE, by=cast.priya)


def test_steps_are_replaced_not_edited_and_a_stale_form_conflicts(cast: Cast, rx: Prescription) -> None:
    plan = running(rx, *GENTLE, by=cast.priya)
    new = design((20, "0.75"), (60, "0.625"), start=TODAY)
    with pytest.raises(Refused, match="Write why the steps change"):
        actions.revise(plan, design=new, answers=EVERYTHING, by=cast.priya)
    with pytest.raises(Conflict):
        actions.revise(plan, design=new, reason="Slower.", based_on=0, answers=EVERYTHING, by=cast.priya)
    actions.revise(plan, design=new, reason="Slower.", based_on=plan.revision, answers=EVERYTHING, by=cast.priya)
    assert days(plan) == [("2026-03-22", "0.75"), ("2026-05-01", "0.625")]
    assert TaperStep.objects.filter(plan=plan).count() == 5
    kept = [event.detail["steps"][0]["on"] for event in TaperEvent.objects.filter(plan=plan, detail__has_key="steps")]
    assert kept == ["2026-03-16", "2026-03-22"]


def test_a_plan_whose_dose_changed_meanwhile_is_written_anew(cast: Cast, rx: Prescription) -> None:
    plan = planned(rx, *GENTLE, by=cast.priya)
    changed(rx, by=cast.priya, strength=2, answers=EVERYTHING)
    with pytest.raises(Refused, match="The dose has changed since these steps were written"):
        actions.start(plan, answers=EVERYTHING, by=cast.priya)


def lamotrigine(cast: Cast) -> Prescription:
    return started(
        cast.ana, by=cast.priya, regimen=regimen("lamotrigine", 25), supply=supply(), answers=EVERYTHING
    ).prescription


def test_a_titration_never_outruns_its_schedule_without_a_reason_r_mo_ltg(cast: Cast) -> None:
    rx = lamotrigine(cast)
    plain = ((14, "50"), (28, "100"), (35, "200"))
    assert codes(rx, cast, *plain, kind="titration", template="lamotrigine_plain") == {}
    assert codes(rx, cast, (13, "50"), kind="titration", template="lamotrigine_plain") == {"taper.faster": "ask"}
    assert codes(rx, cast, (14, "100"), kind="titration") == {"taper.faster": "ask"}


def test_with_valproate_the_slow_schedule_holds_r_mo_ltg(cast: Cast) -> None:
    with clock.at(at("2025-10-06 10:00")):
        prescribing.report(cast.ana, drug_text="valproate", origin="outside", started_on=TODAY - timedelta(days=200),
                           by=cast.tess)  # fmt: skip
    rx = lamotrigine(cast)
    found = codes(rx, cast, (14, "50"), kind="titration", template="lamotrigine_plain")
    assert found == {"taper.faster": "ask"}
    assert codes(rx, cast, (28, "50"), (35, "100"), kind="titration", template="lamotrigine_with_valproate") == {}


def test_clozapine_says_that_the_neutrophils_were_not_looked_at_r_mo_clz(cast: Cast) -> None:
    rx = started(
        cast.ana, by=cast.priya, regimen=regimen("clozapine", 25, "0.5"), supply=supply(15), answers=EVERYTHING
    ).prescription
    found = codes(rx, cast, (1, "25"), (2, "50"), kind="titration", template="clozapine_start")
    assert found == {"taper.anc": "not_checked"}
    faster = codes(rx, cast, (1, "50"), kind="titration", template="clozapine_start")
    assert faster == {"taper.anc": "not_checked", "taper.faster": "ask"}


def test_another_prescriber_of_the_team_may_go_on(cast: Cast, rx: Prescription) -> None:
    on_team(cast.ana, cast.paul, "prescriber")
    plan = planned(rx, *GENTLE, by=cast.priya)
    assert actions.start(plan, answers=EVERYTHING, by=cast.paul).started_by == cast.paul
    assert plan.created_at == NOW


def test_while_steps_of_a_titration_pack_are_to_come_no_plan_starts(cast: Cast) -> None:
    """Two schedules for one medicine are none."""
    order = started(cast.ana, by=cast.priya, regimen=regimen("lamotrigine", 25), answers=EVERYTHING, **pack())
    plan = planned(
        order.prescription, (28, "100"), by=cast.priya, kind="titration", template="lamotrigine_plain", floor="25"
    )
    with pytest.raises(Refused, match="A dose from Mar 16 is signed already"):
        actions.start(plan, answers=EVERYTHING, by=cast.priya)
    with clock.at(at("2026-03-16 09:00")), pytest.raises(Refused, match="The dose has changed"):
        actions.start(plan, answers=EVERYTHING, by=cast.priya)
