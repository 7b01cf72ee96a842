"""The nightly job asks the prescribers within a week of the day, urgently once it is late; run twice it is the same."""

from datetime import date

from clinic import clock
from medications.injections import actions
from medications.prescribing import actions as prescribing
from patients.inbox.models import Task
from tests.cast import Cast, on_team
from tests.medications.injections.given import day, given, moment, ordered


def watch(ahead: int) -> dict[str, int]:
    with clock.at(moment(ahead)):
        return actions.watch(day(ahead))


def tasks() -> list[tuple[str, date | None, bool]]:
    """Whose open tasks: the person's given name, the day, whether it is urgent."""
    rows = Task.objects.filter(kind=actions.KIND, done_at=None).select_related("for_user").order_by("due_on")
    return [(row.for_user.given_name if row.for_user else "", row.due_on, row.urgent) for row in rows]


def test_a_week_before_its_day_and_not_earlier(cast: Cast) -> None:
    given(ordered(cast), by=cast.priya)
    assert (watch(20), tasks()) == ({"due": 0, "asked": 0, "closed": 0}, [])
    assert (watch(21), tasks()) == ({"due": 1, "asked": 1, "closed": 0}, [("Priya", day(28), False)])
    assert (watch(21), tasks()) == ({"due": 1, "asked": 0, "closed": 0}, [("Priya", day(28), False)])


def test_late_it_is_urgent(cast: Cast) -> None:
    given(ordered(cast), by=cast.priya)
    watch(28)
    assert tasks() == [("Priya", day(28), False)]
    watch(29)
    assert tasks() == [("Priya", day(28), True)]
    assert Task.objects.get(done_at=None).sentence == "A long-acting injection is overdue."


def test_given_it_is_done_at_once(cast: Cast) -> None:
    row = ordered(cast)
    watch(0)
    assert tasks() == [("Priya", day(0), False)]
    given(row, by=cast.priya)
    assert tasks() == []


def test_not_given_it_waits_on(cast: Cast) -> None:
    row = ordered(cast)
    watch(0)
    given(row, by=cast.priya, what="not_given", site="", lot="", words="Fever; again on Friday.")
    assert tasks() == [("Priya", day(0), False)]


def test_on_hold_it_is_asked_for_no_more_and_resumed_again(cast: Cast) -> None:
    row = ordered(cast)
    watch(0)
    prescribing.hold(row, reason="Fever.", by=cast.priya)
    assert tasks() == []
    row.refresh_from_db()
    prescribing.resume(row, by=cast.priya)
    watch(0)
    assert tasks() == [("Priya", day(0), False)]


def test_each_prescriber_of_the_team_once_and_nobody_else(cast: Cast) -> None:
    ordered(cast)
    on_team(cast.ana, cast.paul, "prescriber")
    watch(0)
    assert sorted(who for who, _, _ in tasks()) == ["Paul", "Priya"]
