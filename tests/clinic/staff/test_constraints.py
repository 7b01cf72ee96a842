"""The database refuses what must never be in the staff's rows."""

from datetime import date, time, timedelta

from clinic.rows import new_id
from clinic.staff.models import Absence, Invitation, Licence, OnCall, RoleGrant, User, WorkingHours
from tests.cast import BEGINNING, Cast, at
from tests.refused import refused_by

HOUR = timedelta(hours=1)


def test_an_address_is_kept_in_lower_case(cast: Cast) -> None:
    with refused_by("user_email_lower_case"):
        User.objects.filter(pk=cast.tess.pk).update(email="Tess@example.com")


def test_nobody_supervises_themselves(cast: Cast) -> None:
    with refused_by("user_not_own_supervisor"):
        User.objects.filter(pk=cast.tess.pk).update(supervisor=cast.tess)


def test_a_role_is_known_and_held_once(cast: Cast) -> None:
    with refused_by("role_held_once"):
        RoleGrant.objects.create(user=cast.tess, role="therapist", given_at=BEGINNING)
    with refused_by("role_known"):
        RoleGrant.objects.create(user=cast.tess, role="wizard", given_at=BEGINNING)


def test_a_licence_ends_later_and_is_entered_once(cast: Cast) -> None:
    with refused_by("licence_ends_after_start"):
        Licence.objects.create(
            user=cast.tess, profession="LPC", state="OR", number="1", issued_on=date(2020, 1, 1),
            expires_on=date(2020, 1, 1),
        )  # fmt: skip
    with refused_by("licence_number_once"):
        Licence.objects.create(
            user=cast.theo, profession="LCSW", state="OR", number="LCSW-Tess", issued_on=date(2020, 1, 1),
            expires_on=date(2030, 1, 1),
        )  # fmt: skip


def _hours(cast: Cast, **fields: object) -> None:
    known = {"weekday": 5, "starts": time(8), "ends": time(9), "from_day": date(2026, 1, 1)}
    WorkingHours.objects.create(user=cast.tess, site=cast.site, **{**known, **fields})


def test_hours_are_of_a_weekday_and_end_after_they_start(cast: Cast) -> None:
    with refused_by("hours_weekday_known"):
        _hours(cast, weekday=7)
    with refused_by("hours_end_after_start"):
        _hours(cast, ends=time(8))
    with refused_by("hours_until_after_from"):
        _hours(cast, until_day=date(2025, 1, 1))


def test_absences_of_one_person_do_not_overlap(cast: Cast) -> None:
    noon = at("2026-03-02 12:00")
    Absence.objects.create(user=cast.tess, starts_at=noon, ends_at=noon + HOUR, reason="lunch")
    Absence.objects.create(user=cast.tess, starts_at=noon + HOUR, ends_at=noon + 2 * HOUR, reason="supervision")
    Absence.objects.create(user=cast.theo, starts_at=noon, ends_at=noon + HOUR, reason="lunch")
    with refused_by("absence_no_overlap"):
        Absence.objects.create(user=cast.tess, starts_at=noon + HOUR / 2, ends_at=noon + HOUR, reason="lunch")
    with refused_by("absence_ends_after_start"):
        Absence.objects.create(user=cast.theo, starts_at=noon + 5 * HOUR, ends_at=noon + 5 * HOUR, reason="x")


def test_one_person_is_on_call_at_a_time(cast: Cast) -> None:
    noon = at("2026-03-02 12:00")
    OnCall.objects.create(user=cast.priya, starts_at=noon, ends_at=noon + HOUR)
    OnCall.objects.create(user=cast.paul, starts_at=noon + HOUR, ends_at=noon + 2 * HOUR)
    with refused_by("on_call_one_at_a_time"):
        OnCall.objects.create(user=cast.paul, starts_at=noon + HOUR / 2, ends_at=noon + HOUR)
    with refused_by("on_call_ends_after_start"):
        OnCall.objects.create(user=cast.paul, starts_at=noon + 5 * HOUR, ends_at=noon + 5 * HOUR)


def test_an_invitation_lapses_later_than_it_is_sent(cast: Cast) -> None:
    with refused_by("invitation_lapses_later"):
        Invitation.objects.create(
            user=cast.tess, token_hash=new_id().hex, sent_at=BEGINNING, expires_at=BEGINNING
        )  # fmt: skip
