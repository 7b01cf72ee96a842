"""What was measured counts as what it says: kidney, pressure, pulse, QTc; plans, habits, seizures in withdrawal."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from clinic import clock
from clinic.ports import load
from medications.safety import engine, queries
from medications.safety.facts import Measured
from medications.safety.knowledge import current
from patients.record import actions as record
from tests.cast import Cast
from tests.medications.prescribing.given import NOW, TODAY
from tests.medications.safety.asked import NO, facts, found, levels, proposed
from tests.medications.safety.asked import TODAY as DAY


def measured(**given: Any) -> dict[str, Measured]:
    return {key: one if isinstance(one, Measured) else Measured(Decimal(one), DAY) for key, one in given.items()}


@pytest.mark.parametrize(
    ("reading", "drug", "code", "level"),
    [
        ({"egfr": 59}, "lithium", "caution:CC-051", "ask"),
        ({"egfr": 60}, "lithium", "caution:CC-051", None),
        ({"egfr": 29}, "acamprosate", "caution:CC-052", "stop"),
        ({"egfr": 30}, "acamprosate", "caution:CC-052", None),
        ({"pressure": Measured(Decimal(140), DAY, Decimal(80))}, "methylphenidate", "caution:CC-135", "note"),
        ({"pressure": Measured(Decimal(130), DAY, Decimal(90))}, "methylphenidate", "caution:CC-135", "note"),
        ({"pressure": Measured(Decimal(139), DAY, Decimal(89))}, "methylphenidate", "caution:CC-135", None),
        ({"pressure": Measured(Decimal(89), DAY, Decimal(50))}, "prazosin", "caution:CC-145", "note"),
        ({"pulse": 49}, "propranolol", "caution:CC-152", "ask"),
        ({"pulse": 50}, "propranolol", "caution:CC-152", None),
    ],
)
def test_a_reading_stands_for_its_condition(reading: dict[str, Any], drug: str, code: str, level: str | None) -> None:
    said = levels(found(facts(readings=measured(**reading)), asks=proposed(drug, 1)))
    assert said.get(code) == level


@pytest.mark.parametrize("value", [59, 25])
def test_one_number_asks_once_though_it_stands_for_a_diagnosis_too(value: int) -> None:
    """Lithium has a caution by the eGFR and one by the kidney disease that it stands for: the same question."""
    said = levels(found(facts(readings=measured(egfr=value)), asks=proposed("lithium", 300)))
    assert said.get("caution:CC-051") == "ask"
    assert "caution:CC-050" not in said
    coded = facts(readings=measured(egfr=value), conditions=("N18.4",))
    assert levels(found(coded, asks=proposed("lithium", 300)))["caution:CC-050"] == "ask"


def test_a_number_is_an_answer_for_a_year_and_then_not_known() -> None:
    for days, level in ((366, None), (367, "not_checked")):
        old = measured(egfr=Measured(Decimal(80), DAY - timedelta(days=days)))
        assert levels(found(facts(readings=old), asks=proposed("lithium", 300))).get("caution:CC-051") == level
    assert levels(found(asks=proposed("lithium", 300)))["caution:CC-051"] == "not_checked"


@pytest.mark.parametrize(("qtc", "level"), [(501, "stop"), (500, None)])
def test_citalopram_stops_above_a_qtc_of_500(qtc: int, level: str | None) -> None:
    """R-MO-CIT"""
    said = levels(found(facts(readings=measured(qtc=qtc)), asks=proposed("citalopram", 10, starts=False)))
    assert said.get("citalopram:qtc") == level


def test_a_planned_pregnancy_asks_where_a_pregnancy_stops() -> None:
    plans = facts(answers={**NO, "plans_pregnancy": "yes"})
    said = levels(found(plans, asks=proposed("valproate", 500)))
    assert (said["caution:CC-001"], said["caution:CC-002"]) == ("ask", "ask")
    assert "caution:CC-001" not in levels(found(asks=proposed("valproate", 500)))


def test_the_start_is_asked_in_the_old() -> None:
    for age, level in ((64, "note"), (65, "ask")):
        assert levels(found(facts(age=age), asks=proposed("sertraline", 100)))["dose.start"] == level


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ("yes", ["stop:R-TA-05", "stop:R-TA-04"]),
        ("no", ["stop:R-TA-05"]),
        (None, ["stop:R-TA-05", "not_checked:record"]),
    ],
)
def test_a_seizure_in_withdrawal_before_stands_against_stopping(answer: str | None, said: list[str]) -> None:
    """R-TA-04, R-TA-05"""
    about = facts(answers={**NO, "withdrawal_seizure": answer} if answer else {})
    findings = engine.check_stop(
        "clonazepam", days_taken=90, daily_mg=Decimal(2), lowest_mg=Decimal("0.25"), knowledge=current(), facts=about
    )
    assert sorted(f"{one.level}:{one.rule_id}" for one in findings) == sorted(said)


def smoked(cast: Cast, *answers: tuple[str, int]) -> frozenset[str]:
    for answer, days in answers:
        with clock.at(NOW - timedelta(days=days)):
            record.record_fact(cast.ana, key="smoking", answer=answer, by=cast.tess)
    return queries.facts(cast.ana, TODAY).events


def test_smoking_that_ended_lately_is_an_event(cast: Cast) -> None:
    assert smoked(cast, ("yes", 200)) == frozenset()
    assert smoked(cast, ("no", 90)) == {"smoking_stopped"}
    assert smoked(cast, ("no", 5)) == {"smoking_stopped"}
    assert smoked(cast, ("yes", 1)) == {"smoking_started"}


def test_after_ninety_days_it_is_no_event(cast: Cast) -> None:
    assert smoked(cast, ("yes", 200), ("no", 91)) == frozenset()


def test_the_checks_read_the_newest_reading_and_what_a_laboratory_knows(cast: Cast, settings: Any) -> None:
    record.record_reading(cast.ana, kind="egfr", value=Decimal(80), taken_on=DAY - timedelta(days=9), by=cast.tess)
    assert queries.facts(cast.ana, TODAY).readings["egfr"].value == 80
    for day, value in ((10, 80), (8, 55)):
        settings.LAB_VALUES = [f"{__name__}.laboratory_{day}"]
        load.cache_clear()
        assert queries.facts(cast.ana, TODAY).readings["egfr"].value == value
    load.cache_clear()


def laboratory_10(keys: list[Any]) -> list[tuple[Any, str, Decimal, Any]]:
    return [(key, "egfr", Decimal(55), DAY - timedelta(days=10)) for key in keys]


def laboratory_8(keys: list[Any]) -> list[tuple[Any, str, Decimal, Any]]:
    return [(key, "egfr", Decimal(55), DAY - timedelta(days=8)) for key in keys]
