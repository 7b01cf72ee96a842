"""Forms of controlled substances."""

from typing import Any

from django import forms

from clinic.web.forms import AmountInput, TandemForm
from medications.controlled.models import STATUSES


class SeriesForm(TandemForm):
    """How many prescriptions, each for how many days and how much, and the attestation."""

    count = forms.IntegerField(
        label="Prescriptions", initial=3, widget=AmountInput({"class": "form-control num w4"}),
        error_messages={"required": "Write how many.", "invalid": "Write how many as a whole number."},
    )  # fmt: skip
    days = forms.IntegerField(
        label="Days of each", initial=30, widget=AmountInput({"class": "form-control num w4"}),
        error_messages={"required": "Write for how many days.", "invalid": "Write the days as a whole number."},
    )  # fmt: skip
    quantity = forms.CharField(
        label="How many of each", max_length=12, widget=AmountInput({"class": "form-control num w4"}),
        error_messages={"required": "Write how many are dispensed each time."},
    )  # fmt: skip
    attested = forms.BooleanField(required=False, label="")

    def __init__(self, *args: Any, statement: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["attested"].label = f"I attest: {statement}"


class MoreForm(TandemForm):
    """How many refills are added."""

    refills = forms.IntegerField(
        label="Refills added", widget=AmountInput({"class": "form-control num w4"}),
        help_text="They count toward the five in six months, and end when the first prescription does.",
        error_messages={"required": "Write how many.", "invalid": "Write how many as a whole number."},
    )  # fmt: skip


class CertifiedForm(TandemForm):
    """What the certified system did."""

    status = forms.ChoiceField(
        choices=STATUSES, widget=forms.RadioSelect, label="What happened",
        error_messages={"required": "Choose what happened."},
    )  # fmt: skip
    number = forms.CharField(
        max_length=60, required=False, label="Its number", help_text="As the certified system or the pad shows it."
    )
    words = forms.CharField(max_length=200, required=False, label="In a line")


class ReviewForm(TandemForm):
    """The log was looked through."""

    words = forms.CharField(
        max_length=300, required=False, label="What is not right, if anything",
        help_text="What you did not sign is told to the practice manager and the certified system at once.",
    )  # fmt: skip
