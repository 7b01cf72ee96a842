"""Item 9 above 0 on any channel: a flag, the whole team told, incomplete until acknowledged (R-MB-07)."""

from collections.abc import Iterator
from datetime import date, timedelta

import pytest

from clinic import clock
from clinic.refusal import Refused
from clinic.staff.models import Licence, OnCall
from patients.inbox.models import Task
from patients.measures import actions
from patients.record.models import CareTeamMember
from patients.risk.models import RiskFlag
from tests.cast import Cast
from tests.patients.measures.given import NOW, phq9, scored


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    with clock.at(NOW):
        yield


@pytest.mark.parametrize("channel", ["desk", "clinician", "import"])
def test_item_9_raises_a_flag_on_any_channel(cast: Cast, channel: str) -> None:
    score = scored(cast.ana, phq9(0, item9=2), by=cast.tess, channel=channel)
    flag = RiskFlag.objects.get()
    assert (flag.object_id, flag.source, flag.patient) == (score.pk, "item", cast.ana)
    assert flag.sentence == "PHQ-9 item 9 was 2: more than half the days."


def test_item_9_raises_a_flag_where_there_is_no_total(cast: Cast) -> None:
    """R-MB-02: the total is null, the alert stands."""
    score = scored(cast.ana, [*[None] * 8, 1, None], by=cast.tess)
    assert (score.total, score.alerts, RiskFlag.objects.count()) == (None, [9], 1)


@pytest.mark.parametrize("item9", [0, None])
def test_no_flag_without_it(cast: Cast, item9: int | None) -> None:
    scored(cast.ana, phq9(3, item9=item9), by=cast.tess)
    assert (RiskFlag.objects.count(), Task.objects.count()) == (0, 0)


def test_the_whole_team_is_told_urgently(cast: Cast) -> None:
    scored(cast.ana, phq9(item9=1), by=cast.tess)
    told = Task.objects.filter(kind="risk.flag", urgent=True, patient=cast.ana).values_list("for_user", flat=True)
    assert set(told) == {cast.tess.pk, cast.priya.pk}


def test_who_is_on_call_is_told_too_and_may_open_the_chart(cast: Cast) -> None:
    from patients.record import access

    OnCall.objects.create(user=cast.paul, starts_at=NOW - timedelta(hours=1), ends_at=NOW + timedelta(hours=8))
    OnCall.objects.create(user=cast.theo, starts_at=NOW + timedelta(hours=8), ends_at=NOW + timedelta(hours=9))
    scored(cast.ana, phq9(item9=1), by=cast.tess)
    told = Task.objects.filter(kind="risk.flag").values_list("for_user", flat=True)
    assert set(told) == {cast.tess.pk, cast.priya.pk, cast.paul.pk}
    assert access.may(cast.paul, "risk.resolve", cast.ana.pk)
    with clock.at(NOW + timedelta(hours=8)):
        assert not access.may(cast.paul, "risk.resolve", cast.ana.pk)


def test_cover_planned_for_later_does_not_stand_in_the_way(cast: Cast) -> None:
    later = NOW + timedelta(hours=2)
    OnCall.objects.create(user=cast.paul, starts_at=NOW - timedelta(hours=1), ends_at=NOW + timedelta(hours=8))
    CareTeamMember.objects.create(
        patient=cast.ana, user=cast.paul, role="cover", starts_at=later, ends_at=later + timedelta(days=3)
    )
    scored(cast.ana, phq9(item9=1), by=cast.tess)
    assert cast.ana.care_team.get(user=cast.paul, starts_at=NOW).ends_at == later
    assert Task.objects.filter(kind="risk.flag", for_user=cast.paul).count() == 1


def test_somebody_on_call_who_works_here_no_more_never_stops_the_flag(cast: Cast) -> None:
    OnCall.objects.create(user=cast.paul, starts_at=NOW - timedelta(hours=1), ends_at=NOW + timedelta(hours=8))
    cast.paul.is_active = False
    cast.paul.save()
    scored(cast.ana, phq9(item9=1), by=cast.tess)
    told = Task.objects.filter(kind="risk.flag").values_list("for_user", flat=True)
    assert set(told) == {cast.tess.pk, cast.priya.pk}


def test_where_nobody_is_on_the_team_the_desk_fetches_a_clinician(cast: Cast) -> None:
    scored(cast.cleo, phq9(item9=1), by=None, channel="desk")
    task = Task.objects.get()
    assert (task.for_role, task.kind, task.urgent) == ("front_desk", "risk.nobody", True)
    assert "item" not in task.sentence


def test_a_score_with_an_alert_waits_for_acknowledgement(cast: Cast) -> None:
    score = scored(cast.ana, phq9(item9=1), by=cast.tess)
    assert Task.objects.filter(kind="measures.acknowledge", object_id=score.pk, done_at=None).count() == 2
    done = actions.acknowledge(score, by=cast.priya)
    assert (done.acknowledged_by, done.acknowledged_at) == (cast.priya, NOW)
    assert Task.objects.filter(kind="measures.acknowledge", done_at=None).count() == 0


def test_acknowledging_the_score_acknowledges_its_flag_and_leaves_it_open(cast: Cast) -> None:
    actions.acknowledge(scored(cast.ana, phq9(item9=1), by=cast.tess), by=cast.tess)
    flag = RiskFlag.objects.get()
    assert (flag.acknowledged_by, flag.closed_at) == (cast.tess, None)


def test_acknowledging_twice_keeps_the_first(cast: Cast) -> None:
    score = actions.acknowledge(scored(cast.ana, phq9(item9=1), by=cast.tess), by=cast.tess)
    with clock.at(NOW + timedelta(hours=1)):
        again = actions.acknowledge(score, by=cast.priya)
    assert (again.acknowledged_by, again.acknowledged_at) == (cast.tess, NOW)


def test_a_lapsed_licence_cannot_acknowledge(cast: Cast) -> None:
    score = scored(cast.ana, phq9(item9=1), by=cast.tess)
    Licence.objects.filter(user=cast.tess).update(expires_on=date(2026, 11, 22))
    with pytest.raises(Refused, match="licence is in force"):
        actions.acknowledge(score, by=cast.tess)
    score.refresh_from_db()
    assert score.acknowledged_at is None


def test_nothing_to_acknowledge(cast: Cast) -> None:
    with pytest.raises(Refused, match="asks to be acknowledged"):
        actions.acknowledge(scored(cast.ana, phq9(), by=cast.tess), by=cast.tess)
