"""The form of one injection."""

from typing import Any

from django import forms

from clinic.web.forms import DateInput, TandemForm
from medications.injections.enums import Site, What


class InjectionForm(TandemForm):
    """Whether it was given, when, where, of which lot."""

    what = forms.ChoiceField(
        label="What happened", choices=What.choices, widget=forms.Select({"class": "form-select"}),
        error_messages={"required": "Say whether it was given.", "invalid_choice": "Say whether it was given."},
    )  # fmt: skip
    on_day = forms.DateField(
        label="On", widget=DateInput(attrs={"class": "form-control w9"}),
        error_messages={"required": "Say on which day.", "invalid": "Write the day as a date."},
    )  # fmt: skip
    site = forms.ChoiceField(
        label="Where in the body", required=False, choices=[("", "choose"), *Site.choices],
        widget=forms.Select({"class": "form-select"}),
        error_messages={"invalid_choice": "Choose where it was given."},
    )  # fmt: skip
    lot = forms.CharField(
        label="Lot number", max_length=40, required=False,
        widget=forms.TextInput({"class": "form-control w9", "autocomplete": "off"}),
        help_text="As it stands on the package; asked for what is given here.",
    )  # fmt: skip
    words = forms.CharField(
        label="Worth noting", max_length=300, required=False,
        widget=forms.TextInput({"class": "form-control", "autocomplete": "off"}),
        help_text="Not given, or given early: why. Otherwise as you like.",
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("site", "lot"):  # the page does not call them optional: what is given here needs both
            self.fields[name].asked_sometimes = True  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Of what was not given there is no place and no lot; the page hides both then."""
        data: dict[str, Any] = super().clean() or {}
        return data | {"site": "", "lot": ""} if data.get("what") == What.NOT_GIVEN else data
