"""Taking up an invitation: choose a password, be signed in (second factor included where there is one)."""

from allauth.account.internal.flows.login import perform_login
from allauth.account.models import Login
from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.debug import sensitive_post_parameters

from clinic.staff import actions
from clinic.staff.rules import DEAD_LINK
from clinic.web.forms import TandemForm
from clinic.web.pages import attempt


class WelcomeForm(TandemForm):
    """A password, twice."""

    password = forms.CharField(
        max_length=200, strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text="At least 12 characters; four unrelated words are good. Not one used elsewhere.",
    )  # fmt: skip
    again = forms.CharField(
        max_length=200, strip=False, label="The same again",
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )  # fmt: skip

    def clean_again(self) -> str:
        """Both are the same."""
        again: str = self.cleaned_data["again"]
        if self.cleaned_data.get("password") not in (None, again):
            raise forms.ValidationError("The two are not the same. Type both again.")
        return again


@sensitive_post_parameters()
def welcome(request: HttpRequest, token: str) -> HttpResponse:
    """The page looks the same for every token; whether it opens anything is told only after a password was sent."""
    form = WelcomeForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        user = attempt(request, form, actions.accept, token=token, password=form.cleaned_data["password"])
        if user is not None:
            login: HttpResponse = perform_login(request, Login(user=user, email=user.email))
            return login
        if DEAD_LINK in form.non_field_errors():
            return render(request, "account/welcome.html", {"form": None, "sentence": DEAD_LINK}, status=422)
    return render(request, "account/welcome.html", {"form": form}, status=422 if form.is_bound else 200)
