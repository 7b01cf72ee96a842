"""A dose change is a new order: the old one ends the day before and is kept, its supplies are void, nothing is lost."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from clinic import clock
from clinic.refusal import Conflict, Refused
from medications.prescribing import actions, queries
from medications.prescribing.models import Authorisation, DoseOrder
from patients.timeline.models import Entry
from tests.cast import Cast, at
from tests.medications.prescribing.given import NOW, TODAY, changed, regimen, started, supply

NEXT = TODAY + timedelta(days=7)


def ranges(order: DoseOrder) -> list[tuple[str, date, date | None]]:
    """What was ordered from when until when."""
    rows = DoseOrder.objects.filter(prescription=order.prescription_id).order_by("signed_at", "pk")
    return [(f"{row.daily_amount:.0f}", row.from_day, row.until_day) for row in rows]


def test_today(cast: Cast) -> None:
    with clock.at(at("2026-02-02 09:00")):
        first = started(cast.ana, by=cast.priya)
    changed(first.prescription, by=cast.priya)
    assert ranges(first) == [("50", date(2026, 2, 2), TODAY), ("100", TODAY, None)]


def test_from_a_later_day(cast: Cast) -> None:
    first = started(cast.ana, by=cast.priya)
    second = changed(first.prescription, by=cast.priya, from_day=NEXT)
    assert ranges(first) == [("50", TODAY, NEXT), ("100", NEXT, None)]
    assert queries.current_order(first.prescription, NEXT - timedelta(days=1)) == first
    assert queries.next_order(first.prescription, TODAY) == second


def test_a_change_that_was_still_to_come_is_replaced(cast: Cast) -> None:
    first = started(cast.ana, by=cast.priya)
    changed(first.prescription, by=cast.priya, from_day=NEXT)
    changed(first.prescription, by=cast.priya, strength=25, from_day=TODAY + timedelta(days=2))
    between = TODAY + timedelta(days=2)
    assert ranges(first) == [("50", TODAY, between), ("100", NEXT, NEXT), ("25", between, None)]
    assert queries.next_order(first.prescription, TODAY).daily_amount == 25  # type: ignore[union-attr]


def test_twice_on_one_day_the_last_counts(cast: Cast) -> None:
    first = started(cast.ana, by=cast.priya)
    changed(first.prescription, by=cast.priya)
    last = changed(first.prescription, by=cast.priya, strength=25)
    assert ranges(first) == [("50", TODAY, TODAY), ("100", TODAY, TODAY), ("25", TODAY, None)]
    assert queries.current_order(first.prescription, TODAY) == last


def test_what_is_left_of_the_old_supply_is_void(cast: Cast) -> None:
    """R-RX-11: a dose change voids what is left of older authorisations, in the same transaction."""
    first = started(cast.ana, by=cast.priya, supply=supply(30, 30, 3))
    changed(first.prescription, by=cast.priya)
    old, new = Authorisation.objects.order_by("issued_at", "pk")
    assert (old.voided_at, old.voided_by, old.voided_reason) == (NOW, cast.priya, "The dose changed.")
    assert (new.voided_at, new.order.daily_amount) == (None, Decimal(100))


def test_the_timeline_closes_the_old_step_and_opens_the_new(cast: Cast) -> None:
    with clock.at(at("2026-02-02 09:00")):
        first = started(cast.ana, by=cast.priya)
    second = changed(first.prescription, by=cast.priya, from_day=NEXT)
    old, new = Entry.objects.get(object_id=first.pk), Entry.objects.get(object_id=second.pk)
    midnight = at("2026-03-09 00:00")
    assert (old.until, new.occurred_at, new.until, new.value) == (midnight, midnight, None, Decimal(100))
    assert new.label == "Sertraline 50 → 100\u00a0mg"


def test_a_step_that_never_began_leaves_the_timeline(cast: Cast) -> None:
    first = started(cast.ana, by=cast.priya)
    second = changed(first.prescription, by=cast.priya, from_day=NEXT)
    third = changed(first.prescription, by=cast.priya, strength=25)
    told = Entry.objects.filter(kind="dose", retracted_at=None).values_list("object_id", flat=True)
    assert set(told) == {first.pk, third.pk}
    assert Entry.objects.get(object_id=second.pk).retracted_at == NOW


def test_an_older_base_is_a_conflict_and_changes_nothing(cast: Cast) -> None:
    first = started(cast.ana, by=cast.priya)
    changed(first.prescription, by=cast.priya, based_on=0)
    with pytest.raises(Conflict, match="Somebody changed this meanwhile"):
        changed(first.prescription, by=cast.priya, strength=25, based_on=0)
    assert len(ranges(first)) == 2


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"strength": 50}, "the dose as it is"),
        ({"from_day": TODAY - timedelta(days=1)}, "begin in the past"),
        ({"reason": ""}, "Write why now"),
        ({"supply": supply(90, 30)}, "90 last 90 days at this dose, not 30"),
    ],
)
def test_what_is_refused(cast: Cast, change: dict[str, Any], sentence: str) -> None:
    first = started(cast.ana, by=cast.priya)
    with pytest.raises(Refused, match=sentence):
        changed(first.prescription, by=cast.priya, **change)
    assert ranges(first) == [("50", TODAY, None)]


def test_another_drug_is_no_change(cast: Cast) -> None:
    first = started(cast.ana, by=cast.priya)
    with pytest.raises(Refused, match="another medicine"):
        changed(first.prescription, by=cast.priya, regimen=regimen("escitalopram", 10))


def test_not_before_the_first_dose(cast: Cast) -> None:
    first = started(cast.ana, by=cast.priya, from_day=NEXT)
    with pytest.raises(Refused, match="before the first dose"):
        changed(first.prescription, by=cast.priya, from_day=TODAY)
    changed(first.prescription, by=cast.priya)
    assert ranges(first) == [("50", NEXT, NEXT), ("100", NEXT, None)]


@pytest.mark.parametrize("who", ["tess", "paul", "sam", "fran"])
def test_only_a_prescriber_of_the_team(cast: Cast, who: str) -> None:
    """R-RX-05"""
    first = started(cast.ana, by=cast.priya)
    with pytest.raises(Refused, match="Only a prescriber on the care team"):
        changed(first.prescription, by=getattr(cast, who))


def test_medicines_from_elsewhere_are_not_changed_here(cast: Cast) -> None:
    row = actions.report(
        cast.ana, drug_text="Zoloft", origin="outside", sig_text="50 mg", started_on=TODAY, by=cast.priya
    )
    with pytest.raises(Refused, match="not prescribed here"):
        changed(row, by=cast.priya)
