"""People, roles and licences: who may have which role, and that the practice keeps a manager."""

from datetime import date
from typing import Any

import pytest
from django.urls import reverse

from clinic import clock
from clinic.audit.models import AuditEvent
from clinic.refusal import Refused
from clinic.staff import actions, rules
from clinic.staff.enums import Profession, Role
from clinic.staff.forms import npi_is_valid
from clinic.staff.models import Licence, RoleGrant, User
from tests.cast import BEGINNING, Cast, at, client, person
from tests.refused import refused_by


def _fresh(user: User) -> User:
    return User.objects.get(pk=user.pk)


def test_a_role_is_given_and_taken_with_its_dates(cast: Cast) -> None:
    with clock.at(at("2026-03-02 09:00")):
        grant = actions.give_role(cast.tess, Role.SUPERVISOR, by=cast.max)
    with clock.at(at("2026-03-03 09:00")):
        actions.take_role(cast.tess, Role.SUPERVISOR, by=cast.max)
    kept = RoleGrant.objects.get(pk=grant.pk)
    assert (kept.given_at, kept.ended_at) == (at("2026-03-02 09:00"), at("2026-03-03 09:00"))
    assert _fresh(cast.tess).held_roles() == {Role.THERAPIST}
    assert list(AuditEvent.objects.order_by("id").values_list("what", flat=True)) == [
        "staff.role_given",
        "staff.role_taken",
    ]


def test_clinical_roles_need_a_licence_in_force(cast: Cast) -> None:
    newcomer = person("Nora", "Vale", Role.FRONT_DESK, cast.site)
    with pytest.raises(Refused):
        actions.give_role(newcomer, Role.THERAPIST, by=cast.max)
    with clock.at(at("2026-03-02 09:00")):
        actions.add_licence(
            newcomer, profession=Profession.LPC, state="OR", number="77", issued_on=date(2025, 1, 1),
            expires_on=date(2026, 12, 31), by=cast.max,
        )  # fmt: skip
        actions.give_role(newcomer, Role.THERAPIST, by=cast.max)
        with pytest.raises(Refused):  # a counselor's licence is none to prescribe
            actions.give_role(newcomer, Role.PRESCRIBER, by=cast.max)


def test_the_last_manager_stays(cast: Cast) -> None:
    with pytest.raises(Refused):
        actions.take_role(cast.max, Role.PRACTICE_MANAGER, by=cast.max)
    actions.give_role(cast.fran, Role.PRACTICE_MANAGER, by=cast.max)
    actions.take_role(cast.max, Role.PRACTICE_MANAGER, by=cast.fran)
    assert Role.PRACTICE_MANAGER not in _fresh(cast.max).held_roles()


def test_nobody_shuts_themselves_out(cast: Cast) -> None:
    with pytest.raises(Refused):
        actions.deactivate(cast.max, by=cast.max)


def test_who_left_is_shut_out_at_once_and_can_come_back(cast: Cast) -> None:
    browser = client(cast.theo)
    assert browser.get("/inbox/").status_code == 200
    actions.deactivate(cast.theo, by=cast.max)
    assert browser.get("/inbox/").status_code == 302
    actions.reactivate(cast.theo, by=cast.max)
    assert _fresh(cast.theo).held_roles() == {Role.THERAPIST}


@pytest.mark.parametrize(("day", "may"), [("2035-12-31 23:00", True), ("2036-01-01 01:00", False)])
def test_a_licence_covers_its_last_day_where_the_person_works(cast: Cast, day: str, may: bool) -> None:
    with clock.at(at(day)):
        assert (rules.may_sign(cast.tess) is None) is may


def test_a_licence_to_counsel_is_none_to_prescribe(cast: Cast) -> None:
    assert rules.may_sign(cast.tess) is None
    assert rules.may_sign(cast.tess, prescribing=True) is not None


def test_the_same_licence_is_not_entered_twice(cast: Cast) -> None:
    with pytest.raises(Refused):
        actions.add_licence(
            cast.theo, profession=Profession.LCSW, state="OR", number="LCSW-Tess", issued_on=date(2025, 1, 1),
            expires_on=date(2026, 12, 31), by=cast.max,
        )  # fmt: skip
    assert Licence.objects.filter(user=cast.theo).count() == 1


@pytest.mark.parametrize(
    ("npi", "valid"),
    [("1234567893", True), ("1234567890", False), ("123456789", False), ("123456789３", False), ("", False)],
)
def test_an_npi_has_its_check_digit(npi: str, valid: bool) -> None:
    assert npi_is_valid(npi) is valid


def test_a_wrong_npi_is_said_beside_the_field_and_nothing_is_lost(cast: Cast) -> None:
    answer = client(cast.max).post(
        reverse("staff:change", args=[cast.tess.pk]),
        {"given_name": "Tessa", "family_name": "Moreno", "npi": "1234567890"},
    )
    assert answer.status_code == 422
    assert "check digit does not fit" in answer.content.decode()
    assert 'value="Tessa"' in answer.content.decode()
    assert _fresh(cast.tess).given_name == "Tess"


def test_the_list_costs_the_same_for_more_people(cast: Cast, django_assert_num_queries: Any) -> None:
    browser = client(cast.max)
    address = reverse("staff:people")
    with clock.at(at("2026-03-02 09:00")):
        browser.get(address)
        with django_assert_num_queries(8):
            browser.get(address)
        for number in range(8):
            person(f"More{number}", "Body", Role.THERAPIST, cast.site, profession="LPC")
        with django_assert_num_queries(8):
            browser.get(address)


def test_one_person_has_one_sign_in_r_hs_01(cast: Cast) -> None:
    """Nobody shares a sign-in: an address belongs to one person, whatever its case (R-HS-01)."""
    with refused_by("clinic_staff_user_email_key"):
        User.objects.create_user("TESS@example.com", "another long password", given_name="T", family_name="M",
                                 created_at=BEGINNING)  # fmt: skip


def test_taking_a_role_or_an_access_back_is_asked_before(cast: Cast) -> None:
    """What ends somebody's work says what will happen, and waits for a second word."""
    page = client(cast.max).get(reverse("staff:person", args=[cast.tess.pk])).content.decode()
    for opener, words in (
        ("take-therapist", "Take the role therapist back?"),
        ("end-access", "End the access of Tess"),
    ):
        assert f'data-dialog="{opener}"' in page
        assert f'<dialog id="{opener}"' in page
        assert words in page


def test_giving_and_taking_say_what_they_did(cast: Cast) -> None:
    """Also that somebody can no longer sign in, and can again."""
    manager, found = client(cast.max), []
    for address in ("give_role", "take_role", "access", "access"):
        args = [cast.tess.pk, "supervisor"] if address == "take_role" else [cast.tess.pk]
        answer = manager.post(reverse(f"staff:{address}", args=args), {"role": "supervisor"}, follow=True)
        found += [str(one) for one in answer.context["messages"]]
    assert found == [
        f"{cast.tess.name} holds the role supervisor now.", f"{cast.tess.name} no longer holds the role supervisor.",
        f"{cast.tess.name} can no longer sign in.", f"{cast.tess.name} can sign in again.",
    ]  # fmt: skip


def test_a_prescriber_without_an_npi_is_told_to_the_manager(cast: Cast) -> None:
    manager = client(cast.max)
    for who, npi, told in ((cast.priya, "", True), (cast.priya, "1234567893", False), (cast.tess, "", False)):
        User.objects.filter(pk=who.pk).update(npi=npi)
        page = manager.get(reverse("staff:person", args=[who.pk])).content.decode()
        assert ("No NPI is on record" in page) is told
