"""Forms of the schedule. They know people and services by key and turn a slot's text into parts of a booking."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any, ClassVar, cast
from uuid import UUID
from zoneinfo import ZoneInfo

from django import forms

from clinic import clock
from clinic.practice.models import Site
from clinic.staff.enums import Role
from clinic.staff.models import User
from clinic.web.forms import DateInput, TandemForm
from patients.scheduling import queries
from patients.scheduling.calc import Range
from patients.scheduling.enums import Mode, Reason, Service
from patients.scheduling.queries import Wish
from patients.scheduling.rules import Part

SERVICES = [(s.value, s.label) for s in (Service.THERAPY, Service.MEDICATION, Service.INTAKE)]
MINUTES = {Service.THERAPY: 45, Service.MEDICATION: 20, Service.INTAKE: 60, Service.TELEPHONE: 10}
REASONS = [(r.value, r.label) for r in Reason if r not in (Reason.MOVED, Reason.IN_ERROR)]
CHOOSE = "Choose a time, or another day or clinician to see more times."


def usual_service(user: User) -> Service:
    """What a clinician is mostly booked for."""
    return Service.THERAPY if Role.THERAPIST in user.held_roles() else Service.MEDICATION


class SlotForm(TandemForm):
    """With whom, for what, how long, from which day on; a second clinician makes a stacked visit. Then the slot."""

    units: ClassVar[Mapping[str, str]] = {"gap": "minutes"}

    at = forms.ChoiceField(label="Site", required=False)
    clinician = forms.ChoiceField(label="Clinician")
    service = forms.ChoiceField(label="For", choices=SERVICES)
    minutes = forms.IntegerField(label="Minutes", min_value=5, max_value=480)
    second_clinician = forms.ChoiceField(label="Then, in the same call", required=False)
    second_service = forms.ChoiceField(label="For", choices=SERVICES, required=False)
    second_minutes = forms.IntegerField(label="Minutes", min_value=5, max_value=480, required=False)
    gap = forms.IntegerField(label="Wait between at most", min_value=0, max_value=240, required=False)
    from_day = forms.DateField(label="From", widget=DateInput())
    mode = forms.ChoiceField(label="How", choices=Mode.choices)
    desk_note = forms.CharField(
        label="Note for the desk", max_length=200, required=False, help_text="Nothing clinical. At most 200 characters."
    )
    slot = forms.CharField(max_length=120, required=False, widget=forms.HiddenInput())
    request_key = forms.UUIDField(required=False, widget=forms.HiddenInput())

    def __init__(
        self, *args: Any, site: Site, people: list[User], sites: list[Site] | None = None, mode: str = "", **kwargs: Any
    ) -> None:
        """`sites`: those to choose from, `site` at first. `mode`: of a booking that stands; only its time changes."""
        super().__init__(*args, **kwargs)
        self.site, self.stands_in, self.people = site, mode, {str(user.pk): user for user in people}
        self.sites = {str(one.pk): one for one in sites or []}
        cast(forms.ChoiceField, self.fields["at"]).choices = [(key, one.name) for key, one in self.sites.items()]
        if len(self.sites) < 2:
            del self.fields["at"]
        if mode:
            del self.fields["mode"], self.fields["desk_note"]
        names = [(key, user.signature) for key, user in self.people.items()]
        cast(forms.ChoiceField, self.fields["clinician"]).choices = names
        cast(forms.ChoiceField, self.fields["second_clinician"]).choices = [("", "nobody else"), *names]

    def clean_at(self) -> str:
        """The site chosen counts from here on."""
        at: str = self.cleaned_data["at"]
        self.site = self.sites.get(at, self.site)
        return at

    def clean_from_day(self) -> date:
        """Today or later, within what can be booked."""
        day: date = self.cleaned_data["from_day"]
        today = clock.today(self.site.zone)
        if day < today:
            return today
        if day > today + timedelta(days=540):
            raise forms.ValidationError("That is more than eighteen months ahead. Choose an earlier day.")
        return day

    def clean(self) -> dict[str, Any]:
        """The second clinician needs a service and minutes of their own; usual ones are filled in."""
        data = super().clean() or self.cleaned_data
        second = self.people.get(data.get("second_clinician") or "")
        if second:
            data["second_service"] = data.get("second_service") or usual_service(second).value
            data["second_minutes"] = data.get("second_minutes") or MINUTES[Service(data["second_service"])]
            if data.get("second_clinician") == data.get("clinician"):
                self.add_error("second_clinician", "Choose another clinician for the second part.")
        return data

    def wishes(self) -> list[Wish]:
        """One or two: with whom, how long."""
        data = self.cleaned_data
        found = [Wish(self.people[data["clinician"]], data["minutes"])]
        if data.get("second_clinician"):
            found.append(Wish(self.people[data["second_clinician"]], data["second_minutes"]))
        return found

    def parts(self) -> list[Part] | None:
        """What the chosen slot asks for, a room with each part that needs one; None: no time is chosen."""
        data, wishes = self.cleaned_data, self.wishes()
        moments = _moments(data["slot"])
        if len(moments) != len(wishes):
            return None
        services = [data["service"], data.get("second_service")]
        parts = []
        for wish, service, begin in zip(wishes, services, moments, strict=False):
            end = begin + timedelta(minutes=wish.minutes)
            room = None
            if data.get("mode", self.stands_in) == Mode.IN_PERSON:
                room = queries.free_room(self.site, wish.clinician, Range(begin, end))
            parts.append(Part(wish.clinician, str(service), begin, end, room))
        return parts


def _moments(text: str) -> list[datetime]:
    """One or two aware moments as the slot's radio button holds them; [] for anything else."""
    try:
        found = [datetime.fromisoformat(piece) for piece in text.split(",")]
    except ValueError:
        return []
    return found if all(m.tzinfo and 2000 < m.year < 2100 for m in found) else []


