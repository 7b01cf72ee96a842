"""What people type into pages of the outbox."""

from django import forms

from clinic.outbox.calc import storable
from clinic.web.forms import TandemForm

MOST = 300


class AnswerForm(TandemForm):
    """A patient's answer by text, played in the demo."""

    body = forms.CharField(label="Answer as the patient", max_length=MOST, help_text="Try STOP.")

    def clean_body(self) -> str:
        """Only what a telephone can send."""
        return storable(self.cleaned_data["body"], MOST)


class InboundForm(forms.Form):
    """A text as the gateway hands it over."""

    id = forms.CharField(max_length=100)
    sender = forms.CharField(max_length=40)
    body = forms.CharField(max_length=10_000, required=False, strip=False)
