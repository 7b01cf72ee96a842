"""R-RX-12: what the patient said of how it is taken stands against a silent refill until a prescriber answers it."""

import pytest

from clinic import clock
from medications.prescribing.models import Prescription
from medications.reconciling import actions as reconciling
from medications.refills.models import RefillRequest
from medications.refills.pages import lines
from tests.cast import Cast
from tests.medications.prescribing.given import changed
from tests.medications.reconciling.given import said
from tests.medications.refills.given import all_clear, day, moment, opened, running_out


@pytest.fixture
def row(cast: Cast) -> RefillRequest:
    order = running_out(cast.ana, cast.priya)
    all_clear(cast)
    return opened(order)


def told(cast: Cast, row: RefillRequest, answer: str, number: int = 20) -> None:
    with clock.at(moment(number)):
        reconciling.go_through(
            cast.ana, said=said(cast.ana, {row.prescription: (answer, "Half of it.")}), after=None, by=cast.tess
        )


def column(cast: Cast, number: int = 21) -> tuple[str, str]:
    """What stands under the order, and the line in brief."""
    with clock.at(moment(number)):
        (line,) = lines(cast.priya, day(number))
    return line.cells[0]["answer"], line.brief


@pytest.mark.parametrize(
    ("answer", "found", "brief"),
    [
        ("confirmed", "in_order", "Nothing stands against it"), ("differently", "ask", "Taken differently"),
        ("stopped", "ask", "No longer taken"), ("unknown", "not_known", "Nothing stands against it"),
    ],
)  # fmt: skip
def test_each_answer(cast: Cast, row: RefillRequest, answer: str, found: str, brief: str) -> None:
    told(cast, row, answer)
    assert column(cast) == (found, brief)


def test_without_a_word_it_is_in_order(cast: Cast, row: RefillRequest) -> None:
    assert column(cast) == ("in_order", "Nothing stands against it")


def test_another_persons_word_does_not_count(cast: Cast, row: RefillRequest) -> None:
    other = running_out(cast.ben, cast.paul)
    with clock.at(moment(20)):
        reconciling.go_through(
            cast.ben, said=said(cast.ben, {other.prescription: ("stopped", "Since May.")}), after=None, by=cast.paul
        )
    assert column(cast) == ("in_order", "Nothing stands against it")


def test_what_a_prescriber_does_about_it_answers_it(cast: Cast, row: RefillRequest) -> None:
    told(cast, row, "differently")
    with clock.at(moment(21)):
        prescription = Prescription.objects.get(pk=row.prescription_id)
        changed(prescription, by=cast.priya, supply=None, reason="As it is taken.")
        assert [gate for line in lines(cast.priya, day(21)) for gate in line.against if gate["gate"] == "taken"] == []
