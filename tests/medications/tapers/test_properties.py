"""Whatever is chosen: no step above the allowed fall, days forward, dispensable or flagged, dispensed = scheduled."""

from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from medications.prescribing.calc import Unclear
from medications.tapers import calc, staircases, templates
from medications.tapers.calc import Stair, Unit
from medications.tapers.staircases import Wish

DAY = date(2026, 3, 2)
STRENGTHS = ["0.125", "0.25", "0.5", "1", "2", "5", "10", "20", "25", "50", "100", "150"]


@st.composite
def products(draw: Any) -> tuple[Unit, ...]:
    """One to four tablets, scored or not, and perhaps a liquid."""
    strengths = draw(st.lists(st.sampled_from(STRENGTHS), min_size=1, max_size=4, unique=True))
    found = [
        Unit(str(n), "tablet", Decimal(s), "", draw(st.sampled_from([True, False, None])))
        for n, s in enumerate(strengths)
    ]
    if draw(st.booleans()):
        found.append(Unit("liquid", "oral solution", Decimal(draw(st.sampled_from(["0.1", "1", "2", "20"]))), "mL"))
    return tuple(found)


@st.composite
def wishes(draw: Any, *, limit: Decimal | None) -> Wish:
    """A start above the floor, an interval of at least a fortnight, a percentage."""
    units = draw(products())
    floor = calc.lowest(units)
    start = (floor * draw(st.integers(1, 80)) / draw(st.integers(1, 4))).quantize(Decimal("0.001")) + floor
    return Wish(
        start, DAY, units, floor, draw(st.integers(14, 60)), percent=Decimal(draw(st.integers(5, 60))), limit=limit,
        step_mg=floor * draw(st.integers(1, 4)), total_days=draw(st.integers(7, 200)), count=draw(st.integers(2, 16)),
        emax=Decimal(91), k=Decimal(draw(st.integers(1, 40))),
    )  # fmt: skip


KEYS = [one.key for one in templates.everything() if templates.can_build(one) and one.kind == "taper"]


def built(key: str, wish: Wish) -> list[Stair] | None:
    template = templates.get(key)
    assert template is not None
    try:
        return staircases.build(template.data, wish)
    except Unclear:
        return None


@given(wishes(limit=Decimal(25)), st.sampled_from(["benzodiazepine_asam_2025", "benzodiazepine_diazepam_cks"]))
def test_no_step_falls_further_than_is_allowed_r_ta_01(wish: Wish, key: str) -> None:
    stairs = built(key, wish)
    if stairs is not None:
        assert calc.falls_over(stairs, wish.start, percent=Decimal(25), floor=wish.floor) == []


@given(wishes(limit=None), st.sampled_from(KEYS))
def test_days_go_forward_and_doses_down_to_zero(wish: Wish, key: str) -> None:
    stairs = built(key, wish)
    if stairs is None:
        return
    assert calc.monotone(stairs)
    doses = [wish.start, *(one.dose for one in stairs)]
    assert all(two < one for one, two in pairwise(doses)), doses
    assert stairs[-1].dose == 0
    assert len(stairs) <= calc.MOST_STEPS + 1


@given(wishes(limit=None), st.sampled_from(KEYS), st.integers(1, 90))
def test_what_is_dispensed_is_what_is_scheduled_or_the_step_is_flagged_r_ta_08(wish: Wish, key: str, days: int) -> None:
    for stair in built(key, wish) or []:
        made = calc.made_of(stair.dose, wish.units) if stair.dose else None
        if made is None:
            continue  # flagged: needs a liquid
        unit = next(one for one in wish.units if one.key == made.key)
        assert calc.pieces(made, stair, days) * unit.strength == calc.taken(stair, days)
        lines = calc.spread(made.quantity, ("morning", "afternoon", "bedtime"), unit.part)
        assert sum(Decimal(line["quantity"]) for line in lines) * unit.strength == stair.dose


@given(products(), st.integers(1, 400))
def test_a_dose_is_made_or_flagged_never_rounded(units: tuple[Unit, ...], eighths: int) -> None:
    dose = Decimal(eighths) / 8
    made = calc.made_of(dose, units)
    if made is not None:
        unit = next(one for one in units if one.key == made.key)
        assert made.quantity * unit.strength == dose
        assert (made.quantity * 10) % 1 == 0 if unit.liquid else (made.quantity * (2 if unit.divisible else 1)) % 1 == 0
