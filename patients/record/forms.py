"""Forms of the record. What they take is made fit to store by the actions, which refuse in a sentence."""

from datetime import date
from typing import Any
from uuid import UUID, uuid4

from django import forms
from localflavor.us.us_states import STATE_CHOICES

from clinic import clock
from clinic.practice.models import Site
from clinic.staff.enums import CLINICAL_ROLES, Role
from clinic.staff.models import User
from clinic.staff.queries import with_role
from clinic.web.forms import DateInput, TandemForm, TimeInput
from patients.record import codes
from patients.record.enums import AllergyKind, ContactChannel, TeamRole
from patients.record.models import Patient

NEAR = ("America/Los_Angeles", "America/Boise", "America/Denver", "America/Phoenix", "America/Chicago",
        "America/New_York", "America/Anchorage", "Pacific/Honolulu")  # fmt: skip
ZONES = [(zone, zone.replace("_", " ")) for zone in (*NEAR, *sorted(clock.zones() - set(NEAR)))]
LAST_YEAR = 2200  # days after it cannot be stored as moments in every zone
SEXES = [("", "not recorded"), ("female", "female"), ("male", "male"), ("other", "other")]
CHANNELS = [
    (ContactChannel.TEXT, "Text message"), (ContactChannel.EMAIL, "E-mail"), (ContactChannel.NONE, "No messages"),
]  # fmt: skip


class FindForm(TandemForm):
    """What somebody typed."""

    q = forms.CharField(max_length=200, required=False, label="Name, birth date, telephone or record number")


class PersonForm(TandemForm):
    """Name, contacts, place and how the patient is reached."""

    given_name = forms.CharField(max_length=200)
    family_name = forms.CharField(max_length=200)
    preferred_name = forms.CharField(max_length=200, required=False, help_text="What the person goes by.")
    pronouns = forms.CharField(max_length=40, required=False)
    born_on = forms.DateField(label="Birth date", widget=DateInput)
    sex = forms.ChoiceField(
        choices=SEXES, required=False, label="Sex recorded at birth", help_text="Used by dose checks only."
    )
    phone = forms.CharField(max_length=40, required=False, label="Telephone", widget=forms.TextInput({"type": "tel"}))
    email = forms.CharField(max_length=254, required=False, label="E-mail")
    channel = forms.ChoiceField(choices=CHANNELS, widget=forms.RadioSelect, label="Reminders", initial="none")
    address_line = forms.CharField(max_length=200, required=False, label="Street and number")
    city = forms.CharField(max_length=80, required=False)
    state = forms.ChoiceField(choices=[("", ""), *STATE_CHOICES], required=False)
    zip_code = forms.CharField(max_length=10, required=False, label="ZIP")
    time_zone = forms.ChoiceField(choices=ZONES, help_text="Where the patient lives; messages keep its hours.")
    quiet_from = forms.TimeField(required=False, label="No messages from", widget=TimeInput)
    quiet_until = forms.TimeField(
        required=False, label="until", widget=TimeInput, help_text="In the patient’s own time; may run over midnight."
    )
    language = forms.CharField(max_length=40, required=False, initial="English")
    interpreter = forms.CharField(max_length=80, required=False, label="Interpreter for")
    site = forms.ModelChoiceField(Site.objects.none(), empty_label=None)
    contact_note = forms.CharField(
        max_length=300, required=False, label="Note for the front desk",
        help_text="How to reach the person. Nothing about health.",
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["site"].queryset = Site.objects.filter(active=True).order_by("name")  # type: ignore[attr-defined]

    @classmethod
    def of(cls, patient: Patient, channel: str) -> dict[str, Any]:
        """What the form shows at first."""
        known = {name: getattr(patient, name) for name in cls.base_fields if hasattr(patient, name)}
        phone = patient.phone.as_national if patient.phone else ""
        return known | {"site": patient.site_id, "phone": phone, "channel": channel}


class EditForm(PersonForm):
    """Changing: with what the form began with, so that a change meanwhile is noticed."""

    based_on = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["site"].queryset = Site.objects.order_by("name")  # type: ignore[attr-defined]


class RegisterForm(PersonForm):
    """Registering: the person and the first care team."""

    therapist = forms.ModelChoiceField(User.objects.none(), required=False, empty_label="not yet")
    prescriber = forms.ModelChoiceField(User.objects.none(), required=False, empty_label="not yet")
    different_person = forms.BooleanField(required=False, label="This is a different person")
    request_key = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, at: UUID | None = None, **kwargs: Any) -> None:
        """`at`: the site of who registers, chosen at first."""
        super().__init__(*args, **kwargs)
        self.fields["therapist"].queryset = with_role(Role.THERAPIST)  # type: ignore[attr-defined]
        self.fields["prescriber"].queryset = with_role(Role.PRESCRIBER)  # type: ignore[attr-defined]
        self.initial.setdefault("request_key", uuid4())
        sites = list(Site.objects.filter(active=True).order_by("name"))
        site = next((site for site in sites if site.pk == at), sites[0] if sites else None)
        self.initial.setdefault("site", site and site.pk)
        self.initial.setdefault("time_zone", site.time_zone if site else NEAR[0])

    def clean_request_key(self) -> UUID | None:
        """A damaged key is none: then a repeated submit is caught by the likeness alone."""
        try:
            return UUID(self.cleaned_data["request_key"])
        except ValueError:
            return None


