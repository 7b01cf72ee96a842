"""The next injection is due from the last that was given; one that was not given stays due."""

from datetime import date, timedelta

import pytest
from django.urls import reverse
from hypothesis import given as for_all
from hypothesis import strategies as st

from clinic import clock
from medications.injections import actions, calc, queries
from medications.prescribing import actions as prescribing
from medications.prescribing import panels, plans, rhythms
from medications.prescribing.actions import Regimen
from medications.prescribing.models import Prescription
from patients.timeline.models import Entry
from tests.cast import Cast, client
from tests.medications.injections.given import day, given, moment, ordered
from tests.medications.prescribing.given import TODAY, Whatever


def due(today: int) -> list[tuple[date, date | None]]:
    with clock.at(moment(today)):
        return [(one.on, one.last) for one in queries.due(day(today))]


def test_the_first_is_due_on_the_day_the_order_begins_and_stays_due(cast: Cast) -> None:
    ordered(cast)
    assert due(0) == due(3) == due(40) == [(day(0), None)]


def test_a_late_one_moves_the_next(cast: Cast) -> None:
    row = ordered(cast)
    given(row, by=cast.priya)
    assert due(0) == [(day(28), day(0))]
    with clock.at(moment(33)):
        given(row, 33, by=cast.priya)
    assert due(33) == [(day(61), day(33))]


def test_one_given_elsewhere_counts_and_one_not_given_does_not(cast: Cast) -> None:
    row = ordered(cast)
    given(row, by=cast.priya)
    with clock.at(moment(28)):
        actions.record(row, what="not_given", on_day=day(28), words="Fever; he comes again on Friday.", by=cast.priya)
        assert due(28) == [(day(28), day(0))]
    with clock.at(moment(32)):
        actions.record(row, what="elsewhere", on_day=day(31), by=cast.tess)
    assert due(32) == [(day(59), day(31))]


def test_what_was_entered_in_error_does_not_count(cast: Cast) -> None:
    row = ordered(cast)
    given(row, by=cast.priya)
    with clock.at(moment(28)):
        wrong = given(row, 28, by=cast.priya)
        assert due(28) == [(day(56), day(28))]
        actions.retract(wrong, reason="Another patient.", by=cast.priya)
    assert due(28) == [(day(28), day(0))]


def test_on_hold_and_stopped_nothing_is_due(cast: Cast) -> None:
    row = ordered(cast)
    prescribing.hold(row, reason="Fever.", by=cast.priya)
    assert due(0) == []
    row.refresh_from_db()
    prescribing.resume(row, by=cast.priya)
    row.refresh_from_db()
    prescribing.stop(row, on=day(0), reason="Agreed.", answers=Whatever(), by=cast.priya)
    assert due(0) == []


def test_a_new_dose_counts_from_what_was_given_before(cast: Cast) -> None:
    row = ordered(cast)
    given(row, by=cast.priya)
    row.refresh_from_db()
    order = row.orders.get()
    regimen = Regimen(order.product, [{"when": "once", "quantity": "1"}], 42)
    with clock.at(moment(20)):
        prescribing.change_dose(
            row, regimen=regimen, supply=None, from_day=day(20), reason="Rarer.", answers=Whatever(), by=cast.priya
        )
    assert due(20) == [(day(42), day(0))]


@for_all(st.integers(0, 400), st.integers(7, 184), st.integers(0, 400), st.one_of(st.none(), st.integers(0, 900)))
def test_never_before_its_order_begins_nor_from_its_end_on(
    first: int, every: int, last: int, until: int | None
) -> None:
    end = None if until is None else day(first + until)
    found = rhythms.after_given(day(first), every, day(last), end)
    wanted = max(day(first), day(last + every))
    assert found == (wanted if end is None or wanted < end else None)


@pytest.mark.parametrize(
    ("every", "after", "found"),
    [(28, 23, 23), (28, 24, None), (7, 5, 5), (7, 6, None), (84, 76, 76), (84, 77, None), (28, 0, None)],
)
def test_early_is_more_than_a_seventh_of_the_interval(every: int, after: int, found: int | None) -> None:
    assert calc.too_early(TODAY, TODAY + timedelta(days=after), every) == found
    assert calc.too_early(None, TODAY, every) is None


def test_the_pages_say_overdue_and_from_what_it_counts(cast: Cast) -> None:
    row = ordered(cast)
    browser = client(cast.tess)
    with clock.at(moment(3)):
        for name in ("prescribing:medication", "chart:chart"):
            page = browser.get(reverse(name, kwargs={"patient_id": cast.ana.pk})).content.decode()
            assert "Overdue since Mon Mar 2" in page
            assert "none is recorded as given" in page
        given(row, 3, by=cast.priya)
        for name in ("prescribing:medication", "chart:chart"):
            page = browser.get(reverse(name, kwargs={"patient_id": cast.ana.pk})).content.decode()
            assert "Next due Thu Apr 2" in page
            assert "last given Mar 5" in page


def test_a_change_is_proposed_for_the_day_on_which_the_next_is_due(cast: Cast) -> None:
    row = ordered(cast)
    with clock.at(moment(3)):
        given(row, 3, by=cast.priya)
        url = reverse("prescribing:change", kwargs={"patient_id": cast.ana.pk, "pk": row.pk})
        page = client(cast.priya).get(url).content.decode()
    assert 'value="2026-04-02"' in page


def test_its_lane_is_its_own_and_holds_what_an_injection_holds(cast: Cast) -> None:
    """Beside tablets of the same drug; no average of a day is told anywhere."""
    row = ordered(cast)
    entry = Entry.objects.get(object_id=row.orders.get().pk)
    assert (entry.series, str(entry.value), entry.unit) == ("aripiprazole injection", "400.000", "mg every 4 weeks")
    with clock.at(moment(1)):
        (line,) = panels.unchanged(cast.ana, cast.tess, moment(1))
        assert line.sentence == "unchanged, 400\u00a0mg every 4 weeks for one day"
        assert plans.arm_of(row, row.pk).text.startswith("Aripiprazole 400\u00a0mg every 4 weeks: Inject")
    regimen = Regimen(row.orders.get().product, [{"when": "once", "quantity": "2"}], 56)
    prescribing.change_dose(
        row, regimen=regimen, supply=None, from_day=day(28), reason="Rarer.", answers=Whatever(), by=cast.priya
    )
    (step,) = panels.lanes(cast.ana.pk)
    assert (step.series, step.amount, step.unit) == ("aripiprazole injection", "800", "mg every 8 weeks")
    prescribing.hold(Prescription.objects.get(pk=row.pk), reason="Fever.", by=cast.priya)
    assert Entry.objects.get(kind="hold").series == "aripiprazole injection"
