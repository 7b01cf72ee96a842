"""The care team: dated roles, cover, who may be on it, and what the database refuses."""

from datetime import timedelta

import pytest
from django.db import InternalError, transaction
from django.db.models import F

from clinic import clock
from clinic.audit.models import AuditEvent
from clinic.refusal import Refused
from clinic.staff.actions import add_absence
from patients.record import actions, queries
from patients.record.models import CareTeamMember
from tests.cast import BEGINNING, Cast, at
from tests.refused import refused_by

pytestmark = pytest.mark.django_db
NOON = at("2026-03-02 12:00")


def names(cast: Cast) -> list[tuple[str, str]]:
    return [(member.user.given_name, member.role) for member in queries.care_team(cast.ana)]


def test_therapist_prescriber_then_cover(cast: Cast) -> None:
    with clock.at(NOON):
        actions.add_to_team(cast.ana, cast.theo, "cover", ends_at=NOON + timedelta(days=2), by=cast.tess)
        assert names(cast) == [("Tess", "therapist"), ("Priya", "prescriber"), ("Theo", "cover")]
        assert {u.given_name for u in queries.team_users(cast.ana.pk)} == {"Tess", "Priya", "Theo"}
    with clock.at(NOON + timedelta(days=2)):
        assert names(cast) == [("Tess", "therapist"), ("Priya", "prescriber")]


def test_who_is_on_the_team_in_two_roles_is_one_person(cast: Cast) -> None:
    actions.add_to_team(cast.ana, cast.tess, "cover", ends_at=clock.now() + timedelta(days=2), by=cast.tess)
    assert [u.given_name for u in queries.team_users(cast.ana.pk)] == ["Tess", "Priya"]


def test_twice_in_one_role_is_refused_in_a_sentence(cast: Cast) -> None:
    with pytest.raises(Refused, match="in that role already"):
        actions.add_to_team(cast.ana, cast.tess, "therapist", by=cast.fran)


def test_after_leaving_one_may_come_back(cast: Cast) -> None:
    member = CareTeamMember.objects.get(patient=cast.ana, user=cast.tess)
    actions.leave_team(member, by=cast.tess)
    actions.add_to_team(cast.ana, cast.tess, "therapist", by=cast.fran)
    assert [(m.user.given_name, m.role) for m in queries.past_team(cast.ana)] == [("Tess", "therapist")]


@pytest.mark.parametrize(
    ("who", "role", "sentence"),
    [
        ("fran", "therapist", "does not work here as a therapist"),
        ("theo", "prescriber", "does not work here as a prescriber"),
        ("max", "cover", "does not work here as a clinician"),
        ("theo", "cover", "Cover needs an end"),
        ("theo", "friend", "Choose therapist"),
    ],
)
def test_who_cannot_be_on_the_team(cast: Cast, who: str, role: str, sentence: str) -> None:
    with pytest.raises(Refused, match=sentence):
        actions.add_to_team(cast.cleo, getattr(cast, who), role, by=cast.tess)


def test_who_left_the_practice_cannot_join(cast: Cast) -> None:
    cast.theo.is_active = False
    cast.theo.save()
    with pytest.raises(Refused, match="does not work here any more"):
        actions.add_to_team(cast.cleo, cast.theo, "therapist", by=cast.tess)


def test_an_end_before_the_beginning_is_refused(cast: Cast) -> None:
    with pytest.raises(Refused, match="before the beginning"):
        actions.add_to_team(cast.cleo, cast.theo, "cover", ends_at=BEGINNING, by=cast.tess)


def test_cover_that_goes_on_is_one_row(cast: Cast) -> None:
    with clock.at(NOON):
        first = actions.add_to_team(cast.cleo, cast.theo, "cover", ends_at=NOON + timedelta(hours=8), by=None)
    with clock.at(NOON + timedelta(hours=4)):
        again = actions.add_to_team(cast.cleo, cast.theo, "cover", ends_at=NOON + timedelta(hours=12), by=None)
        shorter = actions.add_to_team(cast.cleo, cast.theo, "cover", ends_at=NOON + timedelta(hours=5), by=None)
    assert (first.pk, again.ends_at, shorter.ends_at) == (again.pk, NOON + timedelta(hours=12), again.ends_at)


def test_leaving_twice_is_refused(cast: Cast) -> None:
    member = CareTeamMember.objects.get(patient=cast.ana, user=cast.tess)
    actions.leave_team(member, by=cast.tess)
    with pytest.raises(Refused, match="left the care team already"):
        actions.leave_team(member, by=cast.tess)


def test_one_who_never_began_never_opens_the_chart(cast: Cast) -> None:
    member = actions.add_to_team(cast.cleo, cast.theo, "therapist", starts_at=clock.now() + timedelta(days=1), by=None)
    actions.leave_team(member, by=cast.fran)
    with clock.at(clock.now() + timedelta(days=1, minutes=1)):
        assert queries.care_team(cast.cleo) == []


def test_joining_and_leaving_are_audited_with_ids_only(cast: Cast) -> None:
    member = actions.add_to_team(cast.cleo, cast.theo, "therapist", by=cast.fran)
    actions.leave_team(member, by=cast.fran)
    rows = AuditEvent.objects.filter(patient_id=cast.cleo.pk)
    assert sorted((row.what, row.detail["user"]) for row in rows) == [
        ("record.add_to_team", str(cast.theo.pk)), ("record.leave_team", str(cast.theo.pk)),
    ]  # fmt: skip


def test_who_covers_an_absence_is_on_the_teams_for_that_time(cast: Cast) -> None:
    with clock.at(NOON):
        add_absence(
            cast.tess, starts_at=NOON + timedelta(days=1), ends_at=NOON + timedelta(days=8), reason="leave",
            covered_by=cast.theo, by=cast.max,
        )  # fmt: skip
    with clock.at(NOON + timedelta(days=2)):
        assert ("Theo", "cover") in names(cast)
        assert queries.care_team(cast.cleo) == []
    with clock.at(NOON + timedelta(days=8)):
        assert ("Theo", "cover") not in names(cast)


def test_what_the_database_refuses(cast: Cast) -> None:
    rows = CareTeamMember.objects.filter(patient=cast.ana, user=cast.tess)
    with refused_by("team_ends_later"):
        rows.update(ends_at=F("starts_at"))
    with refused_by("team_role_known"):
        CareTeamMember.objects.create(patient=cast.cleo, user=cast.tess, role="friend", starts_at=BEGINNING)
    with refused_by("team_cover_ends"):
        CareTeamMember.objects.create(patient=cast.cleo, user=cast.tess, role="cover", starts_at=BEGINNING)
    with refused_by("team_same_role_once"):
        CareTeamMember.objects.create(patient=cast.ana, user=cast.tess, role="therapist", starts_at=NOON)
    with pytest.raises(InternalError, match="Cannot update"), transaction.atomic():
        rows.update(user=cast.theo)
    with pytest.raises(InternalError, match="Cannot delete"), transaction.atomic():
        rows.delete()


def test_the_history_keeps_every_change(cast: Cast) -> None:
    member = CareTeamMember.objects.get(patient=cast.ana, user=cast.tess)
    actions.leave_team(member, by=cast.tess)
    rows = member.events.order_by("pgh_id")  # type: ignore[attr-defined]
    assert [(row.pgh_label, row.ends_at is None) for row in rows] == [("insert", True), ("update", False)]
    with pytest.raises(InternalError), transaction.atomic():
        rows.update(role="cover")
