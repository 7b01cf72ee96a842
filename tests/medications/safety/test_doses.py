"""The dose itself: plausible, within the maximum, started low, fit for the age; citalopram; supply; schedules."""

from decimal import Decimal

import pytest

from medications.safety.facts import Limits
from tests.medications.safety.asked import facts, found, levels, proposed, taken


@pytest.mark.parametrize(
    ("daily", "said"), [(200, {"dose.start": "note"}), (201, {"dose.max": "stop", "dose.start": "note"})]
)
def test_the_labels_maximum(daily: int, said: dict[str, str]) -> None:
    assert levels(found(asks=proposed("sertraline", daily))) == said


def test_the_same_drug_from_elsewhere_counts_in() -> None:
    (one,) = [
        f
        for f in found(live=[taken("sertraline", 150, origin="outside")], asks=proposed(daily=100, starts=False))
        if f.code == "dose.max"
    ]
    assert one.sentence == (
        "100\u00a0mg a day together with what is on the list (250\u00a0mg in all); the label ends at 200\u00a0mg a day."
    )


def test_a_products_own_maximum() -> None:
    asks = proposed("zolpidem", 10, product_max_mg=Decimal("6.25"), refills=None, starts=False)
    assert levels(found(asks=asks))["dose.product_max"] == "stop"


@pytest.mark.parametrize(
    ("drug", "daily", "level"),
    [
        ("clonidine", 100, "stop"),
        ("sertraline", "0.05", "stop"),
        ("sertraline", 2000, "stop"),
        ("sertraline", "0.5", ""),
    ],
)
def test_a_thousandfold_slip(drug: str, daily: str, level: str) -> None:
    assert levels(found(asks=proposed(drug, daily, starts=False))).get("dose.implausible", "") == level


def test_without_a_known_maximum_it_is_said() -> None:
    assert levels(found(asks=proposed("melatonin", 3)))["dose.max"] == "not_checked"


def test_a_depot_has_no_daily_numbers() -> None:
    assert levels(found(asks=proposed("haloperidol", 4, depot=True)))["dose.max"] == "not_checked"


def test_age() -> None:
    said = levels(found(facts(age=70), asks=proposed(starts=False)))
    assert said["dose.elderly"] == "note"
    assert levels(found(facts(age=15), asks=proposed(starts=False)))["dose.age"] == "not_checked"


@pytest.mark.parametrize(
    ("age", "daily", "code", "level"),
    [
        (34, 60, "dose.max", "stop"),
        (61, 40, "caution:CC-047", "stop"),
        (60, 40, "caution:CC-047", None),
        (61, 20, "caution:CC-047", None),
    ],
)
def test_citalopram_has_ceilings_of_its_own(age: int, daily: int, code: str, level: str | None) -> None:
    """R-MO-CIT: 40 mg a day; 20 over 60."""
    findings = found(facts(age=age), asks=proposed("citalopram", daily, starts=False))
    assert levels(findings).get(code) == level
    assert all(f.rule_id.startswith("R-MO-CIT") for f in findings if f.code == code)


def test_citalopram_with_an_inhibitor_or_a_bad_liver() -> None:
    """R-MO-CIT: 20 mg with a CYP2C19 inhibitor or liver disease."""
    asks = proposed("citalopram", 40, starts=False)
    assert levels(found(live=[taken("omeprazole")], asks=asks))["citalopram:omeprazole"] == "stop"
    assert levels(found(facts(answers={**facts().answers, "liver": "yes"}), asks=asks))["caution:CC-049"] == "stop"


def test_citalopram_not_known_genes_are_said() -> None:
    """R-MO-CIT: CYP2C19 poor metaboliser."""
    asks = proposed("citalopram", 40, starts=False)
    for answer, level in (("unsure", "not_checked"), ("yes", "stop"), ("no", None)):
        about = facts(answers={**facts().answers, "cyp2c19_poor": answer})
        assert levels(found(about, asks=asks)).get("caution:CC-048") == level


@pytest.mark.parametrize("drug", ["lithium", "amitriptyline", "phenobarbital"])
def test_an_open_risk_limits_the_supply(drug: str) -> None:
    """R-SI-04: 14 days of lithium, a tricyclic, or what is dangerous in overdose."""
    about = facts(risk_open=True)
    assert levels(found(about, asks=proposed(drug, 25, days_supply=15)))["supply.risk"] == "ask"
    assert "supply.risk" not in levels(found(about, asks=proposed(drug, 25, days_supply=14)))
    assert "supply.risk" not in levels(found(asks=proposed(drug, 25, days_supply=15)))


def test_an_open_risk_leaves_other_drugs_alone() -> None:
    """R-SI-04"""
    assert found(facts(risk_open=True)) == []


@pytest.mark.parametrize(
    ("drug", "refills", "limits", "rule"),
    [
        ("methylphenidate", 0, Limits(), ""),
        ("methylphenidate", 1, Limits(), "R-RX-01"),
        ("clonazepam", 5, Limits(), ""),
        ("clonazepam", 6, Limits(), "R-RX-03"),
        ("buprenorphine", 6, Limits(), "R-RX-03"),
        ("pregabalin", 6, Limits(), "R-RX-04"),
        ("pregabalin", 6, Limits(v_as_iii=False), ""),
        ("sertraline", 11, Limits(), ""),
    ],
)
def test_schedules(drug: str, refills: int, limits: Limits, rule: str) -> None:
    """R-RX-01, R-RX-03, R-RX-04: refused, no way past."""
    findings = found(asks=proposed(drug, 1, refills=refills, seen="in_person"), limits=limits)
    assert [f.rule_id for f in findings if f.level == "refuse"] == ([rule] if rule else [])


def test_what_is_controlled_leaves_by_the_certified_system() -> None:
    """R-RX-06"""
    assert levels(found(asks=proposed("clonazepam", 1)))["schedule.certified"] == "note"
