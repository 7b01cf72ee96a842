"""The way of an attendance: only lawful steps, each with its author; the last one can be undone."""

from collections.abc import Callable
from typing import Any

import pytest

from clinic import clock
from clinic.refusal import Refused
from patients.scheduling import actions, rules
from patients.scheduling.enums import Status
from patients.scheduling.models import Attendance, Occupancy
from patients.timeline.models import Entry
from tests.cast import Cast, at
from tests.patients.scheduling.booking import book, only, part

ON_TIME = at("2026-03-02 10:05")
STEPS: dict[Status, Callable[..., Attendance]] = {
    Status.CONFIRMED: actions.confirm, Status.ARRIVED: actions.arrive, Status.IN_SESSION: actions.start,
    Status.COMPLETED: actions.complete, Status.NO_SHOW: actions.no_show,
}  # fmt: skip
EXTRA: dict[Status, dict[str, Any]] = {Status.NO_SHOW: {"reason": "no_word"}}


def bring(cast: Cast, status: Status) -> Attendance:
    """An attendance in this status, in the shortest lawful way."""
    attendance = only(book(cast))
    ways = {
        Status.BOOKED: [], Status.CONFIRMED: [Status.CONFIRMED], Status.ARRIVED: [Status.ARRIVED],
        Status.IN_SESSION: [Status.IN_SESSION], Status.COMPLETED: [Status.IN_SESSION, Status.COMPLETED],
        Status.NO_SHOW: [Status.NO_SHOW], Status.CANCELLED: [],
    }  # fmt: skip
    with clock.at(ON_TIME):
        for step in ways[status]:
            STEPS[step](attendance, by=cast.fran, **EXTRA.get(step, {}))
        if status is Status.CANCELLED:
            actions.cancel(attendance.segment.booking, reason="unwell", by=cast.fran)
    return only(attendance.segment.booking)


@pytest.mark.parametrize("status", Status)
@pytest.mark.parametrize("to", STEPS)
def test_only_lawful_steps_are_taken(cast: Cast, status: Status, to: Status) -> None:
    attendance = bring(cast, status)
    steps = attendance.steps.count()
    with clock.at(ON_TIME):
        try:
            STEPS[to](attendance, by=cast.tess, **EXTRA.get(to, {}))
        except Refused:
            after = status
        else:
            after = to
    lawful = to in rules.WAYS[status] or to is status
    assert after == (to if lawful else status)
    attendance.refresh_from_db()
    assert attendance.status == after
    assert attendance.steps.count() == steps + (after != status)
    if after != status:
        assert attendance.steps.last().by == cast.tess  # type: ignore[union-attr]


def test_times_are_kept(cast: Cast) -> None:
    attendance = only(book(cast))
    for moment, act in (("10:01", actions.arrive), ("10:04", actions.start), ("10:49", actions.complete)):
        with clock.at(at(f"2026-03-02 {moment}")):
            act(attendance, by=cast.fran)
    found = only(attendance.segment.booking)
    times = [found.arrived_at, found.started_at, found.ended_at]
    assert times == [at("2026-03-02 10:01"), at("2026-03-02 10:04"), at("2026-03-02 10:49")]


def test_a_visit_of_another_day_cannot_be_checked_in(cast: Cast) -> None:
    attendance = only(book(cast, part(cast.tess, "2026-03-03 10:00")))
    with clock.at(ON_TIME), pytest.raises(Refused) as refused:
        actions.arrive(attendance, by=cast.fran)
    assert refused.value.sentence == "The visit is on Tue Mar 3. Check in on the day, or move it to today."


def test_nobody_is_missed_before_the_visit_begins(cast: Cast) -> None:
    attendance = only(book(cast))
    with clock.at(at("2026-03-02 09:59")), pytest.raises(Refused) as refused:
        actions.no_show(attendance, reason="no_word", by=cast.fran)
    assert refused.value.sentence == "The visit begins at 10:00 am. Wait until then, or cancel it."


@pytest.mark.parametrize("status", [Status.CONFIRMED, Status.ARRIVED, Status.IN_SESSION, Status.COMPLETED])
def test_the_last_step_is_undone(cast: Cast, status: Status) -> None:
    attendance = bring(cast, status)
    before = {Status.COMPLETED: "in_session"}.get(status, "booked")
    with clock.at(ON_TIME):
        found = actions.reopen(attendance, by=cast.fran)
    assert found.status == before
    assert (found.arrived_at, found.ended_at) == (None, None)


def test_undoing_goes_back_step_by_step_and_then_refuses(cast: Cast) -> None:
    attendance = bring(cast, Status.COMPLETED)
    with clock.at(ON_TIME):
        assert actions.reopen(attendance, by=cast.fran).status == "in_session"
        assert actions.reopen(attendance, by=cast.fran).status == "booked"
        with pytest.raises(Refused) as refused:
            actions.reopen(attendance, by=cast.fran)
    assert refused.value.sentence == "Nothing has happened to this visit yet that could be undone."


@pytest.mark.parametrize("status", [Status.NO_SHOW, Status.CANCELLED])
def test_not_held_after_all_takes_the_time_back(cast: Cast, status: Status) -> None:
    attendance = bring(cast, status)
    assert Occupancy.objects.count() == 0
    with clock.at(ON_TIME):
        found = actions.reopen(attendance, by=cast.fran)
    assert (found.status, found.reason) == ("booked", "")
    assert Occupancy.objects.count() == 2
    assert Entry.objects.filter(retracted_at=None).count() == 0


def test_a_time_that_was_given_away_is_not_taken_back(cast: Cast) -> None:
    attendance = bring(cast, Status.NO_SHOW)
    book(cast, part(cast.tess, "2026-03-02 10:15"), patient=cast.ben, now=ON_TIME)
    with clock.at(ON_TIME), pytest.raises(Refused) as refused:
        actions.reopen(attendance, by=cast.fran)
    assert refused.value.sentence == "Tess is booked from 10:15 to 11:00 by now. Choose another time."
    assert only(attendance.segment.booking).status == "no_show"


def test_running_late(cast: Cast) -> None:
    attendance = only(book(cast))
    with clock.at(at("2026-03-02 09:50")):
        assert actions.running_late(attendance, until=at("2026-03-02 10:10"), by=cast.fran).running_late_until
        with pytest.raises(Refused) as refused:
            actions.running_late(attendance, until=at("2026-03-02 09:55"), by=cast.fran)
        assert refused.value.sentence == "Choose a time after 10:00 am on the same day."
        assert actions.arrive(attendance, by=cast.fran).running_late_until is None
        with pytest.raises(Refused) as refused:
            actions.running_late(attendance, until=at("2026-03-02 10:10"), by=cast.fran)
    assert refused.value.sentence == "Only somebody who has not arrived can be running late."
