"""Forms of the staff room."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from localflavor.us.forms import USStateSelect

from clinic.practice.models import Room, Site
from clinic.staff.enums import Profession, Role
from clinic.staff.models import User
from clinic.staff.queries import clinicians, with_role
from clinic.web.forms import DateInput, TandemForm

WEEKDAYS = list(enumerate(("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")))


class PersonForm(TandemForm):
    """Name, contacts, place and supervisor of a person."""

    given_name = forms.CharField(max_length=80)
    family_name = forms.CharField(max_length=80)
    pronouns = forms.CharField(max_length=40, required=False)
    credentials = forms.CharField(max_length=40, required=False, help_text="After the name: LCSW, PMHNP.")
    phone = forms.CharField(max_length=30, required=False)
    npi = forms.CharField(max_length=10, required=False, label="NPI", help_text="Ten digits.")
    site = forms.ModelChoiceField(Site.objects.filter(active=True), required=False)
    usual_room = forms.ModelChoiceField(Room.objects.filter(active=True), required=False)
    supervisor = forms.ModelChoiceField(User.objects.none(), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["supervisor"].queryset = with_role(Role.SUPERVISOR)  # type: ignore[attr-defined]

    def clean_npi(self) -> str:
        """The check digit must fit."""
        npi: str = self.cleaned_data["npi"]
        if npi and not npi_is_valid(npi):
            raise forms.ValidationError("This is no NPI: its check digit does not fit. Compare it with the registry.")
        return npi

    @classmethod
    def of(cls, user: User) -> dict[str, Any]:
        """What the form shows at first."""
        return {name: getattr(user, name) for name in cls.base_fields} | {"phone": str(user.phone or "")}


def npi_is_valid(npi: str) -> bool:
    """Whether ten digits are an NPI: Luhn's sum over 80840 and the number."""
    if len(npi) != 10 or not (npi.isascii() and npi.isdigit()):
        return False
    digits = [int(c) for c in "80840" + npi][::-1]
    return sum(d if n % 2 == 0 else sum(divmod(2 * d, 10)) for n, d in enumerate(digits)) % 10 == 0


class RoleForm(TandemForm):
    """A role to give."""

    role = forms.ChoiceField(choices=Role.choices)


class LicenceForm(TandemForm):
    """A licence."""

    profession = forms.ChoiceField(choices=Profession.choices)
    state = forms.CharField(widget=USStateSelect, initial="OR", max_length=2)
    number = forms.CharField(max_length=40)
    issued_on = forms.DateField(widget=DateInput)
    expires_on = forms.DateField(widget=DateInput, label="Last day in force")


class RenewForm(TandemForm):
    """A licence's later last day."""

    expires_on = forms.DateField(widget=DateInput, label="Last day in force")


class HoursForm(TandemForm):
    """Working hours on a weekday."""

    site = forms.ModelChoiceField(Site.objects.filter(active=True))
    weekday = forms.TypedChoiceField(choices=WEEKDAYS, coerce=int)
    starts = forms.TimeField()
    ends = forms.TimeField()
    from_day = forms.DateField(widget=DateInput, label="From")
    until_day = forms.DateField(
        widget=DateInput, required=False, label="Until", help_text="Empty: until further notice."
    )


class EndHoursForm(TandemForm):
    """The last day of working hours."""

    until_day = forms.DateField(widget=DateInput, label="Last day")


class _Span(TandemForm):
    """A time from a day and hour to a day and hour, in a zone."""

    from_day = forms.DateField(widget=DateInput, label="From")
    from_time = forms.TimeField(label="at")
    until_day = forms.DateField(widget=DateInput, label="Until")
    until_time = forms.TimeField(label="at")

    def span(self, zone: ZoneInfo) -> dict[str, datetime]:
        """Both ends, aware, as an action takes them."""
        data = self.cleaned_data
        return {
            "starts_at": datetime.combine(data["from_day"], data["from_time"], zone),
            "ends_at": datetime.combine(data["until_day"], data["until_time"], zone),
        }


class AbsenceForm(_Span):
    """A time in which a clinician sees nobody."""

    reason = forms.CharField(max_length=80, help_text="Shown on the board: leave, supervision, lunch.")
    covered_by = forms.ModelChoiceField(
        User.objects.none(), required=False, help_text="Is on the care teams for that time, and sees what is due."
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["covered_by"].queryset = clinicians()  # type: ignore[attr-defined]


class OnCallForm(_Span):
    """A time on call."""

    user = forms.ModelChoiceField(User.objects.none(), label="Who")

    field_order = ["user", "from_day", "from_time", "until_day", "until_time"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["user"].queryset = clinicians()  # type: ignore[attr-defined]


class InviteForm(PersonForm):
    """Somebody new: who they are and what they do."""

    email = forms.EmailField(max_length=254, label="E-mail")
    roles = forms.MultipleChoiceField(
        choices=Role.choices, widget=forms.CheckboxSelectMultiple,
        help_text="Therapists and prescribers get their role once their licence is entered.",
    )  # fmt: skip

    field_order = ["email", "given_name", "family_name", "credentials", "roles"]
