"""Invitations: the token is stored hashed, works once, lapses, and a dead link says one sentence whatever killed it."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from clinic import clock
from clinic.practice.models import Setting
from clinic.refusal import Refused
from clinic.staff import actions
from clinic.staff.enums import Role
from clinic.staff.models import Invitation, User
from clinic.staff.rules import DEAD_LINK
from tests.cast import Cast, at, client

pytestmark = pytest.mark.django_db

PASSWORD = "four unrelated words here"
NINE = at("2026-11-23 09:00")


def invited(cast: Cast, **fields: object) -> tuple[Invitation, str]:
    """Max invites Nora for the front desk."""
    told = {"email": "Nora@Example.com", "given_name": "Nora", "family_name": "Bell", "roles": [Role.FRONT_DESK]}
    return actions.invite(**{**told, **fields}, by=cast.max)  # type: ignore[arg-type]


def sentence(token: str) -> str:
    """What a refused acceptance says."""
    with pytest.raises(Refused) as refused:
        actions.accept(token, password=PASSWORD)
    return refused.value.sentence


def test_an_invited_person_cannot_sign_in_yet(cast: Cast) -> None:
    invitation, token = invited(cast)
    nora = invitation.user
    assert (nora.email, nora.has_usable_password()) == ("nora@example.com", False)
    assert nora.held_roles() == {Role.FRONT_DESK}
    assert token not in str(list(Invitation.objects.values_list()))


@pytest.mark.parametrize(("roles", "told"), [(["therapist", "front_desk"], True), (["front_desk"], False)])
def test_the_manager_reads_which_role_waits_for_a_licence(cast: Cast, roles: list[str], told: bool) -> None:
    fields = {"email": "nora@example.com", "given_name": "Nora", "family_name": "Bell", "roles": roles}
    page = client(cast.max).post(reverse("staff:invite"), fields).content.decode()
    assert "Nora Bell is invited" in page
    assert ("The role therapist needs a licence in force and is not given yet" in page) == told


def test_accepting_works_once(cast: Cast) -> None:
    invitation, token = invited(cast)
    user = actions.accept(token, password=PASSWORD)
    assert user == invitation.user
    assert User.objects.get(pk=user.pk).check_password(PASSWORD)
    assert sentence(token) == DEAD_LINK


def test_it_lapses_by_the_configuration(cast: Cast) -> None:
    Setting.objects.create(
        key="invitation_days", value=2, effective_from=NINE.date(), set_at=NINE, set_by=cast.max
    )  # fmt: skip
    with clock.at(NINE):
        _, token = invited(cast)
    with clock.at(NINE + timedelta(days=2)):
        assert sentence(token) == DEAD_LINK
    with clock.at(NINE + timedelta(days=2, seconds=-1)):
        actions.accept(token, password=PASSWORD)


def test_every_dead_link_says_the_same(cast: Cast) -> None:
    _, used = invited(cast)
    actions.accept(used, password=PASSWORD)
    first, older = invited(cast, email="second@example.com")
    actions.invite_again(first.user, by=cast.max)
    left, departed = invited(cast, email="third@example.com")
    actions.deactivate(left.user, by=cast.max)
    assert {sentence(t) for t in (used, older, departed, "never-was", "", "\x00", "\ud800")} == {DEAD_LINK}


def test_the_newest_of_two_works(cast: Cast) -> None:
    invitation, _ = invited(cast)
    _, newer = actions.invite_again(invitation.user, by=cast.max)
    assert actions.accept(newer, password=PASSWORD) == invitation.user


def test_a_weak_password_is_told_and_the_link_still_works(cast: Cast) -> None:
    _, token = invited(cast)
    for weak in ("short", "password1234", "123456789012"):
        with pytest.raises(Refused) as refused:
            actions.accept(token, password=weak)
        assert refused.value.field == "password"
    actions.accept(token, password=PASSWORD)


def test_a_known_address_is_refused(cast: Cast) -> None:
    with pytest.raises(Refused, match="known already"):
        invited(cast, email=cast.tess.email.upper())
    with pytest.raises(Refused, match="no e-mail address"):
        invited(cast, email="not an address")


def test_roles_that_need_a_licence_wait_for_it(cast: Cast) -> None:
    invitation, _ = invited(cast, roles=[Role.THERAPIST, Role.SUPERVISOR])
    assert invitation.user.held_roles() == {Role.SUPERVISOR}


def test_the_page_looks_alike_for_any_token(cast: Cast) -> None:
    _, token = invited(cast)
    live, dead = (Client().get(reverse("welcome", args=[t])) for t in (token, "never-was"))
    assert (live.status_code, dead.status_code) == (200, 200)
    assert [f.name for f in live.context["form"]] == [f.name for f in dead.context["form"]]


def test_the_page_lets_in_once(cast: Cast) -> None:
    _, token = invited(cast)
    address = reverse("welcome", args=[token])
    nora = Client()
    differs = nora.post(address, {"password": PASSWORD, "again": "something else entirely"})
    assert differs.status_code == 422
    assert nora.post(address, {"password": PASSWORD, "again": PASSWORD})["Location"] == "/"
    assert nora.get("/me/").status_code == 200
    again = Client().post(address, {"password": PASSWORD, "again": PASSWORD})
    assert again.status_code == 422
    assert DEAD_LINK in again.content.decode()


def test_the_manager_invites_in_the_browser_and_sees_the_link_once(cast: Cast) -> None:
    form = {"email": "nora@example.com", "given_name": "Nora", "family_name": "Bell", "roles": ["front_desk"]}
    page = client(cast.max).post(reverse("staff:invite"), form)
    token = page.context["link"].rstrip("/").rsplit("/", 1)[1]
    nora = User.objects.get(email="nora@example.com")
    again = client(cast.max).post(reverse("staff:invite_again", args=[nora.pk])).context["link"]
    assert sentence(token) == DEAD_LINK
    assert actions.accept(again.rstrip("/").rsplit("/", 1)[1], password=PASSWORD) == nora


def test_a_known_address_keeps_every_word(cast: Cast) -> None:
    form = {"email": cast.tess.email, "given_name": "Nora", "family_name": "Bell", "roles": ["front_desk"]}
    page = client(cast.max).post(reverse("staff:invite"), form)
    assert page.status_code == 422
    assert 'value="Nora"' in page.content.decode()


def test_only_the_manager_invites(cast: Cast) -> None:
    for someone in (cast.tess, cast.priya, cast.fran, cast.sam, cast.olga):
        assert client(someone).get(reverse("staff:invite")).status_code == 404
        assert client(someone).post(reverse("staff:invite_again", args=[cast.tess.pk])).status_code == 404


def admin() -> str:
    """Run the command for Max's predecessor."""
    out = StringIO()
    call_command("create_admin", email="first@example.com", given_name="First", family_name="Manager", stdout=out)
    return out.getvalue()


def test_the_first_manager_comes_by_a_command() -> None:
    token = admin().rstrip("/\n").rsplit("/", 1)[1]
    user = actions.accept(token, password=PASSWORD)
    assert user.held_roles() == {Role.PRACTICE_MANAGER}
    with pytest.raises(CommandError, match="already"):
        admin()


def test_a_first_manager_who_lost_the_link_gets_another() -> None:
    old = admin().rstrip("/\n").rsplit("/", 1)[1]
    new = admin().rstrip("/\n").rsplit("/", 1)[1]
    assert sentence(old) == DEAD_LINK
    assert actions.accept(new, password=PASSWORD).email == "first@example.com"
