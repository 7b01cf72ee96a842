"""Suicide screeners map to the levels of R-SI-01 (R-MB-08)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patients.measures import triage
from patients.measures.enums import RiskLevel
from patients.measures.triage import Triage


@pytest.mark.parametrize(
    ("answers", "found"),
    [
        ([0, 0, 0, 0, None], Triage("NEGATIVE", RiskLevel.NONE)),
        ([1, 0, 0, 0, 0], Triage("NON_ACUTE", RiskLevel.MODERATE)),
        ([0, 0, 9, 0, 9], Triage("NON_ACUTE", RiskLevel.MODERATE)),
        ([1, 0, 0, 0, None], Triage(None, None, (5,))),
        ([0, None, 0, 0, None], Triage(None, None, (2,))),
        ([1, None, 0, 0, None], Triage(None, None, (2, 5))),
        ([None, None, None, None, 1], Triage("ACUTE", RiskLevel.HIGH)),
    ],
)
def test_r_mb_08_asq(answers: list[int | None], found: Triage) -> None:
    assert triage.asq(answers) == found


def test_r_si_01_cssrs_says_what_is_missing() -> None:
    assert triage.cssrs([1, 1, None, 0, None, 0]) == Triage(None, None, (3, 5))
    assert triage.cssrs([0, 0, None, None, None, None]) == Triage(None, None, (6,))


@given(st.lists(st.sampled_from([0, 1, None]), min_size=5, max_size=5), st.sampled_from([0, 1, 2, None]))
def test_r_si_01_one_high_answer_is_high_whatever_the_others(five: list[int | None], last: int | None) -> None:
    high = five[3] == 1 or five[4] == 1 or last == 2
    assert (triage.cssrs([*five, last]).level is RiskLevel.HIGH) == high


@pytest.mark.parametrize("answers", [[0] * 4, [0, 0, 0, 0, 2]])
def test_unknown_answers_of_asq(answers: list[int | None]) -> None:
    with pytest.raises(ValueError, match="ASQ has five items"):
        triage.asq(answers)


@pytest.mark.parametrize("answers", [[0] * 5, [9, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 3]])
def test_unknown_answers_of_cssrs(answers: list[int | None]) -> None:
    with pytest.raises(ValueError, match="C-SSRS"):
        triage.cssrs(answers)
