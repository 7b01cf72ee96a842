"""Bad input at the desk: a sentence beside its field, every word kept, 422, and nothing is signed."""

from typing import Any

import pytest

from medications.refills.models import RefillRequest
from tests.cast import Cast, client
from tests.medications.refills.given import address, all_clear, approval, opened, running_out


@pytest.fixture
def row(cast: Cast) -> RefillRequest:
    order = running_out(cast.ana, cast.priya)
    all_clear(cast)
    return opened(order)


HOSTILE: list[tuple[dict[str, Any], str, str]] = [
    ({}, "do", "Choose what happens: approve, bridge or decline."),
    ({"do": "sign"}, "do", "Choose what happens: approve, bridge or decline."),
    ({"do": "approve", "days": "30", "refills": "0"}, "quantity", "Write how many are dispensed."),
    ({"do": "approve", "quantity": "30", "refills": "0"}, "days", "Write for how many days."),
    ({"do": "approve", "quantity": "30", "days": "30"}, "refills", "Write how many refills, 0 for none."),
    (approval(quantity="0"), "quantity", "Quantity: more than 0, at most 10,000."),
    (approval(quantity="NaN"), "quantity", "Enter a number."),
    (approval(quantity="10001"), "quantity", "10000 is the most. Check the number."),
    (approval(quantity="-3"), "quantity", "0 is the least. Check the number."),
    (approval(days="999"), "days", "366 is the most. Check the number."),
    (approval(days="٣٠"), "quantity", ""),
    (approval(refills="99"), "refills", "12 is the most. Check the number."),
    (approval(quantity="30", days="90"), "quantity", "30 last 30 days at this dose, not 90. Correct one of the two."),
    ({"do": "bridge"}, "bridge_days", "Write for how many days."),
    ({"do": "bridge", "bridge_days": "31"}, "bridge_days", "A bridge supply lasts 30 days at most."),
    ({"do": "decline", "told_patient": "Call."}, "reason", "Write why, in a line: the care team reads it."),
    ({"do": "decline", "reason": "No."}, "told_patient", "Write what the patient is told."),
    (
        {"do": "decline", "reason": "a\x00b", "told_patient": "Call."}, "reason",
        "Null characters are not allowed.",
    ),
    (
        {"do": "decline", "reason": "x" * 501, "told_patient": "Call."}, "reason",
        "The text has 501 characters; 500 is the most.",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("sent", "field", "sentence"), HOSTILE)
def test_bad_input_is_answered_beside_its_field(
    cast: Cast, row: RefillRequest, sent: dict[str, Any], field: str, sentence: str
) -> None:
    page = client(cast.priya).post(address(row), sent)
    row.refresh_from_db()
    if not sentence:  # digits of another script are digits
        assert (page.status_code, row.state) == (302, "approved")
        return
    assert (page.status_code, row.state) == (422, "requested")
    assert list(page.context["form"].errors[field]) == [sentence]
    for name, value in sent.items():
        assert page.context["form"].data[name] == value
