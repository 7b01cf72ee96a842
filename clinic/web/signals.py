"""Signing in and out, passwords and second factors go into the audit (R-HS-04)."""

from typing import Any

from allauth.account.signals import password_changed, password_reset, user_logged_in
from allauth.mfa.signals import authentication_failed, authenticator_added, authenticator_removed
from django.contrib.auth.signals import user_logged_out
from django.dispatch import receiver

from clinic.audit import actions as audit
from clinic.audit.enums import Kind


@receiver(user_logged_in)
def signed_in(user: Any, **kwargs: Any) -> None:
    """Through the sign-in page, second factor included."""
    audit.record(Kind.SIGNED_IN, by=user, on=user, what="account.sign_in")


@receiver(user_logged_out)
def signed_out(user: Any, **kwargs: Any) -> None:
    """By their own doing or by the idle clock."""
    if user is not None:
        audit.record(Kind.SIGNED_OUT, by=user, on=user, what="account.sign_out")


@receiver(authentication_failed)
def second_factor_failed(user: Any, **kwargs: Any) -> None:
    """The password was right, the code was not."""
    audit.record(Kind.SIGN_IN_FAILED, by=None, on=user, what="account.second_factor")


@receiver(password_changed)
@receiver(password_reset)
def password_new(user: Any, **kwargs: Any) -> None:
    """A new password."""
    audit.record(Kind.CHANGED, by=user, on=user, what="account.password")


@receiver(authenticator_added)
def second_factor_added(user: Any, authenticator: Any, **kwargs: Any) -> None:
    """A second factor was set up."""
    audit.record(Kind.CREATED, by=user, on=user, what="account.second_factor", detail={"type": authenticator.type})


@receiver(authenticator_removed)
def second_factor_removed(user: Any, authenticator: Any, **kwargs: Any) -> None:
    """A second factor was taken away."""
    audit.record(Kind.CHANGED, by=user, on=user, what="account.second_factor", detail={"type": authenticator.type})