class AllergyForm(TandemForm):
    """An allergy or intolerance."""

    name = forms.CharField(max_length=120, label="Allergic to", help_text="The medicine, group or substance.")
    kind = forms.ChoiceField(choices=AllergyKind.choices, widget=forms.RadioSelect, label="It is a")
    reaction = forms.CharField(max_length=200, required=False, help_text="What happened, such as hives or swelling.")
    severe = forms.BooleanField(required=False, label="It was severe (swelling, breathing, hospital)")


class ConditionForm(TandemForm):
    """A diagnosis from the list."""

    q = forms.CharField(
        max_length=120, required=False, label="Diagnosis or code",
        help_text="A word, a short form such as MDD, or the beginning of a code.",
    )  # fmt: skip
    code = forms.CharField(max_length=20, required=False, label="Chosen")
    since = forms.DateField(widget=DateInput, required=False, label="Since", help_text="The day it was diagnosed.")

    def found(self) -> list[codes.Code]:
        """The codes that what was typed finds."""
        return codes.search(str(self.data.get("q", ""))[:120], limit=12, billable_only=True)


class EndedForm(TandemForm):
    """The day a condition ended."""

    on = forms.DateField(widget=DateInput, label="Ended on")


class TeamForm(TandemForm):
    """Who joins the care team, as what, until when."""

    user = forms.ModelChoiceField(User.objects.none(), label="Who", empty_label="choose")
    role = forms.ChoiceField(choices=TeamRole.choices, widget=forms.RadioSelect, label="As")
    until = forms.DateField(widget=DateInput, required=False, label="Until", help_text="Cover needs its last day.")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["user"].queryset = with_role(*CLINICAL_ROLES)  # type: ignore[attr-defined]

    def clean_until(self) -> date | None:
        """A day whose end can still be stored."""
        until: date | None = self.cleaned_data["until"]
        if until is not None and until.year > LAST_YEAR:
            raise forms.ValidationError("That day is too far away. Enter the last day of the cover.")
        return until


class ReasonForm(TandemForm):
    """What was wrong."""

    reason = forms.CharField(max_length=300, label="What was wrong", help_text="Such as “other patient”.")


class EmergencyForm(TandemForm):
    """Why the chart is needed now."""

    reason = forms.CharField(
        max_length=2_000, label="Why you need this chart now", widget=forms.Textarea({"rows": 3}),
        help_text="Ten characters or more. A privacy officer reads it.",
    )  # fmt: skip
