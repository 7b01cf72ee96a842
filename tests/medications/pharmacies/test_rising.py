"""Nothing lies forgotten: what did not leave comes back, what nobody fills is asked about; run twice, the same rows."""

from datetime import timedelta

import pytest

from clinic.practice import actions as practice
from medications.pharmacies import actions, panels, tasks
from medications.prescribing import actions as prescribing
from medications.prescribing.models import Prescription
from patients.inbox import actions as inbox
from patients.inbox.models import Task
from tests.cast import Cast, on_team
from tests.medications.pharmacies.given import BackEnd, chosen, fill, later, sent, state, way
from tests.medications.prescribing.given import NOW, TODAY, regimen, started


def test_what_is_stuck_comes_back_after_a_quarter_of_an_hour(cast: Cast, back_end: type[BackEnd]) -> None:
    row = way(started(cast.ana, by=cast.priya))
    with later(14 * 60):
        assert tasks.look_after() == {"came_back": 0, "not_filled": 0}
    with later(16 * 60):
        assert actions.look_after() == {"came_back": 1, "not_filled": 0}
        assert actions.look_after() == {"came_back": 0, "not_filled": 0}
    row.refresh_from_db()
    assert (row.state, row.failed_why) == ("failed", "It did not leave within a quarter of an hour.")
    assert Task.objects.filter(kind="pharmacies.failed").count() == 1


def test_what_nobody_fills_is_asked_about_once(cast: Cast, back_end: type[BackEnd]) -> None:
    row = sent(cast)
    with later(days=4):
        assert actions.look_after()["not_filled"] == 0
    with later(days=5, seconds=60):
        assert actions.look_after()["not_filled"] == 1
        assert actions.look_after()["not_filled"] == 0
        task = Task.objects.get(kind="pharmacies.unfilled")
        assert (task.for_user, task.urgent, task.object_id) == (cast.priya, False, row.pk)
        inbox.tick_off(task, by=cast.priya)
        assert actions.look_after()["not_filled"] == 0  # asked once
        assert [line.text for line in panels.my_day(cast.priya, TODAY)] == [
            "A prescription sent 5 days ago or more is not reported filled."
        ]
        assert panels.my_day(cast.tess, TODAY) == panels.my_day(cast.paul, TODAY) == []


def test_the_practice_says_after_how_many_days(cast: Cast, back_end: type[BackEnd]) -> None:
    practice.configure("unfilled_days", 2, effective_from=TODAY, reason="We ask sooner.", by=cast.max)
    sent(cast)
    with later(days=2, seconds=60):
        assert actions.look_after()["not_filled"] == 1


@pytest.mark.parametrize("what", ["filled", "stopped", "not sent", "expired"])
def test_what_is_filled_void_or_lapsed_is_not_asked_about(cast: Cast, back_end: type[BackEnd], what: str) -> None:
    if what == "expired":
        row = way(started(cast.ana, by=cast.priya, regimen=regimen("lorazepam", "0.5"), target_symptom="panic"))
        actions.module_sent(row, number="X-1", by=cast.priya)
        days = 200  # Schedule IV: six months
    else:
        row, days = sent(cast), 6
    with later(days=1):
        if what == "filled":
            fill(row, by=cast.priya, day=TODAY + timedelta(days=1))
        elif what == "stopped":
            prescribing.stop(
                Prescription.objects.get(pk=row.authorisation.prescription_id), reason="Nausea.", by=cast.priya
            )
    with later(days=days):
        if what == "not sent":
            row = way(started(cast.ben, by=cast.paul))
            fill(sent(cast, drug="buspirone", strength=10), by=cast.priya, day=TODAY + timedelta(days=6))
        expected = 1 if what == "not sent" else 0  # Ana's own, the first, is asked about
        assert actions.look_after()["not_filled"] == expected
    assert state(row) in ("filled", "cancelled", "waiting", "sent")


def test_the_task_ends_when_the_fill_is_told(cast: Cast, back_end: type[BackEnd]) -> None:
    row = sent(cast)
    with later(days=6):
        actions.look_after()
        fill(row, by=cast.priya, day=TODAY + timedelta(days=6))
    task = Task.objects.get(kind="pharmacies.unfilled")
    assert (task.done_by, task.outcome) == (cast.priya, "filled")


def test_who_left_the_team_is_not_asked(cast: Cast, back_end: type[BackEnd]) -> None:
    """The task goes to the prescribers who treat the patient now."""
    chosen(cast)
    sent(cast)
    cast.ana.care_team.filter(user=cast.priya).update(ends_at=NOW + timedelta(days=1))
    on_team(cast.ana, cast.paul, "prescriber")
    with later(days=6):
        actions.look_after()
    assert Task.objects.get(kind="pharmacies.unfilled").for_user == cast.paul
