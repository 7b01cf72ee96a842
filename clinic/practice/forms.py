"""Forms of the practice room."""

from typing import Any

from django import forms

from clinic.practice.config import KEYS, Key
from clinic.practice.models import Practice, Room, Site
from clinic.web.forms import DateInput, TandemForm


class PracticeForm(TandemForm):
    """Names and number of the practice."""

    legal_name = forms.CharField(max_length=200, label="Legal name")
    display_name = forms.CharField(
        max_length=40, label="Short name in messages", help_text="Patients read it on shared telephones."
    )
    phone = forms.CharField(max_length=30, label="Number to call back", help_text="Such as 503-555-0100.")

    @classmethod
    def of(cls, practice: Practice) -> dict[str, str]:
        """What the form shows at first."""
        return {
            "legal_name": practice.legal_name,
            "display_name": practice.display_name,
            "phone": practice.phone.as_national,
        }


class SiteForm(TandemForm):
    """A place where people are seen."""

    name = forms.CharField(max_length=80)
    address_line = forms.CharField(max_length=200, label="Street and number")
    city = forms.CharField(max_length=80)
    state = forms.CharField(max_length=2, min_length=2, help_text="Two letters, such as OR.")
    zip_code = forms.CharField(max_length=10, label="ZIP code")
    phone = forms.CharField(max_length=30)
    time_zone = forms.CharField(max_length=60, initial="America/Los_Angeles")
    active = forms.BooleanField(required=False, initial=True, label="In use")

    @classmethod
    def of(cls, site: Site) -> dict[str, Any]:
        """What the form shows at first."""
        return {name: getattr(site, name) for name in cls.base_fields} | {"phone": site.phone.as_national}


class RoomForm(TandemForm):
    """A room of a site."""

    name = forms.CharField(max_length=60)
    seats = forms.IntegerField(min_value=1, max_value=60, initial=3)
    active = forms.BooleanField(required=False, initial=True, label="In use")

    @classmethod
    def of(cls, room: Room) -> dict[str, Any]:
        """What the form shows at first."""
        return {name: getattr(room, name) for name in cls.base_fields}


class ClosureForm(TandemForm):
    """A day on which a site is closed."""

    on = forms.DateField(label="Closed on", widget=DateInput)
    reason = forms.CharField(max_length=120)


class OpeningForm(TandemForm):
    """Opening hours of one weekday: one stretch, or two with a break."""

    opens = forms.TimeField(required=False, label="Opens")
    closes = forms.TimeField(required=False, label="Closes")
    opens_again = forms.TimeField(required=False, label="Opens again")
    closes_again = forms.TimeField(required=False, label="Closes again")

    def clean(self) -> dict[str, Any]:
        """Both ends of a stretch, or none."""
        cleaned: dict[str, Any] = super().clean() or {}
        for opens, closes in (("opens", "closes"), ("opens_again", "closes_again")):
            if bool(cleaned.get(opens)) != bool(cleaned.get(closes)) and not self.errors:
                self.add_error(closes, "Give both times, or leave both empty for closed.")
        return cleaned

    def stretches(self) -> list[tuple[Any, Any]]:
        """The stretches that were entered."""
        pairs = (("opens", "closes"), ("opens_again", "closes_again"))
        return [(self.cleaned_data[a], self.cleaned_data[b]) for a, b in pairs if self.cleaned_data[a]]


class SettingForm(TandemForm):
    """One value of the configuration, from a day on."""

    value = forms.CharField(max_length=100)
    effective_from = forms.DateField(label="From", widget=DateInput, help_text="Today or later; the past stays.")
    reason = forms.CharField(max_length=200, help_text="Who decided it, and why.")

    def __init__(self, *args: Any, key: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.spec: Key = KEYS[key]
        words = {"yes": "yes", "no": "no"} if isinstance(self.spec.default, bool) else self.spec.choices
        if words:
            chooser = forms.Select({"class": "form-select"})
            self.fields["value"] = forms.ChoiceField(choices=list(words.items()), widget=chooser)
        field = self.fields["value"]
        field.label = self.spec.words
        field.help_text = f"{_kind(self.spec)} Source: {self.spec.source}.".strip()

    def clean_value(self) -> Any:
        """The text as the kind of value that the key takes."""
        text = self.cleaned_data["value"].strip()
        default = self.spec.default
        try:
            if isinstance(default, bool):
                return {"yes": True, "no": False}[text.lower()]
            if isinstance(default, str):
                return text
            if isinstance(default, list) and isinstance(default[0], str):
                return [part.strip() for part in text.split(",")]
            if isinstance(default, list):
                return [int(part) for part in text.split(",")]
            return int(text)
        except (KeyError, ValueError):
            raise forms.ValidationError(_kind(self.spec)) from None


def _kind(spec: Key) -> str:
    if isinstance(spec.default, bool) or spec.choices:
        return ""
    if isinstance(spec.default, list):
        return f"Write values with commas between them, such as {', '.join(map(str, spec.default))}."
    if isinstance(spec.default, str):
        return "Write a date, such as 2026-12-31."
    return f"Write a whole number{f' of {spec.unit}' if spec.unit else ''} from {spec.least:g} to {spec.most:g}."


def shown(value: Any, spec: Key | None = None) -> str:
    """A configured value in words: yes, no, numbers with commas; of a choice its words."""
    if spec is not None and spec.choices:
        return str(spec.choices.get(value, value))
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
