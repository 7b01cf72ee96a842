"""The permission table: whole, known words only, generated page up to date, and what the front desk must never have."""

import pytest

from clinic import permissions
from clinic.permissions import CAPABILITIES, GRANTS
from clinic.staff.enums import Role
from clinic.web.generated import FOLDER, PAGES

# R-HP-08: name, contacts, schedule, forms complete, the way to the questionnaire; nothing clinical.
DESK = {
    "home", "patient.find", "patient.register", "patient.contacts", "schedule.read", "schedule.book", "kiosk.start",
    "refill.ask", "mailbox.read", "pharmacy.read", "pharmacy.add", "pharmacy.choose",
    "pharmacy.messages",
}  # fmt: skip


@pytest.mark.parametrize("name", PAGES)
def test_the_generated_page_is_up_to_date(name: str) -> None:
    assert (FOLDER / name).read_text(encoding="utf-8") == PAGES[name](), "run manage.py write_docs"


def test_the_front_desk_has_exactly_this_r_hp_08() -> None:
    assert {g.capability for g in GRANTS if g.role == Role.FRONT_DESK} == DESK


def test_only_prescribers_prescribe_and_decide_refills_r_rx_05() -> None:
    roles = {g.role for g in GRANTS if g.capability in ("medication.prescribe", "refill.decide")}
    assert roles == {Role.PRESCRIBER}


def test_grants_name_known_capabilities_once() -> None:
    assert {g.capability for g in GRANTS} == set(CAPABILITIES)
    assert len(set(GRANTS)) == len(GRANTS)


def test_an_unknown_capability_is_a_mistake_not_a_no() -> None:
    with pytest.raises(KeyError):
        permissions.may(frozenset(Role), "chart.raed")
