"""Numbers of the laboratory reach the checks (port LAB_VALUES): eGFR and QTc with their day, else “not checked”."""

from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse

from clinic import clock
from medications.monitoring import actions
from medications.monitoring.queries import lab_values
from medications.prescribing import checks
from medications.prescribing.actions import Regimen
from medications.safety.facts import Finding
from patients.record import actions as record
from tests.cast import Cast, client
from tests.medications.monitoring.given import EGFR, LITHIUM, QTC, START, day, moment, on, refused, result
from tests.medications.prescribing.given import product, regimen, started


def said(cast: Cast, drug: str, strength: int, *, number: int = 0, quantity: str = "1") -> dict[str, Finding]:
    """What stands against starting the drug on that day, by code."""
    with clock.at(moment(number, "12:00")):
        found = checks.order(cast.ana, regimen(drug, strength, quantity), None, from_day=day(number))
    return {one.code: one for one in found.findings}


def test_the_newest_of_each_that_is_not_in_error(cast: Cast, django_assert_num_queries: Any) -> None:
    result(cast.ana, EGFR, "80", number=-9, by=cast.priya)
    result(cast.ana, EGFR, "48", number=-3, by=cast.priya)
    wrong = result(cast.ana, EGFR, "20", number=-2, by=cast.priya)
    actions.retract(wrong, reason="Wrong chart.", by=cast.priya)
    result(cast.ana, QTC, "440", number=-5, by=cast.priya)
    result(cast.ana, LITHIUM, "0.7", number=-5, by=cast.priya)
    result(cast.ben, EGFR, "90", number=-1, by=cast.paul)
    with django_assert_num_queries(1):
        found = sorted(lab_values([cast.ana.pk, cast.ben.pk]), key=str)
    assert found == sorted(
        [
            (cast.ana.pk, "egfr", Decimal(48), day(-3)),
            (cast.ana.pk, "qtc", Decimal(440), day(-5)),
            (cast.ben.pk, "egfr", Decimal(90), day(-1)),
        ],
        key=str,
    )


def test_a_kidney_value_from_the_laboratory_stands_against_lithium_with_its_day(cast: Cast) -> None:
    assert said(cast, "lithium", 300)["caution:CC-051"].level == "not_checked"
    result(cast.ana, EGFR, "48", number=-3, by=cast.priya)
    found = said(cast, "lithium", 300)["caution:CC-051"]
    assert found.level == "ask"
    assert found.sentence.endswith("Measured: 48 on Feb 27, 2026.")


def test_a_good_value_answers_for_a_year_then_it_is_not_checked_again(cast: Cast) -> None:
    result(cast.ana, EGFR, "88", number=0, by=cast.priya)
    assert "caution:CC-051" not in said(cast, "lithium", 300, number=366)
    assert said(cast, "lithium", 300, number=367)["caution:CC-051"].level == "not_checked"


def test_the_newer_of_laboratory_and_record_counts(cast: Cast) -> None:
    result(cast.ana, EGFR, "48", number=-3, by=cast.priya)
    with clock.at(moment(-1, "12:00")):
        record.record_reading(cast.ana, kind="egfr", value=Decimal(90), taken_on=day(-1), by=cast.tess)
    assert "caution:CC-051" not in said(cast, "lithium", 300)


def test_a_long_qtc_stops_citalopram_once_r_mo_cit(cast: Cast) -> None:
    """Start and change; said once, though both rooms know the number."""
    result(cast.ana, QTC, "510", number=-1, by=cast.priya)
    found = [one for one in said(cast, "citalopram", 20).values() if "QTc" in f"{one.title} {one.sentence}"]
    stops = [one for one in found if one.level == "stop" and one.rule_id.startswith("R-MO-CIT")]
    assert [one.code for one in stops] == ["citalopram:qtc"]
    assert "510\u00a0ms on Mar 1, 2026" in stops[0].sentence


def test_a_long_qtc_stops_a_change_too_r_mo_cit(cast: Cast) -> None:
    order = on("citalopram", 20, cast.ana, cast.priya)
    result(cast.ana, QTC, "510", number=1, by=cast.priya)
    with clock.at(moment(2, "12:00")):
        found = checks.order(
            cast.ana, regimen("citalopram", 10), None, from_day=day(2), prescription=order.prescription
        ).findings
    assert [str(one.level) for one in found if one.code == "citalopram:qtc"] == ["stop"]


@pytest.mark.parametrize(("value", "level"), [(None, "not_checked"), ("451", "stop"), ("450", None)])
def test_gepirone_reads_the_qtc_and_no_number_is_not_checked(cast: Cast, value: str | None, level: str | None) -> None:
    if value:
        result(cast.ana, QTC, value, number=-1, by=cast.priya)
    gepirone = Regimen(product("gepirone", "18.2", release="extended"), [{"when": "morning", "quantity": "1"}])
    with clock.at(moment(0, "12:00")):
        found = checks.order(cast.ana, gepirone, None, from_day=START).findings
    assert next((str(one.level) for one in found if one.code == "caution:CC-071"), None) == level


def test_on_the_page_and_at_the_signature(cast: Cast) -> None:
    result(cast.ana, QTC, "510", number=-1, by=cast.priya)
    drug = product("citalopram", 20).drug
    with clock.at(moment(0, "12:00")):
        page = client(cast.priya).get(reverse("prescribing:new", args=[cast.ana.pk]), {"drug": str(drug.pk)})
        assert page.content.decode().count("QTc above 500") == 1
    order = on("citalopram", 20, cast.ana, cast.priya)
    assert order.findings.get(code="citalopram:qtc").override_words


def test_without_an_override_it_is_not_signed(cast: Cast) -> None:
    result(cast.ana, QTC, "510", number=-1, by=cast.priya)
    with clock.at(moment(0, "12:00")), refused("override"):
        started(cast.ana, by=cast.priya, regimen=regimen("citalopram", 20))