class NowForm(TandemForm):
    """Somebody is here, or on the telephone, without a booking."""

    clinician = forms.ChoiceField(label="Clinician")
    service = forms.ChoiceField(label="For", choices=SERVICES)
    minutes = forms.IntegerField(label="Minutes", min_value=5, max_value=480, initial=30)
    desk_note = forms.CharField(
        label="Note for the desk", max_length=200, required=False, help_text="Nothing clinical."
    )
    request_key = forms.UUIDField(required=False, widget=forms.HiddenInput())

    def __init__(self, *args: Any, people: list[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.people = {str(user.pk): user for user in people}
        choices = [(key, user.signature) for key, user in self.people.items()]
        cast(forms.ChoiceField, self.fields["clinician"]).choices = choices

    def who(self) -> User:
        """The clinician chosen."""
        return self.people[self.cleaned_data["clinician"]]


class CallForm(NowForm):
    """A telephone contact of today."""

    began = forms.TimeField(label="Began at", widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"))
    field_order = ["clinician", "began", "minutes", "desk_note"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["service"]


class FindForm(TandemForm):
    """Whom a visit is booked for. Sent by POST: addresses hold no names."""

    words = forms.CharField(
        label="Name, birth date, telephone or record number", max_length=100,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autofocus": True}),
    )  # fmt: skip


class NotHeldForm(TandemForm):
    """Why a visit is not held (R-RE-08)."""

    reason = forms.ChoiceField(label="Why", choices=REASONS, widget=forms.RadioSelect())
    words = forms.CharField(
        label="In a few words", max_length=200, required=False, help_text="Nothing clinical. Needed for “other”."
    )


class CancelForm(NotHeldForm):
    """Why, and for a stacked visit which part."""

    which = forms.ChoiceField(label="What", choices=[("all", "the whole booking"), ("one", "this part only")])

    def __init__(self, *args: Any, stacked: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not stacked:
            del self.fields["which"]


class InErrorForm(TandemForm):
    """Why the booking is an error."""

    words = forms.CharField(label="Why it is an error", max_length=200, help_text="Nothing clinical.")


class LateForm(TandemForm):
    """When the patient expects to be here; empty takes it back."""

    until = forms.TimeField(
        label="Here at about", required=False, widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        help_text="Leave empty if they are on time after all.",
    )  # fmt: skip

    def moment(self, starts_at: datetime, zone: ZoneInfo) -> datetime | None:
        """The time on the visit's day."""
        until = self.cleaned_data["until"]
        day = starts_at.astimezone(zone).date()
        return datetime.combine(day, until, zone) if until else None


def fresh_key() -> UUID:
    """A key for a form, so that a repeated submit books once."""
    from clinic.rows import new_id

    return new_id()
