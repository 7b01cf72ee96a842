"""The second factor: asked after the password, stored encrypted, set up before anything else where it is required
(R-HS-06)."""

import time
from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth
from django.test import Client
from django.urls import reverse

from clinic.audit.enums import Kind
from clinic.audit.models import AuditEvent
from tests.cast import PASSWORD, Cast

pytestmark = pytest.mark.django_db


def signed_in(email: str) -> Client:
    """A client that came through the sign-in page."""
    client = Client()
    client.post(reverse("account_login"), {"login": email, "password": PASSWORD})
    return client


def code_for(secret: str) -> str:
    """What the app would show now."""
    return str(auth.format_hotp_value(auth.hotp_value(secret, int(time.time()) // 30)))


def setting_up(client: Client) -> Any:
    """The page with the picture, after confirming the password."""
    page = client.get(reverse("mfa_activate_totp"))
    if page.status_code == 302:
        client.post(page["Location"], {"password": PASSWORD})
        page = client.get(reverse("mfa_activate_totp"))
    return page


def set_up(client: Client) -> str:
    """Confirm the password, scan the picture, enter the code; the secret comes back."""
    page = setting_up(client)
    secret: str = page.context["form"].secret
    with time_machine.travel(datetime.now(UTC), tick=False):  # the code does not change on the way
        done = client.post(reverse("mfa_activate_totp"), {"code": code_for(secret)})
    assert done.status_code == 302
    return secret


def test_the_code_is_asked_after_the_password(cast: Cast) -> None:
    set_up(signed_in(cast.tess.email))
    client = signed_in(cast.tess.email)
    assert client.get("/me/").status_code == 302
    wrong = client.post(reverse("mfa_authenticate"), {"code": "000000"})
    assert wrong.status_code == 200
    assert client.get("/me/").status_code == 302
    codes = Authenticator.objects.get(user=cast.tess, type="recovery_codes").wrap().get_unused_codes()
    client.post(reverse("mfa_authenticate"), {"code": codes[0]})
    assert client.get("/me/").status_code == 200
    again = signed_in(cast.tess.email)
    assert again.post(reverse("mfa_authenticate"), {"code": codes[0]}).status_code == 200  # works once
    assert again.get("/me/").status_code == 302


def test_a_wrong_code_is_in_the_audit(cast: Cast) -> None:
    set_up(signed_in(cast.tess.email))
    signed_in(cast.tess.email).post(reverse("mfa_authenticate"), {"code": "000000"})
    found = AuditEvent.objects.get(kind=Kind.SIGN_IN_FAILED)
    assert (found.what, found.object_id) == ("account.second_factor", cast.tess.pk)


def test_secrets_are_stored_encrypted(cast: Cast) -> None:
    secret = set_up(signed_in(cast.tess.email))
    stored = str(list(Authenticator.objects.filter(user=cast.tess).values_list("data", flat=True)))
    assert secret not in stored
    assert "gAAAA" in stored


def test_required_leads_to_setting_one_up_first(cast: Cast, settings: Any) -> None:
    settings.REQUIRE_MFA = True
    client = signed_in(cast.tess.email)
    assert client.get("/me/")["Location"] == reverse("mfa_activate_totp")
    assert client.post(reverse("theme"), {"theme": "dark"}).status_code == 302
    set_up(client)
    assert client.get("/me/").status_code == 200


@pytest.mark.parametrize("forced", [False, True])
def test_setting_one_up_can_be_left_unless_it_is_required(cast: Cast, settings: Any, forced: bool) -> None:
    settings.REQUIRE_MFA = forced
    page = setting_up(signed_in(cast.tess.email)).content.decode()
    assert (f'href="{reverse("mfa_index")}"' in page) is not forced


def test_an_empty_code_is_answered_in_our_words(cast: Cast) -> None:
    client = signed_in(cast.tess.email)
    setting_up(client)
    page = client.post(reverse("mfa_activate_totp"), {"code": ""}).content.decode()
    assert ("Fill this in." in page, "This field is required." in page) == (True, False)


def test_recovery_codes_alone_are_no_second_factor(cast: Cast, settings: Any) -> None:
    settings.REQUIRE_MFA = True
    client = signed_in(cast.tess.email)
    set_up(client)
    Authenticator.objects.filter(user=cast.tess, type="totp").delete()
    assert client.get("/me/")["Location"] == reverse("mfa_activate_totp")


def test_not_required_nobody_is_sent_there(cast: Cast) -> None:
    assert signed_in(cast.tess.email).get("/me/").status_code == 200


@pytest.mark.parametrize(
    "name", ["mfa_index", "mfa_view_recovery_codes", "mfa_generate_recovery_codes", "mfa_deactivate_totp"]
)
def test_pages_of_the_second_factor_are_ours(cast: Cast, name: str) -> None:
    client = signed_in(cast.tess.email)
    set_up(client)
    answer = client.get(reverse(name))
    assert answer.status_code == 200
    assert "Two kinds of help, one plan." in answer.content.decode()
