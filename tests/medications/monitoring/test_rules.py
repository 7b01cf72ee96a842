"""When something is due: R-MO-LI, R-MO-VPA, R-MO-CBZ, R-MO-CLZ, R-MO-SGA, R-MO-AIMS, R-MO-CIT, R-MO-STIM, R-MO-LTG."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from medications.monitoring import calc, knowledge
from medications.monitoring.calc import Reading
from medications.monitoring.knowledge import key_of
from medications.monitoring.predicates import BEN, INDIVIDUAL, Person, looked_at
from patients.record.enums import FactKey
from tests.medications.monitoring.given import (
    ADULT,
    ALT,
    ANC,
    CALCIUM,
    EGFR,
    LITHIUM,
    QTC,
    TSH,
    WEIGHT,
    asked,
    chosen,
    course,
    day,
    reading,
)

DRUGS = (
    "lithium", "valproate", "carbamazepine", "oxcarbazepine", "clozapine", "citalopram", "lamotrigine", "atomoxetine",
    "amitriptyline", "venlafaxine", "phenelzine", "naltrexone", "disulfiram", "buprenorphine", "clonidine", "prazosin",
    "mirtazapine", "sertraline", "lorazepam", "risperidone", "topiramate", "esketamine", "xanomeline-trospium",
    "bupropion", "duloxetine", "gabapentin", "haloperidol",
)  # fmt: skip
VALPROATE, CARBAMAZEPINE, CBC, GLUCOSE, LIPIDS = "4086-5", "3432-2", "58410-2", "1558-6", "24331-1"


def due(drug: str, code: str, number: int, *readings: Reading, **more: object) -> date | None:
    """The day on which the code is due, as seen on a day with these results of it."""
    found = asked(drug, day(number), {code: list(readings)} if readings else {}, **more)  # type: ignore[arg-type]
    return found[code].due_on if code in found else None


def test_r_mo_li_before_the_start() -> None:
    wanted = {code for code, one in asked("lithium", day(0)).items() if one.due_on == day(0)}
    assert wanted == {EGFR, CALCIUM, TSH, "2160-0", "2951-2", "2823-3", CBC, WEIGHT}


def test_r_mo_li_the_first_level_a_week_after_the_start() -> None:
    assert due("lithium", LITHIUM, 0) == day(7)
    assert due("lithium", LITHIUM, 40) == day(7)


def test_r_mo_li_weekly_until_two_levels_in_a_row_are_in_range() -> None:
    assert due("lithium", LITHIUM, 8, reading(7)) == day(14)
    assert due("lithium", LITHIUM, 15, reading(7), reading(14, "0.5")) == day(21)
    assert due("lithium", LITHIUM, 22, reading(7), reading(14, "0.5"), reading(21)) == day(28)
    assert due("lithium", LITHIUM, 29, reading(14, "0.5"), reading(21), reading(28)) == day(28 + 90)


def test_r_mo_li_the_laboratorys_own_range_decides() -> None:
    low = [reading(7, "0.5", "0.4", "0.8"), reading(14, "0.5", "0.4", "0.8")]
    assert due("lithium", LITHIUM, 15, *low) == day(14 + 90)


def test_r_mo_li_a_week_after_every_change_and_not_before() -> None:
    steady = [reading(7), reading(14)]
    assert due("lithium", LITHIUM, 31, *steady, changes=(day(30),)) == day(37)
    assert due("lithium", LITHIUM, 36, *steady, reading(32), changes=(day(30),)) == day(37)


def test_r_mo_li_three_months_in_the_first_year_then_six() -> None:
    steady = [reading(7), reading(14)]
    assert due("lithium", LITHIUM, 60, *steady) == day(104)
    assert due("lithium", LITHIUM, 380, *steady, reading(360)) == day(540)


@pytest.mark.parametrize(
    ("person", "level"),
    [
        (Person(date(1960, 1, 1), "male"), "0.7"), (ADULT, "0.8"),
        (Person(date(1990, 5, 17), "male", (("N18.3", day(0)),)), "0.7"),
        (Person(date(1990, 5, 17), "male", flags={"poor_adherence": day(0)}), "0.7"),
    ],
)  # fmt: skip
def test_r_mo_li_three_months_stay_at_high_risk(person: Person, level: str) -> None:
    readings = [reading(7, level), reading(14, level), reading(360, level)]
    assert due("lithium", LITHIUM, 380, *readings, person=person) == day(450)


def test_r_mo_li_an_interacting_medicine_from_elsewhere_counts() -> None:
    both = [course("lithium"), course("ibuprofen", day(370), key="two", ours=False)]
    found = asked(both, day(380), {LITHIUM: [reading(7), reading(14), reading(360)]})
    assert found[LITHIUM].due_on == day(450)


def test_r_mo_li_half_yearly_kidneys_thyroid_calcium() -> None:
    for code in (EGFR, TSH, CALCIUM):
        assert due("lithium", code, 10, reading(0, "3")) == day(180) if code != EGFR else True
    assert due("lithium", EGFR, 200, reading(0, "88"), reading(178, "85")) == day(360)


def test_r_mo_vpa() -> None:
    assert due("valproate", ALT, 0) == day(0)
    assert due("valproate", ALT, 10, reading(-3, "20")) == day(90)
    assert due("valproate", ALT, 400, reading(358, "20")) == day(358 + 365)
    assert due("valproate", VALPROATE, 0) == day(5)
    assert due("valproate", VALPROATE, 31, reading(5, "70"), changes=(day(30),)) == day(35)
    pregnant = key_of("valproate", "Contraception recorded and reviewed")
    assert due("valproate", pregnant, 0, person=Person(date(1990, 5, 17), "female")) == day(90)
    assert due("valproate", pregnant, 0) is None


def test_r_mo_vpa_by_the_other_guideline() -> None:
    plan = chosen(profiles={"valproate": "AACAP_BASED"})
    assert due("valproate", ALT, 200, reading(90, "20"), plan=plan) == day(270)


def test_r_mo_cbz() -> None:
    assert due("carbamazepine", CARBAMAZEPINE, 0) == day(14)
    assert due("carbamazepine", CARBAMAZEPINE, 20, reading(14, "6")) == day(56)  # it speeds up its own breakdown
    assert due("carbamazepine", CBC, 5, reading(0, None)) == day(30)
    assert "57979-7" not in asked("carbamazepine", day(0))
    at_risk = Person(date(1990, 5, 17), "male", flags={"hla_b_1502_ancestry": day(-9)})
    assert due("carbamazepine", "57979-7", 0, person=at_risk) == day(0)
    later = chosen(profiles={"carbamazepine": "NHS_SPS_NEW"})
    assert due("carbamazepine", CARBAMAZEPINE, 0, plan=later) is None


def count(number: int, value: int) -> Reading:
    return reading(number, str(value))


def test_r_mo_clz_weekly_then_every_two_weeks_then_monthly() -> None:
    assert due("clozapine", ANC, 0) == day(0)
    assert due("clozapine", ANC, 1, count(0, 4200)) == day(7)
    assert due("clozapine", ANC, 190, count(182, 4200)) == day(196)
    assert due("clozapine", ANC, 360, count(350, 4200)) == day(364)
    assert due("clozapine", ANC, 370, count(365, 4200)) == day(395)


def test_r_mo_clz_a_low_count() -> None:
    assert due("clozapine", ANC, 50, count(42, 2000), count(49, 1350)) == day(50)  # confirmed within 24 hours
    assert due("clozapine", ANC, 51, count(49, 1350), count(50, 1300)) == day(52)  # three times a week
    assert due("clozapine", ANC, 60, count(49, 1350), count(59, 1600)) == day(63)  # back to the last rhythm
    assert due("clozapine", ANC, 51, count(49, 900), count(50, 900)) == day(51)  # daily
    assert due("clozapine", ANC, 53, count(50, 900), count(52, 1200)) == day(54)
    assert due("clozapine", ANC, 60, count(52, 900), count(59, 1600)) == day(66)  # weekly for four weeks


def test_r_mo_clz_weekly_only_for_four_weeks_after() -> None:
    late = [count(400, 900), count(410, 1600), count(417, 1700), count(424, 1700)]
    assert due("clozapine", ANC, 425, *late) == day(431)
    assert due("clozapine", ANC, 440, *late, count(431, 1700), count(438, 1700)) == day(455)


def test_r_mo_clz_benign_ethnic_neutropenia_has_its_own_table() -> None:
    ben = Person(date(1990, 5, 17), "male", flags={BEN: day(-30)})
    assert due("clozapine", ANC, 50, count(42, 2000), count(49, 1350), person=ben) == day(56)
    assert due("clozapine", ANC, 51, count(49, 900), count(50, 900), person=ben) == day(52)
    assert due("clozapine", ANC, 60, count(50, 900), count(59, 1100), person=ben) == day(66)
    assert due("clozapine", ANC, 51, count(49, 400), count(50, 400), person=ben) == day(51)


def test_r_mo_clz_a_pause_of_more_than_thirty_days_begins_anew() -> None:
    long, short = ((day(400), day(431)),), ((day(400), day(430)),)
    assert due("clozapine", ANC, 433, count(431, 4200), holds=long) == day(438)
    assert due("clozapine", ANC, 433, count(431, 4200), holds=short) == day(455)


def test_r_mo_clz_a_low_count_is_followed_after_the_end() -> None:
    assert due("clozapine", ANC, 52, count(49, 900), count(51, 900), stopped=day(51)) == day(52)
    assert due("clozapine", ANC, 52, count(49, 2900), stopped=day(51)) is None
    assert due("clozapine", ANC, 80, count(49, 900), count(51, 900), stopped=day(51)) is None


def test_r_mo_clz_a_named_decision_of_ones_own_rhythm() -> None:
    own = Person(date(1990, 5, 17), "male", flags={INDIVIDUAL: day(130)})
    found = asked("clozapine", day(140), {ANC: [count(133, 4200)]}, person=own)[ANC]
    assert found.due_on == day(154)
    assert found.asks[0].why == "154 days after the start, as decided on Jul 10, 2026"
    assert due("clozapine", ANC, 800, count(720, 4200), person=own) is None


def test_r_mo_sga_by_the_practices_choice() -> None:
    kg = [reading(-1, "80"), reading(29, "80")]
    assert due("quetiapine", WEIGHT, 0) == day(0)
    assert due("quetiapine", WEIGHT, 30, *kg) == day(56)
    assert due("quetiapine", GLUCOSE, 5, reading(0, "90")) == day(84)
    assert due("quetiapine", LIPIDS, 5, reading(0, None)) == day(84)
    apa = chosen(profiles={"metabolic": "APA_2020"})
    assert due("quetiapine", WEIGHT, 30, *kg, plan=apa) == day(60)
    assert due("quetiapine", GLUCOSE, 5, reading(0, "90"), plan=apa) == day(120)


def test_r_mo_sga_an_a1c_counts_as_a_glucose() -> None:
    assert asked("quetiapine", day(5), {"4548-4": [reading(0, "5.4")]})[GLUCOSE].due_on == day(84)


def test_r_mo_aims_half_yearly_at_higher_risk_else_yearly() -> None:
    high = Person(date(1990, 5, 17), "female")
    assert due("quetiapine", "aims", 5, reading(0, "0")) == day(365)
    assert due("quetiapine", "aims", 5, reading(0, "0"), person=high) == day(180)
    assert due("quetiapine", "aims", 5, reading(0, "0"), person=high, plan=chosen(aims_high=90)) == day(90)
    moves = Person(date(1990, 5, 17), "male", flags={"new_movement": day(40)})
    assert due("quetiapine", "aims", 41, reading(0, "0"), person=moves) == day(40)


def test_r_mo_cit_an_ecg_where_the_heart_is_at_risk() -> None:
    heart = Person(date(1990, 5, 17), "male", (("I25.10", day(-400)),))
    assert due("citalopram", QTC, 0) is None
    assert due("citalopram", QTC, 0, person=heart) == day(0)
    assert due("citalopram", QTC, 31, reading(28, "430"), person=heart, changes=(day(30),)) == day(44)


def test_r_mo_stim_after_each_change_and_half_yearly() -> None:
    assert due("methylphenidate", "8867-4", 0) == day(0)
    assert due("methylphenidate", "8867-4", 5, reading(0, "70")) == day(180)
    assert due("methylphenidate", "8867-4", 31, reading(0, "70"), changes=(day(30),)) == day(44)
    child = Person(date(2014, 5, 17), "male")
    assert due("methylphenidate", WEIGHT, 5, reading(0, "40"), person=child) == day(90)


def test_r_mo_ltg_the_rash_is_asked_about_weekly_until_week_eight_and_then_no_more() -> None:
    rash = next(item.code for item in knowledge.current().protocols["lamotrigine_rash"].items if item.blocks == 14)
    assert due("lamotrigine", rash, 0) == day(14)
    assert due("lamotrigine", rash, 20, reading(15, None)) == day(21)
    assert due("lamotrigine", rash, 84) == day(56)  # moot 28 days later
    assert due("lamotrigine", rash, 85) is None


def test_what_lies_more_than_a_good_year_ahead_is_nobodys_work() -> None:
    assert due("quetiapine", LIPIDS, 90, reading(84, None)) is None


def test_a_first_value_may_be_a_little_older_than_the_start() -> None:
    assert due("lithium", EGFR, 0, reading(-90, "88")) == day(180)
    assert due("lithium", EGFR, 0, reading(-91, "88")) == day(0)
    assert due("valproate", ALT, 0, reading(-31, "20")) == day(0)


def test_questions_stop_no_refill_unless_the_practice_says_so() -> None:
    rash = next(item.code for item in knowledge.current().protocols["lamotrigine_rash"].items if item.blocks == 14)
    assert asked("lamotrigine", day(0))[rash].asks[0].blocks is None
    assert asked("lamotrigine", day(0), plan=chosen(questions_block=True))[rash].asks[0].blocks == 14


def test_later_by_the_practices_choice_but_never_for_neutrophils() -> None:
    plan = chosen(later=10)
    assert asked("lithium", day(0), plan=plan)[LITHIUM].asks[0].blocks == 24
    assert asked("clozapine", day(0), plan=plan)[ANC].asks[0].blocks == 0


def test_every_protocol_is_answered_for_everybody() -> None:
    """No rule or predicate of the data is unknown to the program."""
    known = knowledge.current()
    people = [ADULT, Person(date(1950, 1, 1), "female", (("I50.1", day(0)), ("F31.1", day(0))))]
    for drug in DRUGS:
        for person in people:
            for number in (0, 100, 900):
                found = asked(drug, day(number), {WEIGHT: [reading(0, "60"), reading(50, "66")]}, person=person)
                assert all(one.asks and one.asks[0].why for one in found.values()), drug
    assert len(known.protocols) == 30


def test_facts_that_no_predicate_looks_at_change_nothing() -> None:
    """The nightly job reads only those that one does."""
    seen = looked_at(knowledge.current())
    assert seen == {"kidney", "liver", "heart_qt", "pregnant", "could_become_pregnant"}
    for drug in DRUGS:
        plain = asked(drug, day(100))
        for key in set(FactKey.values) - seen:
            told = replace(ADULT, answers={**ADULT.answers, key: "yes"})
            assert asked(drug, day(100), person=told) == plain, (drug, key)


def test_vectors_of_units() -> None:
    for code, value, unit, to, expected in (
        (ANC, "1.35", "10*3/uL", "/uL", "1350"), (LITHIUM, "0.8", "meq/L", "mmol/L", "0.8"),
        ("1558-6", "5", "mmol/L", "mg/dL", "90.08"), (WEIGHT, "150", "[lb_av]", "kg", "68.0389"),
        ("8310-5", "101.3", "[degF]", "Cel", "38.5"), ("2160-0", "88.4", "umol/L", "mg/dL", "0.9998"),
    ):  # fmt: skip
        assert calc.converted(code, Decimal(value), unit, to) == Decimal(expected)
    assert calc.converted(LITHIUM, Decimal(1), "mg/dL", "mmol/L") is None
