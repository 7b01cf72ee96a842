"""Forms of the draft editor, of signing and of readings."""

from typing import Any

from django import forms

from clinic.staff.models import User
from clinic.web.forms import TandemForm
from patients.measures import instruments
from patients.plan import queries
from patients.plan.enums import Agreement, Arm, Owner
from patients.plan.models import InterventionRow, ObjectiveRow, ProblemRow
from patients.record import access
from patients.record.models import Condition, Patient


class RowForm(TandemForm):
    """A row of the draft; `based_on` is the draft's revision that the typed words were based on."""

    based_on = forms.IntegerField(required=False, min_value=0, widget=forms.HiddenInput)

    def __init__(self, *args: Any, patient: Patient, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.patient = patient

    def given(self) -> dict[str, Any]:
        """What the action takes."""
        return {name: value for name, value in self.cleaned_data.items() if name != "based_on"}


class ProblemForm(RowForm):
    """A problem: its words, the diagnosis it goes with, the goal as the patient says it."""

    title = forms.CharField(label="Problem", max_length=200)
    condition = forms.ModelChoiceField(Condition.objects.none(), label="Diagnosis", required=False, empty_label="none")
    goal_words = forms.CharField(
        label="Goal, in the patient's own words", required=False, max_length=4_000,
        widget=forms.Textarea(attrs={"rows": 2, "class": "voice"}),
    )  # fmt: skip

    def __init__(self, *args: Any, patient: Patient, **kwargs: Any) -> None:
        super().__init__(*args, patient=patient, **kwargs)
        field = self.fields["condition"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = Condition.objects.filter(patient=patient, retracted_at=None, resolved_on=None)
        field.label_from_instance = lambda obj: f"{obj.code} {obj.title}"  # type: ignore[method-assign]


class ObjectiveForm(RowForm):
    """An objective: a questionnaire, or a behaviour with its unit; from where, to where, by when, whose."""

    words = forms.CharField(label="What is to be reached", max_length=300)
    owner = forms.ChoiceField(label="Whose it is", choices=Owner.choices)
    instrument = forms.ChoiceField(label="Measured by", required=False)
    unit = forms.CharField(label="Unit, for a behavior", required=False, max_length=40)
    baseline = forms.DecimalField(label="Start", required=False, max_digits=9, decimal_places=2)
    target = forms.DecimalField(label="Aim", required=False, max_digits=9, decimal_places=2)
    target_is_below = forms.BooleanField(label="the aim is to be under this number", required=False)
    target_on = forms.DateField(label="By", required=False)

    def __init__(self, *args: Any, patient: Patient, **kwargs: Any) -> None:
        super().__init__(*args, patient=patient, **kwargs)
        field = self.fields["instrument"]
        assert isinstance(field, forms.ChoiceField)
        known = [(key, found.short_name) for key, found in instruments.everything().items() if found.range]
        field.choices = [("", "a behavior, as seen"), *known]


TEXTS = ("modality", "words", "frequency", "duration")  # what a medication row takes from its prescription


class InterventionForm(RowForm):
    """An intervention: therapy, what the patient does, or a medication row that shows the live prescription.

    Its kind stays what it was: a row that stands (`stands` among the initial values) is not asked for it again.
    """

    arm = forms.ChoiceField(label="What kind", choices=Arm.choices)
    modality = forms.ChoiceField(label="Modality", required=False)
    words = forms.CharField(label="What is done", required=False, max_length=300)
    frequency = forms.CharField(label="How often", required=False, max_length=60)
    duration = forms.CharField(label="For how long", required=False, max_length=60)
    provider = forms.ModelChoiceField(User.objects.none(), label="Who", required=False, empty_label="nobody named")

    def __init__(self, *args: Any, patient: Patient, **kwargs: Any) -> None:
        super().__init__(*args, patient=patient, **kwargs)
        modality, provider = self.fields["modality"], self.fields["provider"]
        assert isinstance(modality, forms.ChoiceField)
        assert isinstance(provider, forms.ModelChoiceField)
        kept = self.initial.get("modality") or ""
        known = queries.modalities()
        modality.choices = [("", "none"), *known, *([] if kept in dict(known) or not kept else [(kept, kept)])]
        team = access.members().filter(patient=patient).values("user")
        provider.queryset = User.objects.filter(pk__in=team)
        provider.label_from_instance = lambda obj: str(obj.signature)  # type: ignore[method-assign]
        if self.initial.get("stands"):
            del self.fields["arm"]
            if self.initial.get("arm") == Arm.MEDICATION:
                for name in TEXTS:
                    del self.fields[name]

    def clean(self) -> dict[str, Any]:
        """A medication row has no words of its own: what was typed before its kind was chosen is left out."""
        found = dict(super().clean() or {})
        if found.get("arm") == Arm.MEDICATION:
            found |= dict.fromkeys(TEXTS, "")
        return found


class CriteriaForm(TandemForm):
    """When the plan has done its work."""

    based_on = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
    discharge_criteria = forms.CharField(
        label="Ready to finish when", required=False, max_length=4_000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )  # fmt: skip


class SignForm(TandemForm):
    """The patient's word on the plan (R-TP-04), and the revision that was read."""

    based_on = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
    patient_agreed = forms.ChoiceField(
        label="The patient", required=False, choices=Agreement.choices, widget=forms.RadioSelect
    )


class ReadingForm(TandemForm):
    """Where a behaviour stood on a day."""

    value = forms.DecimalField(
        label="Now", max_digits=9, decimal_places=2, widget=forms.NumberInput(attrs={"class": "w6"})
    )
    on = forms.DateField(label="On", widget=forms.DateInput(attrs={"class": "w9"}))


def initial_of(row: ProblemRow | ObjectiveRow | InterventionRow) -> dict[str, Any]:
    """What the form of a row begins with."""
    names = {
        ProblemRow: ("title", "condition", "goal_words"),
        ObjectiveRow: (
            "words", "owner", "instrument", "unit", "baseline", "target", "target_is_below", "target_on",
        ),
        InterventionRow: ("arm", "modality", "words", "frequency", "duration", "provider"),
    }  # fmt: skip
    found = {name: getattr(row, name) for name in names[type(row)]} | {"stands": True}
    return {name: value.normalize() if name in ("baseline", "target") and value is not None else value
            for name, value in found.items()}  # fmt: skip
