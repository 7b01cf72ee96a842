"""A series of Schedule II (R-RX-02): 90 days, one day, one signer, earliest fills, attested; no refills (R-RX-01)."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import InternalError, transaction

from clinic import clock
from clinic.audit.models import AuditEvent
from clinic.refusal import Refused
from clinic.rows import new_id
from medications.controlled import actions, calc
from medications.controlled.models import Series
from medications.prescribing import actions as prescribing
from medications.prescribing.actions.supplying import issue
from medications.prescribing.checks import Supply
from medications.prescribing.models import Authorisation, DoseOrder, StoredFinding
from medications.refills import queries as refills
from medications.safety import actions as safety
from tests.cast import Cast, client
from tests.furnished import Everything
from tests.medications.prescribing.given import NOW, TODAY, WHY, asked_everything, changed, started, supply
from tests.refused import refused_by


@pytest.fixture
def order(cast: Cast) -> DoseOrder:
    """Methylphenidate 10 mg, begun in person, the program looked up."""
    asked_everything(cast.ana, by=cast.priya)
    safety.look_up(cast.ana, result="expected", by=cast.priya)
    return started(cast.ana, by=cast.priya, drug="methylphenidate", strength=10, seen="in_person", answers=Everything())


def three(days: int = 30) -> list[Supply]:
    return [supply(days, days)] * 3


def write(order: DoseOrder, cast: Cast, **given: Any) -> list[Authorisation]:
    given = {"supplies": three(), "attested": True, "by": cast.priya, **given}
    return actions.write_series(order.prescription, **given)


def test_each_after_the_first_has_its_earliest_fill(cast: Cast, order: DoseOrder) -> None:
    """R-RX-02"""
    rows = write(order, cast)
    assert [(row.issued_on, row.earliest_fill_on, row.refills, row.days_supply) for row in rows] == [
        (TODAY, None, 0, 30),
        (TODAY, TODAY + timedelta(days=30), 0, 30),
        (TODAY, TODAY + timedelta(days=60), 0, 30),
    ]
    (series,) = Series.objects.all()
    assert ({row.series for row in rows}, series.days, series.count) == ({series.pk}, 90, 3)
    assert series.statement == actions.STATEMENT
    assert AuditEvent.objects.filter(what="controlled.write_series", actor_id=cast.priya.pk).count() == 1
    live = Authorisation.objects.filter(prescription=order.prescription, voided_at=None)
    assert set(live) == set(rows)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"supplies": three(31)}, "90 days at most; these are 93"),
        ({"supplies": three()[:1]}, "two to six"),
        ({"supplies": [supply(10, 10)] * 7}, "two to six"),
        ({"supplies": [supply(), supply(refills=1)]}, "no refills"),
        ({"attested": False}, "Attest"),
        ({"supplies": [supply(30, 30), supply(90, 30)]}, "last 90 days at this dose, not 30"),
    ],
)
def test_what_is_no_series_is_refused(cast: Cast, order: DoseOrder, given: dict[str, Any], says: str) -> None:
    """R-RX-01, R-RX-02"""
    with pytest.raises(Refused, match=says):
        write(order, cast, **given)
    assert Series.objects.count() == 0


def test_only_schedule_ii_only_a_prescriber_of_the_team_never_on_hold(cast: Cast, order: DoseOrder) -> None:
    """R-RX-05"""
    for by in (cast.tess, cast.paul):
        with pytest.raises(Refused, match="Only a prescriber on the care team"):
            write(order, cast, by=by)
    other = started(cast.ana, by=cast.priya, answers=Everything())
    with pytest.raises(Refused, match="for Schedule II"):
        write(other, cast)
    prescribing.hold(order.prescription, reason="Heart checked first.", by=cast.priya)
    with pytest.raises(Refused, match="on hold"):
        write(order, cast)


def test_the_program_is_asked_again_after_ninety_days(cast: Cast, order: DoseOrder) -> None:
    """R-RX-10"""
    with clock.at(NOW + timedelta(days=90)):
        with pytest.raises(Refused, match="one reason"):
            write(order, cast)
        rows = write(order, cast, answers={"controlled.pdmp": WHY})
    kept = StoredFinding.objects.get(order=order, code="controlled.pdmp")
    assert (kept.level, kept.override_words, rows[1].earliest_fill_on) == ("ask", WHY.words, date(2026, 6, 30))


def test_a_change_of_dose_voids_the_whole_series(cast: Cast, order: DoseOrder) -> None:
    """R-RX-11"""
    rows = write(order, cast)
    changed(order.prescription, by=cast.priya, strength=20, answers=Everything())
    assert [Authorisation.objects.get(pk=row.pk).voided_at is None for row in rows] == [False] * 3


def test_each_fill_uses_its_own_and_the_run_out_counts_them_all(cast: Cast, order: DoseOrder) -> None:
    rows = write(order, cast)
    told: list[Any] = []
    for place, day in enumerate((0, 30)):
        with clock.at(NOW + timedelta(days=day)):
            today = TODAY + timedelta(days=day)
            fill = prescribing.record_fill(
                order.prescription, filled_on=today, quantity=supply().quantity, days_supply=30, told_by="pharmacy",
                by=cast.priya,
            )  # fmt: skip
            told.append(fill.authorisation)
            assert told == rows[: place + 1]
            (running,) = refills.running(today)
            assert running.forecast.supply_end == today + timedelta(days=30)
            assert running.forecast.authorised_end == TODAY + timedelta(days=90)


def test_what_is_lost_does_not_bring_the_next_one_forward(cast: Cast, order: DoseOrder) -> None:
    """R-RX-02: seven days lost on day 10, the box is empty on day 23, and the second waits for its day."""
    write(order, cast)
    with clock.at(NOW + timedelta(days=10)):
        lost = TODAY + timedelta(days=10)
        prescribing.record_loss(order.prescription, lost_on=lost, days=7, reason="Spilt.", by=cast.priya)
    ends = {}
    for number in (25, 31):
        (running,) = refills.running(TODAY + timedelta(days=number))
        ends[number] = (running.forecast.supply_end - TODAY).days
    assert ends == {25: 23, 31: 60}


def test_the_database_holds_ninety_days_one_day_and_one_signer(cast: Cast, order: DoseOrder) -> None:
    """R-RX-02"""
    write(order, cast, supplies=three(25))
    series = Series.objects.get()
    more: dict[str, Any] = {"today": TODAY, "series": series.pk}
    later = TODAY + timedelta(days=75)
    for supplies, by, today in (
        (supply(16, 16), cast.priya, TODAY), (supply(5, 5), cast.paul, TODAY),
        (supply(5, 5), cast.priya, TODAY + timedelta(days=1)),
    ):  # fmt: skip
        with pytest.raises(InternalError, match="on one day by one person"), transaction.atomic():
            issue(order.prescription, order, supplies, by=by, **{**more, "today": today}, earliest_fill_on=later)
    issue(order.prescription, order, supply(15, 15), by=cast.priya, earliest_fill_on=later, **more)


def test_what_the_database_refuses(cast: Cast, order: DoseOrder) -> None:
    made = {
        "prescription": order.prescription, "patient": cast.ana, "written_on": TODAY, "count": 3, "days": 90,
        "statement": "x", "attested_at": NOW, "attested_by": cast.priya,
    }  # fmt: skip
    for name, wrong in (
        ("series_ninety_days", {"days": 91}), ("series_of_several", {"count": 1}),
        ("series_attested", {"statement": ""}),
    ):  # fmt: skip
        with refused_by(name):
            Series.objects.create(**{**made, **wrong})
    row = Series.objects.create(**made)
    with pytest.raises(InternalError, match="Cannot update"), transaction.atomic():
        Series.objects.filter(pk=row.pk).update(days=30)
    other = started(cast.ana, by=cast.priya, answers=Everything(), supply=None)
    with refused_by("authorisation_series_is_ii"):
        issue(other.prescription, other, supply(), by=cast.priya, today=TODAY, series=new_id())
    with refused_by("authorisation_later_fill_in_series"):
        issue(other.prescription, other, supply(), by=cast.priya, today=TODAY, earliest_fill_on=TODAY)


def test_the_page_writes_it_and_says_that_nothing_is_sent(cast: Cast, order: DoseOrder) -> None:
    """R-RX-06"""
    address, browser = f"/controlled/{cast.ana.pk}/series/{order.prescription_id}/", client(cast.priya)
    assert b"No certified system is connected" in browser.get(address).content
    sent = {"count": "3", "days": "30", "quantity": "30"}
    kept = browser.post(address, {**sent, "quantity": "5..0"})
    assert (kept.status_code, b"5..0" in kept.content) == (422, True)
    assert b"Attest" in browser.post(address, sent).content
    assert browser.post(address, {**sent, "days": "31", "quantity": "31", "attested": "on"}).status_code == 422
    assert Series.objects.count() == 0
    answer = browser.post(address, {**sent, "attested": "on"})
    assert (answer.status_code, answer["Location"]) == (302, f"/controlled/{cast.ana.pk}/orders/{order.pk}/")
    assert Authorisation.objects.filter(series=Series.objects.get().pk).count() == 3
    for other in (cast.tess, cast.fran, cast.paul):
        assert client(other).get(address).status_code == 404


def test_earliest_fills_follow_one_another() -> None:
    """R-RX-02"""
    assert calc.earliest_fills(date(2026, 1, 31), [28, 30, 30]) == [None, date(2026, 2, 28), date(2026, 3, 30)]
