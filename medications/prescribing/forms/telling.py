"""What is told of a medicine: why it is held or stopped, what was dispensed or lost, what comes from elsewhere."""

from typing import Any

from django import forms

from clinic.web.forms import AmountInput, DateInput, TandemForm
from medications.catalogue import queries as catalogue

AS_WRITTEN = "as-written"
TOLD = [
    ("pharmacy", "the pharmacy"), ("patient", "the patient"), ("sample", "nobody: a sample handed out here")
]  # fmt: skip


class ReasonForm(TandemForm):
    """One line that says why."""

    reason = forms.CharField(
        label="Why", max_length=300, widget=forms.TextInput({"class": "form-control"}),
        error_messages={"required": "Write why, in a line."},
    )  # fmt: skip
    based_on = forms.IntegerField(required=False, widget=forms.HiddenInput)


class StopForm(ReasonForm):
    """From which day none is taken, and why."""

    field_order = ["on", "reason"]

    on = forms.DateField(
        label="First day without", widget=DateInput(attrs={"class": "form-control w9"}),
        error_messages={"required": "Say from which day.", "invalid": "Write the day as a date."},
    )  # fmt: skip


class FillForm(TandemForm):
    """What was dispensed, as pharmacy or patient tells."""

    filled_on = forms.DateField(
        label="Dispensed on", widget=DateInput(attrs={"class": "form-control w9"}),
        error_messages={"required": "Say on which day.", "invalid": "Write the day as a date."},
    )  # fmt: skip
    quantity = forms.CharField(
        label="How many", max_length=12, widget=AmountInput({"class": "form-control num w4"}),
        error_messages={"required": "Write how many were dispensed."},
    )  # fmt: skip
    days_supply = forms.IntegerField(
        label="For how many days", widget=AmountInput({"class": "form-control num w4"}),
        error_messages={"required": "Write for how many days.", "invalid": "Write the days as a whole number."},
    )  # fmt: skip
    told_by = forms.ChoiceField(
        label="Who told it", choices=TOLD,
        widget=forms.Select({"class": "form-select"}),
    )  # fmt: skip
    partial = forms.BooleanField(
        label="Only a part of it: the pharmacy owes the rest", required=False,
        widget=forms.CheckboxInput({"class": "form-check-input"}),
    )  # fmt: skip
    lot = forms.CharField(
        label="Lot of the sample", required=False, max_length=40, widget=forms.TextInput({"class": "form-control w9"})
    )

    def __init__(self, *args: Any, samples: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not samples:  # nobody else hands them out
            field = self.fields["told_by"]
            assert isinstance(field, forms.ChoiceField)
            field.choices = TOLD[:-1]
            del self.fields["lot"]


class LossForm(TandemForm):
    """What the patient no longer has, and how that came."""

    lost_on = forms.DateField(
        label="Since", widget=DateInput(attrs={"class": "form-control w9"}),
        error_messages={"required": "Say since which day.", "invalid": "Write the day as a date."},
    )  # fmt: skip
    days = forms.IntegerField(
        label="How many days of it are gone", required=False,
        widget=AmountInput({"class": "form-control num w4"}), help_text="Nothing typed: all that was left.",
        error_messages={"invalid": "Write the days as a whole number."},
    )  # fmt: skip
    reason = forms.CharField(
        label="What happened, as the patient tells", max_length=300, widget=forms.TextInput({"class": "form-control"}),
        error_messages={"required": "Write what happened, in a line."},
    )  # fmt: skip


class ReportForm(TandemForm):
    """A medicine from elsewhere. A name that is nearly one of the catalogue's is asked about: no check counts it."""

    field_order = ["drug_text", "meant"]

    drug_text = forms.CharField(
        label="Medicine", max_length=120, widget=forms.TextInput({"class": "form-control", "autocomplete": "off"}),
        help_text="Brand or generic name. What the catalogue knows is checked with the rest.",
        error_messages={"required": "Write the name of the medicine."},
    )  # fmt: skip
    origin = forms.ChoiceField(
        label="Who says so",
        choices=[("reported", "the patient reports it"), ("outside", "somebody else prescribed it")],
        widget=forms.Select({"class": "form-select"}),
    )
    sig_text = forms.CharField(
        label="How it is taken", max_length=200, required=False, widget=forms.TextInput({"class": "form-control"})
    )
    started_on = forms.DateField(
        label="Since", widget=DateInput(attrs={"class": "form-control w9"}),
        error_messages={"required": "Say since when, about.", "invalid": "Write the day as a date."},
    )  # fmt: skip
    meant = forms.CharField(label="Is it one of these?", required=False, max_length=200, widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        """The name as it is meant."""
        data: dict[str, Any] = super().clean() or {}
        name, chosen = data.get("drug_text", ""), data.pop("meant", "")
        offered = catalogue.meant(name) if name else []
        if chosen in offered:
            data["drug_text"] = chosen
        elif offered and chosen != AS_WRITTEN:
            choices = [
                *((one, one) for one in offered),
                (AS_WRITTEN, f"none of these: keep “{name}”, which no check counts"),
            ]
            self.fields["meant"].required = True
            self.fields["meant"].widget = forms.RadioSelect(choices=choices)
            self.add_error("meant", "The catalogue does not know this name. Choose what is meant.")
        return data


class LinkForm(TandemForm):
    """Which problem of the plan a prescription is for, and as which intervention it stands there."""

    problem = forms.ChoiceField(
        label="Problem", widget=forms.Select({"class": "form-select"}),
        error_messages={"required": "Choose a problem of the plan.", "invalid_choice": "Choose a problem of the plan."},
    )  # fmt: skip
    intervention = forms.ChoiceField(
        label="As the plan’s intervention", required=False, widget=forms.Select({"class": "form-select"})
    )

    def __init__(
        self, *args: Any, problems: list[tuple[str, str]], interventions: list[tuple[str, str]], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        for name, rows in (("problem", problems), ("intervention", [("", "none yet"), *interventions])):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = rows
