"""Forms of the refill desk."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.db.models import QuerySet

from clinic.web.forms import AmountInput, DateInput, TandemForm
from medications.pharmacies.forms import label as pharmacy_label
from medications.pharmacies.models import Pharmacy
from medications.prescribing.actions import Supply
from medications.prescribing.rules import MOST_DAYS_SUPPLY, MOST_QUANTITY, MOST_REFILLS
from medications.refills.actions.deciding import MOST_REASON
from medications.refills.gates import against

WAYS = ("approve", "bridge", "anew", "visit", "decline")
CHOOSE = "Choose what happens: approve, bridge or decline."
NUMBER, LINE = {"class": "form-control num w4"}, {"class": "form-control", "autocomplete": "off"}


def reason_name(gate: str) -> str:
    """The field that holds the reason for a gate."""
    return f"reason:{gate}"


class PharmacyAskForm(TandemForm):
    """Which pharmacy asks, since when, and what stands on its paper."""

    pharmacy = forms.ModelChoiceField(
        Pharmacy.objects.none(), label="Pharmacy", empty_label=None, widget=forms.Select({"class": "form-select"}),
        error_messages={"required": "Choose the pharmacy.", "invalid_choice": "Choose a pharmacy of the list."},
    )  # fmt: skip
    asked_on = forms.DateField(
        label="Asked on", widget=DateInput(attrs={"class": "form-control w9"}),
        error_messages={"required": "Say on which day.", "invalid": "Write the day as a date."},
    )  # fmt: skip
    words = forms.CharField(
        max_length=200, required=False, label="Its number, or what else it says", widget=forms.TextInput(LINE)
    )

    def __init__(self, *args: Any, pharmacies: QuerySet[Pharmacy], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["pharmacy"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = pharmacies
        field.label_from_instance = pharmacy_label  # type: ignore[assignment,method-assign]


class DecideForm(TandemForm):
    """A decision: which way, the supply, a reason for every gate that asks; or why not, and what the patient is told.

    `answers`: the gates as they stand; `bridged`: the gate that a second bridge meets, if any.
    """

    do = forms.ChoiceField(
        choices=[(one, one) for one in WAYS], error_messages={"required": CHOOSE, "invalid_choice": CHOOSE}
    )
    quantity = forms.DecimalField(
        max_digits=9, decimal_places=3, min_value=0, max_value=MOST_QUANTITY, required=False, label="Quantity",
        widget=AmountInput(NUMBER),
    )  # fmt: skip
    days = forms.IntegerField(
        min_value=1, max_value=MOST_DAYS_SUPPLY, required=False, label="Days’ supply", widget=AmountInput(NUMBER)
    )
    refills = forms.IntegerField(
        min_value=0, max_value=MOST_REFILLS, required=False, label="Refills", widget=AmountInput(NUMBER)
    )
    bridge_days = forms.IntegerField(
        min_value=1, max_value=MOST_DAYS_SUPPLY, required=False, label="Days to bridge", widget=AmountInput(NUMBER)
    )
    reason = forms.CharField(
        max_length=500, required=False, label="Why not, for the care team", widget=forms.TextInput(LINE)
    )
    told_patient = forms.CharField(
        max_length=300, required=False, label="What the patient is told", widget=forms.TextInput(LINE)
    )

    def __init__(
        self,
        *args: Any,
        answers: Sequence[dict[str, str]],
        bridged: dict[str, str] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.asking, self.bridged = against(answers), bridged
        for gate in [*self.asking, *([bridged] if bridged else [])]:
            self.fields[reason_name(gate["gate"])] = forms.CharField(
                max_length=MOST_REASON, required=False, label=f"Your reason: {gate['label']}",
                widget=forms.TextInput({**LINE, "maxlength": MOST_REASON}),
            )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        """Each way needs its own fields, and says which are missing beside them."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        way = data.get("do", "")
        if way in ("approve", "anew"):
            self._needed(("quantity", "Write how many are dispensed."), ("days", "Write for how many days."))
        if way == "approve":
            self._needed(("refills", "Write how many refills, 0 for none."))
        if way == "bridge":
            self._needed(("bridge_days", "Write for how many days."))
        if way == "decline":
            self._needed(
                ("reason", "Write why, in a line: the care team reads it."),
                ("told_patient", "Write what the patient is told."),
            )
        elif way and way != "visit":
            missing = "Write your reason, or leave this one."
            self._needed(*((reason_name(gate["gate"]), missing) for gate in self._asked(way)))
        return data

    def _asked(self, way: str) -> list[dict[str, str]]:
        return [*self.asking, *([self.bridged] if self.bridged and way == "bridge" else [])]

    def _needed(self, *fields: tuple[str, str]) -> None:
        for name, sentence in fields:
            if name not in self.errors and self.cleaned_data.get(name) in (None, ""):
                self.add_error(name, sentence)

    def reasons(self) -> dict[str, str]:
        """The reasons by gate, as far as they were typed."""
        way = self.cleaned_data["do"]
        return {gate["gate"]: self.cleaned_data.get(reason_name(gate["gate"]), "") for gate in self._asked(way)}

    def supply(self) -> Supply:
        """The supply that was typed; a new prescription has no refills."""
        data = self.cleaned_data
        return Supply(data["quantity"], data["days"], data["refills"] if data["do"] == "approve" else 0)

    def words(self) -> list[tuple[str, str]]:
        """What was typed in words, label and text, for a page that cannot take it any more."""
        said = [field for field in self if field.name.startswith("reason") or field.name == "told_patient"]
        found = [(str(field.label), str(self.data.get(field.name, "")).strip()) for field in said]
        return [(label, text) for label, text in found if text]


class CallForm(TandemForm):
    """What the patient said, for whoever calls back; no medicine needs a name here."""

    words = forms.CharField(max_length=200, required=False, label="What to know before calling")
