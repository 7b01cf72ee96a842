"""Forms of the refill desk."""

from typing import Any

from django import forms

from clinic.web.forms import AmountInput, TandemForm
from medications.prescribing.actions import Supply
from medications.refills import gates
from medications.refills.models import RefillRequest


class DecideForm(TandemForm):
    """A decision: supply, a reason for every gate that asks; or why not, and what the patient is told."""

    units = {"quantity": "units", "days": "days"}
    quantity = forms.DecimalField(max_digits=9, decimal_places=3, min_value=0, required=False, widget=AmountInput)
    days = forms.IntegerField(min_value=1, max_value=366, required=False, widget=AmountInput)
    refills = forms.IntegerField(min_value=0, max_value=12, required=False, widget=AmountInput)

    def __init__(self, *args: Any, request_row: RefillRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.asking = gates.against(request_row.gates)
        for gate in self.asking:
            self.fields[f"reason:{gate['gate']}"] = forms.CharField(
                max_length=300, required=False, label=f"{gate['label']}: your reason", help_text=gate["sentence"]
            )
        self.fields["reason"] = forms.CharField(max_length=500, required=False, label="Why not, for the care team")
        self.fields["told_patient"] = forms.CharField(max_length=300, required=False, label="What the patient is told")

    def reasons(self) -> dict[str, str]:
        """The reasons by gate."""
        return {gate["gate"]: self.cleaned_data.get(f"reason:{gate['gate']}", "") for gate in self.asking}

    def supply(self) -> Supply | None:
        """The supply that was typed; None if nothing was."""
        data = self.cleaned_data
        if not data.get("quantity") or not data.get("days"):
            return None
        return Supply(data["quantity"], data["days"], data.get("refills") or 0)


class CallForm(TandemForm):
    """What the patient said, for whoever calls back; no medicine needs a name here."""

    words = forms.CharField(max_length=200, required=False, label="What to know before calling")
