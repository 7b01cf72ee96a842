"""How allauth is bent to our rules: nobody signs up by themselves, one sentence for every failed sign-in, secrets are
stored encrypted, every attempt is in the audit (without what was typed)."""

import base64
import hashlib
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.fernet import Fernet, MultiFernet
from django import forms
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from clinic.audit import actions as audit
from clinic.audit.enums import Kind
from clinic.audit.middleware import address_of

NOT_RIGHT = "E-mail or password is not right."
TOO_MANY = "Too many tries. Wait five minutes, then try again, or ask the practice manager."
CODE_NOT_RIGHT = "The code is not right. Codes change every thirty seconds: enter the present one."


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Accounts come by invitation only."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "email_password_mismatch": NOT_RIGHT,
        "invalid_login": NOT_RIGHT,
        "incorrect_password": "The password is not right.",
        "enter_current_password": "The present password is not right.",
        "too_many_login_attempts": TOO_MANY,
        "rate_limited": TOO_MANY,
        "incorrect_code": CODE_NOT_RIGHT,
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Never."""
        return False

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Count the try; one too many is in the audit too."""
        try:
            super().pre_authenticate(request, **credentials)
        except ValidationError:
            self._failed(credentials, limited=True)
            raise

    def authenticate(self, request: HttpRequest, **credentials: Any) -> Any:
        """The user, or None. Who no longer works here is answered as if there had never been such a person."""
        user = super().authenticate(request, **credentials)
        if user is not None and not user.is_active:
            self.authentication_failed(request, **credentials)
            return None
        return user

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        """Record whose account was tried, by id, if there is one; never the address typed."""
        self._failed(credentials)

    def _failed(self, credentials: dict[str, Any], *, limited: bool = False) -> None:
        email = str(credentials.get("email", "")).strip().lower()
        user = get_user_model().objects.filter(email=email).first()
        detail = {"limited": True} if limited else {}
        audit.record(Kind.SIGN_IN_FAILED, by=None, on=user, what="account.sign_in", detail=detail)

    def get_client_ip(self, request: HttpRequest) -> str:
        """The same address as in the audit."""
        return address_of(request) or "0.0.0.0"  # noqa: S104

    def add_message(self, *args: Any, **kwargs: Any) -> None:
        """allauth's “successfully signed in” and the like are not said."""


def field_keys() -> MultiFernet:
    """The keys of FIELD_KEYS, newest first: the first writes, all read."""
    return MultiFernet(
        [Fernet(base64.urlsafe_b64encode(hashlib.sha256(key.encode()).digest())) for key in settings.FIELD_KEYS]
    )


class MfaAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """TOTP secrets and recovery seeds are encrypted with FIELD_KEYS, newest first."""

    error_messages = DefaultMFAAdapter.error_messages | {"incorrect_code": CODE_NOT_RIGHT}

    def encrypt(self, text: str) -> str:
        """The text as a token."""
        return field_keys().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """The text back."""
        return field_keys().decrypt(encrypted_text.encode()).decode()


# What allauth's fields are called here. Their placeholders go: a label says it.
LABELS = {
    "login": ("Work e-mail", ""),
    "email": ("Work e-mail", ""),
    "password": ("Password", ""),
    "code": ("Code", "Six digits from your authenticator app, or a recovery code."),
    "oldpassword": ("Present password", ""),
    "password1": ("New password", "At least 12 characters; four unrelated words are good. Not one used elsewhere."),
    "password2": ("New password again", ""),
}


def relabel(form: forms.BaseForm) -> forms.BaseForm:
    """Give a form of allauth our words, also for what was left empty, and take its placeholders away."""
    for errors in form.errors.values():
        for error in errors.as_data():
            if error.code == "required":
                error.message = "Fill this in."
    for name, (label, hint) in LABELS.items():
        if name in form.fields:
            field, bound = form.fields[name], form[name]
            bound.label, bound.help_text = label, hint
            field.widget.attrs.pop("placeholder", None)
            if name == "code":
                if hasattr(form, "secret"):  # the app is being set up: there are no recovery codes yet
                    bound.help_text = "The six digits that the app shows."
                field.widget.attrs |= {"class": "w9 code", "inputmode": "text", "autocapitalize": "off"}
    return form
