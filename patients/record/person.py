"""What is kept of a person, made fit to store: names, contacts, place. Raises Refused beside the field."""

from datetime import date, time
from typing import Any
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from localflavor.us.us_states import USPS_CHOICES
from phonenumber_field.phonenumber import PhoneNumber, to_python

from clinic import clock
from clinic.practice.models import Site
from clinic.refusal import Refused
from patients.record.calc import clean_line
from patients.record.enums import ContactChannel
from patients.record.models import Patient

LINES = (
    "given_name", "family_name", "preferred_name", "pronouns", "language", "interpreter", "address_line", "city",
    "zip_code", "contact_note",
)  # fmt: skip
SEXES = ("", "female", "male", "other")
OTHERS = ("sex", "born_on", "site", "time_zone", "phone", "email", "state", "quiet_from", "quiet_until")


def cleaned(**fields: Any) -> dict[str, Any]:
    """The fields fit to store. Unknown ones raise ValueError, values that cannot be raise Refused."""
    if strange := set(fields) - {*LINES, *OTHERS}:
        raise ValueError(f"Not fields of a patient: {sorted(strange)}")
    found: dict[str, Any] = {}
    for name, value in fields.items():
        if name in LINES:
            found[name] = clean_line(str(value or ""), most=_most(name), field=name)
        else:
            found[name] = MADE[name](value)
    if ("quiet_from" in found or "quiet_until" in found) and (
        (found.get("quiet_from") is None) != (found.get("quiet_until") is None)
    ):
        raise Refused("Quiet hours have a beginning and an end. Write both, or none.", field="quiet_until")
    for name, words in (("given_name", "given name"), ("family_name", "family name")):
        if name in found and not found[name]:
            raise Refused(f"Write the {words}. A person with one name has it in both fields.", field=name)
    return found


def _most(name: str) -> int | None:
    most: int | None = getattr(Patient._meta.get_field(name), "max_length", None)
    return most


def reached_otherwise(channel: str, changed: list[str]) -> bool:
    """Whether a consent for `channel` was given for another number or address than the present one."""
    return {ContactChannel.TEXT: "phone", ContactChannel.EMAIL: "email"}.get(ContactChannel(channel)) in changed


def _phone(value: Any) -> PhoneNumber | str:
    text = clean_line(str(value or ""), most=40, field="phone")
    if not text:
        return ""
    number = to_python(text, region="US")
    if number is None or (not number.is_valid() and not _fictional(number)):
        raise Refused(
            "This is no telephone number. Write it with area code, such as (503) 555-0142; from abroad with + and "
            "the country.", field="phone",
        )  # fmt: skip
    return number


def _fictional(number: PhoneNumber) -> bool:
    """555-0100 to 555-0199 are given to nobody; demonstrations use them."""
    return str(number.national_number)[3:8] == "55501" and number.country_code == 1


def _email(value: Any) -> str:
    text = clean_line(str(value or ""), most=254, field="email")
    if text:
        try:
            validate_email(text)
        except ValidationError:
            raise Refused("This is no e-mail address. Write it as name@example.org.", field="email") from None
    return text


def _state(value: Any) -> str:
    text = clean_line(str(value or ""), field="state").upper()
    if text and text not in dict(USPS_CHOICES):
        raise Refused("Choose a state, or leave it empty.", field="state")
    return text


def _sex(value: Any) -> str:
    if value not in SEXES:
        raise Refused("Choose female, male, other, or leave it empty.", field="sex")
    return str(value)


def _zone(value: Any) -> str:
    if str(value) not in clock.zones():
        raise Refused("Choose a time zone of the list.", field="time_zone")
    return ZoneInfo(str(value)).key


def _born_on(value: Any) -> date:
    if not isinstance(value, date):
        raise Refused("Write the birth date.", field="born_on")
    return value


def _site(value: Any) -> Site:
    if not isinstance(value, Site):
        raise Refused("Choose a site.", field="site")
    return value


def _hour(value: Any) -> time | None:
    if value in (None, ""):
        return None
    if not isinstance(value, time):
        raise Refused("Write a time of day, such as 21:00.", field="quiet_from")
    return value


MADE = {
    "sex": _sex, "born_on": _born_on, "site": _site, "time_zone": _zone, "phone": _phone, "email": _email,
    "state": _state, "quiet_from": _hour, "quiet_until": _hour,
}  # fmt: skip
