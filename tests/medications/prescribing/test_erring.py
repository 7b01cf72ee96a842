"""Entered in error: struck, out of checks, exclusion and timeline; what it replaced goes on, its supplies do not."""

from datetime import timedelta

import pytest

from clinic import clock
from clinic.audit.models import AuditEvent
from clinic.refusal import Refused
from medications.prescribing import actions, queries
from medications.prescribing.models import Authorisation, DoseOrder
from patients.timeline.models import Entry
from tests.cast import Cast, at
from tests.medications.prescribing.given import NOW, TODAY, changed, regimen, started

NEXT = TODAY + timedelta(days=7)


def old(cast: Cast) -> DoseOrder:
    """A dose since February."""
    with clock.at(at("2026-02-02 09:00")):
        return started(cast.ana, by=cast.priya)


def test_the_order_before_goes_on(cast: Cast) -> None:
    first = old(cast)
    second = changed(first.prescription, by=cast.priya)
    actions.retract_order(second, reason="Wrong chart.", by=cast.priya)
    first.refresh_from_db()
    assert (first.until_day, queries.current_order(first.prescription, TODAY)) == (None, first)


def test_the_timeline_tells_the_old_step_again(cast: Cast) -> None:
    first = old(cast)
    second = changed(first.prescription, by=cast.priya, from_day=NEXT)
    actions.retract_order(second, reason="Wrong chart.", by=cast.priya)
    told = Entry.objects.filter(kind="dose", retracted_at=None)
    assert list(told.values_list("object_id", "until")) == [(first.pk, None)]


def test_with_a_change_after_it_the_order_before_lasts_until_that(cast: Cast) -> None:
    first = old(cast)
    second = changed(first.prescription, by=cast.priya)
    third = changed(first.prescription, by=cast.priya, strength=25, from_day=NEXT)
    actions.retract_order(second, reason="Wrong chart.", by=cast.priya)
    first.refresh_from_db()
    assert (first.until_day, queries.current_order(first.prescription, NEXT)) == (NEXT, third)


def test_supplies_do_not_come_back(cast: Cast) -> None:
    first = old(cast)
    second = changed(first.prescription, by=cast.priya)
    actions.retract_order(second, reason="Wrong chart.", by=cast.priya)
    assert list(Authorisation.objects.filter(voided_at=None)) == []


def test_without_another_order_the_prescription_goes_too(cast: Cast) -> None:
    order = started(cast.ana, by=cast.priya)
    actions.retract_order(order, reason="Wrong chart.", by=cast.priya)
    assert queries.active(cast.ana.pk, TODAY) == []
    (row,) = queries.everything(cast.ana.pk)
    assert (row.retracted_at, row.retracted_by, row.retracted_reason) == (NOW, cast.priya, "Wrong chart.")


def test_it_leaves_the_checks(cast: Cast) -> None:
    order = started(cast.ana, by=cast.priya, regimen=regimen("escitalopram", 10))
    with pytest.raises(Refused, match="one override"):
        started(cast.ana, by=cast.priya)
    actions.retract_order(order, reason="Wrong chart.", by=cast.priya)
    assert started(cast.ana, by=cast.priya).daily_amount == 50


def test_the_exclusion_ignores_it(cast: Cast) -> None:
    first = old(cast)
    second = changed(first.prescription, by=cast.priya)
    actions.retract_order(second, reason="Wrong dose.", by=cast.priya)
    third = changed(first.prescription, by=cast.priya, strength=25)
    assert queries.current_order(first.prescription, TODAY) == third


def test_a_medicine_from_elsewhere(cast: Cast) -> None:
    row = actions.report(cast.ana, drug_text="ibuprofen", origin="reported", started_on=TODAY, by=cast.tess)
    actions.retract_prescription(row, reason="Somebody else’s.", by=cast.tess)
    assert queries.active(cast.ana.pk, TODAY) == []
    assert list(Entry.objects.filter(object_id=row.pk, retracted_at=None)) == []


def test_it_is_audited_with_its_reason(cast: Cast) -> None:
    order = started(cast.ana, by=cast.priya)
    actions.retract_order(order, reason="Wrong chart.", by=cast.priya)
    event = AuditEvent.objects.get(kind="retracted")
    assert (event.object_id, event.why, event.actor_id) == (order.pk, "Wrong chart.", cast.priya.pk)


@pytest.mark.parametrize(("who", "sentence"), [("tess", "Only a prescriber"), ("fran", "Only a prescriber")])
def test_who_may(cast: Cast, who: str, sentence: str) -> None:
    order = started(cast.ana, by=cast.priya)
    with pytest.raises(Refused, match=sentence):
        actions.retract_order(order, reason="No.", by=getattr(cast, who))


def test_once_and_with_a_reason(cast: Cast) -> None:
    order = started(cast.ana, by=cast.priya)
    with pytest.raises(Refused, match="what was wrong"):
        actions.retract_order(order, reason=" ", by=cast.priya)
    actions.retract_order(order, reason="Wrong chart.", by=cast.priya)
    with pytest.raises(Refused, match="already"):
        actions.retract_order(order, reason="Again.", by=cast.priya)
