"""What every form shares: cleaned text, no form tag, lengths that the database can hold, the browser's own pickers."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from crispy_forms.helper import FormHelper
from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator

LINE, TEXT = 200, 20_000  # characters, where a form does not say how many
# What a field says of what does not fit, unless the form has words of its own.
UNFIT = {
    "max_length": "The text has %(show_value)d characters; %(limit_value)d is the most.",
    "max_value": "%(limit_value)s is the most. Check the number.",
    "min_value": "%(limit_value)s is the least. Check the number.",
    "max_digits": "The number has too many digits. Check it.",
    "max_whole_digits": "The number is too large. Check it.",
    "max_decimal_places": "Too many digits after the point: %(max)s is the most.",
}
# Marks that turn the direction of a line, and other characters nobody types: they hide what a text says.
UNSEEN = {chr(c) for c in (*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0xFEFF, *range(9), 11, 12, *range(14, 32))}


def cleaned(text: str, *, lines: bool) -> str:
    """The text as it may be stored: no half characters, no unseen control characters, one kind of line end.

    Raises ValidationError for NUL and for halves of characters, which no keyboard makes.
    """
    if "\x00" in text or any("\ud800" <= c <= "\udfff" for c in text):
        raise ValidationError("This text holds a damaged character. Type it again instead of pasting it.")
    text = "".join(c for c in text if c not in UNSEEN)
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text if lines else " ".join(text.split())


class DateInput(forms.DateInput):
    """The browser's date picker."""

    input_type = "date"

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(format="%Y-%m-%d", **kwargs)


class TimeInput(forms.TimeInput):
    """The browser's time picker."""

    input_type = "time"

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(format="%H:%M", **kwargs)


class LocalDateTimeInput(forms.DateTimeInput):
    """The browser's picker of a day and a time, without a zone: the form says in whose."""

    input_type = "datetime-local"

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(format="%Y-%m-%dT%H:%M", **kwargs)


class AmountInput(forms.NumberInput):
    """A number typed with a decimal keyboard, without the browser's spinning arrows."""

    input_type = "text"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"inputmode": "decimal", "autocomplete": "off", "class": "num", **(attrs or {})})

    def format_value(self, value: Any) -> str | None:
        """Without trailing zeros."""
        if isinstance(value, Decimal) and value.is_finite():
            text = f"{value:f}"
            return text.rstrip("0").rstrip(".") if "." in text else text
        shown: str | None = super().format_value(value)
        return shown


class LocalDateTimeField(forms.DateTimeField):
    """A moment in a zone: `zone` is set by the form once it knows the site; the answer is aware."""

    widget = LocalDateTimeInput
    zone: ZoneInfo | None = None

    def to_python(self, value: Any) -> datetime | None:
        """Aware in `zone`; an hour that the change of clocks skips or doubles is taken as its first."""
        if not value:
            return None
        try:
            local = datetime.fromisoformat(str(value))
        except ValueError:
            raise ValidationError("This is no day and time. Enter it like 2026-11-23 14:00.") from None
        if local.tzinfo is not None or not 1900 <= local.year <= 2200:
            raise ValidationError("This is no day and time that can be stored. Enter it like 2026-11-23 14:00.")
        return local.replace(tzinfo=self.zone) if self.zone else super().to_python(local)

    def prepare_value(self, value: Any) -> Any:
        """In the zone, as the picker wants it."""
        if isinstance(value, datetime) and value.tzinfo and self.zone:
            return value.astimezone(self.zone).replace(tzinfo=None)
        return super().prepare_value(value)


class TandemForm(forms.Form):
    """A form without its tag; errors stand beside their fields; text comes out clean and of a length that fits.

    `units` names the unit that stands beside a number: {"dose": "mg"}.
    """

    units: ClassVar[Mapping[str, str]] = {}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.disable_csrf = True
        for field in self.fields.values():
            _fit(field)

    def full_clean(self) -> None:
        """Fields that a form adds after its start are made fit as well."""
        for field in self.fields.values():
            _fit(field)
        super().full_clean()

    def _clean_fields(self) -> None:
        super()._clean_fields()  # type: ignore[misc]
        for name, field in self.fields.items():
            text = self.cleaned_data.get(name)
            if isinstance(text, str) and type(field) is forms.CharField and not _secret(field):
                try:
                    self.cleaned_data[name] = cleaned(text, lines=_long(field))
                except ValidationError as error:
                    self.add_error(name, error)


def _secret(field: forms.Field) -> bool:
    return isinstance(field.widget, forms.PasswordInput)


def _long(field: forms.Field) -> bool:
    """Whether the text has lines of its own; a hidden field's text is nobody's typing and stays as it is."""
    return isinstance(field.widget, forms.Textarea | forms.HiddenInput)


def _missing(field: forms.Field) -> str:
    """What to do about a field that was left empty."""
    if isinstance(field, forms.BooleanField):
        return "Tick this to go on."
    if isinstance(field, forms.ChoiceField | forms.ModelChoiceField):
        return "Choose one of these."
    kinds: list[tuple[type[forms.Field], str]] = [
        (forms.DateTimeField, "Enter the day and the time."), (forms.DateField, "Enter the day."),
        (forms.TimeField, "Enter the time."), (forms.IntegerField, "Enter a number."),
    ]  # fmt: skip
    return next((words for kind, words in kinds if isinstance(field, kind)), "Fill this in.")


def _fit(field: forms.Field) -> None:
    """Give a field the browser's picker for its kind, its sentence when empty, and text a length where it has none."""
    if field.error_messages.get("required") == forms.Field.default_error_messages["required"]:
        field.error_messages["required"] = _missing(field)
    for code, words in UNFIT.items():
        field.error_messages.setdefault(code, words)
    if isinstance(field, forms.EmailField):
        field.error_messages.setdefault("invalid", "This is no e-mail address. Write it as name@example.org.")
    if isinstance(field, forms.ModelChoiceField) and set(field.empty_label or "") == {"-"}:
        field.empty_label = "none"  # Django draws dashes, which a screen reader spells
    if type(field.widget) is forms.DateInput:
        field.widget = _dressed(field, DateInput())
    elif type(field.widget) is forms.TimeInput:
        field.widget = _dressed(field, TimeInput())
    elif isinstance(field, forms.DecimalField) and type(field.widget) is forms.NumberInput:
        field.widget = _dressed(field, AmountInput())
    if (
        isinstance(field, forms.CharField)
        and field.max_length is None
        and not isinstance(field, forms.JSONField | forms.UUIDField)
    ):
        most = TEXT if _long(field) else LINE
        field.max_length = most
        field.validators.append(MaxLengthValidator(most))
        field.widget.attrs.setdefault("maxlength", str(most))


def _dressed(field: forms.Field, widget: forms.Widget) -> forms.Widget:
    """The new widget with what the old one knew."""
    widget.attrs |= {k: v for k, v in field.widget.attrs.items() if k not in ("step", "min", "max")}
    widget.is_required = field.required
    widget.is_localized = field.localize
    return widget
