"""Forms of the handoffs room."""

from typing import Any

from django import forms

from clinic.rows import new_id
from clinic.staff.models import User
from clinic.web.forms import TandemForm
from patients.handoffs import queries
from patients.record.models import Patient


class Receiver(forms.ModelChoiceField):  # type: ignore[type-arg]  # not subscriptable at run time
    """People by name and credentials."""

    def label_from_instance(self, obj: Any) -> str:
        """As they sign."""
        return str(obj.signature)


class LineForm(TandemForm):
    """The words of a line, and its key, so that a repeated submit sends once."""

    words = forms.CharField(
        label="Your line", max_length=4_000, widget=forms.Textarea(attrs={"rows": 4}),
        help_text="What you saw, what it may mean, what you ask for.",
        error_messages={"required": "Write what the other should know."},
    )  # fmt: skip
    key = forms.UUIDField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["initial"] = {"key": new_id(), **kwargs.get("initial", {})}
        super().__init__(*args, **kwargs)


class SendForm(LineForm):
    """A line to somebody on the care team."""

    to_user = Receiver(
        label="To", queryset=User.objects.none(), empty_label=None, widget=forms.RadioSelect,
        error_messages={
            "required": "Choose whom the line is for.",
            "invalid_choice": "This person is not on the care team now. Choose somebody who is.",
        },
    )  # fmt: skip
    field_order = ["to_user", "words", "key"]

    def __init__(self, *args: Any, patient: Patient, sender: User, **kwargs: Any) -> None:
        people = queries.receivers(patient.pk, sender)
        if len(people) == 1:
            kwargs["initial"] = {"to_user": people[0].pk, **kwargs.get("initial", {})}
        super().__init__(*args, **kwargs)
        field = self.fields["to_user"]
        assert isinstance(field, Receiver)
        field.queryset = people
        self.nobody = not people


class InErrorForm(TandemForm):
    """Why a line was wrong."""

    reason = forms.CharField(
        label="Why is it wrong?", max_length=300, help_text="It belongs to another patient, say.",
        error_messages={"required": "Write why: it belongs to another patient, say."},
    )  # fmt: skip
