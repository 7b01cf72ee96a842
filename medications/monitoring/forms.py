"""Forms of monitoring: one result, an answer to it, a circumstance, a file and its columns."""

from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

from django import forms

from clinic import clock
from clinic.rows import new_id
from clinic.web.forms import AmountInput, LocalDateTimeField, TandemForm
from medications.monitoring import calc, imports
from medications.monitoring.actions import Given
from medications.monitoring.circumstances import KNOWN
from medications.monitoring.knowledge import Item
from patients.record.models import Patient

NUMBER = {"class": "form-control num w6"}


def _number(label: str, *, required: bool = False, hint: str = "") -> forms.DecimalField:
    return forms.DecimalField(
        label=label, required=required, max_digits=13, decimal_places=4, min_value=0, widget=AmountInput(NUMBER),
        help_text=hint,
        error_messages={
            "invalid": "Write a number, such as 0.7.", "required": "Write the number.",
            "min_value": "Write a number from 0 up.", "max_digits": "That number is far too long.",
            "max_whole_digits": "That number is far too large.", "max_decimal_places": "Four decimals at most.",
        },
    )  # fmt: skip


class ResultForm(TandemForm):
    """One result of one kind: number, unit and range, or words; when it was taken, how long after the last dose."""

    value = _number("Result")
    unit = forms.ChoiceField(required=False, label="Unit")
    words = forms.CharField(max_length=200, required=False, label="What was found")
    low = _number("Laboratory’s range, from")
    high = _number("to")
    taken_at = LocalDateTimeField(
        label="Taken", error_messages={"required": "Enter when it was taken.", "invalid": "Enter a day and a time."}
    )
    hours_after_dose = forms.DecimalField(
        label="Hours after the last dose", required=False, max_digits=4, decimal_places=1, min_value=0, max_value=96,
        widget=AmountInput(NUMBER),
        error_messages={
            "invalid": "Write hours, such as 12.", "min_value": "0 to 96 hours.", "max_value": "0 to 96 hours.",
        },
    )  # fmt: skip
    sure = forms.BooleanField(required=False, label="Right as typed")
    key = forms.UUIDField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, item: Item, patient: Patient, **kwargs: Any) -> None:
        self.item, self.patient = item, patient
        now = clock.now().astimezone(patient.zone).replace(second=0, microsecond=0)
        kwargs["initial"] = {"key": new_id(), "taken_at": now, "unit": item.unit, **kwargs.get("initial", {})}
        super().__init__(*args, **kwargs)
        taken, unit = self.fields["taken_at"], self.fields["unit"]
        assert isinstance(taken, LocalDateTimeField)
        assert isinstance(unit, forms.ChoiceField)
        taken.zone = ZoneInfo(str(patient.zone))
        unit.choices = [(one, calc.shown_unit(one)) for one in calc.units_for(item.code, item.unit)]
        unit.error_messages["invalid_choice"] = "Choose the unit from the list."
        if item.unit:
            self.fields["value"].required = True
            del self.fields["words"]
        else:
            for name in ("value", "unit", "low", "high", "sure"):
                del self.fields[name]
            self.fields["words"].required = True
            self.fields["words"].error_messages["required"] = "Write what was found."
            if item.question:
                self.fields["words"].label = "What was said"
                self.fields["words"].help_text = "“Nothing new” counts as an answer."
        if item.kind != "lab" or not item.unit:
            del self.fields["hours_after_dose"]

    def given(self) -> Given:
        """As the action takes it."""
        data = self.cleaned_data
        return Given(
            self.item.code, data["taken_at"], data.get("value"), data.get("unit") or "", data.get("words") or "",
            data.get("low"), data.get("high"), data.get("hours_after_dose"), bool(data.get("sure")),
        )  # fmt: skip


class AnswerForm(TandemForm):
    """What a prescriber does about a result."""

    words = forms.CharField(
        max_length=300, label="What is done about it", error_messages={"required": "Write what is done about it."}
    )


class RetractForm(TandemForm):
    """Why a result is wrong."""

    reason = forms.CharField(
        max_length=300, label="What was wrong", error_messages={"required": "Write what was wrong."}
    )


class CircumstanceForm(TandemForm):
    """Something that changes what is due."""

    key = forms.ChoiceField(
        label="What holds", choices=[(key, one.words) for key, one in KNOWN.items()],
        error_messages={"required": "Choose one.", "invalid_choice": "Choose one of the circumstances."},
    )  # fmt: skip
    since = forms.DateField(label="Since", error_messages={"required": "Enter the day.", "invalid": "Enter the day."})
    words = forms.CharField(
        max_length=300, label="How it is known",
        error_messages={"required": "Write how it is known, in a line: the care team reads it."},
    )  # fmt: skip


class FileForm(TandemForm):
    """A file of results."""

    file = forms.FileField(
        label="CSV file from the laboratory",
        help_text=f"One line a result, {imports.MOST_LINES:,} at most; the first line names the columns.",
        error_messages={
            "required": "Choose a file.", "empty": "The file is empty.", "invalid": "Choose a file.",
            "missing": "Choose a file.",
        },
    )  # fmt: skip


class ColumnsForm(TandemForm):
    """Which column holds what."""

    def __init__(self, *args: Any, header: Sequence[str], columns: dict[str, int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        places = [(str(place), name or f"column {place + 1}") for place, name in enumerate(header)]
        for key, (label, needed, _) in imports.FIELDS.items():
            self.fields[key] = forms.TypedChoiceField(
                label=label, required=needed, coerce=int, empty_value=None, choices=[("", "not in the file"), *places],
                initial=columns.get(key),
                error_messages={"required": "Choose a column.", "invalid_choice": "Choose one of the columns."},
            )  # fmt: skip

    def columns(self) -> dict[str, int]:
        """The places that were chosen."""
        return {key: place for key, place in self.cleaned_data.items() if place is not None}
