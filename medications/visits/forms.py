"""The fields of a medication visit beside its note."""

from collections.abc import Mapping
from typing import Any

from django import forms

from clinic.web.forms import AmountInput, TandemForm
from medications.visits.actions import Facts
from medications.visits.models import Visit
from medications.visits.rules import LEVELS


class VisitForm(TandemForm):
    """The care team's line, the level of decision making, vital signs, minutes of the medical visit."""

    units = {"systolic": "mmHg", "diastolic": "mmHg", "pulse": "/min", "weight_kg": "kg"}
    line = forms.CharField(
        max_length=500, required=False, label="Line for the care team", widget=forms.Textarea(attrs={"rows": 3}),
        help_text="The therapist reads it on the chart.",
    )  # fmt: skip
    em_level = forms.ChoiceField(
        choices=[("", "not chosen yet"), *((one, one) for one in LEVELS)], required=False, label="Decision making"
    )
    em_minutes = forms.IntegerField(
        min_value=0, max_value=720, required=False, label="Minutes of the medical visit", widget=AmountInput
    )
    systolic = forms.IntegerField(required=False, label="Upper pressure", widget=AmountInput)
    diastolic = forms.IntegerField(required=False, label="Lower pressure", widget=AmountInput)
    pulse = forms.IntegerField(required=False, label="Pulse", widget=AmountInput)
    weight_kg = forms.DecimalField(
        max_digits=5, decimal_places=1, required=False, label="Weight", widget=AmountInput
    )  # fmt: skip

    def facts(self) -> Facts | None:
        """What was typed; None where it cannot be stored as sent."""
        if self.errors:
            return None
        data = self.cleaned_data
        return Facts(**{name: data[name] for name in self.base_fields})


def stored(visit: Visit) -> Mapping[str, Any]:
    """What the form shows at first."""
    names = ("line", "em_level", "systolic", "diastolic", "pulse", "weight_kg")
    return {name: getattr(visit, name) for name in names} | {"em_minutes": visit.note.em_minutes}
