"""The arithmetic of staircases: what can be dispensed, how far a step falls, the vectors of the data.

R-TA-01, R-TA-06, R-TA-07, R-TA-08, R-TA-11.
"""

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from medications.prescribing.calc import Unclear
from medications.tapers import calc, staircases, templates
from medications.tapers.calc import Stair, Unit
from medications.tapers.staircases import Wish

DAY = date(2026, 3, 2)
CLONAZEPAM = (
    Unit("a", "tablet", Decimal("0.5"), divisible=True, usual=True), Unit("b", "tablet", Decimal(1), divisible=True,
    usual=True), Unit("c", "tablet", Decimal(2), divisible=True, usual=True), Unit("d", "ODT", Decimal("0.125")),
    Unit("e", "ODT", Decimal("0.25")),
)  # fmt: skip
DIAZEPAM = (
    Unit("a", "tablet", Decimal(2), divisible=True, usual=True), Unit("b", "tablet", Decimal(5), divisible=True,
    usual=True), Unit("c", "tablet", Decimal(10), divisible=True, usual=True),
    Unit("d", "oral solution", Decimal(1), per="mL"),
)  # fmt: skip


def stairs(*given: tuple[int, str]) -> list[Stair]:
    """Day (from the first) and mg."""
    return [Stair(DAY + timedelta(days=day), Decimal(dose)) for day, dose in given]


@pytest.mark.parametrize(
    ("dose", "units", "words"),
    [
        ("1.75", CLONAZEPAM, "3½ tablets of 0.5 mg"),
        ("2", CLONAZEPAM, "1 tablet of 2 mg"),
        ("0.375", CLONAZEPAM, "3 tablets of 0.125 mg"),
        ("0.5", CLONAZEPAM, "1 tablet of 0.5 mg"),
        ("2.4", DIAZEPAM, "2.4 mL of 1 mg/mL"),
        ("3", DIAZEPAM, "1½ tablets of 2 mg"),
        ("0.3", CLONAZEPAM, None),
        ("2.44", DIAZEPAM, None),
        ("90", DIAZEPAM, None),
        ("0", DIAZEPAM, None),
    ],
)
def test_a_dose_is_made_of_pieces_r_ta_08(dose: str, units: tuple[Unit, ...], words: str | None) -> None:
    made = calc.made_of(Decimal(dose), units)
    assert (made.words.replace("\u00a0", " ") if made else None) == words


def test_the_floor_is_the_lowest_dispensable_dose_halves_included_r_ta_01() -> None:
    assert calc.lowest(CLONAZEPAM) == Decimal("0.125")
    assert calc.lowest(DIAZEPAM) == Decimal(1)
    assert calc.lowest([DIAZEPAM[3]]) == Decimal("0.1")
    assert calc.lowest([]) == 0


@pytest.mark.parametrize(
    ("given", "start", "over"),
    [
        ([(0, "1.5")], "2", []),  # exactly 25 %
        ([(0, "1.49")], "2", [(0, "25.5")]),
        ([(0, "1.8"), (14, "1.6")], "2", []),
        ([(0, "1.7"), (13, "1.45")], "2", [(1, "27.5")]),  # 15 % and 15 %, thirteen days apart
        ([(0, "1.7"), (14, "1.45")], "2", []),
        ([(0, "0.25"), (14, "0")], "0.3", []),  # at the floor, kept for fourteen days
        ([(0, "0.25"), (13, "0")], "0.3", [(1, "100.0")]),
        ([(0, "0")], "0.25", []),
        ([(0, "0")], "0.5", [(0, "100.0")]),
    ],
)
def test_falls_add_up_over_fourteen_days_r_ta_01(given: list[Any], start: str, over: list[Any]) -> None:
    found = calc.falls_over(stairs(*given), Decimal(start), percent=Decimal(25), floor=Decimal("0.25"))
    assert [(one.place, str(one.percent)) for one in found] == over


@pytest.mark.parametrize(
    ("quantity", "whens", "part", "found"),
    [
        ("3.5", ("morning", "bedtime"), "1/2", ["1.5", "2"]),
        ("1", ("morning", "bedtime"), "1", ["1"]),
        ("2.4", ("morning", "bedtime"), "1/10", ["1.2", "1.2"]),
        ("2.5", ("morning", "afternoon", "bedtime"), "1/2", ["0.5", "0.5", "1.5"]),
        ("2", ("bedtime",), "1/2", ["2"]),
    ],
)
def test_pieces_are_spread_over_the_day(quantity: str, whens: tuple[str, ...], part: str, found: list[str]) -> None:
    lines = calc.spread(Decimal(quantity), whens, Fraction(part))
    assert [line["quantity"] for line in lines] == found
    assert sum(Decimal(line["quantity"]) for line in lines) == Decimal(quantity)


def vectors() -> list[Any]:
    return [
        pytest.param(one, id=f"{template.key}: {one['label']}")
        for template in templates.everything()
        for one in template.data["test_vectors"]
    ]


@pytest.mark.parametrize("vector", vectors())
def test_the_vectors_of_the_data_r_ta_07(vector: dict[str, Any]) -> None:
    doses = calc.occupancy_steps(
        Decimal(str(vector["start_mg"])), Decimal(str(vector["emax"])), Decimal(str(vector["k"])), vector["n"]
    )
    assert [round(float(one), 2) for one in doses] == vector["expected_mg"]


