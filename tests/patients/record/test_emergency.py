"""Emergency access (R-HS-02): a reason, an end, a privacy officer who is told and reviews; never for the desk."""

from datetime import date, timedelta

import pytest
from django.db import InternalError, transaction
from django.db.models import F

from clinic import clock
from clinic.audit.enums import Kind
from clinic.audit.models import AuditEvent
from clinic.practice.models import Setting
from clinic.refusal import Refused
from clinic.staff.enums import Role
from clinic.staff.models import RoleGrant, User
from patients.inbox.models import Task
from patients.record import actions
from patients.record.models import EmergencyAccess
from tests.cast import BEGINNING, Cast, at, client, on_team
from tests.refused import refused_by

pytestmark = pytest.mark.django_db
NOON = at("2026-03-02 12:00")
REASON = "crisis call, nobody of the team reached"


def test_it_is_time_boxed_audited_and_told(cast: Cast) -> None:
    with clock.at(NOON):
        opening = actions.open_in_emergency(cast.cleo, reason=REASON, by=cast.tess)
    assert (opening.starts_at, opening.ends_at, opening.reason) == (NOON, NOON + timedelta(minutes=60), REASON)
    event = AuditEvent.objects.get(kind=Kind.EMERGENCY)
    assert (event.actor_id, event.patient_id, event.why) == (cast.tess.pk, cast.cleo.pk, REASON)
    task = Task.objects.get(kind="record.emergency")
    assert (task.for_role, task.object_id, task.done_at) == ("privacy_officer", opening.pk, None)


@pytest.mark.parametrize(("who", "told"), [("tess", True), ("theo", False)])
def test_the_strip_says_until_when_it_is_open(cast: Cast, who: str, told: bool) -> None:
    """To who has the chart by an emergency alone; Theo is on Cleo's team."""
    viewer = getattr(cast, who)
    if who == "theo":
        on_team(cast.cleo, viewer, "therapist")
    with clock.at(NOON):
        if told:
            actions.open_in_emergency(cast.cleo, reason=REASON, by=viewer)
        page = client(viewer).get(f"/patients/{cast.cleo.pk}/").content.decode()
    assert ("open to you until 1:00 pm" in page) == told


def test_its_length_is_the_practices(cast: Cast) -> None:
    Setting.objects.create(key="emergency_minutes", value=15, effective_from=date(2026, 1, 1), set_at=BEGINNING)
    with clock.at(NOON):
        opening = actions.open_in_emergency(cast.cleo, reason=REASON, by=cast.tess)
    assert opening.ends_at - opening.starts_at == timedelta(minutes=15)


def test_opening_again_makes_it_no_longer(cast: Cast) -> None:
    with clock.at(NOON):
        first = actions.open_in_emergency(cast.cleo, reason=REASON, by=cast.tess)
    with clock.at(NOON + timedelta(minutes=30)):
        assert actions.open_in_emergency(cast.cleo, reason=REASON, by=cast.tess) == first
    with clock.at(NOON + timedelta(minutes=60)):
        assert actions.open_in_emergency(cast.cleo, reason=REASON, by=cast.tess) != first


@pytest.mark.parametrize("who", ["fran", "max", "olga"])
def test_never_for_who_is_no_clinician(cast: Cast, who: str) -> None:
    with pytest.raises(Refused, match="Only clinicians"):
        actions.open_in_emergency(cast.cleo, reason=REASON, by=getattr(cast, who))


@pytest.mark.parametrize("reason", ["", "urgent", " " * 40 + "short", "\n" * 20])
def test_a_reason_of_ten_characters(cast: Cast, reason: str) -> None:
    with pytest.raises(Refused, match="Write why") as refused:
        actions.open_in_emergency(cast.cleo, reason=reason, by=cast.tess)
    assert refused.value.field == "reason"


def test_who_may_open_the_chart_needs_none(cast: Cast) -> None:
    for user in (cast.tess, cast.sam):
        with pytest.raises(Refused, match="open to you"):
            actions.open_in_emergency(cast.ana, reason=REASON, by=user)


def test_review_closes_the_task(cast: Cast) -> None:
    opening = actions.open_in_emergency(cast.cleo, reason=REASON, by=cast.tess)
    actions.review_emergency(opening, by=cast.olga)
    opening.refresh_from_db()
    assert (opening.reviewed_by, Task.objects.get().done_by) == (cast.olga, cast.olga)
    with pytest.raises(Refused, match="reviewed already"):
        actions.review_emergency(opening, by=cast.olga)


def test_nobody_reviews_their_own(cast: Cast) -> None:
    RoleGrant.objects.create(user=cast.tess, role=Role.PRIVACY_OFFICER, given_at=BEGINNING)
    tess = User.objects.get(pk=cast.tess.pk)
    opening = actions.open_in_emergency(cast.cleo, reason=REASON, by=tess)
    with pytest.raises(Refused, match="yourself"):
        actions.review_emergency(opening, by=tess)


def test_only_privacy_officers_review(cast: Cast) -> None:
    opening = actions.open_in_emergency(cast.cleo, reason=REASON, by=cast.tess)
    with pytest.raises(Refused, match="Only privacy officers"):
        actions.review_emergency(opening, by=cast.max)


def test_what_the_database_refuses(cast: Cast) -> None:
    opening = actions.open_in_emergency(cast.cleo, reason=REASON, by=cast.tess)
    rows = EmergencyAccess.objects.filter(pk=opening.pk)
    made = {"patient": cast.cleo, "user": cast.tess, "starts_at": BEGINNING}
    with refused_by("emergency_ends_later"):
        EmergencyAccess.objects.create(reason="x", ends_at=BEGINNING, **made)
    with refused_by("emergency_has_reason"):
        EmergencyAccess.objects.create(reason="", ends_at=NOON, **made)
    with refused_by("emergency_reviewed_by_somebody"):
        rows.update(reviewed_at=BEGINNING)
    with pytest.raises(InternalError, match="Cannot update"), transaction.atomic():
        rows.update(ends_at=F("ends_at") + timedelta(hours=1))
    with pytest.raises(InternalError, match="Cannot delete"), transaction.atomic():
        rows.delete()
