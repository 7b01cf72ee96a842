"""Signing in: one sentence for every failure, every try in the audit by id only, limits, nobody signs up (R-HS-04)."""

import re
from typing import Any

import pytest
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.urls import NoReverseMatch, reverse

from clinic.audit.enums import Kind
from clinic.audit.models import AuditEvent
from clinic.web.signin import NOT_RIGHT, TOO_MANY
from tests.cast import PASSWORD, Cast

pytestmark = pytest.mark.django_db


def attempt(email: str, password: str, client: Client | None = None, **query: str) -> Any:
    """Send the sign-in page."""
    return (client or Client()).post(reverse("account_login", query=query), {"login": email, "password": password})


def rows() -> list[tuple[str, object, object, str]]:
    """What the audit says of accounts."""
    found = AuditEvent.objects.filter(what__startswith="account.").order_by("id")
    return [(e.kind, e.actor_id, e.object_id, str(e.detail)) for e in found]


def test_right_password_leads_on_and_back_to_the_page(cast: Cast) -> None:
    client = Client()
    answer = attempt(cast.tess.email, PASSWORD, client, next="/me/")
    assert answer.status_code == 302
    assert answer["Location"] == "/me/"
    assert client.get("/me/").status_code == 200
    assert rows() == [(Kind.SIGNED_IN, cast.tess.pk, cast.tess.pk, "{}")]


def test_address_in_capitals_is_the_same_person(cast: Cast) -> None:
    assert attempt(cast.tess.email.upper(), PASSWORD).status_code == 302


def test_next_never_leads_elsewhere(cast: Cast) -> None:
    assert attempt(cast.tess.email, PASSWORD, next="https://elsewhere.example/")["Location"] == "/"


def _said(answer: Any) -> str:
    """The page without what differs by nature: the token and what was typed."""
    form = answer.context["form"]
    return f"{answer.status_code} {form.errors.as_json()}"


def test_unknown_wrong_and_departed_are_told_the_same(cast: Cast) -> None:
    cast.theo.is_active = False
    cast.theo.save()
    unknown = attempt("nobody@example.com", PASSWORD)
    wrong = attempt(cast.tess.email, "not the password")
    departed = attempt(cast.theo.email, PASSWORD)
    assert NOT_RIGHT in unknown.content.decode()
    assert _said(unknown) == _said(wrong) == _said(departed)
    assert rows() == [
        (Kind.SIGN_IN_FAILED, None, None, "{}"),
        (Kind.SIGN_IN_FAILED, None, cast.tess.pk, "{}"),
        (Kind.SIGN_IN_FAILED, None, cast.theo.pk, "{}"),
    ]


def test_what_was_typed_is_nowhere_in_the_audit(cast: Cast) -> None:
    attempt("typed-by-mistake@example.com", "typed-password")
    row = AuditEvent.objects.filter(kind=Kind.SIGN_IN_FAILED).values().get()
    assert "typed" not in str(row)


@pytest.mark.parametrize("known", [True, False])
def test_after_five_wrong_tries_a_pause_for_known_and_unknown_alike(cast: Cast, known: bool) -> None:
    email = cast.tess.email if known else "nobody@example.com"
    for _ in range(5):
        assert TOO_MANY not in attempt(email, "wrong").content.decode()
    assert TOO_MANY in attempt(email, PASSWORD).content.decode()
    assert rows()[-1][3] == "{'limited': True}"
    cache.clear()
    assert attempt(email, PASSWORD).status_code == (302 if known else 200)


def test_signing_out_is_a_post_and_in_the_audit(cast: Cast) -> None:
    client = Client()
    attempt(cast.tess.email, PASSWORD, client)
    assert client.get(reverse("account_logout")).status_code == 200
    assert client.get("/me/").status_code == 200
    assert client.post(reverse("account_logout"))["Location"] == reverse("account_login")
    assert client.get("/me/").status_code == 302
    assert [kind for kind, *_ in rows()] == [Kind.SIGNED_IN, Kind.SIGNED_OUT]


@pytest.mark.parametrize("name", ["account_signup", "account_email", "account_set_password", "account_inactive"])
def test_pages_we_do_not_have(name: str) -> None:
    with pytest.raises(NoReverseMatch):
        reverse(name)


def test_nobody_signs_up() -> None:
    assert Client().get("/accounts/signup/").status_code == 404


def test_reset_says_the_same_for_known_and_unknown(cast: Cast) -> None:
    known = Client().post(reverse("account_reset_password"), {"email": cast.tess.email})
    unknown = Client().post(reverse("account_reset_password"), {"email": "nobody@example.com"})
    assert (known.status_code, known["Location"]) == (unknown.status_code, unknown["Location"])
    assert [m.to for m in mail.outbox] == [[cast.tess.email], ["nobody@example.com"]]
    assert "password/reset/key" not in mail.outbox[1].body


def test_a_forgotten_password_is_renewed_by_a_link_that_works_once(cast: Cast) -> None:
    Client().post(reverse("account_reset_password"), {"email": cast.tess.email})
    link = re.search(r"http://testserver(\S+)", str(mail.outbox[0].body))
    assert link is not None
    client = Client()
    page = client.get(link[1], follow=True)
    new = {"password1": "quite another long one", "password2": "quite another long one"}
    assert client.post(page.request["PATH_INFO"], new).status_code == 302
    assert attempt(cast.tess.email, "quite another long one").status_code == 302
    assert "does not open anything" in Client().get(link[1], follow=True).content.decode()


def test_hostile_input_is_answered_with_the_form(cast: Cast) -> None:
    for typed in ("\x00", "a" * 10_000, "<script>", "\u202e@example.com"):
        assert attempt(typed, typed).status_code == 200
