"""Forms of pharmacies."""

from collections.abc import Iterable
from typing import Any

from django import forms

from clinic.web.forms import DateInput, TandemForm
from medications.pharmacies.models import Pharmacy

NONE, PAPER = "none", "paper"
TOLD = [("pharmacy", "the pharmacy"), ("patient", "the patient")]


def label(row: Pharmacy) -> str:
    """A pharmacy as people choose it."""
    return f"{row.name}, {row.address_line}, {row.city}"


class PharmacyForm(TandemForm):
    """A pharmacy of the list."""

    name = forms.CharField(max_length=120)
    address_line = forms.CharField(max_length=200, label="Street and number")
    city = forms.CharField(max_length=80)
    state = forms.CharField(max_length=2, min_length=2, help_text="Two letters, such as OR.")
    zip_code = forms.CharField(max_length=10, label="ZIP code")
    phone = forms.CharField(max_length=30, label="Telephone", help_text="Such as 503-555-0100.")
    fax = forms.CharField(max_length=30, required=False, help_text="Where prescriptions are faxed; empty if unknown.")
    ncpdp_id = forms.CharField(
        max_length=7, required=False, label="NCPDP id", help_text="Seven digits, as the pharmacy’s own papers show it."
    )
    hours = forms.CharField(max_length=200, required=False, label="Opening hours", help_text="Mon–Fri 9–6, Sat 10–2")
    based_on = forms.IntegerField(required=False, widget=forms.HiddenInput)

    @classmethod
    def of(cls, row: Pharmacy) -> dict[str, Any]:
        """What the form shows at first."""
        known: dict[str, Any] = {name: getattr(row, name) for name in cls.base_fields if name != "based_on"}
        fax = row.fax.as_national if row.fax else ""
        return known | {"phone": row.phone.as_national, "fax": fax, "based_on": row.revision}


class CloseForm(TandemForm):
    """Why a pharmacy is used no more."""

    reason = forms.CharField(max_length=200, label="Why it is used no more")


class ChooseForm(TandemForm):
    """Which pharmacy the patient prefers."""

    pharmacy = forms.ChoiceField(
        label="Pharmacy", error_messages={"invalid_choice": "Choose a pharmacy of the list, or none."}
    )

    def __init__(self, *args: Any, pharmacies: Iterable[Pharmacy], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.rows = {str(row.pk): row for row in pharmacies}
        choice = self.fields["pharmacy"]
        assert isinstance(choice, forms.ChoiceField)
        choice.choices = [*((key, label(row)) for key, row in self.rows.items()), (NONE, "None: the patient decides")]

    @property
    def chosen(self) -> Pharmacy | None:
        """The pharmacy; None for none."""
        return self.rows.get(self.cleaned_data["pharmacy"])


class ResendForm(TandemForm):
    """Where a prescription that did not leave goes now."""

    where = forms.ChoiceField(
        label="Where it goes now", error_messages={"invalid_choice": "Choose a pharmacy of the list, or paper."}
    )

    def __init__(self, *args: Any, pharmacies: Iterable[Pharmacy], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.rows = {str(row.pk): row for row in pharmacies}
        choice = self.fields["where"]
        assert isinstance(choice, forms.ChoiceField)
        choice.choices = [*((key, label(row)) for key, row in self.rows.items()), (PAPER, "On paper, to the patient")]

    @property
    def chosen(self) -> Pharmacy | None:
        """The pharmacy; None on paper."""
        return self.rows.get(self.cleaned_data["where"])


class PickUpForm(TandemForm):
    """The day on which the patient had it in hand, and who said so."""

    on = forms.DateField(label="Picked up on", widget=DateInput())
    told_by = forms.ChoiceField(
        choices=TOLD,
        label="Told by",
        error_messages={"invalid_choice": "Say who told it: the pharmacy or the patient."},
    )


class ModuleForm(TandemForm):
    """The number that the certified module gave."""

    number = forms.CharField(max_length=60, label="Number in the certified module")


class CodeForm(TandemForm):
    """The code that stands on a prescription."""

    code = forms.CharField(max_length=40, label="Code on the prescription", help_text="Such as 7K4M-Q2XD-9RTB.")
