"""Starting a drug: the order, its supply, the timeline, the audit, who may, and what is refused."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from clinic.audit.models import AuditEvent
from clinic.refusal import Refused
from clinic.rows import new_id
from clinic.staff.models import Licence
from medications.prescribing import queries
from medications.prescribing.actions import Regimen
from medications.prescribing.models import Authorisation, DoseOrder, Prescription
from patients.plan.models import Problem
from patients.timeline.models import Entry
from tests.cast import Cast
from tests.medications.prescribing.given import NOW, TODAY, product, regimen, started, supply


def test_an_order_says_what_to_take_in_plain_english(cast: Cast) -> None:
    order = started(cast.ana, by=cast.priya)
    assert (order.sig, order.daily_amount, order.unit) == (
        "Take 1 tablet (50\u00a0mg) by mouth each morning.", Decimal("50.000"), "mg",
    )  # fmt: skip
    assert (order.from_day, order.until_day, order.signature) == (TODAY, None, "Priya Raman, PMHNP")


def test_its_supply_is_authorised_with_it(cast: Cast) -> None:
    started(cast.ana, by=cast.priya, supply=supply(30, 30, 2))
    row = Authorisation.objects.get()
    assert (row.quantity, row.days_supply, row.refills, row.issued_on, row.expires_on) == (
        Decimal(30),
        30,
        2,
        TODAY,
        None,
    )


def test_the_timeline_holds_the_dose_as_its_staircase_needs_it(cast: Cast) -> None:
    order = started(cast.ana, by=cast.priya)
    entry = Entry.objects.get(object_id=order.pk)
    assert (entry.kind, entry.series, entry.value, entry.unit, entry.until) == (
        "dose",
        "sertraline",
        Decimal(50),
        "mg",
        None,
    )
    assert (entry.occurred_at, entry.label) == (NOW, "Sertraline 50\u00a0mg started")


def test_the_audit_names_no_drug(cast: Cast) -> None:
    order = started(cast.ana, by=cast.priya)
    event = AuditEvent.objects.get(object_id=order.pk)
    assert (event.what, event.kind, event.detail, event.why) == ("prescribing.prescribe", "signed", {}, "")


def test_sent_twice_it_prescribes_once(cast: Cast) -> None:
    key = new_id()
    first = started(cast.ana, by=cast.priya, key=key)
    again = started(cast.ana, by=cast.priya, key=key)
    assert (first.pk, Prescription.objects.count(), DoseOrder.objects.count()) == (again.pk, 1, 1)


def test_a_problem_of_the_plan_says_what_it_is_for(cast: Cast) -> None:
    problem = Problem.objects.create(patient=cast.ana, created_at=NOW)
    order = started(cast.ana, by=cast.priya, problem=problem, target_symptom="")
    assert list(order.prescription.targets.values_list("problem_id", flat=True)) == [problem.pk]


@pytest.mark.parametrize("who", ["tess", "paul", "sam", "fran", "max", "olga"])
def test_only_a_prescriber_of_the_team_signs(cast: Cast, who: str) -> None:
    """R-RX-05"""
    with pytest.raises(Refused, match="Only a prescriber on the care team"):
        started(cast.ana, by=getattr(cast, who))
    assert Prescription.objects.count() == 0


def test_a_lapsed_licence_cannot_sign(cast: Cast) -> None:
    Licence.objects.filter(user=cast.priya).update(expires_on=date(2026, 3, 1))
    with pytest.raises(Refused, match="No licence to prescribe is in force"):
        started(cast.ana, by=cast.priya)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"from_day": TODAY - timedelta(days=1)}, "begin in the past"),
        ({"from_day": TODAY + timedelta(days=400)}, "more than a year"),
        ({"reason": "  "}, "Write why"),
        ({"target_symptom": " "}, "what it is for"),
        ({"supply": supply(45, 30)}, "45 last 45 days at this dose, not 30"),
        ({"supply": supply(30, 0)}, "Days’ supply: 1 to 366"),
        ({"supply": supply(30, 30, 99)}, "Refills: 0 to 12"),
        ({"reason": "nul\x00"}, "cannot be stored"),
    ],
)
def test_what_is_refused_in_a_sentence(cast: Cast, change: dict[str, Any], sentence: str) -> None:
    with pytest.raises(Refused, match=sentence):
        started(cast.ana, by=cast.priya, **change)
    assert Prescription.objects.count() == 0


@pytest.mark.parametrize("quantity", ["0", "-5", "1e9", "5..0", "", "NaN", "Infinity", "1\x00", "٣", "1000000", "0.3"])
def test_a_hostile_dose_saves_nothing(cast: Cast, quantity: str) -> None:
    with pytest.raises(Refused):
        started(cast.ana, by=cast.priya, regimen=regimen(quantity=quantity), supply=None)
    assert (Prescription.objects.count(), DoseOrder.objects.count()) == (0, 0)


def test_a_problem_of_somebody_else_is_refused(cast: Cast) -> None:
    problem = Problem.objects.create(patient=cast.ben, created_at=NOW)
    with pytest.raises(Refused, match="belongs to another record"):
        started(cast.ana, by=cast.priya, problem=problem)


def test_as_needed_has_a_maximum(cast: Cast) -> None:
    lines = [{"when": "once", "quantity": "1"}]
    with pytest.raises(Refused, match="most per day"):
        started(
            cast.ana, by=cast.priya, regimen=Regimen(product("hydroxyzine", 25), lines, as_needed=True), supply=None
        )
    given = Regimen(product("hydroxyzine", 25), lines, as_needed=True, max_per_day=Decimal(3))
    order = started(cast.ana, by=cast.priya, regimen=given, supply=None)
    assert (order.daily_amount, order.sig) == (
        Decimal(75), "Take 1 tablet (25\u00a0mg) by mouth as needed, at most 3 tablets a day.",
    )  # fmt: skip


def test_what_is_active_and_which_order_holds(cast: Cast) -> None:
    order = started(cast.ana, by=cast.priya)
    started(cast.ben, by=cast.paul)
    (found,) = queries.active(cast.ana.pk, TODAY)
    assert (found.pk, queries.current_order(found, TODAY)) == (order.prescription_id, order)
    assert queries.current_order(found, TODAY - timedelta(days=1)) is None
