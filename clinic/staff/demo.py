"""The demo's practice and the people who work there."""

from datetime import date, datetime, time, timedelta
from functools import cache
from typing import Any

from django.contrib.auth.hashers import make_password
from django.db.models import prefetch_related_objects

from clinic import clock
from clinic.demo import PASSWORD, ZONE, Demo, data, invented_npi
from clinic.practice import actions as practice
from clinic.practice.models import Practice
from clinic.staff import actions
from clinic.staff.enums import Profession, Role
from clinic.staff.models import User

OPENED = date(2024, 1, 8)
PROFESSIONS = {"LPC (associate)": Profession.LPC_A}
ROLES = {
    "therapist": [Role.THERAPIST],
    "prescriber": [Role.PRESCRIBER],
    "front desk": [Role.FRONT_DESK],
    "practice manager": [Role.PRACTICE_MANAGER],
}
# The privacy officer is a person of her own, so that nobody audits herself.
PRIVACY_OFFICER = {
    "key": "po_lindgren", "given": "Solveig", "family": "Lindgren", "licence": None, "role": "privacy officer",
    "pronouns": "she/her", "email": "solveig.lindgren@example.org", "phone": "+15035550111", "site": "portland",
    "supervisor": None,
}  # fmt: skip
WEEK = {  # weekday: opens, closes
    "portland": {**{day: (time(8), time(19)) for day in range(4)}, 4: (time(8), time(16))},
    "bend": {day: (time(9), time(18)) for day in range(4)},
}
LUNCH = (time(12), time(12, 30))


def load(demo: Demo) -> str:
    """Sites, rooms, hours, people with roles and licences, on-call for six weeks."""
    with demo.at(OPENED):
        manager = _manager()
        _practice(demo, manager)
        for number, row in enumerate([*data()["staff"], PRIVACY_OFFICER]):
            _person(demo, row, number, manager)
        for row in data()["staff"]:
            if row["supervisor"]:
                supervisor = demo.users[row["supervisor"]]
                demo.users[row["key"]] = actions.change_person(
                    demo.users[row["key"]], supervisor=supervisor, by=manager
                )
                if Role.SUPERVISOR not in supervisor.held_roles():
                    actions.give_role(supervisor, Role.SUPERVISOR, by=manager)
    _on_call(demo, manager)
    prefetch_related_objects(list(demo.users.values()), "licences")  # asked at every signature; they stay as they are
    return f"{len(demo.users)} people at {len(demo.sites)} sites"


def _manager() -> User:
    """The practice manager comes first: all the rest is done by her."""
    row = next(one for one in data()["staff"] if one["role"] == "practice manager")
    return _user(row)


def _user(row: dict[str, Any], **fields: Any) -> User:
    return User.objects.create(
        email=row["email"], password=_hashed(), given_name=row["given"], family_name=row["family"],
        pronouns=row["pronouns"], phone=row["phone"], created_at=clock.now(), **fields,
    )  # fmt: skip


@cache
def _hashed() -> str:
    """Everybody's password is the same, so it is hashed once: that is meant to be slow."""
    return make_password(PASSWORD)


def _practice(demo: Demo, by: User) -> None:
    told = data()["practice"]
    Practice.objects.create(
        legal_name=told["legal_name"], display_name=told["display_name"], phone=told["sites"][0]["phone"]
    )
    for row in told["sites"]:
        address = row["address"]
        site = practice.save_site(
            None, by=by, name=row["name"], address_line=address["line"], city=address["city"], state=address["state"],
            zip_code=address["zip"], phone=row["phone"], time_zone=row["time_zone"], active=True,
        )  # fmt: skip
        demo.sites[row["key"]] = site
        for name in row["rooms"]:
            practice.save_room(None, site=site, name=name, seats=10 if "Group" in name else 3, by=by)
        for weekday, stretch in WEEK[row["key"]].items():
            practice.set_opening(site, weekday=weekday, stretches=[stretch], by=by)


def _person(demo: Demo, row: dict[str, Any], number: int, manager: User) -> None:
    licence = row["licence"] and Profession(PROFESSIONS.get(row["licence"], row["licence"]))
    if row["role"] == "practice manager":
        user = manager
        user.site = demo.sites[row["site"]]
        user.save(update_fields=["site"])
    else:
        user = _user(
            row, site=demo.sites[row["site"]], credentials=str(licence or ""),
            npi=invented_npi(number) if licence else "",
        )  # fmt: skip
    demo.users[row["key"]] = user
    if licence:
        actions.add_licence(
            user, profession=licence, state="OR", number=f"{licence}-{1000 + number}", issued_on=date(2019, 7, 1),
            expires_on=demo.today.replace(year=demo.today.year + 1, day=1) + timedelta(days=40 * number), by=manager,
        )  # fmt: skip
        for weekday, (opens, closes) in WEEK[row["site"]].items():
            for starts, ends in ((opens, LUNCH[0]), (LUNCH[1], closes)):
                actions.set_hours(
                    user, site=demo.sites[row["site"]], weekday=weekday, starts=starts, ends=ends, from_day=OPENED,
                    by=manager,
                )  # fmt: skip
    roles = [Role.PRIVACY_OFFICER] if row["role"] == "privacy officer" else ROLES[row["role"]]
    for role in roles:
        actions.give_role(user, role, by=manager)
        user.__dict__.pop("_held_roles", None)


def _on_call(demo: Demo, manager: User) -> None:
    """A prescriber a week, from last Monday on, in turn."""
    prescribers = [demo.users[row["key"]] for row in data()["staff"] if row["role"] == "prescriber"]
    monday = demo.today - timedelta(days=demo.today.weekday())
    with demo.at(monday - timedelta(days=7)):
        for week in range(6):
            starts = datetime.combine(monday + timedelta(weeks=week), time(8), ZONE)
            ends = datetime.combine(monday + timedelta(weeks=week + 1), time(8), ZONE)
            actions.put_on_call(prescribers[week % len(prescribers)], starts_at=starts, ends_at=ends, by=manager)
