"""Results stand against a start: R-MO-CLZ refuses below its counts, gaps are said."""

from decimal import Decimal
from typing import Any

import pytest

from clinic.audit.models import AuditEvent
from medications.monitoring import actions
from medications.monitoring.models import DueItem
from medications.monitoring.starting import findings
from tests.cast import Cast
from tests.medications.monitoring.given import ANC, EGFR, QTC, START, Everything, day, on, refused, result


def found(cast: Cast, drug: str, *, starts: bool = True, today: Any = START) -> dict[str, str]:
    """Level of every finding by its code."""
    return {one.code.split(":")[1]: str(one.level) for one in findings(cast.ana.pk, drug, starts=starts, today=today)}


@pytest.mark.parametrize(("value", "expected"), [("1499", {"cloz-anc": "refuse"}), ("1500", {})])
def test_r_mo_clz_no_start_below_1500(cast: Cast, value: str, expected: dict[str, str]) -> None:
    result(cast.ana, ANC, value, number=-1, by=cast.priya)
    assert found(cast, "clozapine") == expected


def test_r_mo_clz_a_count_that_is_missing_or_old_asks(cast: Cast) -> None:
    assert found(cast, "clozapine") == {"cloz-missing": "ask"}
    result(cast.ana, ANC, "4000", number=-28, by=cast.priya)
    assert found(cast, "clozapine") == {}
    assert found(cast, "clozapine", today=day(1)) == {"cloz-missing": "ask"}


@pytest.mark.parametrize(
    ("counts", "expected"),
    [(("1100",), "refuse"), (("1100", "1050"), ""), (("1100", "999"), "refuse")],
)
def test_r_mo_clz_benign_ethnic_neutropenia(cast: Cast, counts: tuple[str, ...], expected: str) -> None:
    actions.note(cast.ana, key="benign_ethnic_neutropenia", words="Duffy-null.", by=cast.priya)
    for number, value in enumerate(counts):
        result(cast.ana, ANC, value, number=number - 5, by=cast.priya)
    assert found(cast, "clozapine").get("cloz-anc-ben", "") == expected
    assert "cloz-anc" not in found(cast, "clozapine")


def test_r_mo_clz_the_prescription_is_refused_whatever_is_answered(cast: Cast) -> None:
    result(cast.ana, ANC, "1400", number=-1, by=cast.priya)
    with refused("ANC below 1500/uL (general population). Last: 1,400 cells/µL on Mar 1, 2026."):
        on("clozapine", 25, cast.ana, cast.priya)
    assert not DueItem.objects.exists()
    assert not AuditEvent.objects.filter(what="prescribing.prescribe").exists()


def test_r_mo_cit_the_checks_say_a_long_qtc_themselves(cast: Cast) -> None:
    """From the same number (port LAB_VALUES; test_lab_values.py), so that it is said once."""
    result(cast.ana, QTC, "510", number=-1, by=cast.priya)
    assert "cit-qtc" not in found(cast, "citalopram")


def test_what_is_missing_is_said_as_not_checked(cast: Cast) -> None:
    said = findings(cast.ana.pk, "lithium", starts=True, today=START)
    assert [(str(one.level), one.rule_id, one.sentence) for one in said] == [(
        "not_checked", "R-MO-LI",
        "No eGFR, calcium or TSH in the last 90 days. Missing: eGFR (kidneys), calcium, TSH (thyroid).",
    )]  # fmt: skip
    assert findings(cast.ana.pk, "lithium", starts=False, today=START) == []


def test_a_low_kidney_value_asks(cast: Cast) -> None:
    result(cast.ana, EGFR, "29", number=-1, by=cast.priya)
    assert found(cast, "lithium")["lithium-renal"] == "ask"


def test_a_thyroid_value_out_of_its_range_asks(cast: Cast) -> None:
    result(cast.ana, "3016-3", "9", number=-1, by=cast.priya, low=Decimal("0.4"), high=Decimal("4.5"))
    assert found(cast, "lithium")["lithium-thyroid"] == "ask"


def test_few_queries(cast: Cast, django_assert_num_queries: Any) -> None:
    for drug, number in (("sertraline", 1), ("bupropion", 0), ("clozapine", 2)):
        with django_assert_num_queries(number):
            findings(cast.ana.pk, drug, starts=True, today=START)


def test_answered_it_is_stored_with_the_order(cast: Cast) -> None:
    order = on("clozapine", 25, cast.ana, cast.priya)
    (stored,) = order.findings.filter(code="monitoring:cloz-missing")
    assert (stored.level, stored.rule_id, stored.override_words) == (
        "ask", "R-MO-CLZ", Everything().get("x").words,
    )  # fmt: skip
