"""From minutes to a code, with its reason (R-CPT-01, R-CPT-04, R-CPT-05, R-CPT-06)."""

import json
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patients.notes import cpt

TESTS = json.loads(cpt.DATA.read_text(encoding="utf-8"))["tests"]


def test_all_80_vectors_are_run() -> None:
    assert {name: len(vectors) for name, vectors in TESTS.items()} == {
        "minutes_to_code": 54,
        "same_day": 19,
        "telehealth": 7,
    }


@pytest.mark.parametrize(
    "vector", TESTS["minutes_to_code"], ids=lambda v: f"{v['service']}-{v['minutes']}-{v.get('with_em', '')}"
)
def test_vectors_of_the_data(vector: dict[str, Any]) -> None:
    found = cpt.support(
        vector["service"],
        vector["minutes"],
        with_visit=vector.get("with_em", False),
        new_patient=vector.get("new_patient", False),
    )
    expected = vector["expect"]
    wanted = expected if isinstance(expected, list) else [expected] if expected else []
    assert (list(found.codes), found.rule) == (wanted, vector["rule"])


@pytest.mark.parametrize(
    ("found", "reason", "next_threshold"),
    [
        (cpt.therapy(23), "23 minutes fit 90832 (16–37).", "90834 from minute 38"),
        (cpt.therapy(60), "60 minutes fit 90837 (53 or more).", ""),
        (cpt.therapy(15), "15 minutes support no code; 90832 begins at minute 16.", "90832 from minute 16"),
        (cpt.therapy(1), "1 minute supports no code; 90832 begins at minute 16.", "90832 from minute 16"),
        (cpt.therapy(40, with_visit=True), "40 minutes fit 90836 (38–52).", "90838 from minute 53"),
        (cpt.visit_by_time(30, new_patient=False), "30 minutes fit 99214 (30 or more).", "99215 from minute 40"),
        (cpt.family(30, with_patient=True), "30 minutes fit 90847 (26 or more).", ""),
        (
            cpt.crisis(29),
            "Under 30 minutes crisis therapy is coded as therapy. 29 minutes fit 90832 (16–37).",
            "90839 from minute 30",
        ),
        (cpt.crisis(60), "60 minutes fit 90839 (30–74, then one more for each 30).", "90840 from minute 75"),
        (
            cpt.crisis(110),
            "110 minutes fit 90839 with 90840 × 2 (30–74, then one more for each 30).",
            "90840 from minute 135",
        ),
    ],
)
def test_the_reason_is_a_sentence(found: cpt.Support, reason: str, next_threshold: str) -> None:
    assert (found.reason, found.next) == (reason, next_threshold)


@given(st.integers(0, 400), st.booleans())
def test_r_cpt_01_one_minute_less_than_the_next_threshold_keeps_the_code(minutes: int, with_visit: bool) -> None:
    found = cpt.therapy(minutes, with_visit=with_visit)
    if found.next_minute:
        assert cpt.therapy(found.next_minute - 1, with_visit=with_visit).codes == found.codes
        assert cpt.therapy(found.next_minute, with_visit=with_visit).code == found.next_code
    else:
        assert found.code in ("90837", "90838")


@given(st.integers(30, 600))
def test_r_cpt_06_next_threshold_adds_one(minutes: int) -> None:
    found = cpt.crisis(minutes)
    assert found.next_minute
    assert cpt.crisis(found.next_minute - 1).codes == found.codes
    assert cpt.crisis(found.next_minute).codes == (*found.codes, "90840")


@pytest.mark.parametrize("minutes", [-1, True, 1.5])
def test_minutes_are_whole_numbers(minutes: Any) -> None:
    with pytest.raises(ValueError, match="Minutes are whole numbers from 0"):
        cpt.therapy(minutes)


def test_an_unknown_service_is_refused() -> None:
    with pytest.raises(ValueError, match="massage"):
        cpt.support("massage", 30)


def test_visit_by_decisions() -> None:
    assert cpt.visit_by_decisions("moderate", new_patient=False) == "99214"
    assert cpt.visit_by_decisions("moderate", new_patient=True) == "99204"


@pytest.mark.parametrize(
    ("code", "licence", "may"),
    [
        ("90834", "LCSW", True),
        ("90834", "LPC-A", True),
        ("90834", "RN", False),
        ("90792", "PMHNP", True),
        ("90792", "PhD", False),
        ("99214", "LCSW", False),
        ("90863", "PsyD", False),
        ("96146", "RN", True),
        ("H0004", "LPC", False),
    ],
)
def test_r_cpt_05_who_may_bill(code: str, licence: str, may: bool) -> None:
    assert cpt.may_bill(code, licence) is may


def test_evaluation_by_licence() -> None:
    assert (cpt.evaluation("LCSW"), cpt.evaluation("MD")) == ("90791", "90792")


def test_codes_have_dates() -> None:
    phone = cpt.everything()["99441"]
    assert (phone.in_force(date(2024, 12, 31)), phone.in_force(date(2025, 1, 1))) == (True, False)
    check_in = cpt.everything()["98016"]
    assert (check_in.in_force(date(2024, 12, 31)), check_in.in_force(date(2025, 1, 1))) == (False, True)


@pytest.mark.parametrize("vector", TESTS["telehealth"], ids=lambda v: f"{v['mode']}-{v['patient_at']}-{v['payer']}")
def test_r_th_01_place_and_modifier(vector: dict[str, Any]) -> None:
    mode = {"video": "video", "audio": "phone", "in person": "in_person"}[vector["mode"]]
    wants_95 = vector["payer"] == "OHP" or "wants 95" in vector["payer"]
    found = cpt.place(mode, vector["patient_at"], payer_wants_95=wants_95)
    assert (found.pos, found.modifier or None) == (vector["expect"]["pos"], vector["expect"]["modifier"])


def test_r_th_01_in_person_elsewhere() -> None:
    """R-TH-01."""
    assert cpt.place("in_person", "home", payer_wants_95=True) == cpt.Place("12", "")
    assert cpt.place("in_person", "school", payer_wants_95=True) == cpt.Place("03", "")
    with pytest.raises(ValueError, match="letter"):
        cpt.place("letter", "home", payer_wants_95=True)
