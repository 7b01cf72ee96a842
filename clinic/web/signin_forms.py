"""Forms of allauth that we bend."""

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.forms import ResetPasswordForm
from django.http import HttpRequest


class ForgottenForm(ResetPasswordForm):  # type: ignore[misc]
    """Known or not, a mail leaves: neither the page nor its slowness tells whether there is an account."""

    def save(self, request: HttpRequest, **kwargs: Any) -> str:
        """A link for who is known, a sentence for who is not."""
        email: str = self.cleaned_data["email"]
        if self.users:
            super().save(request, **kwargs)
        else:
            get_adapter().send_mail("account/email/unknown_account", email, {"request": request})
        return email
