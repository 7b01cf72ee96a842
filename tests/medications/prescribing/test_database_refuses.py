"""The database refuses what the actions never write: each constraint broken once, each trigger pulled once."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from medications.prescribing import actions
from medications.prescribing.models import (
    Authorisation,
    DoseOrder,
    Fill,
    HoldPeriod,
    Prescription,
    PrescriptionTarget,
    StoredFinding,
)
from patients.plan.models import Intervention, Problem
from tests.cast import Cast
from tests.medications.prescribing.given import NOW, TODAY, product, started

STOPPED = {"stopped_on": TODAY, "stop_reason": "x", "stopped_by": "by"}
BEFORE = TODAY - timedelta(days=1)


@pytest.fixture
def order(cast: Cast) -> DoseOrder:
    return started(cast.ana, by=cast.priya)


def refused(match: str, act: Callable[[], object]) -> None:
    """The database says no, naming the constraint or the sentence of the trigger."""
    with pytest.raises(DatabaseError, match=match), transaction.atomic():
        act()


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("prescription_of_one_drug", {"drug": None}),
        ("prescription_of_one_drug", {"drug_text": "both"}),
        ("prescription_ours_has_drug_and_prescriber", {"prescriber": None}),
        ("prescription_held_with_reason", {"held_at": NOW}),
        ("prescription_stopped_with_reason", {"stopped_on": TODAY}),
        ("prescription_stops_after_start", {"stopped_on": BEFORE, "stop_reason": "x", "stopped_by": "by"}),
        (
            "prescription_stopped_is_not_on_hold",
            {
                "stopped_on": TODAY,
                "stop_reason": "x",
                "stopped_by": "by",
                "held_at": NOW,
                "held_by": "by",
                "hold_reason": "x",
            },
        ),
        ("prescription_retracted_whole", {"retracted_at": NOW}),
    ],
)
def test_a_prescription(cast: Cast, name: str, change: dict[str, Any]) -> None:
    given: dict[str, Any] = {
        "patient": cast.ana, "drug": product("sertraline", 50).drug, "prescriber": cast.priya, "started_on": TODAY,
        "recorded_at": NOW, **{key: cast.priya if value == "by" else value for key, value in change.items()},
    }  # fmt: skip
    refused(name, lambda: Prescription.objects.create(**given))


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("order_takes_something", {"daily_amount": 0}),
        ("order_rhythm_plausible", {"every_days": 185}),
        ("order_rhythm_plausible", {"every_days": 0}),
        ("order_as_needed_has_maximum", {"as_needed": True}),
        ("order_has_sig_and_reason", {"sig": ""}),
        ("order_has_sig_and_reason", {"reason": ""}),
        ("order_one_dose_at_a_time", {"from_day": TODAY + timedelta(days=5)}),
        ("order_retracted_whole", {"retracted_at": NOW}),
    ],
)
def test_an_order(order: DoseOrder, name: str, change: dict[str, Any]) -> None:
    given: dict[str, Any] = {
        "prescription": order.prescription, "patient": order.patient, "product": order.product, "lines": order.lines,
        "daily_amount": 50, "unit": "mg", "sig": "Take it.", "from_day": TODAY, "until_day": None, "reason": "x",
        "signed_at": NOW, "signed_by": order.signed_by, "signature": "x", "recorded_at": NOW, **change,
    }  # fmt: skip
    if name != "order_one_dose_at_a_time":
        given["until_day"] = given["from_day"]  # an empty range overlaps nothing
    refused(name, lambda: DoseOrder.objects.create(**given))


def test_an_order_ends_after_it_starts(order: DoseOrder) -> None:
    """order_ends_after_start: the generated range speaks first."""
    refused(
        "order_ends_after_start|range lower bound",
        lambda: DoseOrder.objects.filter(pk=order.pk).update(until_day=BEFORE),
    )


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("authorisation_quantity_positive", {"quantity": 0}),
        ("authorisation_supply_plausible", {"days_supply": 0}),
        ("authorisation_supply_plausible", {"days_supply": 367}),
        ("authorisation_schedule_ii_no_refills", {"schedule": "II", "refills": 1}),
        ("authorisation_iii_iv_five_refills", {"schedule": "IV", "refills": 6}),
        ("authorisation_expires_later", {"expires_on": BEFORE}),
        ("authorisation_voided_with_reason", {"voided_at": NOW}),
        ("authorisation_one_live_per_prescription", {}),
    ],
)
def test_an_authorisation(order: DoseOrder, name: str, change: dict[str, Any]) -> None:
    """R-RX-01, R-RX-03: the database holds them too."""
    given: dict[str, Any] = {
        "order": order, "prescription": order.prescription, "patient": order.patient, "quantity": 30,
        "days_supply": 30, "refills": 0, "schedule": "", "issued_on": TODAY, "issued_at": NOW,
        "issued_by": order.signed_by, **change,
    }  # fmt: skip
    refused(name, lambda: Authorisation.objects.create(**given))


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("fill_quantity_positive", {"quantity": 0}),
        ("fill_supply_plausible", {"days_supply": 0}),
        ("fill_once_a_day", {}),
        ("fill_retracted_whole", {"retracted_at": NOW}),
    ],
)
def test_a_fill(order: DoseOrder, name: str, change: dict[str, Any]) -> None:
    given: dict[str, Any] = {
        "prescription": order.prescription, "patient": order.patient, "filled_on": TODAY, "quantity": 30,
        "days_supply": 30, "told_by": "pharmacy", "recorded_at": NOW,
    }  # fmt: skip
    if not change:
        Fill.objects.create(**given)
    refused(name, lambda: Fill.objects.create(**{**given, **change}))


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("hold_one_open", {}),
        ("hold_ends_after_start", {"until_day": BEFORE}),
        ("hold_has_reason", {"reason": "", "until_day": TODAY}),
    ],
)
def test_a_hold(order: DoseOrder, name: str, change: dict[str, Any]) -> None:
    given: dict[str, Any] = {
        "prescription": order.prescription, "from_day": TODAY, "reason": "x", "by": order.signed_by, "at": NOW
    }  # fmt: skip
    HoldPeriod.objects.create(**given)
    refused(name, lambda: HoldPeriod.objects.create(**{**given, **change}))


def test_a_target(cast: Cast, order: DoseOrder) -> None:
    problem = Problem.objects.create(patient=cast.ana, created_at=NOW)
    other = Problem.objects.create(patient=cast.ana, created_at=NOW)
    made = Intervention.objects.create(patient=cast.ana, created_at=NOW)
    given: dict[str, Any] = {"prescription": order.prescription, "created_at": NOW}
    PrescriptionTarget.objects.create(problem=problem, intervention=made, **given)
    refused("target_once_per_problem", lambda: PrescriptionTarget.objects.create(problem=problem, **given))
    refused(
        "target_intervention_once",
        lambda: PrescriptionTarget.objects.create(problem=other, intervention=made, **given),
    )


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("finding_never_refuse", {"level": "refuse"}),
        ("finding_stop_overridden_with_code_and_words", {"level": "stop", "override_words": "x"}),
        ("finding_ask_has_reason", {"level": "ask"}),
    ],
)
def test_a_finding(order: DoseOrder, name: str, change: dict[str, Any]) -> None:
    given: dict[str, Any] = {
        "order": order, "code": "x", "rule_id": "x", "title": "x", "sentence": "x", "knowledge_version": "x", **change
    }  # fmt: skip
    refused(name, lambda: StoredFinding.objects.create(**given))


def _rows(cast: Cast, order: DoseOrder) -> dict[str, Any]:
    actions.hold(order.prescription, reason="x", by=cast.priya)
    fill = actions.record_fill(
        order.prescription, filled_on=TODAY, quantity=Decimal(30), days_supply=30, told_by="patient", by=cast.priya
    )
    problem = Problem.objects.create(patient=cast.ana, created_at=NOW)
    return {
        "prescription": order.prescription,
        "order": order,
        "authorisation": Authorisation.objects.get(),
        "fill": fill,
        "hold": HoldPeriod.objects.get(),
        "target": actions.link(order.prescription, problem=problem, by=cast.priya),
        "finding": StoredFinding.objects.first(),
    }


@pytest.mark.parametrize("kind", ["prescription", "order", "authorisation", "fill", "hold", "target", "finding"])
def test_nothing_is_deleted_and_no_table_emptied(cast: Cast, order: DoseOrder, kind: str) -> None:
    row = _rows(cast, order)[kind]
    table = row._meta.db_table
    refused("delete|deleted", lambda: type(row).objects.filter(pk=row.pk)._raw_delete("default"))
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        refused("never emptied", lambda: cursor.execute(f'TRUNCATE "{table}" CASCADE'))


@pytest.mark.parametrize(
    ("kind", "change"),
    [
        ("prescription", {"origin": "outside"}),
        ("order", {"daily_amount": Decimal(500)}),
        ("order", {"sig": "Take ten."}),
        ("order", {"from_day": BEFORE}),
        ("authorisation", {"refills": 5}),
        ("fill", {"days_supply": 90}),
        ("hold", {"reason": "another"}),
        ("finding", {"override_words": "another"}),
    ],
)
def test_what_was_signed_does_not_change(cast: Cast, order: DoseOrder, kind: str, change: dict[str, Any]) -> None:
    row = _rows(cast, order)[kind]
    refused("does not change|Cannot update", lambda: type(row).objects.filter(pk=row.pk).update(**change))
    assert type(row).objects.filter(pk=row.pk, **change).count() == 0


def test_what_was_decided_stays(cast: Cast, order: DoseOrder) -> None:
    actions.retract_order(order, reason="Wrong chart.", by=cast.priya)
    clean = {"retracted_at": None, "retracted_by": None, "retracted_reason": ""}
    refused("stays", lambda: DoseOrder.objects.filter(pk=order.pk).update(**clean))
    refused("stays", lambda: Prescription.objects.filter(pk=order.prescription_id).update(**clean))
    void = {"voided_at": None, "voided_by": None, "voided_reason": ""}
    refused("stays", lambda: Authorisation.objects.update(**void))
