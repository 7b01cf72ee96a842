"""Forms of the measures room."""

from datetime import datetime, time
from typing import Any

from django import forms

from clinic import clock
from clinic.rows import new_id
from clinic.web.forms import TandemForm
from patients.measures.instruments import Instrument
from patients.record.models import Patient


class RecordForm(TandemForm):
    """The answers of one questionnaire, item by item, as the patient gave them to the clinician."""

    answered_on = forms.DateField(
        label="Answered on", widget=forms.DateInput(attrs={"type": "date"}),
        error_messages={"required": "Enter the day.", "invalid": "Enter the day as month/day/year, 11/23/2026 say."},
    )  # fmt: skip
    key = forms.UUIDField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, instrument: Instrument, patient: Patient, **kwargs: Any) -> None:
        self.instrument, self.patient = instrument, patient
        kwargs["initial"] = {"key": new_id(), "answered_on": clock.today(patient.zone), **kwargs.get("initial", {})}
        super().__init__(*args, **kwargs)
        for item in instrument.items:
            self.fields[f"item_{item.n}"] = forms.TypedChoiceField(
                label=f"{item.n}. {item.text}", required=False, coerce=int, empty_value=None,
                choices=[(str(choice.value), f"{choice.value} · {choice.label}") for choice in item.choices],
                widget=forms.RadioSelect,
                error_messages={"invalid_choice": "Choose one of the answers, or leave the item out."},
            )  # fmt: skip

    def items(self) -> list[forms.BoundField]:
        """The items' fields in order."""
        return [self[f"item_{item.n}"] for item in self.instrument.items]

    def answers(self) -> list[int | None]:
        """The answers in the order of the items."""
        return [self.cleaned_data[f"item_{item.n}"] for item in self.instrument.items]

    def answered_at(self) -> datetime:
        """Now, if the day is today; else noon of that day where the patient lives."""
        day = self.cleaned_data["answered_on"]
        if day == clock.today(self.patient.zone):
            return clock.now()
        return datetime.combine(day, time(12), tzinfo=self.patient.zone)


class RetractForm(TandemForm):
    """Why a score is wrong."""

    reason = forms.CharField(
        label="Why is it wrong?", max_length=300, help_text="Another person's answers, say.",
        error_messages={"required": "Write why the score is wrong: another person's answers, say."},
    )  # fmt: skip


class CodeForm(TandemForm):
    """The six digits that the desk's page shows."""

    code = forms.CharField(
        label="The six digits from the desk", max_length=20,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "one-time-code"}),
        error_messages={"required": "Type the six digits that the desk's page shows."},
    )  # fmt: skip

    def clean_code(self) -> str:
        """Digits only, spaces between them forgiven."""
        digits = "".join(self.cleaned_data["code"].split())
        if not (len(digits) == 6 and digits.isascii() and digits.isdigit()):
            raise forms.ValidationError("Type the six digits that the desk's page shows.")
        return digits
