"""The list of sign-ins that `make run` prints: one person a role, and whom it names."""

from io import StringIO

import pytest
from django.core.management import call_command

from clinic import clock
from clinic.demo import PASSWORD
from clinic.staff.models import RoleGrant, User

pytestmark = pytest.mark.django_db


def hired(email: str, role: str, password: str = PASSWORD) -> None:
    user = User.objects.create_user(email, password, given_name="A", family_name="B", created_at=clock.now())
    RoleGrant.objects.create(user=user, role=role, given_at=clock.now(), given_by=user)


def printed() -> list[str]:
    out = StringIO()
    call_command("demo_signins", stdout=out)
    return out.getvalue().splitlines()


def test_those_whose_day_shows_the_most_come_before_those_hired_first() -> None:
    hired("first.therapist@example.org", "therapist")
    hired("signe.brandvold@example.org", "therapist")
    hired("first.desk@example.org", "front_desk")
    hired("second.desk@example.org", "front_desk")
    assert printed() == [
        "Sign-ins of the demo practice, one for each role:",
        "  therapist         signe.brandvold@example.org",
        "  front desk        first.desk@example.org",
        f"  password          {PASSWORD}",
    ]


def test_nobody_with_a_password_of_their_own_is_named() -> None:
    hired("ada@example.org", "therapist", "her own words, kept")
    assert printed() == []
