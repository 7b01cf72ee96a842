"""The note's fields around its text: base revision, times, minutes, code; addendum; entered in error."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms

from clinic.web.forms import TandemForm
from patients.notes import formats, rules
from patients.notes.models import Note
from patients.record.models import Patient

STALE = -1  # a base revision that was not sent or cannot be read: never the present one
MOST_REVISION = 2_000_000_000


class TimeInput(forms.TimeInput):
    """The browser's time picker."""

    input_type = "time"

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(format="%H:%M", **kwargs)


def _outside(**attrs: str) -> dict[str, str]:
    """Attributes of a field that stands beside the form, not in it."""
    return {"class": "form-control", "form": "note-form", **attrs}


class NoteForm(TandemForm):
    """Times and minutes beside the text. A field that is wrong keeps nothing else from being saved."""

    based_on = forms.IntegerField(required=False, min_value=0, max_value=MOST_REVISION, widget=forms.HiddenInput)
    starts = forms.TimeField(required=False, label="From", widget=TimeInput(attrs=_outside()))
    ends = forms.TimeField(required=False, label="To", widget=TimeInput(attrs=_outside()))
    minutes = forms.IntegerField(
        required=False, min_value=0, max_value=rules.MOST_MINUTES, label="Minutes",
        widget=forms.NumberInput(attrs=_outside(inputmode="numeric")),
    )  # fmt: skip
    code = forms.CharField(required=False, max_length=10)
    code_reason = forms.CharField(required=False, max_length=300, label="Why it stays")

    def __init__(self, note: Note, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.note = note

    def clean(self) -> dict[str, Any]:
        """Times lie on the note's day; an end in the small hours after an evening start is the next day's."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        started_at, ended_at = self.times()
        if sentence := rules.times(started_at, ended_at, data.get("minutes"), self.note.em_minutes):
            self.add_error("ends", sentence)
        return data

    def times(self) -> tuple[datetime, datetime | None]:
        """Start and end as moments."""
        zone = self.note.patient.zone
        day = self.note.started_at.astimezone(zone).date()
        starts, ends = self.cleaned_data.get("starts"), self.cleaned_data.get("ends")
        started_at = _moment(day, starts, zone, self.note.started_at) if starts else self.note.started_at
        if ends is None:
            return started_at, None
        after_midnight = started_at.astimezone(zone).hour >= 20 and ends.hour < 6
        day = started_at.astimezone(zone).date() + timedelta(days=after_midnight)
        return started_at, _moment(day, ends, zone, self.note.ended_at)

    def base(self) -> int:
        """The revision that the page was made from; STALE if it did not say."""
        value = self.cleaned_data.get("based_on")
        return STALE if value is None else int(value)

    def fields_to_save(self) -> dict[str, Any]:
        """What of the fields is fit to store; nothing where times are wrong or a field was not on the page."""
        found: dict[str, Any] = {}
        if not {"starts", "ends", "minutes"} & set(self.errors) and "ends" in self.data:
            started_at, ended_at = self.times()
            found |= {"started_at": started_at, "ended_at": ended_at, "minutes": self.cleaned_data.get("minutes")}
        for name in ("code", "code_reason"):
            if name in self.data and name not in self.errors:
                found[name] = self.cleaned_data[name]
        return found


def _moment(day: date, at: time, zone: Any, known: datetime | None) -> datetime:
    """The time on the day; the known moment, seconds and all, where the minute is the same."""
    if known is not None:
        local = known.astimezone(zone)
        if (local.date(), local.hour, local.minute) == (day, at.hour, at.minute):
            return known
    return datetime.combine(day, at, zone)


def initial(note: Note, patient: Patient) -> dict[str, Any]:
    """The form's values from the note."""
    zone = patient.zone
    return {
        "based_on": note.revision,
        "starts": note.started_at.astimezone(zone).time(),
        "ends": note.ended_at.astimezone(zone).time() if note.ended_at else None,
        "minutes": note.minutes,
        "code": note.code,
        "code_reason": note.code_reason,
    }


def parts_of(post: Mapping[str, Any]) -> dict[str, str]:
    """The texts that a page sent, by the key of their part; other fields are none."""
    return {key: str(post[f"part_{key}"]) for key in formats.KEYS if f"part_{key}" in post}


class AddendumForm(TandemForm):
    """What is added to a signed note."""

    text = forms.CharField(
        label="Addendum", max_length=rules.MOST_TEXT, widget=forms.Textarea(attrs={"rows": 5}),
        help_text="It is signed with your name and the time, and stays beside the note.",
    )  # fmt: skip


class RetractForm(TandemForm):
    """Why a note is in error."""

    reason = forms.CharField(
        label="Why is it in error?", max_length=300,
        error_messages={"required": "Write why it is in error: it stays beside the struck note."},
        help_text="The note stays, struck through, with this reason; it leaves the timeline.",
    )  # fmt: skip
