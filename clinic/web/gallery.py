"""What the gallery page shows: a form with an error, and the colours by name."""

from django import forms

from clinic.web.forms import TandemForm

SWATCHES = [
    ("ink", "text, primary, scores"),
    ("ink-2", "second voice"),
    ("ink-3", "labels, axes"),
    ("edge", "fields, hollow marks"),
    ("line", "hairlines"),
    ("well", "read-only, hover"),
    ("therapy-fill", "therapy: disc, tick"),
    ("med-fill", "medication: square"),
    ("med-tint", "staircase"),
    ("risk", "risk, refusal"),
    ("risk-tint", "block ground"),
    ("focus", "focus ring only"),
]


class GalleryForm(TandemForm):
    """One field of each kind."""

    units = {"dose": "mg"}

    symptom = forms.CharField(label="Target symptom", help_text="What this medicine is for, in their words if you can.")
    dose = forms.DecimalField(max_digits=6, decimal_places=2)
    when = forms.MultipleChoiceField(
        label="Remind", choices=[("3", "3 days before"), ("1", "1 day before")], widget=forms.CheckboxSelectMultiple
    )
    shaking = forms.ChoiceField(
        label="Sweats or shaking", choices=[("none", "none"), ("some", "some"), ("lot", "a lot")],
        widget=forms.RadioSelect,
    )  # fmt: skip
    day = forms.DateField(label="From", required=False)
    kind = forms.ChoiceField(label="Kind", choices=[("s", "session"), ("v", "visit")], required=False)
    agreed = forms.BooleanField(label="The patient agrees", required=False, help_text="Said so today.")

    def clean_dose(self) -> object:
        """Always above the label, so that the page shows an error."""
        raise forms.ValidationError("250 mg is above the label’s 200 mg a day. Enter 200 or less.")
