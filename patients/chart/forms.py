"""Forms of the chart."""

from typing import Any

from django import forms

from clinic.rows import new_id
from clinic.web.forms import TandemForm


class EventForm(TandemForm):
    """A life event: a few words and a day. `key` makes a repeated submit one event."""

    words = forms.CharField(label="What happened", max_length=120, strip=True)
    on = forms.DateField(label="On")
    key = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["key"].initial = new_id


class InErrorForm(TandemForm):
    """Why something was entered in error."""

    reason = forms.CharField(label="Why", max_length=300)
