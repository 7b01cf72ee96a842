"""Forms of the checks' room: what is attested, and why a check is lowered."""

from django import forms

from clinic.web.forms import DateInput, TandemForm
from medications.safety.models import RESULTS


class LookUpForm(TandemForm):
    """What the monitoring program showed. The report itself stays where it is."""

    result = forms.ChoiceField(
        choices=RESULTS, widget=forms.RadioSelect, label="The program showed",
        error_messages={"required": "Choose what the program showed."},
    )  # fmt: skip
    words = forms.CharField(
        max_length=300, required=False, label="In a line",
        help_text="What was not expected and what follows, or why it was not looked up. Do not copy the report.",
    )  # fmt: skip
    looked_on = forms.DateField(
        label="Looked up on", widget=DateInput(attrs={"class": "form-control w9"}),
        error_messages={"required": "Say on which day.", "invalid": "Write the day as a date."},
    )  # fmt: skip


class ExamForm(TandemForm):
    """An examination in person."""

    examined_on = forms.DateField(
        label="Examined in person on", widget=DateInput(attrs={"class": "form-control w9"}),
        error_messages={"required": "Say on which day.", "invalid": "Write the day as a date."},
    )  # fmt: skip
    where = forms.ChoiceField(
        choices=[("here", "here"), ("elsewhere", "by a referring prescriber")], widget=forms.RadioSelect, label="Where",
        error_messages={"required": "Say where."},
    )  # fmt: skip
    words = forms.CharField(
        max_length=300, required=False, label="By whom", help_text="Where it was not here: name and practice."
    )


class ReasonForm(TandemForm):
    """Why."""

    reason = forms.CharField(
        max_length=300, label="Why", widget=forms.TextInput({"class": "form-control"}),
        error_messages={"required": "Write why, in a line."},
    )  # fmt: skip
