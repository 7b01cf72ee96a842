"""Totals, bands, subscales and alerts of every instrument with test vectors (R-MB-02)."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patients.measures import calc, instruments, triage

RAW = json.loads(instruments.DATA.read_text(encoding="utf-8"))
VECTORS = [
    pytest.param(row["key"], example, id=f"{row['key']}-{index}")
    for row in RAW["instruments"]
    for index, example in enumerate(row.get("examples", []))
]
SUMS = [vector for vector in VECTORS if "total" in vector.values[1]]  # type: ignore[operator]
TRIAGES = [vector for vector in VECTORS if "level" in vector.values[1]]  # type: ignore[operator]
ANSWERS = {"no": 0, "yes": 1, "lifetime": 1, "past 3 months": 2, "N": 0, "Y": 1, "D": 9, "-": None, None: None}


def test_every_vector_is_run() -> None:
    assert (len(SUMS), len(TRIAGES)) == (79, 15)


@pytest.mark.parametrize(("key", "example"), SUMS)
def test_r_mb_02_vectors_of_the_data(key: str, example: dict[str, Any]) -> None:
    scored = calc.score(instruments.get(key), example["answers"])
    assert (scored.total, scored.band, list(scored.alerts)) == (example["total"], example["band"], example["alerts"])
    for name, total in example.get("subscales", {}).items():
        assert scored.subscales[name] == total
    pattern = example.get("pattern_fits", example.get("positive_pattern"))
    assert pattern is None or scored.pattern is pattern


@pytest.mark.parametrize(("key", "example"), TRIAGES)
def test_r_si_01_vectors_of_the_screeners(key: str, example: dict[str, Any]) -> None:
    read = triage.asq if key == "asq" else triage.cssrs
    count = instruments.get(key).item_count
    answers = [ANSWERS[example["answers"].get(str(n))] for n in range(1, count + 1)]
    assert read(answers).word == example["level"]


def test_r_mb_02_a_missing_item_takes_the_total_but_not_the_alert() -> None:
    scored = calc.score(instruments.get("phq9"), [1, 1, None, 1, 1, 1, 1, 1, 2, None])
    assert scored == calc.Scored(
        total=None, band=None, subscales={"phq2": 2}, alerts=(9,), risk_alerts=(9,), missing=(3,)
    )


def test_r_mb_07_only_items_on_self_harm_are_risk_alerts() -> None:
    scored = calc.score(instruments.get("audit"), [4, 4, 4, 3, 2, 3, 2, 2, 0, 0])
    assert (scored.alerts, scored.risk_alerts) == ((6,), ())


@pytest.mark.parametrize(
    ("answers", "sentence"),
    [
        ([0] * 9, "PHQ-9 has 10 items; 9 answers were given."),
        ([0] * 8 + [4, 0], "Item 9 of PHQ-9 has no such answer."),
        ([-1] + [0] * 9, "Item 1 of PHQ-9 has no such answer."),
        ([True] + [0] * 9, "Item 1 of PHQ-9 has no such answer."),
        (["0"] + [0] * 9, "Item 1 of PHQ-9 has no such answer."),
    ],
)
def test_impossible_answers_are_refused(answers: list[int | None], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        calc.score(instruments.get("phq9"), answers)


def test_triage_instruments_have_no_total() -> None:
    with pytest.raises(ValueError, match="ASQ has no total"):
        calc.score(instruments.get("asq"), [0, 0, 0, 0, None])


@pytest.mark.parametrize(
    ("key", "answers", "total"),
    [
        ("asrs6", [2, 2, 1, 3, 2, 4], 4),  # thresholds 2, 2, 2, 3, 3, 3
        ("qids16", [3, 1, 0, 2, 1, 2, 0, 1, 0, 1, 1, 0, 1, 1, 0, 2], 3 + 1 + 2 + 1 + 1 + 0 + 1 + 1 + 2),
        ("mdq", [1] * 13 + [1, 3], 13),
    ],
)
def test_methods_that_are_no_plain_sum(key: str, answers: list[int], total: int) -> None:
    assert calc.score(instruments.get(key), answers).total == total


@pytest.mark.parametrize(
    ("key", "answers", "asked_less"),
    [
        ("audit", [0] + [None] * 9, {2, 3, 4, 5, 6, 7, 8}),
        ("audit", [1, 0, 0] + [None] * 7, {4, 5, 6, 7, 8}),
        ("audit", [1, 1, 0] + [None] * 7, set()),
        ("auditc", [0, None, None], {2, 3}),
        ("pcptsd5", [0] + [None] * 5, {1, 2, 3, 4, 5}),
        ("asq", [0, 0, 0, 0, None], {5}),
        ("asq", [0, 0, 9, 0, None], set()),
        ("phq9", [0] * 9 + [None], set()),
    ],
)
def test_items_skipped_by_the_instruments_own_rule(key: str, answers: list[int | None], asked_less: set[int]) -> None:
    assert calc.skipped(instruments.get(key), answers) == asked_less


@pytest.mark.parametrize(("missing", "total"), [(0, None), (1, 0), (8, None)])
def test_audit_skips_count_0_but_nothing_else_does(missing: int, total: int | None) -> None:
    answers: list[int | None] = [0] * 10
    answers[missing] = None
    assert calc.score(instruments.get("audit"), answers).total == total


@given(st.data())
def test_totals_lie_in_their_range_and_have_a_band(data: st.DataObject) -> None:
    """R-MB-02, over every instrument that can be answered here and any answers, given or not."""
    instrument = data.draw(st.sampled_from([i for i in instruments.on_screen() if i.range]))
    answers = [data.draw(st.sampled_from([None, *instrument.values(n)])) for n in instrument.numbers]
    scored = calc.score(instrument, answers)
    assert (scored.total is None) == bool(scored.missing)
    assert (scored.band is None) == (scored.total is None)
    if scored.total is not None and instrument.range:
        assert instrument.range[0] <= scored.total <= instrument.range[1]
    given_values = dict(zip(instrument.numbers, answers, strict=True))
    assert scored.alerts == tuple(a.n for a in instrument.alerts if (given_values[a.n] or 0) >= a.least)
