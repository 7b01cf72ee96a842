"""Vigilance notices what the checks read, whoever wrote it and whatever moment it bears; and a birthday (R-RX-05)."""

import re
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from clinic import clock
from medications.monitoring.models import Result
from medications.prescribing import queries as prescribing
from medications.prescribing.models import DoseOrder
from medications.safety import knowledge
from medications.safety import queries as safety
from medications.vigilance import actions, queries, reading
from medications.vigilance import marks as marking
from medications.vigilance.essence import Checks
from medications.vigilance.marks import marks
from medications.vigilance.models import LateFinding, Rechecked
from patients.record.models import MedicalFact, Patient
from tests.cast import Cast
from tests.medications.monitoring.given import EGFR, Everything
from tests.medications.prescribing.given import NOW, TODAY, asked_everything, started

# Asked at a signature alone, of a supply or a start: they raise nothing against an order that goes on.
AT_SIGNATURES = {"patients_risk_riskflag", "medications_safety_inpersonexam", "medications_safety_pdmpcheck"}


def recheck(days: int) -> dict[str, int]:
    with clock.at(NOW + timedelta(days=days, hours=18)):
        return actions.recheck()


@pytest.fixture
def lithium(cast: Cast) -> DoseOrder:
    """Lithium, everything asked; checked in the night after."""
    asked_everything(cast.ana, by=cast.priya)
    order = started(cast.ana, by=cast.priya, drug="lithium", strength=300, answers=Everything())
    assert recheck(0)["checked"] == 1
    assert recheck(1)["checked"] == 0
    return order


def test_a_kidney_value_of_the_laboratory_is_found(cast: Cast, lithium: DoseOrder) -> None:
    Result.objects.create(
        patient=cast.ana, code=EGFR, value=Decimal(25), unit="mL/min/{1.73_m2}", taken_at=NOW, knowledge_version="x",
        recorded_at=NOW, recorded_by=cast.priya,
    )  # fmt: skip
    assert recheck(1) == {"checked": 1, "found": 1, "gone": 0}
    assert [row.code for row in LateFinding.objects.all()] == ["caution:CC-051"]  # by its number, once


def test_a_fact_that_was_recorded_before_the_check_and_seen_after_it_is_found(cast: Cast, lithium: DoseOrder) -> None:
    """As of a transaction that was still open while the job ran."""
    MedicalFact.objects.create(
        patient=cast.ana, key="kidney", answer="yes", recorded_at=NOW + timedelta(hours=17), recorded_by=cast.tess
    )
    assert recheck(1)["checked"] == 1


def test_a_birthday_is_a_day_on_which_everything_is_checked_anew(cast: Cast, lithium: DoseOrder) -> None:
    turns = TODAY + timedelta(days=10)
    Patient.objects.filter(pk=cast.ana.pk).update(born_on=date(turns.year - 65, turns.month, turns.day))
    assert [recheck(days)["checked"] for days in (1, 2, 8, 9, 10)] == [1, 0, 0, 1, 0]  # the night begins a day


def test_what_was_checked_before_rows_were_compared_is_checked_once(cast: Cast, lithium: DoseOrder) -> None:
    Rechecked.objects.update(facts=None)
    assert [recheck(1)["checked"], recheck(1)["checked"]] == [1, 0]


def test_what_another_worker_checked_meanwhile_is_not_checked_again(cast: Cast, lithium: DoseOrder) -> None:
    """Both have found it due before the first of them checks it."""
    MedicalFact.objects.create(patient=cast.ana, key="kidney", answer="yes", recorded_at=NOW, recorded_by=cast.tess)
    later = NOW + timedelta(days=1)
    checks = Checks(knowledge.current(), safety.limits(TODAY))
    both = [queries.due(TODAY, marks(checks.known, checks.limits), later) for _ in range(2)]
    night = actions.Night.of(checks, ["lithium"], TODAY, later, None)
    with clock.at(later):
        assert [actions._batch(due, night)[0] for due in both] == [1, 0]


def test_other_rules_check_everything_anew(lithium: DoseOrder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(marking, "_code", lambda: b"another release")
    assert [recheck(1)["checked"], recheck(1)["checked"]] == [1, 0]


def test_nothing_that_a_check_reads_is_left_out_of_the_comparison(cast: Cast, lithium: DoseOrder) -> None:
    with CaptureQueriesContext(connection) as context:
        safety.facts_of([cast.ana], {cast.ana.pk: TODAY})
        prescribing.taken(cast.ana.pk, TODAY, 90)
    tables = {name for one in context.captured_queries for name in re.findall(r'(?:FROM|JOIN) "(\w+)"', one["sql"])}
    assert len(tables) == 11
    stands = queries.DUE.split("every GROUP BY")[0]
    compared, loaded = (set(re.findall(r"(?:FROM|JOIN) (\w+)", sql)) for sql in (stands, reading.CASES))
    assert tables - loaded == AT_SIGNATURES
    # A drug's or a product's changes are a new version of the knowledge.
    assert tables - compared == AT_SIGNATURES | {"medications_catalogue_drug"}
    assert {name for name in loaded - compared if "_" in name} == {
        "medications_catalogue_drug", "medications_catalogue_product", "medications_vigilance_rechecked"
    }  # fmt: skip