def test_there_are_vectors() -> None:
    assert len(vectors()) == 2


def wish(start: str, units: tuple[Unit, ...] = CLONAZEPAM, **more: Any) -> Wish:
    given: dict[str, Any] = {"interval": 28, "floor": calc.lowest(units), "limit": Decimal(25), **more}
    return Wish(Decimal(start), DAY, units, **given)


def built(key: str, found: Wish) -> list[tuple[int, str]]:
    template = templates.get(key)
    assert template is not None
    return [((one.day - DAY).days, str(one.dose.normalize())) for one in staircases.build(template.data, found)]


def test_a_clonazepam_staircase_by_the_joint_guideline_r_ta_01() -> None:
    assert built("benzodiazepine_asam_2025", wish("1", percent=Decimal(10)))[:5] == [
        (0, "0.75"), (28, "0.625"), (56, "0.5"), (84, "0.375"), (112, "0.34"),
    ]  # fmt: skip


def test_it_ends_at_the_floor_then_at_zero_r_ta_01() -> None:
    found = built("benzodiazepine_asam_2025", wish("0.5", percent=Decimal(25), floor=Decimal("0.25")))
    assert found == [(0, "0.375"), (28, "0.29"), (56, "0.25"), (84, "0")]


def test_diazepam_goes_down_by_bands_and_never_by_more_than_a_quarter_r_ta_11() -> None:
    found = built("benzodiazepine_diazepam_cks", wish("12", DIAZEPAM, interval=14))
    assert found == [
        (0, "11"), (14, "1E+1"), (28, "9"), (42, "8"), (56, "7"), (70, "6"), (84, "5"), (98, "4.5"), (112, "4"),
        (126, "3.5"), (140, "3"), (154, "2.5"), (168, "2"), (182, "1.5"), (196, "1.2"), (210, "1"), (224, "0"),
    ]  # fmt: skip


def test_an_ssri_goes_down_in_proportion_and_by_liquid_where_tablets_cannot_r_ta_06() -> None:
    sertraline = (
        Unit("a", "tablet", Decimal(25), divisible=True, usual=True), Unit("b", "tablet", Decimal(50), divisible=True,
        usual=True), Unit("c", "oral concentrate", Decimal(20), per="mL"),
    )  # fmt: skip
    found = wish("100", sertraline, limit=None, floor=Decimal(6), percent=Decimal(25))
    assert built("antidepressant_proportional", found) == [
        (0, "75"), (28, "5E+1"), (56, "37.5"), (84, "25"), (112, "18"), (140, "14"), (168, "12.5"), (196, "1E+1"),
        (224, "8"), (252, "6"), (280, "0"),
    ]  # fmt: skip


def test_fixed_steps_end_at_zero() -> None:
    found = wish("20", (Unit("a", "tablet", Decimal(10)),), limit=None)
    assert built("vortioxetine_label", found) == [(0, "1E+1"), (7, "0")]


def test_lithium_goes_down_evenly() -> None:
    units = (Unit("a", "capsule", Decimal(150), usual=True), Unit("b", "capsule", Decimal(300), usual=True))
    found = wish("600", units, limit=None, total_days=90, step_mg=Decimal(150))
    assert built("lithium_gradual", found) == [(0, "4.5E+2"), (22, "3E+2"), (45, "1.5E+2"), (67, "0")]


def test_clonidine_goes_down_by_the_label() -> None:
    units = (Unit("a", "tablet", Decimal("0.1"), divisible=True, usual=True),)
    found = wish("0.3", units, limit=None, interval=7, step_mg=Decimal("0.1"), floor=Decimal("0.1"))
    assert built("alpha2_agonist_label", found) == [(0, "0.2"), (7, "0.1"), (14, "0")]


def test_occupancy_asks_for_its_constants_and_rounds_to_what_can_be_dispensed_r_ta_07() -> None:
    units = (Unit("a", "tablet", Decimal(20), divisible=True), Unit("b", "oral solution", Decimal(2), per="mL"))
    with pytest.raises(Unclear, match="Write Emax and K from the paper"):
        built("antidepressant_occupancy", wish("20", units, limit=None))
    found = wish("20", units, limit=None, emax=Decimal(91), k=Decimal("3.4"), count=8)
    assert built("antidepressant_occupancy", found) == [
        (0, "1E+1"), (28, "6"), (56, "3.8"), (84, "2.6"), (112, "1.6"), (140, "1"), (168, "0.4"), (196, "0"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ({"percent": Decimal("0.5")}, "Percent of the current dose: 1 to 100."),
        ({"percent": Decimal(1)}, "That would take more than 60 steps."),
        ({"interval": 0}, "Days between steps: 1 to 366."),
        ({"interval": 366}, "That would take more than three years."),
    ],
)
def test_a_taper_that_never_ends_gets_a_sentence(more: dict[str, Any], sentence: str) -> None:
    found = wish("2", **{"percent": Decimal(10), "floor": Decimal("0.01"), **more})
    with pytest.raises(Unclear, match=sentence):
        built("benzodiazepine_asam_2025", found)
