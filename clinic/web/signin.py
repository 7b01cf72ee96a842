"""How allauth is bent to our rules: nobody signs up by themselves, secrets are stored encrypted, sign-ins audited."""

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.http import HttpRequest


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Accounts come by invitation only."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Never."""
        return False


def _keys() -> MultiFernet:
    import base64
    import hashlib

    return MultiFernet(
        [Fernet(base64.urlsafe_b64encode(hashlib.sha256(key.encode()).digest())) for key in settings.FIELD_KEYS]
    )


class MfaAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """TOTP secrets and recovery seeds are encrypted with FIELD_KEYS, newest first."""

    def encrypt(self, text: str) -> str:
        """The text as a token."""
        return _keys().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """The text back."""
        return _keys().decrypt(encrypted_text.encode()).decode()
