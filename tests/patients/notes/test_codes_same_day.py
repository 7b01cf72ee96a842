"""Which codes may stand beside each other on one day (R-CPT-02 to R-CPT-08)."""

import json
from typing import Any

import pytest

from patients.notes import cpt
from patients.notes.same_day import ASK, REFUSE, Claim, Finding, check_day

VECTORS = json.loads(cpt.DATA.read_text(encoding="utf-8"))["tests"]["same_day"]


@pytest.mark.parametrize("vector", VECTORS, ids=lambda v: "+".join(f"{c['code']}{c['clinician']}" for c in v["claims"]))
def test_vectors_of_the_data(vector: dict[str, Any]) -> None:
    findings = check_day([Claim(**claim) for claim in vector["claims"]])
    kind = {"ok": set(), "block": {REFUSE}, "warn": {ASK}}[vector["expect"]]
    assert {finding.kind for finding in findings} == kind
    assert {finding.rule for finding in findings} == ({vector["rule"]} if kind else set())


def test_r_cpt_02_the_sentence_says_what_to_do() -> None:
    assert check_day([Claim("90834", "B"), Claim("99214", "B")]) == [
        Finding(
            REFUSE,
            "90834 and 99214 cannot be billed by the same clinician on the same day. "
            "Therapy beside a medical visit is 90833, 90836 or 90838.",
            "R-CPT-02",
        )
    ]


def test_r_cpt_02_an_add_on_without_its_visit() -> None:
    assert check_day([Claim("90833", "B")]) == [
        Finding(REFUSE, "90833 needs a medical visit by the same clinician on the same day.", "R-CPT-02")
    ]


def test_r_cpt_06_an_add_on_without_its_code() -> None:
    assert check_day([Claim("90840", "A")]) == [
        Finding(REFUSE, "90840 is added to 90839 by the same clinician, and none is there.", "R-CPT-06")
    ]


def test_r_cpt_01_one_unit_of_therapy() -> None:
    assert check_day([Claim("90834", "A"), Claim("90834", "A")]) == [
        Finding(REFUSE, "90834 may be billed once a day by one clinician.", "R-CPT-01")
    ]
    (found,) = check_day([Claim("90832", "A"), Claim("90834", "A")])
    assert (found.kind, found.rule) == (REFUSE, "R-CPT-01")


def test_r_cpt_04_one_medical_visit_a_day() -> None:
    (found,) = check_day([Claim("99213", "B"), Claim("99214", "B")])
    assert (found.kind, found.rule) == (REFUSE, "R-CPT-04")


def test_r_cpt_08_crisis_minutes_are_judged_with_their_add_ons() -> None:
    long = Claim("90839", "A", documented_minutes=80)
    assert check_day([long, Claim("90840", "A", documented_minutes=80)]) == []
    assert check_day([long]) == [
        Finding(ASK, "80 minutes are documented; they fit 90839 with 90840 × 1, not × 0.", "R-CPT-08")
    ]


def test_r_cpt_08_a_visits_minutes_count_only_where_time_sets_the_level() -> None:
    assert check_day([Claim("99214", "B", level_by="decisions", documented_minutes=12)]) == []
    assert check_day([Claim("99214", "B", level_by="time", documented_minutes=12)]) == [
        Finding(ASK, "12 minutes are documented; 99214 is for 30 or more minutes.", "R-CPT-08")
    ]


def test_unknown_codes_are_refused() -> None:
    assert check_day([Claim("99999", "A"), Claim("", "A")]) == [
        Finding(REFUSE, "99999 is not in the list of codes.", ""),
        Finding(REFUSE, "An empty code is not in the list of codes.", ""),
    ]


def test_nothing_stands_against_an_empty_day() -> None:
    assert check_day([]) == []
