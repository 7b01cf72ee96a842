"""Forms of vigilance."""

from django import forms

from clinic.web.forms import TandemForm
from medications.safety.enums import OVERRIDES


class AnswerForm(TandemForm):
    """Why the order goes on."""

    code = forms.ChoiceField(
        label="Going on against it, because", required=False, choices=[("", "choose"), *OVERRIDES.items()],
        widget=forms.Select({"class": "form-select"}),
    )  # fmt: skip
    words = forms.CharField(
        label="Your reason", max_length=500, widget=forms.TextInput({"class": "form-control"}),
        error_messages={"required": "Write why it goes on, or change the order."},
    )  # fmt: skip


class TuneForm(TandemForm):
    """Why a check is lowered or asks again."""

    reason = forms.CharField(
        label="Why", max_length=300, widget=forms.TextInput({"class": "form-control"}),
        help_text="Ten characters or more. It stands here with your name and the day.",
        error_messages={"required": "Write why, in ten characters or more."},
    )  # fmt: skip
