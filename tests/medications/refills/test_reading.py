"""The rows from which a run-out follows: what is in error is none of them, days are those of the practice (R-RX-11)."""

from clinic import clock
from medications.prescribing import actions as prescribing
from medications.refills import queries, reading
from medications.refills.reading import Known
from tests.cast import Cast
from tests.medications.prescribing.given import changed
from tests.medications.refills.given import day, filled, moment, running_out


def read(cast: Cast) -> Known:
    order = cast.ana.prescriptions.get()
    [found] = reading.known([order.pk])
    return found


def test_a_loss_in_error_takes_nothing(cast: Cast) -> None:
    order = running_out(cast.ana, cast.priya)
    filled(order, 0, by=cast.priya)
    with clock.at(moment(10)):
        loss = prescribing.record_loss(order.prescription, lost_on=day(10), days=7, reason="Spilt.", by=cast.priya)
        assert queries.running(day(10))[0].forecast.supply_end == day(23)
        prescribing.retract_loss(loss, reason="Another patient's.", by=cast.priya)
    assert queries.running(day(10))[0].forecast.supply_end == day(30)
    assert read(cast).losses == []


def test_what_was_voided_late_in_the_evening_ended_on_that_day_of_the_practice(cast: Cast) -> None:
    """In Portland it is March 12, 11:30 pm; in the database's time it is tomorrow."""
    order = running_out(cast.ana, cast.priya)
    with clock.at(moment(10, "23:30")):
        changed(order.prescription, by=cast.priya)
    first, second = read(cast).supplies
    assert (first.ended_on, second.ended_on) == (day(10), None)


def test_what_is_in_error_is_not_read(cast: Cast) -> None:
    order = running_out(cast.ana, cast.priya)
    assert read(cast).key == str(order.prescription_id)
    prescribing.retract_order(order, reason="Wrong chart.", by=cast.priya)
    assert reading.known([order.prescription_id]) == []
