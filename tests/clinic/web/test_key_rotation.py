"""Secrets of second factors are encrypted; rotation rewrites them with the newest key, and nothing half."""

from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from cryptography.fernet import InvalidToken
from django.core.management import CommandError, call_command

from clinic.web.signin import MfaAdapter
from tests.cast import Cast


def _authenticator(cast: Cast) -> Authenticator:
    data = {"secret": MfaAdapter().encrypt("JBSWY3DPEHPK3PXP")}
    made: Authenticator = Authenticator.objects.create(user=cast.tess, type="totp", data=data)
    return made


def test_the_old_key_can_go_after_a_rotation(cast: Cast, settings: Any) -> None:
    settings.FIELD_KEYS = ["old"]
    row = _authenticator(cast)
    settings.FIELD_KEYS = ["new", "old"]
    call_command("rotate_field_keys")
    settings.FIELD_KEYS = ["new"]
    row.refresh_from_db()
    assert MfaAdapter().decrypt(row.data["secret"]) == "JBSWY3DPEHPK3PXP"


def test_without_a_rotation_the_old_key_must_stay(cast: Cast, settings: Any) -> None:
    settings.FIELD_KEYS = ["old"]
    row = _authenticator(cast)
    settings.FIELD_KEYS = ["new"]
    with pytest.raises(InvalidToken):
        MfaAdapter().decrypt(row.data["secret"])
    with pytest.raises(CommandError, match="Add the key it was written with"):
        call_command("rotate_field_keys")


def test_what_is_stored_is_not_what_was_said(cast: Cast) -> None:
    assert "JBSWY3DPEHPK3PXP" not in str(_authenticator(cast).data)
