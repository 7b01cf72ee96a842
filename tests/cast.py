"""The one cast of characters: who works at the test practice, and whom they treat.

Ana is treated by Tess (therapist) and Priya (prescriber); Ben by Theo and Paul; nobody is on Cleo's team. Sam
supervises Tess. Fran is at the desk, Max manages, Olga is the privacy officer. Rows are made directly, so that a test
of one room does not depend on the actions of another.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from django.test import Client

from clinic.practice.models import OpeningHours, Practice, Room, Site
from clinic.staff.enums import Role
from clinic.staff.models import Licence, RoleGrant, User, WorkingHours
from patients.record.calc import phone_digits, search_text
from patients.record.models import CareTeamMember, Patient

BEGINNING = datetime(2024, 1, 2, 17, tzinfo=UTC)
PASSWORD = "a long enough password"


@dataclass
class Cast:
    """Everybody, by name."""

    practice: Practice
    site: Site
    room: Room
    other_room: Room
    tess: User
    theo: User
    priya: User
    paul: User
    fran: User
    sam: User
    max: User
    olga: User
    ana: Patient
    ben: Patient
    cleo: Patient

    @property
    def by_role(self) -> dict[Role, User]:
        """One person for each role, each on Ana's team or supervising it where the role can be."""
        return {
            Role.THERAPIST: self.tess, Role.PRESCRIBER: self.priya, Role.FRONT_DESK: self.fran,
            Role.SUPERVISOR: self.sam, Role.PRACTICE_MANAGER: self.max, Role.PRIVACY_OFFICER: self.olga,
        }  # fmt: skip


def person(
    given: str, family: str, role: Role, site: Site, *, credentials: str = "", profession: str = "", **fields: object
) -> User:
    """Somebody who works at the site, in one role, licensed if they have a profession, Monday to Friday 8 to 17."""
    user = User(
        email=f"{given.lower()}@example.com", given_name=given, family_name=family, credentials=credentials,
        site=site, created_at=BEGINNING, **fields,
    )  # fmt: skip
    user.set_password(PASSWORD)
    user.save()
    RoleGrant.objects.create(user=user, role=role, given_at=BEGINNING)
    if profession:
        Licence.objects.create(
            user=user, profession=profession, state="OR", number=f"{profession}-{given}", issued_on=date(2020, 1, 1),
            expires_on=date(2035, 12, 31),
        )  # fmt: skip
        for weekday in range(5):
            WorkingHours.objects.create(
                user=user, site=site, weekday=weekday, starts=time(8), ends=time(17), from_day=date(2024, 1, 1)
            )
    return user


def patient(number: int, given: str, family: str, site: Site, **fields: object) -> Patient:
    """A patient of the site."""
    known = {"born_on": date(1990, 5, 17), "phone": f"+1503555{number:04d}", "email": f"{given.lower()}@example.org"}
    return Patient.objects.create(
        number=number, given_name=given, family_name=family,
        search_text=search_text(family, given, str(fields.get("preferred_name", ""))),
        phone_digits=phone_digits(str(fields.get("phone", known["phone"]))), site=site, registered_at=BEGINNING,
        **{**known, **fields},
    )  # fmt: skip


def on_team(someone: Patient, user: User, role: str) -> CareTeamMember:
    """Put `user` on the care team from the beginning on."""
    return CareTeamMember.objects.create(patient=someone, user=user, role=role, starts_at=BEGINNING)


def assemble() -> Cast:
    """Make the practice and its people."""
    practice = Practice.objects.create(
        legal_name="Tandem Test Clinic", display_name="Alder Street", phone="+15035550100"
    )
    site = Site.objects.create(
        name="Portland", address_line="1 Alder St", city="Portland", state="OR", zip_code="97205", phone="+15035550100"
    )
    for weekday in range(5):
        OpeningHours.objects.create(site=site, weekday=weekday, opens=time(8), closes=time(18))
    room, other_room = (Room.objects.create(site=site, name=name) for name in ("Room 1", "Room 2"))
    sam = person("Sam", "Okoye", Role.SUPERVISOR, site, credentials="PhD", profession="PhD")
    tess = person("Tess", "Moreno", Role.THERAPIST, site, credentials="LCSW", profession="LCSW", supervisor=sam)
    theo = person("Theo", "Lund", Role.THERAPIST, site, credentials="LPC", profession="LPC")
    priya = person("Priya", "Raman", Role.PRESCRIBER, site, credentials="PMHNP", profession="PMHNP")
    paul = person("Paul", "Adeyemi", Role.PRESCRIBER, site, credentials="MD", profession="MD")
    fran = person("Fran", "Wells", Role.FRONT_DESK, site)
    manager = person("Max", "Ito", Role.PRACTICE_MANAGER, site)
    olga = person("Olga", "Petrov", Role.PRIVACY_OFFICER, site)
    ana = patient(101, "Ana", "Quiroga", site, preferred_name="Annie", pronouns="she/her", sex="female")
    ben = patient(102, "Ben", "Zimmermann", site, sex="male")
    cleo = patient(103, "Cleo", "Nguyen", site)
    on_team(ana, tess, "therapist")
    on_team(ana, priya, "prescriber")
    on_team(ben, theo, "therapist")
    on_team(ben, paul, "prescriber")
    return Cast(practice, site, room, other_room, tess, theo, priya, paul, fran, sam, manager, olga, ana, ben, cleo)


def client(user: User) -> Client:
    """A browser without a screen in which `user` is signed in."""
    made = Client()
    made.force_login(user)
    return made


def at(text: str) -> datetime:
    """A moment in Portland: "2026-03-02 09:30"."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("America/Los_Angeles"))
