"""The fields of a medication visit beside its note."""

from collections.abc import Mapping
from typing import Any

from django import forms

from clinic.web.forms import AmountInput, TandemForm
from medications.visits import calc
from medications.visits.actions import Facts
from medications.visits.models import Visit
from medications.visits.rules import LEVELS
from patients.notes.rules import MOST_MINUTES

# The fields stand beside the note, outside its form.
BESIDE = {"form": "note-form", "class": "form-control"}
NUMBER = {"form": "note-form", "class": "form-control num w4"}


class VisitForm(TandemForm):
    """The care team's line, the level of decision making, vital signs, minutes of the medical visit.

    A field that is wrong keeps nothing else from being saved.
    """

    line = forms.CharField(
        max_length=500, required=False, label="Line for the care team",
        widget=forms.Textarea(attrs={**BESIDE, "rows": 3, "maxlength": 500, "aria-describedby": "line-about"}),
    )  # fmt: skip
    em_level = forms.ChoiceField(
        choices=[("", "not chosen yet"), *((one, one) for one in LEVELS)], required=False, label="Decision making",
        error_messages={"invalid_choice": "Choose the level of decision making from the list."},
    )  # fmt: skip
    em_minutes = forms.IntegerField(
        min_value=0, max_value=MOST_MINUTES, required=False, label="Medical visit", widget=AmountInput(NUMBER)
    )
    systolic = forms.IntegerField(required=False, label="Upper", widget=AmountInput(NUMBER))
    diastolic = forms.IntegerField(required=False, label="Lower", widget=AmountInput(NUMBER))
    pulse = forms.IntegerField(required=False, label="Pulse", widget=AmountInput(NUMBER))
    weight_kg = forms.DecimalField(
        max_digits=5, decimal_places=1, required=False, label="Weight", widget=AmountInput(NUMBER)
    )

    def clean(self) -> dict[str, Any]:
        """Vital signs that can be."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        given = {name: data.get(name) for name in calc.RANGES}
        for name, sentence in calc.vitals_problems(**given).items():
            if not (name in self.errors or (name in calc.PRESSURE and calc.PRESSURE & self.errors.keys())):
                self.add_error(name, sentence)
        return data

    def facts(self, visit: Visit) -> Facts:
        """What was typed; what is wrong, or was not on the page, as it is stored."""
        known, data = stored(visit), self.cleaned_data
        wrong = {name for name in known if name in self.errors or name not in self.data}
        if wrong & calc.PRESSURE:
            wrong |= calc.PRESSURE
        return Facts(**{name: known[name] if name in wrong else data[name] for name in known})


def stored(visit: Visit) -> Mapping[str, Any]:
    """What the form shows at first."""
    names = ("line", "em_level", "systolic", "diastolic", "pulse", "weight_kg")
    return {name: getattr(visit, name) for name in names} | {"em_minutes": visit.note.em_minutes}
