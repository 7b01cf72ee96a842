"""What an investigator asks for: typed by POST (a record number names a person), kept in the address as ids."""

from typing import Any

from django import forms

from clinic.audit.enums import Kind, Outcome
from clinic.audit.queries import Wanted
from clinic.ports import load
from clinic.web.forms import DateInput, TandemForm

ANY = [("", "any")]


class WantedForm(TandemForm):
    """The filter above the audit."""

    number = forms.IntegerField(label="Record number", required=False, min_value=1, max_value=2**31 - 1)
    person = forms.TypedChoiceField(label="Person", required=False, coerce=str)
    kind = forms.ChoiceField(label="Kind", required=False, choices=[*ANY, *Kind.choices])
    outcome = forms.ChoiceField(label="Outcome", required=False, choices=[*ANY, *Outcome.choices])
    since = forms.DateField(label="From", required=False, widget=DateInput)
    until = forms.DateField(label="Until", required=False, widget=DateInput)

    def __init__(self, *args: Any, people: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.asked_sometimes = True  # type: ignore[attr-defined]  # nobody expects a filter to be filled in
        self.fields["person"].choices = [*ANY, *people]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """The record number as the patient's id; a period that begins before it ends."""
        cleaned = dict(super().clean() or {})
        if number := cleaned.get("number"):
            (names,) = load("PATIENT_NAMES")
            cleaned["patient"] = names.by_number(number)
            if cleaned["patient"] is None:
                self.add_error("number", "No patient has this record number. Check it on the patient’s page.")
        if cleaned.get("since") and cleaned.get("until") and cleaned["until"] < cleaned["since"]:
            self.add_error("until", "The period ends before it begins. Choose a later day.")
        return cleaned


class AddressForm(forms.Form):
    """The same, as the address holds it."""

    patient = forms.UUIDField(required=False)
    person = forms.UUIDField(required=False)
    kind = forms.ChoiceField(required=False, choices=[*ANY, *Kind.choices])
    outcome = forms.ChoiceField(required=False, choices=[*ANY, *Outcome.choices])
    since = forms.DateField(required=False, input_formats=["%Y-%m-%d"])
    until = forms.DateField(required=False, input_formats=["%Y-%m-%d"])
    before = forms.UUIDField(required=False)

    def wanted(self) -> Wanted:
        """The filter."""
        return Wanted(**{key: value for key, value in self.cleaned_data.items() if key != "before"})
