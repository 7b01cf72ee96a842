"""Forms of the risk room."""

from django import forms

from clinic.web.forms import TandemForm
from patients.risk.models import Disposition


class RaiseForm(TandemForm):
    """What was seen or heard, in a sentence."""

    sentence = forms.CharField(
        label="What did you see or hear?", max_length=300,
        help_text="One sentence. The whole care team and who is on call read it at once.",
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Write in a sentence what you saw or heard."},
    )  # fmt: skip


class CloseForm(TandemForm):
    """How it ended, and what was found and agreed."""

    disposition = forms.ChoiceField(
        label="How did this end?", choices=Disposition.choices, widget=forms.RadioSelect,
        error_messages={"required": "Choose how this ended.", "invalid_choice": "Choose how this ended."},
    )  # fmt: skip
    words = forms.CharField(
        label="What was found and agreed, and with whom", max_length=4_000, widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": "Write what was found and agreed, and with whom."},
    )  # fmt: skip
