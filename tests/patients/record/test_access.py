"""Who may do what with which patient: every role × own, another's and nobody's patient × every capability."""

from datetime import timedelta
from typing import Any

import pytest

from clinic import clock, permissions
from clinic.permissions import PRACTICE, SUPERVISED, TEAM
from clinic.staff.enums import Role
from clinic.staff.models import RoleGrant, User
from patients.record import access, actions
from patients.record.models import CareTeamMember, Patient
from tests.cast import BEGINNING, Cast, at

pytestmark = pytest.mark.django_db
NOON = at("2026-03-02 12:00")


def again(user: User) -> User:
    """The person as the next request loads them."""
    return User.objects.get(pk=user.pk)


def expected(role: Role, capability: str, whose: str) -> bool:
    """By the table: everybody's patient for PRACTICE, Ana for the team and for Sam, who supervises Tess."""
    scopes = permissions.scopes(frozenset({role}), capability)
    near = {Role.THERAPIST: TEAM, Role.PRESCRIBER: TEAM, Role.SUPERVISOR: SUPERVISED}
    return PRACTICE in scopes or (whose == "ana" and near.get(role) in scopes)


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("whose", ["ana", "ben", "cleo"])
def test_the_table_holds_for_every_capability(cast: Cast, role: Role, whose: str) -> None:
    user, patient = cast.by_role[role], getattr(cast, whose)
    held = {name for name in permissions.CAPABILITIES if access.may(user, name, patient.pk)}
    assert held == {name for name in permissions.CAPABILITIES if expected(role, name, whose)}
    assert access.capabilities(user, patient.pk) == held


@pytest.mark.parametrize("role", list(Role))
def test_the_filter_says_the_same_as_the_question(cast: Cast, role: Role) -> None:
    user = cast.by_role[role]
    for capability in permissions.CAPABILITIES:
        shown = set(Patient.objects.filter(access.visible_patients(user, capability)))
        assert shown == {p for p in (cast.ana, cast.ben, cast.cleo) if access.may(user, capability, p.pk)}, capability


def test_cover_opens_for_its_time_only(cast: Cast) -> None:
    with clock.at(NOON):
        actions.add_to_team(
            cast.cleo, cast.theo, "cover", starts_at=NOON + timedelta(days=1), ends_at=NOON + timedelta(days=3),
            by=cast.tess,
        )  # fmt: skip
    seen = {}
    for days in (0, 1, 2, 3):
        with clock.at(NOON + timedelta(days=days)):
            seen[days] = access.may(cast.theo, "chart.read", cast.cleo.pk)
    assert seen == {0: False, 1: True, 2: True, 3: False}


def test_who_left_the_team_is_outside(cast: Cast) -> None:
    with clock.at(NOON):
        actions.leave_team(CareTeamMember.objects.get(patient=cast.ana, user=cast.tess), by=cast.tess)
        assert (access.may(cast.tess, "chart.read", cast.ana.pk), access.on_team(cast.tess, cast.ana.pk)) == (
            False,
            False,
        )


def test_a_supervisor_sees_no_more_when_the_supervised_left(cast: Cast) -> None:
    assert access.may(cast.sam, "chart.read", cast.ana.pk)
    with clock.at(NOON):
        actions.leave_team(CareTeamMember.objects.get(patient=cast.ana, user=cast.tess), by=cast.tess)
        assert not access.may(cast.sam, "chart.read", cast.ana.pk)


def test_a_role_that_was_taken_back_opens_nothing(cast: Cast) -> None:
    RoleGrant.objects.filter(user=cast.tess).update(ended_at=BEGINNING)
    assert access.capabilities(again(cast.tess), cast.ana.pk) == frozenset()


def test_two_roles_open_what_either_does(cast: Cast) -> None:
    RoleGrant.objects.create(user=cast.tess, role=Role.FRONT_DESK, given_at=BEGINNING)
    both = again(cast.tess)
    assert access.may(both, "patient.contacts", cast.cleo.pk)
    assert not access.may(both, "chart.read", cast.cleo.pk)


@pytest.mark.parametrize("who", ["tess", "paul", "sam"])
def test_an_emergency_opens_for_its_time_what_the_team_would(cast: Cast, who: str) -> None:
    """R-HS-02: for clinicians, supervisors included; it lapses by itself."""
    user = getattr(cast, who)
    with clock.at(NOON):
        actions.open_in_emergency(cast.cleo, reason="a crisis call at night", by=user)
        assert access.may(user, "chart.read", cast.cleo.pk)
        assert access.has_emergency(user, cast.cleo.pk)
        assert not access.may(user, "chart.read", cast.ben.pk) or who == "paul"
    with clock.at(NOON + timedelta(minutes=60)):
        assert not access.may(user, "chart.read", cast.cleo.pk)


def test_an_emergency_gives_no_capability_that_the_role_has_not(cast: Cast) -> None:
    with clock.at(NOON):
        actions.open_in_emergency(cast.cleo, reason="a crisis call at night", by=cast.tess)
        held = access.capabilities(cast.tess, cast.cleo.pk)
    assert {"medication.prescribe", "refill.decide", "audit.read", "patient.register"} & held == set()


def test_an_unknown_patient_opens_for_nobody_but_by_role(cast: Cast) -> None:
    nobody = cast.tess.pk
    assert not access.may(cast.tess, "chart.read", nobody)
    assert access.standing(cast.tess, nobody) == frozenset()


def test_one_query_for_everything(cast: Cast, django_assert_num_queries: Any) -> None:
    cast.tess.held_roles()
    with django_assert_num_queries(1):
        access.capabilities(cast.tess, cast.ana.pk)
    with django_assert_num_queries(1):
        access.may(cast.tess, "chart.read", cast.ana.pk)
    cast.fran.held_roles()
    with django_assert_num_queries(0):
        assert access.may(cast.fran, "patient.contacts", cast.ana.pk)
        assert not access.may(cast.fran, "chart.read", cast.ana.pk)
